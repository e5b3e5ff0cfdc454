"""The kernels and the feature maps of a layer: every value read, and its place everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QRect, Qt

from cnnviz.layers import Border, Maps
from tests.support.heard import heard
from tests.ui.inspector.looks import painted
from ui.inspector import Inspector
from ui.numerals import significant

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.ui.inspector.fakes import DrawingEngine
    from ui.session import Session


def pointed_at(session: Session) -> tuple[str, int, int] | None:
    """Asked anew each time: a type checker takes it for the same value."""
    return session.spot.place


# --- kernels ----------------------------------------------------------------------


def test_no_picture_and_no_weights_are_said_in_words(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    inspector.show_tab("kernels")
    assert inspector.kernels.message.text() == "The engine is starting…"
    session.select("pool")
    assert inspector.kernels.message.text().startswith("Max pool has no weights")
    session.select("input")
    assert inspector.kernels.message.text().startswith("The input has no weights")
    engine.draw()
    session.select("conv")
    engine.draw()
    assert inspector.kernels.grid.isVisible()


def test_where_only_the_first_kernels_are_there_it_is_said(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    for uid, size in (("conv", "5×5×1"), ("out", "6")):
        session.select(uid)
        inspector.show_tab("kernels")
        whole = engine.draw()
        count = len(whole.weights[uid]["weight"])
        assert "first" not in inspector.kernels.counts.text()
        tensors = {**whole.weights[uid], "weight": whole.weights[uid]["weight"][:3]}
        engine.picture = msgspec.structs.replace(whole, weights={uid: tensors})
        engine.probed.emit(engine.picture)
        assert inspector.kernels.counts.text() == f"the first 3 of {count}, each {size}"


def test_a_kernel_value_tells_its_place_and_bias(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    inspector.show_tab("kernels")
    picture = engine.draw()
    weights = picture.weights["conv"]
    inspector.kernels.grid.hovered.emit(3, 2, 1, float(weights["weight"][3, 0, 2, 1]))
    assert inspector.kernels.reading.text() == (
        f"filter 3, channel 0, row 2, column 1: {significant(weights['weight'][3, 0, 2, 1])}\n"
        f"bias: {significant(weights['bias'][3])}"
    )
    # Filters 2 and 3 of 4 are the second of two groups, which sees channels 4 to 7.
    session.select("grouped")
    engine.draw()
    inspector.kernels.grid.hovered.emit(2 * 4 + 1, 0, 0, 1.0)
    assert inspector.kernels.reading.text().startswith("filter 2, channel 5,")


def test_kernels_follow_training(inspector: Inspector, engine: DrawingEngine) -> None:
    inspector.show_tab("kernels")
    engine.draw(0)
    before = painted(inspector.kernels.grid.viewport())
    engine.draw(1)
    assert not np.array_equal(painted(inspector.kernels.grid.viewport()), before)


def test_only_the_visible_tab_follows_the_engine(
    inspector: Inspector, engine: DrawingEngine
) -> None:
    inspector.show_tab("maps")
    engine.draw(0)
    inspector.show_tab("kernels")
    limit = inspector.maps.grid.limit()
    engine.draw(1)
    assert inspector.maps.grid.limit() == limit
    inspector.show_tab("maps")
    assert inspector.maps.grid.limit() != limit


def test_dense_weights_fold_back_to_the_maps_before_them(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    session.select("dense")
    inspector.show_tab("kernels")
    picture = engine.draw()
    maps = session.report.row("flat").input
    assert isinstance(maps, Maps)
    weight = picture.weights["dense"]["weight"]
    unit, channel, row, column = 2, 3, 1, 4
    flat = channel * maps.height * maps.width + row * maps.width + column
    grid = inspector.kernels.grid
    assert grid.isVisible()
    assert grid._maps is not None
    assert grid._maps[unit * maps.channels + channel, row, column] == weight[unit, flat]
    grid.hovered.emit(unit * maps.channels + channel, row, column, float(weight[unit, flat]))
    assert inspector.kernels.reading.text().startswith("unit 2, map 3, row 1, column 4: ")


def test_a_dense_layer_behind_another_one_is_a_row_a_unit(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    session.select("out")
    inspector.show_tab("kernels")
    picture = engine.draw()
    weights = picture.weights["out"]
    vectors = inspector.kernels.vectors
    assert vectors.isVisible()
    assert [row.label for row in vectors._rows] == [f"unit {index}" for index in range(10)]
    vectors.hovered.emit(4, 5, float(weights["weight"][4, 5]))
    assert inspector.kernels.reading.text() == (
        f"unit 4, input 5: {significant(weights['weight'][4, 5])}\n"
        f"bias: {significant(weights['bias'][4])}"
    )


def test_numbers_of_narrow_values_are_not_cut_at_the_ends(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    session.select("flat")
    inspector.show_tab("maps")
    engine.draw()
    view = inspector.maps.vectors
    metrics, width = view.fontMetrics(), view.viewport().width()
    for left in (0, 100, width - 4):
        place = view._inside(QRect(left, 0, 4, 12), metrics, "1234")
        half = metrics.horizontalAdvance("1234") / 2
        middle = place.left() + place.width() / 2
        assert half - 1 <= middle <= width - half + 1
        assert place.left() == left or left != 100


def test_batch_norm_shows_its_four_vectors(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    session.select("norm")
    inspector.show_tab("kernels")
    picture = engine.draw()
    rows = inspector.kernels.vectors._rows
    assert [row.label for row in rows] == ["factor", "offset", "running mean", "running variance"]
    for row, values in zip(rows, picture.weights["norm"].values(), strict=True):
        assert row.values is values
    inspector.kernels.vectors.hovered.emit(2, 1, 0.5)
    assert inspector.kernels.reading.text() == "running mean of map 1: 0.5"


# --- feature maps ----------------------------------------------------------------------


def test_a_value_of_a_map_tells_its_place_and_what_it_sees(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    inspector.show_tab("maps")
    engine.draw()
    inspector.maps.grid.hovered.emit(3, 5, 7, -0.25)
    assert inspector.maps.reading.text() == (
        "map 3, row 5, column 7: −0.25\nsees rows 5–9, columns 7–11 of the input"
    )
    session.select("grouped")
    engine.draw()
    inspector.maps.grid.hovered.emit(0, 0, 11, 1.0)
    assert inspector.maps.reading.text().endswith("of the input, and padding")


def test_the_input_is_grey_and_without_a_range(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    session.select("input")
    inspector.show_tab("maps")
    engine.draw()
    pixels = painted(inspector.maps.grid.viewport()).reshape(-1, 4)[:, :3].astype(int)
    greys = np.abs(pixels - pixels.mean(axis=1, keepdims=True)).max(axis=1) < 1
    assert greys.mean() > 0.95  # frames and captions have a hue
    assert not inspector.maps._range.isVisible()


def test_vectors_show_cells_and_tell_where_they_come_from(
    inspector: Inspector, session: Session, engine: DrawingEngine, qtbot: QtBot
) -> None:
    session.select("flat")
    inspector.show_tab("maps")
    picture = engine.draw()
    vectors = inspector.maps.vectors
    assert vectors.isVisible()
    vectors.hovered.emit(0, 144 + 2 * 12 + 5, 1.0)
    assert inspector.maps.reading.text() == "value 173: 1\nfrom map 1, row 2, column 5"
    session.select("out")
    picture = engine.draw()
    qtbot.mouseMove(vectors.viewport(), vectors._lines[0].rect(7).center())
    shown = significant(float(picture.maps["out"][7]))
    qtbot.waitUntil(lambda: inspector.maps.reading.text().startswith(f"value 7: {shown}"))


def test_vectors_can_be_read_with_the_keys(
    inspector: Inspector, session: Session, engine: DrawingEngine, qtbot: QtBot
) -> None:
    session.select("out")
    inspector.show_tab("maps")
    picture = engine.draw()
    vectors = inspector.maps.vectors
    ends = (significant(float(find(picture.maps["out"]))) for find in (np.min, np.max))
    assert "10 values from {} to {}".format(*ends) in heard(vectors)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(vectors, key)
    assert vectors.cursor_cell() == (0, 1)
    shown = significant(float(picture.maps["out"][1]))
    assert heard(vectors) == f"Value 1: {shown}"
    qtbot.keyClick(vectors, Qt.Key.Key_Down)
    assert vectors.cursor_cell() == (0, 1)


def test_a_range_for_each_map_shows_that_of_the_map_pointed_at(
    inspector: Inspector, engine: DrawingEngine
) -> None:
    inspector.show_tab("maps")
    picture = engine.draw()
    page = inspector.maps
    scale = page._scale
    assert scale._limit == pytest.approx(picture.limits["conv"])
    page._range.set_current("map")
    page._range.selected.emit("map")
    assert scale._limit is None
    page.grid._set_cell((2, 0, 0))
    assert scale._limit == pytest.approx(float(np.abs(picture.maps["conv"][2]).max()))


def test_the_window_of_an_edit_between_two_pictures_is_no_error(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    """The picture is older than the network for a moment, in every tab and for every layer."""
    engine.draw()
    for tab in ("settings", "kernels", "maps"):
        inspector.show_tab(tab)
        for uid in ("conv", "dense", "out", "flat"):
            session.select(uid)
            engine.draw()
            session.set_field("conv", "filters", 3)
            session.set_field("conv", "padding", Border(2, 1))
            session.delete("flat") if uid == "dense" else None
            painted(inspector)
            session.undo()
            session.undo()
            if uid == "dense":
                session.undo()


# --- the same place everywhere -------------------------------------------------------------


def test_pointing_at_a_value_marks_its_place_in_all_maps(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    engine.draw()
    inspector.show_tab("maps")
    page = inspector.maps
    inspector.maps.grid.hovered.emit(2, 5, 6, 0.5)
    assert pointed_at(session) == ("conv", 5, 6)
    assert page.grid.spot == (5, 6)
    before = painted(page.grid)
    session.spot.point_at("pool", 1, 1)
    assert page.grid.spot == (2, 2)
    assert not np.array_equal(painted(page.grid), before)
    page.grid.left.emit()
    assert pointed_at(session) is None
    assert page.grid.spot is None


def test_who_points_at_a_map_has_its_input_at_hand(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    engine.draw()
    session.select("pool")
    inspector.show_tab("maps")
    asked = [engine.whole]
    inspector.maps.grid.hovered.emit(0, 1, 1, 0.0)
    asked.append(engine.whole)
    inspector.show_tab("settings")
    asked.append(engine.whole)
    assert asked == [(), ("relu",), ()], "a click asks for its arithmetic next"
