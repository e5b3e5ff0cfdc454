"""Kernels that are painted, taken by name, muted, frozen, ordered, and seen as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from cnnviz.engine.protocol import Study
from cnnviz.engine.protocol.studies import Accuracies
from cnnviz.layers import Conv2d, TransposedConv2d
from cnnviz.stock_kernels import stock
from tests.engine.desk import start_of
from ui.array_export import ArrayExport
from ui.inspector.kernels import kernels_of, place_of
from ui.inspector.kernels_page import MUTED_SLOT, KernelsPage
from ui.inspector.vector_view import MANY_ROWS, VectorRow, VectorView
from ui.widgets.map_painter import Names

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.ui.room import Room


@pytest.fixture
def page(qtbot: QtBot, real_room: Room) -> KernelsPage:
    real_room.session.select("conv")
    owner = QWidget()
    qtbot.addWidget(owner)
    view = KernelsPage(real_room.session, real_room.client, ArrayExport(lambda: None, owner))
    qtbot.addWidget(view)
    view.resize(1240, 240)
    real_room.client.probed.connect(view.show_picture)
    view.show()
    real_room.link.work()
    view.refresh()
    real_room.link.work()
    return view


def weight(room: Room) -> np.ndarray:
    """Of the convolution, as the engine has it."""
    (found,) = [
        v for (uid, name, _), v in room.weights().items() if (uid, name) == ("conv", "weight")
    ]
    return found


def test_a_click_opens_a_kernel_and_escape_closes_it(page: KernelsPage, qtbot: QtBot) -> None:
    assert not page.editor.isVisible()
    page.grid.clicked.emit(1, 0, 0)
    assert page.editor.isVisible()
    assert page.editor.title.text() == "Filter 1, channel 0"
    assert page._kernels is not None
    np.testing.assert_array_equal(page.editor.grid.values, page._kernels[1, 0])
    page.editor.left.emit()
    assert not page.editor.isVisible()


def test_a_kernel_by_name_is_what_the_engine_computes_with(
    page: KernelsPage, real_room: Room
) -> None:
    before, others = weight(real_room).copy(), real_room.answer()
    page.grid.clicked.emit(2, 0, 0)
    page.editor._take_stock("horizontal_edge")
    real_room.link.work()
    now = weight(real_room)
    limit = page.editor.grid.limit
    np.testing.assert_allclose(now[2, 0], stock("horizontal_edge", 5, 5, limit), rtol=1e-6)
    np.testing.assert_array_equal(now[[0, 1]], before[[0, 1]])
    assert real_room.answer() != others
    real_room.session.undo()
    real_room.link.work()
    np.testing.assert_array_equal(weight(real_room), before)
    assert real_room.answer() == others


def test_a_stroke_is_one_step(page: KernelsPage, real_room: Room, qtbot: QtBot) -> None:
    before = weight(real_room).copy()
    page.grid.clicked.emit(0, 0, 0)
    grid = page.editor.grid
    places = [grid.cell_rect(2, column).center().toPoint() for column in range(4)]
    steps = len(real_room.session.steps)
    qtbot.mousePress(grid, Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        # QTest.mouseMove holds no button; the event is made by hand.
        _drag(grid, place)
    qtbot.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=places[-1])
    real_room.link.work()
    now = weight(real_room)
    np.testing.assert_allclose(now[0, 0, 2, :4], grid.limit, rtol=1e-6)
    assert len(real_room.session.steps) == steps + 1
    qtbot.mouseClick(grid, Qt.MouseButton.RightButton, pos=places[0])
    assert len(real_room.session.steps) == steps + 2
    real_room.session.undo()
    real_room.session.undo()
    real_room.link.work()
    np.testing.assert_array_equal(weight(real_room), before)


def test_notches_over_a_cell_are_one_step_unless_undo_came_between(
    page: KernelsPage, real_room: Room
) -> None:
    page.grid.clicked.emit(0, 0, 0)
    grid, session = page.editor.grid, real_room.session
    before, steps = float(grid.values[0, 0]), len(session.steps)
    grid.point_at((0, 0))
    for _ in range(3):
        QTest.keyClick(grid, Qt.Key.Key_Plus)
        real_room.link.work()
    assert float(grid.values[0, 0]) == pytest.approx(before + 0.3 * grid.limit, abs=1e-5)
    assert len(session.steps) == steps + 1
    session.undo()
    assert len(session.steps) == steps
    QTest.keyClick(grid, Qt.Key.Key_Plus)
    assert len(session.steps) == steps + 1, "the state before is left as it was"
    session.undo()
    real_room.link.work()
    assert float(grid.values[0, 0]) == before
    grid.point_at((0, 1))
    QTest.keyClick(grid, Qt.Key.Key_Plus)
    grid.point_at((0, 2))
    QTest.keyClick(grid, Qt.Key.Key_Plus)
    assert len(session.steps) == steps + 2
    QTest.keyClick(grid, Qt.Key.Key_0)
    assert len(session.steps) == steps + 3


def test_a_quick_stroke_loses_no_cell(page: KernelsPage, real_room: Room, qtbot: QtBot) -> None:
    """The window shows all anew after each cell, from a picture that has none of them yet."""
    real_room.session.changed.connect(page.refresh)  # as the inspector does
    before = weight(real_room).copy()
    page.grid.clicked.emit(0, 0, 0)
    grid = page.editor.grid
    places = [grid.cell_rect(2, column).center().toPoint() for column in range(4)]
    qtbot.mousePress(grid, Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        _drag(grid, place)
    qtbot.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=places[-1])
    np.testing.assert_allclose(grid.values[2, :4], grid.limit, rtol=1e-6)
    real_room.link.work()
    np.testing.assert_allclose(weight(real_room)[0, 0, 2, :4], grid.limit, rtol=1e-6)
    np.testing.assert_allclose(grid.values[2, :4], grid.limit, rtol=1e-6)
    qtbot.mouseClick(grid, Qt.MouseButton.RightButton, pos=places[0])
    real_room.session.undo()  # before the engine has answered
    np.testing.assert_allclose(page.editor.grid.values[2, :4], grid.limit, rtol=1e-6)
    real_room.session.undo()
    real_room.link.work()
    np.testing.assert_array_equal(weight(real_room), before)
    np.testing.assert_array_equal(page.editor.grid.values, before[0, 0])
    real_room.train(2)
    np.testing.assert_array_equal(page.editor.grid.values, weight(real_room)[0, 0])


def _drag(grid: object, place: QPoint) -> None:
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication, QWidget

    assert isinstance(grid, QWidget)
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(place),
        QPointF(grid.mapToGlobal(place)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(grid, event)


def test_keys_paint_too(page: KernelsPage, real_room: Room) -> None:
    page.grid.clicked.emit(0, 0, 0)
    grid = page.editor.grid
    before = grid.values.copy()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Plus):
        QTest.keyClick(grid, key)
    row, column = grid._pointed or (0, 0)
    assert grid.values[row, column] == pytest.approx(
        before[row, column] + 0.1 * grid.limit, abs=1e-5
    )
    QTest.keyClick(grid, Qt.Key.Key_0)
    real_room.link.work()
    assert weight(real_room)[0, 0, row, column] == 0


def test_a_muted_filter_is_silent_and_what_it_costs_is_told(
    page: KernelsPage, real_room: Room
) -> None:
    answer = real_room.answer()
    page.grid.clicked.emit(1, 0, 0)
    page.editor.muted.emit(True)
    real_room.link.work()
    picture = real_room.client.picture
    assert picture is not None
    assert not picture.maps["conv"][1].any()
    assert picture.maps["conv"][0].any()
    assert real_room.answer() != answer
    found = real_room.client.studies.newest(MUTED_SLOT)
    assert found is not None
    assert isinstance(found.finding, Accuracies)
    assert "Accuracy without the muted filters" in page.editor.told.text()
    page.editor.muted.emit(False)
    real_room.link.work()
    assert real_room.answer() == answer
    assert not [one for one in real_room.link.to_engine if isinstance(one, Study)]
    real_room.session.muted.toggle("conv", 0)
    real_room.session.delete("conv")
    assert real_room.session.muted.maps == ()


def test_a_filter_is_frozen_as_one_step(page: KernelsPage, real_room: Room) -> None:
    page.grid.clicked.emit(2, 0, 0)
    page.editor.froze.emit(True)
    layer = real_room.session.network.layer("conv")
    assert isinstance(layer, Conv2d)
    assert layer.held == (2,)
    real_room.link.work()
    assert page.editor.freeze.isChecked()
    real_room.session.undo()
    layer = real_room.session.network.layer("conv")
    assert isinstance(layer, Conv2d)
    assert layer.held == ()


def test_orders_keep_the_numbers(page: KernelsPage, real_room: Room) -> None:
    page.choices.orders.set_value("norm")
    page.choices.changed.emit()
    norms = np.linalg.norm(weight(real_room).reshape(3, -1), axis=1)
    order = np.argsort(-norms).tolist()
    assert list(page._order) == order
    assert page.grid.maps is not None
    np.testing.assert_array_equal(page.grid.maps[0], weight(real_room)[order[0], 0])
    assert page.read_map(0, 1, 1, 0.5).startswith(f"filter {order[0]},")
    page.grid.clicked.emit(0, 0, 0)
    assert page.editor.title.text() == f"Filter {order[0]}, channel 0"


def test_they_are_seen_as_they_were_and_how_they_changed(
    page: KernelsPage, real_room: Room
) -> None:
    start = start_of(real_room.session.network, real_room.session.project.seed)
    (began,) = [v for (uid, name, _), v in start.items() if (uid, name) == ("conv", "weight")]
    page.choices.ages.set_value("before")
    page.choices.changed.emit()
    real_room.link.work()
    assert page._kernels is not None
    np.testing.assert_allclose(page._kernels, began, rtol=1e-6)
    page.choices.ages.set_value("change")
    page.choices.changed.emit()
    real_room.link.work()
    np.testing.assert_allclose(page._kernels, weight(real_room) - began, atol=1e-6)
    page.grid.clicked.emit(0, 0, 0)
    assert not page.editor.isVisible(), "only what is there now can be painted"


@pytest.mark.parametrize(
    "layer",
    [
        Conv2d(uid="one", filters=6, groups=2),
        Conv2d(uid="one", filters=3, connections=((0, 1), (2,), (1, 3))),
        TransposedConv2d(uid="one", filters=6, groups=2),
    ],
)
def test_a_place_in_the_grid_is_a_place_in_the_weights(layer: Conv2d | TransposedConv2d) -> None:
    from cnnviz.analysis import analyze
    from cnnviz.network import Input, Network

    network = Network(input=Input(12, 12, 4)).with_layers((layer,))
    row = analyze(network).row("one")
    values = np.random.default_rng(0).normal(size=row.tensors["weight"]).astype(np.float32)
    found = kernels_of(row, values)
    assert found is not None
    for filter_ in range(found.values.shape[0]):
        for channel in range(found.values.shape[1]):
            place = place_of(row, filter_, channel)
            if place is None:
                assert not found.values[filter_, channel].any()
            else:
                np.testing.assert_array_equal(found.values[filter_, channel], values[place])


def test_orders_and_marks_of_one_layer_are_none_of_another(
    page: KernelsPage, real_room: Room
) -> None:
    page.choices.orders.set_value("norm")
    real_room.session.muted.toggle("conv", 2)
    page.choices.changed.emit()
    assert page.grid.names.order
    dense = next(layer.uid for layer in real_room.session.network.layers if layer.kind == "dense")
    real_room.session.select(dense)
    page.refresh()
    assert page.grid.names == Names()


def test_many_vectors_have_their_indices_above_the_first(qtbot: QtBot) -> None:
    view = VectorView()
    qtbot.addWidget(view)
    view.resize(600, 300)
    view.show()
    rows = [VectorRow(f"unit {n}", np.ones(8, np.float32), 1.0) for n in range(MANY_ROWS + 1)]
    view.set_rows(rows)
    tops = [lines.rect(0).top() for lines in view._lines]
    steps = np.diff(tops)
    assert len(set(steps.tolist())) == 1  # nothing between the first and the second
    assert tops[0] > steps[0] / 2  # what stands above
    heard: list[tuple[int, int]] = []
    view.clicked.connect(lambda *cell: heard.append(cell))
    for place in (*(view._lines[row].rect(3).center() for row in (0, 1)), QPoint(80, 3)):
        qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert heard == [(0, 3), (1, 3)]


@pytest.mark.parametrize(("count", "width"), [(64, 560), (64, 420), (400, 600), (3, 600)])
def test_a_vector_that_takes_several_lines_fills_them_alike(
    qtbot: QtBot, count: int, width: int
) -> None:
    view = VectorView()
    qtbot.addWidget(view)
    view.resize(width, 300)
    view.show()
    view.set_rows([VectorRow("", np.ones(count, np.float32), 1.0)])
    places = [view._lines[0].rect(index) for index in range(count)]
    lines = [sum(place.top() == top for place in places) for top in {p.top() for p in places}]
    assert max(lines) - min(lines) < len(lines)
    assert max(place.right() for place in places) <= view.viewport().width()
