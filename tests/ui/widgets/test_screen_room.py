"""What pops up stays on the screen, and over its window where that is wide enough."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect

from ui.widgets.screen_room import moved_inside

SCREEN = QRect(0, 30, 1920, 1050)
WINDOW = QRect(200, 100, 1280, 720)


@pytest.mark.parametrize(
    ("wanted", "corner"),
    [
        ((300, 200, 400, 300), (300, 200)),  # where it wants to be
        ((1400, 200, 400, 300), (1080, 200)),  # over the window
        ((100, 200, 400, 300), (200, 200)),
        ((300, 700, 400, 600), (300, 480)),  # below the window, but on the screen
        ((900, 200, 1500, 300), (420, 200)),  # wider than the window
        ((900, 200, 3000, 2000), (0, 30)),  # larger than the screen: its beginning
    ],
)
def test_it_is_moved_no_farther_than_need_be(
    wanted: tuple[int, int, int, int], corner: tuple[int, int]
) -> None:
    assert moved_inside(QRect(*wanted), WINDOW, SCREEN) == QPoint(*corner)


def test_a_window_that_is_partly_off_the_screen_draws_nothing_after_it() -> None:
    assert moved_inside(QRect(1700, 200, 400, 300), QRect(1500, 100, 1280, 720), SCREEN) == QPoint(
        1520, 200
    )
