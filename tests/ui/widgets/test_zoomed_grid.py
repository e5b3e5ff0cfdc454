"""Where the values of a map lie that is zoomed and moved."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, QSizeF

from ui.widgets.zoomed_grid import LARGEST, ZoomedGrid

ROOM = QSizeF(400, 260)
sides = st.integers(1, 300)
points = st.builds(QPointF, st.floats(0, 400), st.floats(0, 260))


def grid(height: int, width: int) -> ZoomedGrid:
    made = ZoomedGrid()
    made.put_into(ROOM)
    made.hold(height, width)
    return made


@given(height=sides, width=sides)
def test_all_of_it_is_in_the_middle_at_first(height: int, width: int) -> None:
    area = grid(height, width).area()
    room = QRectF(QPointF(), ROOM)
    assert room.contains(area)
    assert (area.center() - room.center()).manhattanLength() < 1e-6


@given(
    height=sides, width=sides, factor=st.floats(0.1, 10), point=points, moved=points, more=points
)
def test_what_is_in_sight_is_what_can_be_seen(
    height: int, width: int, factor: float, point: QPointF, moved: QPointF, more: QPointF
) -> None:
    made = grid(height, width)
    made.zoom_by(factor, point)
    assert made.zoom <= LARGEST
    made.move_to(made.corner + moved)
    rows, columns = made.seen()
    cell = made.cell_at(more)
    assert (cell is None) == (not made.area().contains(more))
    if cell is not None:
        assert cell[0] in rows
        assert cell[1] in columns
        assert made.place_of(*cell).adjusted(-1e-6, -1e-6, 1e-6, 1e-6).contains(more)
