"""The canvas by mouse: wheel, dragging the paper, and layers that are dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import (
    QDrag,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cnnviz.layers import Activation, BatchNorm, Branches, Conv2d, Dense
from cnnviz.network import INPUT_UID, Network, Place
from tests.ui.canvas.support import (
    SMALL,
    drag_over,
    long_network,
    session_of,
    uids,
)
from ui.canvas.canvas import Canvas
from ui.canvas.carried import MIME_TYPE, encode
from ui.canvas.whereabouts import card_center, gap_center

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData
    from pytestqt.qtbot import QtBot

    from tests.ui.canvas.support import Made


def wheel(canvas: Canvas, at: QPoint, turn: int, modifiers: Qt.KeyboardModifier) -> None:
    event = QWheelEvent(
        QPointF(at),
        QPointF(canvas.viewport().mapToGlobal(at)),
        QPoint(),
        QPoint(0, turn),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas.viewport(), event)


def test_the_wheel_scrolls_sideways_and_zooms_to_the_pointer(made: Made) -> None:
    canvas = made(long_network())[1]
    bar = canvas.horizontalScrollBar()
    at = QPoint(450, 200)
    wheel(canvas, at, -360, Qt.KeyboardModifier.NoModifier)
    assert bar.value() == 360
    under = canvas.mapToScene(at).x()
    for _ in range(3):
        wheel(canvas, at, 120, Qt.KeyboardModifier.ControlModifier)
        assert canvas.mapToScene(at).x() == pytest.approx(under, abs=2)
    for _ in range(20):
        wheel(canvas, at, 120, Qt.KeyboardModifier.ControlModifier)
    assert canvas.zoom == 3
    for _ in range(40):
        wheel(canvas, at, -120, Qt.KeyboardModifier.ControlModifier)
    assert canvas.zoom == 0.01


def test_the_middle_button_drags_the_paper(made: Made) -> None:
    canvas = made(long_network())[1]
    view, middle = canvas.viewport(), Qt.MouseButton.MiddleButton
    QTest.mousePress(view, middle, Qt.KeyboardModifier.NoModifier, QPoint(500, 100))
    QTest.mouseMove(view, QPoint(380, 110))
    assert canvas.horizontalScrollBar().value() == 120
    QTest.mouseRelease(view, middle, Qt.KeyboardModifier.NoModifier, QPoint(380, 110))
    QTest.mouseMove(view, QPoint(200, 110))
    assert canvas.horizontalScrollBar().value() == 120


@pytest.mark.parametrize("count", [9, 40])
def test_fit_shows_the_whole_row(made: Made, count: int) -> None:
    """Also of a deep network in the narrow canvas that a small screen leaves."""
    network = Network(layers=tuple(Conv2d(padding="same") for _ in range(count)))
    session, canvas = made(network, width=770)
    canvas.fit()
    view = canvas.viewport().rect()
    assert canvas.zoom < 1
    for layer in session.network.layers:
        assert view.contains(canvas.viewport().mapFromGlobal(card_center(canvas, layer.uid)))


@pytest.mark.parametrize("height", [300, 600])
def test_fit_leaves_room_for_a_problem_in_words(made: Made, height: int) -> None:
    convolutions = (Conv2d(padding="same") for _ in range(6))
    network = Network(layers=(*convolutions, Dense(units=10), Dense(units=3)))
    session, canvas = made(network, height=height)
    canvas.fit()
    view = canvas.viewport().rect()
    assert view.contains(canvas.bubble.geometry())
    for layer in session.network.layers:
        assert view.contains(canvas.viewport().mapFromGlobal(card_center(canvas, layer.uid)))


@pytest.mark.parametrize("zoom", [0.3, 1.0, 3.0])
def test_fit_shows_all_from_wherever_one_looked(made: Made, zoom: float) -> None:
    """A block with two problems, one of them in words, and a long row behind it."""
    first = Conv2d(filters=8, groups=3), Activation()
    second = Conv2d(filters=12, groups=5), Activation(), Conv2d(padding="same"), Activation()
    block = Branches(uid="block", merge="concat", branches=(first, second))
    network = Network(layers=(block, *(Conv2d(padding="same") for _ in range(10))))
    session, canvas = made(network, width=716, height=320)
    session.select("block")
    canvas.set_zoom(zoom)
    canvas.fit()
    assert canvas.bubble.isVisible()
    assert canvas.sceneRect().width() * canvas.zoom == pytest.approx(716, abs=1)


def test_only_what_is_moved_stands_back(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """With Ctrl, which may come and go while the mouse is on its way, it is copied."""
    session, canvas = made(SMALL)
    there: list[bool] = []

    def on_the_way(drag: QDrag, *_: object) -> None:
        for action in (Qt.DropAction.MoveAction, Qt.DropAction.CopyAction) * 2:
            event = QDragMoveEvent(
                QPoint(300, 200),
                action,
                drag.mimeData(),
                Qt.MouseButton.LeftButton,
                Qt.KeyboardModifier.NoModifier,
            )
            monkeypatch.setattr(event, "source", canvas.viewport)
            canvas._dragging.enter(event)
            there.append(canvas.card("relu").opacity() == 1)

    monkeypatch.setattr(QDrag, "exec", on_the_way)
    session.select("relu")
    dragging = canvas._dragging
    dragging.press("relu", QPoint(0, 0))
    dragging.move(QPoint(100, 0))
    assert there == [False, True, False, True]
    assert canvas.card("relu").opacity() == 1


def test_the_selected_card_is_scrolled_into_sight(made: Made) -> None:
    session, canvas = made(long_network())
    session.select(session.network.layers[-1].uid)
    at = canvas.viewport().mapFromGlobal(card_center(canvas, session.selection))
    assert canvas.viewport().rect().contains(at)


def drop(canvas: Canvas, data: QMimeData, at: QPoint) -> QDropEvent:
    event = QDropEvent(
        QPointF(at),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    canvas.dropEvent(event)
    return event


def test_a_layer_lands_in_the_gap_that_opened(canvas: Canvas) -> None:
    session = session_of(canvas)
    for index in range(len(session.network.layers) + 1):
        before = uids(session)
        at = canvas.viewport().mapFromGlobal(gap_center(canvas, index))
        data = encode(BatchNorm())
        assert drag_over(canvas, data, at).isAccepted()
        canvas._arrange(animated=False)
        assert canvas._landing.isVisible()
        landing = canvas._landing.sceneBoundingRect()
        cards = [canvas.card(uid) for uid in (INPUT_UID, *before)]
        assert not any(
            landing.intersects(card.mapRectToScene(card.shape().boundingRect())) for card in cards
        )
        drop(canvas, data, at)
        assert not canvas._landing.isVisible()
        assert session.network.layers[index].kind == "batch_norm"
        assert session.selection == session.network.layers[index].uid
        session.undo()
        assert uids(session) == before


def test_a_drag_that_leaves_changes_nothing(canvas: Canvas) -> None:
    before = session_of(canvas).network
    at = canvas.viewport().mapFromGlobal(gap_center(canvas, 2))
    drag_over(canvas, encode(BatchNorm()), at)
    canvas.dragLeaveEvent(QDragLeaveEvent())
    canvas._arrange(animated=False)
    assert not canvas._landing.isVisible()
    assert session_of(canvas).network is before
    assert canvas.card("pool").x() == canvas.arrangement.boxes["pool"].left


def test_foreign_data_are_refused(canvas: Canvas) -> None:
    before = session_of(canvas).network
    data = encode(BatchNorm())
    data.setData(MIME_TYPE, b'{"layers": [{"type": "conv2d", "filters": -1}]}')
    at = canvas.viewport().mapFromGlobal(gap_center(canvas, 2))
    assert not drag_over(canvas, data, at).isAccepted()
    assert not canvas._landing.isVisible()
    assert not drop(canvas, data, at).isAccepted()
    assert session_of(canvas).network is before


def test_a_depthwise_convolution_fits_where_it_lands(canvas: Canvas) -> None:
    session = session_of(canvas)
    data = encode(block="depthwise")
    at = canvas.viewport().mapFromGlobal(gap_center(canvas, 1))
    drag_over(canvas, data, at)
    drop(canvas, data, at)
    landed = session.network.layers[1]
    assert isinstance(landed, Conv2d)
    assert (landed.groups, landed.filters) == (8, 8)
    assert session.report.problem is None


def test_near_the_edge_the_row_scrolls_under_a_drag(qtbot: QtBot, made: Made) -> None:
    canvas = made(long_network())[1]
    bar = canvas.horizontalScrollBar()
    drag_over(canvas, encode(BatchNorm()), QPoint(canvas.viewport().width() - 4, 100))
    qtbot.waitUntil(lambda: bar.value() > 100)
    canvas.dragLeaveEvent(QDragLeaveEvent())
    value = bar.value()
    qtbot.wait(60)
    assert bar.value() == value


def test_without_motion_cards_are_there_at_once(
    canvas: Canvas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.canvas.motion.duration", lambda milliseconds: 0)
    canvas.open_gap(Place(0), 100, 100)
    assert canvas.card("conv").x() > canvas.arrangement.boxes["conv"].left + 100
