"""One feature map, large: opened and left in every way, with its range, its gamma and its field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from cnnviz.export.arrays import Plate
from ui.inspector import Inspector
from ui.picture import network_limit

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.ui.inspector.fakes import DrawingEngine
    from ui.inspector.maps_page import MapsPage
    from ui.session import Session


@pytest.fixture
def inspector(inspector: Inspector, engine: DrawingEngine) -> Inspector:
    inspector.resize(1440, 360)
    engine.draw()
    inspector.show_tab("maps")
    return inspector


@pytest.fixture
def page(inspector: Inspector) -> MapsPage:
    return inspector.maps


def shown(page: MapsPage) -> bool:
    return page._stack.currentWidget() is page.large


def test_the_lens_the_number_the_key_and_the_menu_open_a_map(
    inspector: Inspector, page: MapsPage, qtbot: QtBot
) -> None:
    grid = page.grid
    layout = grid._layout
    assert layout is not None
    left, top = layout.origin(3)
    view = grid.viewport()
    inside = QPoint(left + 10, top + 30) - grid._offset()
    ways = 0
    for way in ("lens", "number", "key", "menu"):
        qtbot.mouseMove(view, QPoint(1, 1))
        qtbot.mouseMove(view, inside)
        assert grid.cursor_cell() is not None
        if way == "lens":
            lens = grid._lens(3).center()
            qtbot.mouseMove(view, lens)
            qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=lens)
        elif way == "number":
            number = QPoint(left + layout.width // 2, top + layout.height + 8) - grid._offset()
            qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=number)
        elif way == "key":
            qtbot.keyClick(grid, Qt.Key.Key_Z)
        else:
            inspector._large.large.trigger()
        assert page.open_map == 3
        assert shown(page)
        assert page.heading.text() == "Map 3"
        ways += 1
        page.close_large()
    assert ways == 4


def test_a_value_of_the_grid_still_leads_to_its_arithmetic(
    page: MapsPage, qtbot: QtBot, inspector: Inspector
) -> None:
    layout = page.grid._layout
    assert layout is not None
    left, top = layout.origin(2)
    place = QPoint(left + 10, top + 30) - page.grid._offset()
    with qtbot.waitSignal(page.chosen, timeout=500):
        qtbot.mouseClick(page.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert page.open_map is None


@pytest.mark.parametrize("way", ["escape", "beside", "menu"])
def test_it_is_left_by_escape_by_clicking_beside_it_and_by_the_menu(
    inspector: Inspector, page: MapsPage, qtbot: QtBot, way: str
) -> None:
    room: list[bool] = []
    inspector.enlarged.connect(room.append)
    page.open_large(1)
    assert inspector._large.large.isChecked()
    assert inspector._large.fit.isEnabled()
    if way == "escape":
        qtbot.keyClick(page.large.map, Qt.Key.Key_Escape)
    elif way == "beside":
        qtbot.mouseClick(page.large.map, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    else:
        inspector._large.large.trigger()
    assert not shown(page)
    assert page.open_map is None
    assert room == [True, False]
    assert not inspector._large.large.isChecked()
    assert not inspector._large.fit.isEnabled()


def test_its_values_are_read_chosen_and_followed(
    page: MapsPage, engine: DrawingEngine, session: Session, qtbot: QtBot
) -> None:
    page.open_large(5)
    drawn = engine.draw(7)
    np.testing.assert_array_equal(page.large.map._values, drawn.maps["conv"][5])
    place = page.large.map.place_of(2, 3).center().toPoint()
    qtbot.mouseMove(page.large.map, place)
    assert page.reading.text().startswith("map 5, row 2, column 3: ")
    assert "sees rows 2–6, columns 3–7 of the input" in page.reading.text()
    assert session.spot.place == ("conv", 2, 3)
    assert (page.large.image._rows[0], page.large.image._rows[-1]) == (2, 6)
    chosen: list[object] = []
    page.chosen.connect(chosen.append)
    qtbot.mouseClick(page.large.map, Qt.MouseButton.LeftButton, pos=place)
    assert chosen == [(5, 2, 3)]


def test_other_maps_by_the_page_keys(page: MapsPage, qtbot: QtBot) -> None:
    page.open_large(6)
    for key, wanted in (
        (Qt.Key.Key_PageDown, 7),
        (Qt.Key.Key_PageDown, 7),
        (Qt.Key.Key_PageUp, 6),
    ):
        qtbot.keyClick(page.large.map, key)
        assert page.open_map == wanted


def test_it_stays_open_over_other_tabs_and_layers(
    inspector: Inspector, page: MapsPage, session: Session, engine: DrawingEngine
) -> None:
    room: list[bool] = []
    inspector.enlarged.connect(room.append)
    page.open_large(7)
    inspector.show_tab("settings")
    inspector.show_tab("maps")
    assert shown(page)
    assert room == [True, False, True]
    session.select("grouped")
    engine.draw()
    assert page.open_map == 3  # it has four
    session.select("dense")
    engine.draw()
    assert page.open_map is None


def test_ranges_of_the_layer_the_map_and_the_network(page: MapsPage, engine: DrawingEngine) -> None:
    page.open_large(2)
    picture = engine.draw()
    assert page.large.map._limit == picture.limits["conv"]
    page._range.setCurrentIndex(1)
    assert page.large.map._limit == pytest.approx(np.abs(picture.maps["conv"][2]).max())
    page._range.setCurrentIndex(2)
    assert page.large.map._limit == network_limit(picture)
    assert network_limit(picture) == max(
        limit
        for uid, limit in picture.limits.items()
        if picture.maps[uid].ndim == 3 and uid != "input"
    )
    page.close_large()
    assert page.grid.limit() == network_limit(picture)


def test_gamma_changes_map_scale_and_export(page: MapsPage, inspector: Inspector) -> None:
    page.open_large(2)
    plain = inspector._plate()
    assert isinstance(plain, Plate)
    assert plain.values.ndim == 2
    page.large.slider.setValue(-4)
    assert page.large.gamma == 0.5
    assert page.large.map._gamma == 0.5
    assert page._scale._gamma == 0.5
    bent = inspector._plate()
    assert isinstance(bent, Plate)
    assert not np.array_equal(bent.colors, plain.colors)
    np.testing.assert_array_equal(bent.values, plain.values)


def test_the_image_itself_can_be_seen_large_in_grey(
    page: MapsPage, session: Session, inspector: Inspector, qtbot: QtBot
) -> None:
    session.select("input")
    page.open_large(0)
    assert page.large.map._grey
    assert not page.large.slider.isEnabled()
    chosen: list[object] = []
    page.chosen.connect(chosen.append)
    page.large.map.clicked.emit(1, 1)
    assert chosen == []
    plate = inspector._plate()
    assert isinstance(plate, Plate)
    assert plate.limit is None


def test_there_is_nothing_to_open_without_maps(
    page: MapsPage, inspector: Inspector, session: Session
) -> None:
    session.select("out")
    assert not inspector._large.large.isEnabled()
    page.open_large(0)
    assert page.open_map is None
    inspector.show_tab("settings")
    session.select("conv")
    assert not inspector._large.large.isEnabled()


def test_a_page_down_is_another_map_also_on_the_slider(page: MapsPage, qtbot: QtBot) -> None:
    page.open_large(2)
    qtbot.keyClick(page.large.slider, Qt.Key.Key_PageDown)
    assert page.open_map == 3
    assert page.large.slider.value() == 0
    qtbot.keyClick(page.large.slider, Qt.Key.Key_PageUp)
    assert page.open_map == 2
    qtbot.keyClick(page.large.slider, Qt.Key.Key_Left)
    assert page.large.slider.value() == -1
