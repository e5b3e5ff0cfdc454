"""No text is cut off, whatever the window shows: in both languages, three sizes and large type.

English in large type and a projector are in `test_nothing_is_cut_large`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGraphicsView,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTabBar,
    QWidget,
)

from tests.support.cut_texts import cut_texts
from tests.support.walk import cut_on_a_walk
from ui.i18n import language
from ui.theme import theme
from ui.widgets import screen_room

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.mark.parametrize(("code", "scale"), [("en", 1.0), ("zh_CN", 1.0), ("zh_CN", 1.5)])
def test_no_text_of_any_scene_is_cut_off(code: str, scale: float, qapp: QApplication) -> None:
    language.set(code)
    theme.set_scale(scale)
    cut = cut_on_a_walk(qapp, larger=scale == 1)
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


def test_what_reaches_beyond_the_canvas_is_found(qtbot: QtBot) -> None:
    canvas = QGraphicsView()
    qtbot.addWidget(canvas)
    bubble = QFrame(canvas.viewport())
    QLabel("Conv needs feature maps", bubble).move(2, 2)
    canvas.resize(400, 200)
    bubble.setGeometry(100, 20, 250, 60)
    canvas.show()
    qtbot.waitExposed(canvas)
    assert not cut_texts(canvas)
    bubble.move(300, 20)
    assert "Conv needs feature maps" in " ".join(cut_texts(canvas))


def test_a_list_that_pops_up_beyond_its_window_is_found(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(400, 300)
    window.show()
    qtbot.waitExposed(window)
    monkeypatch.setattr(screen_room, "of", lambda _: window.geometry())
    above = QFrame(window, Qt.WindowType.Popup)
    above.resize(200, 100)
    above.show()
    for at, fits in ((QPoint(100, 50), True), (QPoint(300, 50), False), (QPoint(100, 250), False)):
        above.move(window.mapToGlobal(at))
        assert (not cut_texts(window)) == fits, at
    above.move(window.mapToGlobal(QPoint(0, 0)))
    above.resize(200, 400)
    assert "QFrame" in " ".join(cut_texts(window))
