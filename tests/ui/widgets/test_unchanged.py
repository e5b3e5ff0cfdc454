"""What is shown already is not painted again, and all that looks different is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject

from ui.widgets.color_scale import ColorScale
from ui.widgets.number_grid import NumberGrid
from ui.widgets.pixel_map import PixelMap
from ui.widgets.seen_map import SeenMap
from ui.widgets.slide_map import Cells, SlideMap
from ui.widgets.unchanged import unchanged

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

VALUES = np.arange(6, dtype=np.float32).reshape(2, 3)
OTHERS = VALUES + 1


class Paints(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, qtbot: QtBot, widget: QWidget) -> None:
        super().__init__(widget)
        self._qtbot, self._count = qtbot, 0
        qtbot.addWidget(widget)
        widget.resize(120, 120)
        widget.installEventFilter(self)
        with qtbot.waitExposed(widget):
            widget.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self._count += event.type() == QEvent.Type.Paint
        return False

    def after(self, change: Callable[[], None]) -> bool:
        """Whether a change is painted."""
        self._qtbot.wait(20)
        before = self._count
        change()
        self._qtbot.wait(20)
        return self._count > before


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        (None, None, True),
        (None, VALUES, False),
        (VALUES, None, False),
        (VALUES, VALUES.copy(), True),
        (VALUES, OTHERS, False),
        (VALUES, VALUES.reshape(3, 2), False),
        (VALUES, VALUES.astype(np.float64), False),
        (np.array([np.nan]), np.array([np.nan]), False),
    ],
)
def test_arrays_that_look_the_same(
    old: np.ndarray | None, new: np.ndarray | None, same: bool
) -> None:
    assert unchanged(old, new) is same


def test_a_map(qtbot: QtBot) -> None:
    view = PixelMap()
    paints = Paints(qtbot, view)
    assert paints.after(lambda: view.set_values(VALUES, 5.0))
    assert not paints.after(lambda: view.set_values(VALUES.copy(), 5.0))
    assert paints.after(lambda: view.set_values(VALUES, 6.0))
    assert paints.after(lambda: view.set_values(VALUES, 6.0, count=4))
    assert paints.after(lambda: view.set_values(OTHERS, 6.0, count=4))
    assert paints.after(lambda: view.set_values(OTHERS, 6.0, count=4, border=(1, 0, 0, 0)))
    assert paints.after(lambda: view.set_window((0, 1), (1,)))
    assert not paints.after(lambda: view.set_window((0, 1), (1,)))
    assert paints.after(lambda: view.set_values(None))


def test_an_image_in_other_colours_that_are_as_light(qtbot: QtBot) -> None:
    view = SeenMap()
    paints = Paints(qtbot, view)
    red, blue = np.zeros((3, 4, 4), np.float32), np.zeros((3, 4, 4), np.float32)
    red[0], blue[2] = 1, 1
    view.set_image(red)
    assert paints.after(lambda: view.set_image(blue))


def test_a_grid_under_a_window(qtbot: QtBot) -> None:
    view = SlideMap()
    paints = Paints(qtbot, view)
    rows, columns = (lambda row: row < 1), (lambda column: column < 2)
    assert paints.after(lambda: view.show_cells(Cells(2, 3, VALUES, covered=(rows, columns))))
    assert not paints.after(lambda: view.show_cells(Cells(2, 3, VALUES, covered=(rows, columns))))
    assert paints.after(lambda: view.show_cells(Cells(2, 3, VALUES)))
    assert not paints.after(lambda: view.set_lit(None))
    assert paints.after(lambda: view.set_lit((rows, columns)))
    assert paints.after(lambda: view.set_lit(None))


def test_another_part_of_a_large_grid_with_the_same_values(qtbot: QtBot) -> None:
    view = SlideMap()
    paints = Paints(qtbot, view)
    view.show_cells(Cells(500, 500, np.zeros((500, 500), np.float32), reach=(3, 3)))
    view.set_window(range(100, 103), range(100, 103))
    assert paints.after(lambda: view.set_window(range(300, 303), range(100, 103)))
    assert view.cell_at(view.cell_center(301, 101)) == (301, 101)


def test_numbers(qtbot: QtBot) -> None:
    view = NumberGrid()
    paints = Paints(qtbot, view)
    padding = VALUES > 4
    assert paints.after(lambda: view.set_values(VALUES, 5.0))
    assert not paints.after(lambda: view.set_values(VALUES.copy(), 5.0))
    assert paints.after(lambda: view.set_values(VALUES, 5.0, winner=(0, 1)))
    assert paints.after(lambda: view.set_values(VALUES, 5.0, winner=(0, 1), hatched=padding))
    assert paints.after(lambda: view.set_values(VALUES, 5.0, winner=(0, 1), empty=padding))
    assert paints.after(lambda: view.set_values(OTHERS, 5.0, winner=(0, 1), empty=padding))


def test_a_scale(qtbot: QtBot) -> None:
    view = ColorScale()
    paints = Paints(qtbot, view)
    assert paints.after(lambda: view.set_range(2.0))
    assert not paints.after(lambda: view.set_range(2.0))
    assert paints.after(lambda: view.set_range(2.0, gamma=0.5))
    assert paints.after(lambda: view.set_range(2.0, one_sided=True, gamma=0.5))
