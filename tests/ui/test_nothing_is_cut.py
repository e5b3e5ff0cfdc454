"""No text is cut off, whatever the window shows: in both languages, three sizes and large type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QTabBar, QWidget

from tests.support.cut_texts import cut_texts
from tests.support.hidden_numbers import hidden_numbers
from tests.support.scenes import SCENES, TABS_AND_DIALOGS
from tests.support.stage import shown, stage
from ui.i18n import language
from ui.theme import theme

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

SIZES = ((1280, 720), (1600, 900), (1920, 1080))
"""What is not a tab or a dialog is seen at the first alone, which has the least room."""
PAINTED = ("menu", "canvas")
"""Scenes whose texts are no widgets."""


@pytest.mark.parametrize(("code", "scale"), [("en", 1.0), ("zh_CN", 1.0), ("zh_CN", 1.5)])
def test_no_text_of_any_scene_is_cut_off(code: str, scale: float, qapp: QApplication) -> None:
    language.set(code)
    theme.set_scale(scale)
    cut = []
    with stage(qapp) as window:
        for name, scene in SCENES.items():
            if name.startswith(PAINTED):
                continue
            large = scale == 1 and name in TABS_AND_DIALOGS
            for width, height in SIZES if large else SIZES[:1]:
                window.resize(width, height)
                with shown(window, scene) as seen:
                    found = [*cut_texts(seen), *hidden_numbers(seen)]
                    cut += [f"{name} {width}×{height}: {line}" for line in found]
    assert not cut, "\n".join(cut)


def test_what_is_cut_is_found(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    row = QHBoxLayout(window)
    label, button, tabs, away = (
        QLabel("much too long"),
        QPushButton("Train it"),
        QTabBar(),
        QLabel("outside", window),
    )
    tabs.addTab("Curves")
    tabs.addTab("Confusion")
    for widget in (label, button, tabs):
        row.addWidget(widget)
    window.resize(600, 100)
    window.show()
    qtbot.waitExposed(window)
    assert not cut_texts(window)
    away.move(580, 10)
    label.setFixedWidth(20)
    button.setFixedWidth(20)
    tabs.setFixedWidth(20)
    qtbot.wait(10)
    found = " ".join(cut_texts(window))
    for text in ("much too long", "Train it", "Confusion", "outside"):
        assert text in found, found
