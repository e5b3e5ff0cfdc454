"""Larger type pushes the panels apart, and smaller type brings the chosen sizes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ui.main_window import MainWindow
from ui.theme import theme

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.usefixtures("dressed")


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    """As at a first start, in a window of 1280×720."""
    window = MainWindow()
    qtbot.addWidget(window, before_close_func=lambda window: setattr(window, "_closing", True))
    window.resize(1280, 720)
    window.show()
    return window


def sizes(window: MainWindow) -> list[int]:
    """Widths of inputs, network and outputs, and the height of the detail."""
    return [*window._columns.sizes(), window._rows.sizes()[1]]


def set_scale(qtbot: QtBot, scale: float) -> None:
    theme.set_scale(scale)
    qtbot.waitUntil(lambda: theme.settled)


def test_large_type_and_back_leaves_the_panels_as_they_were(
    window: MainWindow, qtbot: QtBot
) -> None:
    before = sizes(window)
    set_scale(qtbot, 2.0)
    qtbot.waitUntil(lambda: window.inputs.width() > before[0])
    set_scale(qtbot, 1.0)
    qtbot.waitUntil(lambda: sizes(window) == before)


def test_what_was_dragged_is_what_comes_back(window: MainWindow, qtbot: QtBot) -> None:
    window._columns.moveSplitter(window._columns.sizes()[0] + 40, 1)
    before = sizes(window)
    set_scale(qtbot, 2.0)
    qtbot.waitUntil(lambda: window.inputs.width() > before[0])
    set_scale(qtbot, 1.0)
    qtbot.waitUntil(lambda: sizes(window) == before)


def test_a_window_that_has_grown_meanwhile_gives_the_network_the_room(
    window: MainWindow, qtbot: QtBot
) -> None:
    side, _, output, _ = sizes(window)
    set_scale(qtbot, 2.0)
    window.resize(1600, 720)
    qtbot.waitUntil(lambda: window.inputs.width() > side)
    set_scale(qtbot, 1.0)
    qtbot.waitUntil(lambda: window.inputs.width() == side)
    assert sizes(window)[2] == output
