from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ui.widgets.seen_map import SeenMap

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_three_channels_are_colours_and_one_is_grey(qtbot: QtBot) -> None:
    view = SeenMap()
    qtbot.addWidget(view)
    view.resize(120, 120)
    view.show()
    red = np.zeros((3, 6, 6), np.float32)
    red[0] = 1
    view.set_image(red)
    middle = view.rect().center()
    assert view.grab().toImage().pixelColor(middle).name() == "#ff0000"
    view.set_image(np.full((1, 6, 6), 0.5, np.float32))
    color = view.grab().toImage().pixelColor(middle)
    assert color.red() == color.green() == color.blue()
    assert 120 < color.red() < 136
