"""All maps of a layer: laid out, coloured, pointed at and walked through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor

from tests.support.heard import heard
from ui.colors import luts, quantise
from ui.numerals import significant
from ui.theme import theme
from ui.widgets.grid_layout import lay_out
from ui.widgets.map_grid import MapGrid
from ui.widgets.map_painter import Names

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

RNG = np.random.default_rng(7)


@pytest.fixture
def grid(qtbot: QtBot) -> MapGrid:
    theme.set_mode("light")
    grid = MapGrid()
    qtbot.addWidget(grid)
    grid.resize(420, 300)
    grid.show()
    return grid


def maps(count: int = 6, height: int = 14, width: int = 14) -> np.ndarray:
    return RNG.standard_normal((count, height, width)).astype(np.float32)


def centre(grid: MapGrid, cell: tuple[int, int, int]) -> QPoint:
    return grid._cell_rect(cell).center()


# ---- layout


@given(
    count=st.integers(1, 600),
    height=st.integers(1, 300),
    width=st.integers(1, 300),
    across=st.integers(60, 1500),
    down=st.integers(60, 1500),
    group=st.none() | st.integers(1, 40),
    before=st.integers(0, 60),
)
def test_pointing_finds_what_is_painted_there(
    count: int, height: int, width: int, across: int, down: int, group: int | None, before: int
) -> None:
    layout = lay_out(
        count * (group or 1),
        (height, width),
        (across, down),
        gap=8,
        caption=15,
        sides=(48, 150),
        group=group,
        header=(before, 15),
    )
    count *= group or 1
    assert max(layout.width, layout.height) <= 150
    assert layout.columns * layout.rows >= count
    for tile in {0, count // 2, count - 1}:
        left, top = layout.origin(tile)
        assert layout.cell_at(left, top) == (tile, 0, 0)
        cell = layout.cell_at(left + layout.width - 1e-6, top + layout.height - 1e-6)
        assert cell is not None
        assert cell[0] == tile
        assert cell[1] in range(height)
        assert cell[2] in range(width)
        assert layout.cell_at(left + layout.width, top) is None
        assert layout.cell_at(left, top + layout.height) is None


def test_tiles_are_as_large_as_fit_and_whole_pixels_a_value() -> None:
    layout = lay_out(8, (24, 24), (600, 300), gap=8, caption=15, sides=(48, 150))
    assert layout.zoom == int(layout.zoom)
    larger = (layout.zoom + 1) * 24
    columns = int((600 - 8) // (larger + 8))
    assert -(-8 // columns) * (larger + 8 + 15) > 300
    assert layout.total()[1] <= 300


def test_filters_stand_beside_each_other_before_anything_scrolls() -> None:
    """16 filters of 8 channels, 3x3, in the usual drawer: in one column they were twice as high."""
    area = (1100, 230)
    layout = lay_out(128, (3, 3), area, gap=4, caption=0, sides=(18, 128), group=8, header=(60, 15))
    assert layout.total()[0] <= area[0]
    assert layout.total()[1] <= area[1]
    assert layout.columns > layout.group == 8
    assert layout.columns % layout.group == 0
    first, second = layout.origin(7)[0] + layout.width, layout.origin(8)[0]
    assert second - first >= 60  # room for the second filter's caption


# ---- painting


def test_every_value_has_its_colour(grid: MapGrid) -> None:
    data = maps()
    grid.set_maps(data, 2.0)
    image = grid.viewport().grab().toImage()
    colors = luts(False).signed[quantise(data, 2.0)]
    for cell in [(0, 0, 0), (3, 7, 2), (5, 13, 13)]:
        assert image.pixel(centre(grid, cell)) == colors[cell]


def test_many_large_maps_keep_their_own_pixels(grid: MapGrid) -> None:
    data = np.zeros((150, 300, 4), np.float32)  # 45,000 rows, more than Qt scales at once
    data[149] = 1.0
    grid.set_maps(data, 1.0)
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
    image = grid.viewport().grab().toImage()
    assert image.pixel(centre(grid, (149, 150, 2))) == luts(False).signed[254]
    assert image.pixel(centre(grid, (148, 150, 2))) == luts(False).signed[127]


def test_the_theme_changes_the_colours(grid: MapGrid) -> None:
    grid.set_maps(np.zeros((1, 14, 14), np.float32))
    theme.set_mode("dark")
    image = grid.viewport().grab().toImage()
    assert image.pixel(centre(grid, (0, 3, 3))) == luts(True).signed[127]


def test_an_input_is_grey(grid: MapGrid) -> None:
    grid.set_maps(np.ones((1, 14, 14), np.float32), grey=True)
    assert grid.viewport().grab().toImage().pixelColor(centre(grid, (0, 3, 3))) == QColor("white")
    assert grid.limit() == 1.0


def test_a_range_for_all_or_for_each(grid: MapGrid) -> None:
    data = np.ones((2, 14, 14), np.float32) * np.array([1, 4], np.float32)[:, None, None]
    grid.set_maps(data)
    assert grid.limit() == 4.0
    grid.set_range_mode("map")
    assert (grid.limit(0), grid.limit(1)) == (1.0, 4.0)
    image = grid.viewport().grab().toImage()
    assert image.pixel(centre(grid, (0, 3, 3))) == luts(False).signed[254]
    grid.set_range_mode("layer")
    image = grid.viewport().grab().toImage()
    assert image.pixel(centre(grid, (0, 3, 3))) == luts(False).signed[159]


def test_nothing_to_show_leaves_it_empty(grid: MapGrid) -> None:
    grid.set_maps(maps())
    grid.set_maps(None)
    assert not heard(grid)
    assert grid.verticalScrollBar().maximum() == 0
    assert not grid.viewport().grab().isNull()


# ---- pointing


def test_the_value_under_the_pointer(grid: MapGrid, qtbot: QtBot) -> None:
    data = maps()
    grid.set_maps(data)
    with qtbot.waitSignal(grid.hovered) as signal:
        qtbot.mouseMove(grid.viewport(), centre(grid, (2, 5, 9)))
    assert signal.args == [2, 5, 9, pytest.approx(float(data[2, 5, 9]))]
    assert grid.cursor_cell() == (2, 5, 9)
    with qtbot.waitSignal(grid.left):
        qtbot.mouseMove(grid.viewport(), QPoint(2, 2))
    assert grid.cursor_cell() is None


def test_new_values_under_a_resting_pointer_are_told(grid: MapGrid, qtbot: QtBot) -> None:
    grid.set_maps(maps())
    qtbot.mouseMove(grid.viewport(), centre(grid, (2, 5, 9)))
    newer = maps()
    with qtbot.waitSignal(grid.hovered) as signal:
        grid.set_maps(newer)
    assert signal.args == [2, 5, 9, pytest.approx(float(newer[2, 5, 9]))]


def test_other_shapes_forget_the_pointer(grid: MapGrid, qtbot: QtBot) -> None:
    grid.set_maps(maps())
    qtbot.mouseMove(grid.viewport(), centre(grid, (5, 13, 13)))
    with qtbot.waitSignal(grid.left):
        grid.set_maps(maps(2, 3, 3))
    assert grid.cursor_cell() is None


def test_a_click(grid: MapGrid, qtbot: QtBot) -> None:
    grid.set_maps(maps())
    with qtbot.waitSignal(grid.clicked) as signal:
        qtbot.mouseClick(
            grid.viewport(), Qt.MouseButton.LeftButton, pos=centre(grid, (1, 2, 3))
        )  # fmt: skip
    assert signal.args == [1, 2, 3]


def test_walking_by_keyboard(grid: MapGrid, qtbot: QtBot) -> None:
    data = maps(6, 14, 14)
    grid.set_maps(data)
    grid.setFocus()
    columns = grid._layout.columns  # type: ignore[union-attr]
    for key, cell in [
        (Qt.Key.Key_Right, (0, 0, 0)),
        (Qt.Key.Key_Left, (0, 0, 0)),
        (Qt.Key.Key_Up, (0, 0, 0)),
        (Qt.Key.Key_Right, (0, 0, 1)),
        (Qt.Key.Key_Down, (0, 1, 1)),
    ]:
        qtbot.keyClick(grid, key)
        assert grid.cursor_cell() == cell
    qtbot.keyClick(grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert grid.cursor_cell() == (1, 1, 1)
    qtbot.keyClick(grid, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert grid.cursor_cell() == (1 + columns, 1, 1)
    value = float(data[1 + columns, 1, 1])
    assert heard(grid) == f"Map {1 + columns}, row 1, column 1: {significant(value)}"
    with qtbot.waitSignal(grid.clicked) as signal:
        qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert signal.args == [1 + columns, 1, 1]


def test_walking_scrolls_along(grid: MapGrid, qtbot: QtBot) -> None:
    grid.set_maps(maps(200, 14, 14))
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    for _ in range(12):
        qtbot.keyClick(grid, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    cell = grid.cursor_cell()
    assert cell is not None
    assert grid.viewport().rect().contains(centre(grid, cell))


# ---- kernels


def test_kernels_are_a_row_a_filter_and_a_tile_a_channel(grid: MapGrid, qtbot: QtBot) -> None:
    weights = RNG.standard_normal((5, 3, 3, 3)).astype(np.float32)
    grid.set_kernels(weights)
    with qtbot.waitSignal(grid.hovered) as signal:
        qtbot.mouseMove(grid.viewport(), centre(grid, (2 * 3 + 1, 0, 2)))
    index = signal.args[0]
    assert divmod(index, 3) == (2, 1)
    assert signal.args[3] == pytest.approx(float(weights[2, 1, 0, 2]))
    tops = {grid._layout.origin(2 * 3 + channel)[1] for channel in range(3)}  # type: ignore[union-attr]
    assert len(tops) == 1


def test_kernels_of_one_channel_flow(grid: MapGrid) -> None:
    grid.set_kernels(RNG.standard_normal((8, 1, 5, 5)).astype(np.float32))
    assert grid._layout is not None
    assert grid._layout.columns > 1


def test_wide_layers_scroll_sideways(grid: MapGrid) -> None:
    grid.set_kernels(RNG.standard_normal((4, 64, 3, 3)).astype(np.float32))
    assert grid.horizontalScrollBar().maximum() > 0
    assert grid.verticalScrollBar().maximum() == 0


def test_screen_readers_get_the_numbers(grid: MapGrid) -> None:
    data = np.zeros((3, 14, 14), np.float32)
    data[1, 2, 5], data[2, 13, 0] = 1.5, -0.25
    grid.set_maps(data)
    assert heard(grid) == (
        "3 maps of 14×14. Least: Map 2, row 13, column 0: −0.25. "
        "Greatest: Map 1, row 2, column 5: 1.5."
    )
    data = data.copy()
    data[0, 1, 1] = 7
    grid.setFocus()
    grid.set_maps(data)  # of the same shape, as while one draws
    assert "Greatest: Map 0, row 1, column 1: 7" in heard(grid)
    grid.set_maps(np.full((1, 14, 14), np.nan, np.float32))
    assert "1 maps of 14×14" in heard(grid)


def test_of_kernels_filter_and_channel_are_said_in_any_order(grid: MapGrid) -> None:
    weights = np.zeros((2, 3, 5, 5), np.float32)
    weights[1, 2, 0, 4], weights[0, 0, 3, 3] = 2, -1
    grid.set_kernels(weights)
    assert heard(grid) == (
        "2 filters with 3 channels of 5×5. Least: Filter 0, channel 0, row 3, column 3: −1. "
        "Greatest: Filter 1, channel 2, row 0, column 4: 2."
    )
    grid.set_names(Names((1, 0)))  # the strongest first
    grid.set_kernels(weights[::-1].copy())
    assert "Greatest: Filter 1, channel 2, row 0, column 4: 2." in heard(grid)
    grid.set_names(Names())
    grid.set_kernels(weights, groups="units")
    assert "Greatest: Unit 1, map 2, row 0, column 4: 2." in heard(grid)
    grid.set_kernels(weights, groups="positions")  # each with filters of its own
    assert heard(grid).startswith("2 positions with 3 kernels of 5×5.")
    assert "Greatest: Position 1, kernel 2, row 0, column 4: 2." in heard(grid)
