"""The style sheet keeps sizes where borders are thicker, and names files that there are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from cnnviz.assets import asset_path
from ui.palette import CONTRAST_DARK, CONTRAST_LIGHT, DARK, LIGHT, Colors
from ui.style_sheet import style_sheet
from ui.theme import theme
from ui.widgets.buttons import Button, IconButton

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from ui.theme import Mode


def _files(colors: Colors) -> set[str]:
    return set(re.findall(r"icons:([\w-]+\.svg)", style_sheet(colors, round)))


@pytest.mark.parametrize("colors", [LIGHT, DARK, CONTRAST_LIGHT, CONTRAST_DARK])
def test_all_marks_of_the_sheet_are_there(colors: Colors) -> None:
    assert _files(colors)
    for name in _files(colors):
        assert asset_path(f"icons/{name}").is_file(), name


@pytest.mark.parametrize("colors", [CONTRAST_LIGHT, CONTRAST_DARK])
def test_arrows_of_high_contrast_have_its_colour(colors: Colors) -> None:
    arrows = [name for name in _files(colors) if "check" not in name]
    assert len(arrows) == 5
    for name in arrows:
        assert colors.arrow in asset_path(f"icons/{name}").read_text(encoding="utf-8"), name


@pytest.mark.parametrize("mode", ["contrast_light", "contrast_dark"])
def test_a_thicker_border_leaves_buttons_as_large(
    mode: Mode, qtbot: QtBot, qapp: QApplication
) -> None:
    """Or a row of them that fits would break in two, and icons would shrink."""
    theme.apply(qapp)
    buttons = Button("Clear"), Button("Draw", "pen"), IconButton("eraser")
    for button in buttons:
        qtbot.addWidget(button)
        button.show()
    before = [button.sizeHint() for button in buttons]
    theme.set_mode(mode)
    qtbot.waitUntil(lambda: theme.settled)
    assert theme.line() > 1
    assert [button.sizeHint() for button in buttons] == before
