"""The geometry of the canvas."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.canvas.layout import (
    LOWEST,
    MARGIN,
    TALLEST,
    Box,
    Grid,
    edge_speed,
    fits_below,
    map_grid,
    place_bubble,
    room_for_maps,
    vector_grid,
)

rooms = st.floats(LOWEST, TALLEST)
units = st.floats(1, 2)


@pytest.mark.parametrize(
    ("maps", "columns", "rows", "shown"),
    [(1, 1, 1, 1), (4, 2, 2, 4), (8, 2, 4, 8), (16, 4, 4, 16), (24, 4, 6, 24), (48, 4, 6, 24)],
)
def test_maps_stand_as_in_the_design(maps: int, columns: int, rows: int, shown: int) -> None:
    grid = map_grid(maps, 24, 24, TALLEST)
    assert (grid.columns, grid.rows, grid.shown) == (columns, rows, shown)


@given(st.integers(1, 5000), st.integers(1, 400), st.integers(1, 400), rooms, units)
def test_maps_fit_the_room_and_do_not_overlap(
    channels: int, height: int, width: int, room: float, unit: float
) -> None:
    grid = map_grid(channels, height, width, room * unit, unit)
    assert 1 <= grid.shown <= channels
    assert grid.height <= room * unit + 1e-6
    assert_tiles(grid)


@given(st.integers(1, 20_000), rooms, units)
def test_vectors_fit_the_room_and_do_not_overlap(length: int, room: float, unit: float) -> None:
    grid = vector_grid(length, room * unit, unit)
    assert grid.vector
    assert grid.height <= room * unit + 1e-6
    assert grid.width <= 100 * unit
    if length <= 250:
        assert grid.shown == length or room < TALLEST
    assert_tiles(grid)


def assert_tiles(grid: Grid) -> None:
    cells = grid.cells()
    assert len(cells) == grid.shown
    whole = Box(-1e-6, -1e-6, grid.width + 2e-6, grid.height + 2e-6)
    assert all(cell.within(whole) for cell in cells)
    corners = {(round(cell.left, 6), round(cell.top, 6)) for cell in cells}
    assert len(corners) == len(cells)


def test_a_vector_goes_down_the_columns() -> None:
    first, second, *_ = vector_grid(64, TALLEST).cells()
    assert second.left == first.left
    assert second.top > first.top


def test_ten_outputs_are_one_column_even_in_a_low_view() -> None:
    assert vector_grid(10, 120).columns == 1


def test_maps_keep_their_aspect() -> None:
    grid = map_grid(4, 10, 20, TALLEST)
    assert grid.cell_width == pytest.approx(2 * grid.cell_height)


@given(st.floats(50, 2000), units)
def test_a_card_fits_a_view_that_is_high_enough(view: float, unit: float) -> None:
    room = room_for_maps(view, 80 * unit, unit)
    if view >= (80 + 2 * MARGIN + LOWEST) * unit:
        assert room + (80 + 2 * MARGIN) * unit <= view + 1e-6


def test_scrolling_is_fastest_at_the_edge() -> None:
    speeds = [edge_speed(x, 800, 50, 20) for x in (-10, 0, 25, 50, 400, 750, 775, 800, 900)]
    assert speeds == [-20, -20, -10, 0, 0, 0, 10, 20, 20]


VIEW = Box(0, 0, 800, 400)


def bubble(card: Box, *others: Box, below: bool = True) -> Box:
    return place_bubble(card, (200, 120), VIEW, others, 8, below=below)


def test_a_bubble_stands_below_its_card() -> None:
    card = Box(300, 170, 100, 60)
    assert bubble(card) == Box(292, 238, 200, 120)


def test_a_bubble_is_moved_into_the_view() -> None:
    assert bubble(Box(690, 170, 100, 60)).right == 792
    assert bubble(Box(-60, 170, 100, 60)).left == 8


def test_a_bubble_is_not_moved_over_a_tall_card() -> None:
    card, tall = Box(690, 170, 100, 60), Box(500, 70, 150, 260)
    place = bubble(card, tall)
    assert not place.meets(tall)
    assert not place.meets(card)


def test_a_bubble_that_finds_no_room_beside_taller_cards_stands_under_them() -> None:
    card, tall = Box(760, 170, 30, 40), Box(300, 150, 450, 80)
    place = bubble(card, tall)
    assert (place.right, place.top) == (792, 238)
    assert not place.meets(tall)


def test_a_bubble_stands_beside_its_card_where_the_view_is_low() -> None:
    assert not fits_below(280, 60, 120, 8)
    assert fits_below(400, 60, 120, 8)
    card = Box(300, 170, 100, 60)
    assert bubble(card, below=False) == Box(408, 140, 200, 120)
