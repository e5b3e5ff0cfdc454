"""A grid under a window: what is drawn of it, and which place of it is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication, QToolTip

from tests.support.heard import heard
from ui.widgets.slide_map import Cells, SlideMap

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.fixture
def grid(qtbot: QtBot) -> SlideMap:
    view = SlideMap()
    qtbot.addWidget(view)
    view.resize(122, 122)
    view.show()
    return view


def pixels(view: SlideMap) -> np.ndarray:
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint32)
    return flat.reshape(image.height(), image.width()).copy()


def test_all_cells_are_drawn_where_there_is_room(grid: SlideMap) -> None:
    grid.show_cells(Cells(28, 28, np.zeros((28, 28), np.float32), border=(1, 2, 1, 2)))
    assert not grid.cropped
    assert grid.cell_at(grid.cell_center(27, 27)) == (27, 27)
    assert grid.cell_at(grid.cell_center(-1, 29)) == (-1, 29)


def test_of_a_large_grid_the_cells_around_the_window_are_drawn(grid: SlideMap) -> None:
    values = np.zeros((1000, 1000), np.float32)
    grid.show_cells(Cells(1000, 1000, values, reach=(3, 3)))
    grid.set_window(range(500, 503), range(20, 23))
    assert grid.cropped
    for cell in ((500, 20), (502, 22), (490, 5)):
        assert grid.rect().contains(grid.cell_center(*cell).toPoint())
        assert grid.cell_at(grid.cell_center(*cell)) == cell
    assert not grid.rect().contains(grid.cell_center(0, 0).toPoint())
    grid.set_window(range(-1, 2), range(998, 1001))
    assert grid.rect().contains(grid.cell_center(0, 999).toPoint())


def test_the_marked_cell_stays_in_sight_too(grid: SlideMap) -> None:
    grid.show_cells(Cells(300, 4))
    grid.set_mark((299, 3))
    assert grid.rect().contains(grid.cell_center(299, 3).toPoint())


def test_what_nobody_reads_is_hatched(grid: SlideMap) -> None:
    plain = Cells(6, 6, np.zeros((6, 6), np.float32))
    grid.show_cells(plain)
    before = pixels(grid)
    grid.show_cells(
        Cells(6, 6, plain.values, covered=(lambda row: row < 5, lambda column: column % 2 == 0))
    )
    after = pixels(grid)
    cell = grid.cell_center(0, 0).toPoint()
    assert (
        before[cell.y() - 5 : cell.y() + 5, cell.x() - 5 : cell.x() + 5]
        == after[cell.y() - 5 : cell.y() + 5, cell.x() - 5 : cell.x() + 5]
    ).all()
    for row, column in ((5, 0), (0, 1), (5, 5)):
        cell = grid.cell_center(row, column).toPoint()
        part = after[cell.y() - 6 : cell.y() + 6, cell.x() - 6 : cell.x() + 6]
        assert len(np.unique(part)) > 1


def test_what_is_meant_is_lit(grid: SlideMap) -> None:
    grid.show_cells(Cells(6, 6, np.zeros((6, 6), np.float32)))
    before = pixels(grid)
    grid.set_lit((lambda row: row in (1, 3), lambda column: column == 2))
    after = pixels(grid)
    for row, column in np.ndindex(6, 6):
        cell = grid.cell_center(row, column).toPoint()
        changed = before[cell.y(), cell.x()] != after[cell.y(), cell.x()]
        assert changed == (row in (1, 3) and column == 2)
    grid.set_lit(None)
    assert (pixels(grid) == before).all()


def test_a_grid_of_unknown_values_is_an_empty_one(grid: SlideMap) -> None:
    grid.show_cells(Cells(6, 6))
    zero = pixels(grid)
    grid.show_cells(Cells(6, 6, np.ones((5, 5), np.float32)))  # of another size: not these
    assert (pixels(grid) == zero).all()
    grid.show_cells(Cells(0, 0))
    assert len(np.unique(pixels(grid))) == 1
    assert grid.cell_at(QPointF(5, 5)) is None


def test_padding_of_large_cells_says_that_it_is_zero(grid: SlideMap) -> None:
    def inks(cells: int, *, padded: bool = True) -> int:
        grid.show_cells(Cells(cells, cells, border=(1, 1, 1, 1), padded=padded))
        corner = grid.cell_center(-1, -1).toPoint()
        side = min(int(grid._zoom()[0] / 2) - 1, 6)
        return len(
            np.unique(
                pixels(grid)[
                    corner.y() - side : corner.y() + side, corner.x() - side : corner.x() + side
                ]
            )
        )

    assert inks(3) > 1
    assert inks(14) == 1
    assert inks(3, padded=False) == 1  # no window fits, and nothing is read there


def test_pressing_and_dragging_choose_also_in_the_padding(grid: SlideMap, qtbot: QtBot) -> None:
    grid.show_cells(Cells(6, 6, border=(2, 2, 2, 2)))
    chosen: list[tuple[int, int]] = []
    grid.chosen.connect(lambda row, column: chosen.append((row, column)))
    start = grid.cell_center(0, 0).toPoint()
    qtbot.mousePress(grid, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(grid, grid.cell_center(-2, 3).toPoint())
    qtbot.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=start)
    assert chosen[0] == (0, 0)
    assert (-2, 3) in chosen


def test_pointing_tells_where_once_and_leaving_that(grid: SlideMap, qtbot: QtBot) -> None:
    grid.show_cells(Cells(6, 6, border=(1, 1, 1, 1)))
    seen: list[tuple[int, int] | None] = []
    grid.pointed.connect(seen.append)
    there = grid.cell_center(2, 3).toPoint()
    qtbot.mouseMove(grid, there)
    qtbot.mouseMove(grid, there + QPoint(1, 0))
    qtbot.mouseMove(grid, grid.cell_center(-1, 3).toPoint())
    assert seen == [(2, 3), None]  # padding is nobody's value
    qtbot.mouseMove(grid, there)
    QApplication.sendEvent(grid, QEvent(QEvent.Type.Leave))
    assert seen[2:] == [(2, 3), None]


def test_who_drags_asks_about_no_value(grid: SlideMap, qtbot: QtBot) -> None:
    grid.show_cells(Cells(6, 6))
    qtbot.mouseMove(grid, grid.cell_center(2, 3).toPoint())
    seen: list[tuple[int, int] | None] = []
    grid.pointed.connect(seen.append)
    point = QPointF(grid.cell_center(4, 1))
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    kind = QEvent.Type.MouseMove
    drag = QMouseEvent(kind, point, grid.mapToGlobal(point), Qt.MouseButton.NoButton, left, none)
    QApplication.sendEvent(grid, drag)
    assert not seen


def test_the_tool_tip_reads_a_value_and_padding_as_zero(grid: SlideMap, qapp: object) -> None:
    values = np.arange(36, dtype=np.float32).reshape(6, 6)
    grid.show_cells(Cells(6, 6, values, border=(1, 1, 1, 1)))

    def tip(row: int, column: int) -> str:
        point = grid.cell_center(row, column).toPoint()
        help_event = QHelpEvent(QEvent.Type.ToolTip, point, grid.mapToGlobal(point))
        QApplication.sendEvent(grid, help_event)
        return QToolTip.text()

    assert tip(2, 3) == "2, 3: 15"
    assert tip(-1, 3) == "-1, 3: 0"
    QToolTip.hideText()


def test_a_window_of_very_many_values_costs_nothing(grid: SlideMap) -> None:
    grid.show_cells(Cells(10**6, 10**6, reach=(10**6, 10**6)))
    grid.set_window(range(10**6), range(10**6))
    grid.grab()
    grid.set_window(range(0, 10**6, 2), range(0, 10**6, 2))
    grid.grab()
    assert grid.cropped


def test_a_hidden_click_beside_the_grid_is_not_its_own(grid: SlideMap, qtbot: QtBot) -> None:
    grid.resize(300, 60)
    grid.show_cells(Cells(4, 4))
    chosen: list[tuple[int, int]] = []
    grid.chosen.connect(lambda row, column: chosen.append((row, column)))
    qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    assert chosen == []


def test_what_is_not_drawn_is_told(grid: SlideMap, qtbot: QtBot) -> None:
    values = np.zeros((224, 200), np.float32)
    values[220, 3] = 2.5
    with qtbot.waitSignal(grid.part_changed):
        grid.show_cells(Cells(224, 200, values))
    assert grid.part is not None
    rows, columns = grid.part
    assert (rows[0], columns[0]) == (0, 0)
    assert len(rows) < 224
    assert len(columns) < 200
    with qtbot.waitSignal(grid.part_changed):
        grid.set_window(range(200, 203), range(150, 153))
    assert 201 in grid.part[0]
    assert 151 in grid.part[1]
    assert "Greatest: row 220, column 3: 2.5" in heard(grid), "of the whole, as it is counted"
    with qtbot.waitSignal(grid.part_changed):
        grid.show_cells(Cells(10, 10))
    assert grid.part is None
