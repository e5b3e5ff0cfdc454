"""The ground carries the image, the values their colours, in both themes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtGui import QColor

from ui.theme import theme
from ui.widgets.overlaid_map import OverlaidMap

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_strokes_show_on_the_ground_and_signs_keep_their_hue(qtbot: QtBot, mode: str) -> None:
    theme.set_mode("dark" if mode == "dark" else "light")
    view = OverlaidMap()
    qtbot.addWidget(view)
    view.resize(120, 80)
    ink = np.array([[0, 1, 0], [0, 1, 1]], np.float32)
    view.set_values(np.array([[0, 0, 1], [-1, 1, -1]], np.float32), 1.0)
    view.set_ink(ink)
    view.show()
    image = view.grab().toImage()

    def color(row: int, column: int) -> QColor:
        return image.pixelColor(view.cell_center(row, column).toPoint())

    bare, stroke = color(0, 0), color(0, 1)
    assert bare == QColor.fromRgb(int(theme.luts.signed[127]))
    assert abs(stroke.lightness() - bare.lightness()) > 30
    for place in ((0, 2), (1, 1)):
        assert color(*place).blue() > color(*place).red()
    for place in ((1, 0), (1, 2)):
        assert color(*place).red() > color(*place).blue()
    view.set_ink(np.zeros((5, 5), np.float32))  # of another size: left out
    image = view.grab().toImage()
    assert color(0, 1) == bare
