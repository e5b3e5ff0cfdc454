"""Blocks on the canvas: lanes, folding, keys, the mouse, and layers that are dragged into them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QHelpEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolTip

from cnnviz.layers import Activation, BatchNorm, Branches, Conv2d, Dense, Flatten
from cnnviz.network import INPUT_UID, Network, Place
from cnnviz.project import Project
from tests.ui.canvas.support import canvas_of, drag_over, picture_of, show
from tests.ui.rearranging import EDITS, NESTED, do, present
from ui.canvas.canvas import Canvas
from ui.canvas.card import Card
from ui.canvas.carried import encode
from ui.canvas.dragging import UNFOLDS_MS
from ui.canvas.lanes import FOLD, TITLE
from ui.canvas.roster import LONG
from ui.canvas.whereabouts import card_center, gap_center, title_center

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.ui.canvas.support import Made
    from ui.session import Session

NONE = Qt.KeyboardModifier.NoModifier
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def nested(made: Made) -> tuple[Session, Canvas]:
    session, canvas = made(NESTED, width=1800, height=600)
    canvas.setFocus()
    return session, canvas


def press(canvas: Canvas, *keys: str) -> None:
    canvas.activateWindow()
    canvas.setFocus()
    for key in keys:
        QTest.keySequence(canvas, key)


def at(canvas: Canvas, place: QPoint) -> QPoint:
    return canvas.viewport().mapFromGlobal(place)


def chosen(session: Session) -> tuple[str, ...]:
    return session.selected


def click(canvas: Canvas, uid: str, held: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(canvas.viewport(), LEFT, held, at(canvas, card_center(canvas, uid)))


# --- what is shown ----------------------------------------------------------------------------


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EDITS)
def test_every_layer_has_its_card_and_every_block_its_frame(
    qtbot: QtBot, edits: list[tuple[str, list[int], int]]
) -> None:
    session, canvas = canvas_of(NESTED, 2600, 700)
    try:
        for edit in edits:
            do(session, *edit)
            show(canvas, picture_of(session.report))
            canvas._arrange(animated=False)
            rows = {row.layer.uid: row for row in session.report.rows}
            assert set(canvas.arrangement.boxes) == {INPUT_UID, *rows}
            blocks = {u for u, row in rows.items() if isinstance(row.layer, Branches)}
            assert set(canvas.arrangement.frames) == blocks
            items = [item for item in canvas.scene().items() if isinstance(item, Card)]
            assert len({item.uid for item in items}) == len(items)
            for item in items:
                box = canvas.arrangement.boxes[item.uid]
                assert (item.x(), item.y()) == (box.left, box.top)
                assert (item.width, item.height) == (box.width, box.height)
                row = rows.get(item.uid)
                if row is not None:
                    assert (item.content.status == "problem") == (row.problem is not None)
    finally:
        canvas.close()
        canvas.deleteLater()


def test_of_two_cards_in_lanes_the_lower_is_in_front_whichever_came_first(made: Made) -> None:
    session, canvas = made(NESTED, 1200, 600)
    session.move("first", Place(0, "outer", 2))  # below one that was made later
    _, fresh = made(session.network, 1200, 600)
    for view in (canvas, fresh):
        view._session.select("first")
        view._arrange(animated=False)
        for bar in (view.horizontalScrollBar(), view.verticalScrollBar()):
            bar.setValue(bar.minimum())
    assert canvas.card("first").zValue() > canvas.card("d").zValue()
    assert canvas.grab().toImage() == fresh.grab().toImage()


def test_cards_in_lanes_show_maps_and_numbers(nested: tuple[Session, Canvas]) -> None:
    session, canvas = nested
    show(canvas, picture_of(session.report))
    canvas.grab()
    for uid in ("a", "c", "d", "inner", "outer"):
        assert canvas.card(uid).picture.ready, uid
    assert canvas.card("a").height < canvas.card("first").height
    outer = canvas.card("outer").content
    assert (outer.name, outer.result) == ("Concat", "26×26×24")
    assert canvas.arrangement.frames["outer"].box.right < canvas.arrangement.boxes["outer"].left


def test_one_branch_may_be_broken_while_the_others_live(made: Made) -> None:
    session, canvas = made(NESTED, width=1800, height=600)
    session.insert([Dense()], Place(0, "inner", 0))
    broken = session.selection
    assert canvas.card(broken).content.status == "problem"
    assert canvas.card("d").content.status == "live"
    assert canvas.card("outer").content.status == "waiting"
    assert canvas.bubble.isVisible()
    bubble = canvas.bubble.geometry()
    for uid, box in canvas.arrangement.boxes.items():
        corner = canvas.mapFromScene(QPointF(box.left, box.top))
        card = QPoint(int(corner.x() + box.width / 2), int(corner.y() + box.height / 2))
        assert not bubble.contains(card), uid


def test_of_several_problems_that_of_the_selection_is_explained(
    nested: tuple[Session, Canvas],
) -> None:
    session, canvas = nested
    session.insert([Dense(uid="x")], Place(0, "inner", 0))
    first = session.selection
    session.insert([Dense(units=3)], Place(0, "outer", 2))
    second = session.selection
    assert [trouble.uid for trouble in session.report.problems] == [first, second]
    assert canvas.bubble.problem == session.report.row(second).problem
    session.select(first)
    assert canvas.bubble.problem == session.report.row(first).problem
    session.select(second)
    session.select("pool")
    assert canvas.bubble.problem == session.report.problem


def test_places_are_told_in_words(nested: tuple[Session, Canvas]) -> None:
    session, canvas = nested
    session.select("b")
    said = canvas.accessibleDescription()
    assert said.endswith("branch 1 of 2, layer 2 of 2 in Inner")
    session.select("outer")
    said = canvas.accessibleDescription()
    inside = sum(
        session.report.row(uid).parameter_count or 0 for uid in session.network.inside("outer")
    )
    assert inside > 0
    told = f"Inception · concat 3 branches, output 26×26×24, {inside:,} parameters"
    assert said.startswith(told)
    assert said.endswith("2 of 5")
    session.select("a", "pool")
    assert canvas.accessibleDescription().startswith("2 selected: ")


# --- folding ----------------------------------------------------------------------------------


def test_a_block_is_folded_and_unfolded(nested: tuple[Session, Canvas]) -> None:
    session, canvas = nested
    session.select("a")
    press(canvas, "Space")
    assert canvas.is_folded("inner")
    assert session.selection == "inner"
    assert "a" not in canvas.arrangement.boxes
    content = canvas.card("inner").content
    assert (content.name, content.folded, content.note) == ("Inner", True, "148 params")
    press(canvas, "Space")
    assert "a" in canvas.arrangement.boxes
    QTest.mouseDClick(canvas.viewport(), LEFT, NONE, at(canvas, title_center(canvas, "outer")))
    assert set(canvas.arrangement.boxes) == {INPUT_UID, "first", "outer", "pool", "flat", "out"}
    QTest.mouseDClick(canvas.viewport(), LEFT, NONE, at(canvas, card_center(canvas, "outer")))
    assert "a" in canvas.arrangement.boxes


def test_a_press_at_the_end_of_the_title_folds(nested: tuple[Session, Canvas]) -> None:
    session, canvas = nested
    frame = canvas.arrangement.frames["inner"].box
    point = canvas.mapFromScene(frame.right - FOLD / 2, frame.top + TITLE / 2)
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, point)
    assert canvas.is_folded("inner")
    assert not canvas.is_folded("outer")
    card = canvas.arrangement.boxes["inner"]
    point = canvas.mapFromScene(card.right - FOLD / 2, card.top + TITLE / 2)
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, point)
    assert not canvas.is_folded("inner")
    assert session.network == NESTED


def test_far_away_a_tool_tip_tells_what_cannot_be_read(nested: tuple[Session, Canvas]) -> None:
    _, canvas = nested
    tips = {}
    for zoom in (1.0, 0.3):
        canvas.set_zoom(zoom)
        place = at(canvas, card_center(canvas, "d"))
        event = QHelpEvent(QEvent.Type.ToolTip, place, card_center(canvas, "d"))
        QApplication.sendEvent(canvas.viewport(), event)
        tips[zoom] = QToolTip.text()
    assert tips == {1.0: "", 0.3: "Batch norm\n26×26×8"}
    QToolTip.hideText()


def test_what_is_selected_in_a_folded_block_unfolds_it(nested: tuple[Session, Canvas]) -> None:
    session, canvas = nested
    canvas.fold_all()
    assert set(canvas.arrangement.frames) == set()
    session.select("a")
    assert {"outer", "inner"} == set(canvas.arrangement.frames)


def test_a_folded_block_tells_of_a_problem_in_it(nested: tuple[Session, Canvas]) -> None:
    session, canvas = nested
    canvas.fold_all()
    session.select("pool")
    session.edit(
        session.network.insert(Place(0, "inner", 0), Dense(uid="x")), NESTED.layers[0].name
    )
    assert canvas.card("outer").content.status == "problem"
    assert canvas.bubble.isVisible()
    session.undo()
    assert canvas.card("outer").content.status == "live"


def test_long_networks_begin_folded(made: Made) -> None:
    block = NESTED.layers[1]
    many = (Conv2d(filters=8), *(block for _ in range(LONG // 5)), Flatten(), Dense(units=10))
    session, canvas = made(Network(layers=many))
    assert len(present(session)) > LONG
    assert len(canvas.arrangement.boxes) == len(many) + 1
    canvas.unfold_all()
    assert len(canvas.arrangement.boxes) == len(present(session)) + 1


# --- keys -------------------------------------------------------------------------------------


def test_arrows_go_along_and_across_lanes(nested: tuple[Session, Canvas]) -> None:
    session, canvas = nested
    session.select("first")
    way = []
    keys = "Right Right Right Down Down Down Up Up Escape Escape Left"
    for key in keys.split():
        press(canvas, key)
        way.append(session.empty_branch or session.selection)
    within, last = Place(0, "inner", 1), Place(0, "outer", 2)
    assert way == ["c", "a", "b", within, "d", last, "d", "c", "outer", "outer", "inner"]


def test_a_card_is_moved_through_the_block_by_keys(nested: tuple[Session, Canvas]) -> None:
    session, canvas = nested
    session.select("pool")
    seen = []
    for key in ("Alt+Shift+Left", "Alt+Down", "Alt+Down", "Alt+Right"):
        press(canvas, key)
        place = session.network.place("pool")
        seen.append((place.block, place.branch, place.index))
    assert seen == [("outer", 0, 2), ("outer", 1, 1), ("outer", 2, 0), ("", 0, 2)]
    assert session.selection == "pool"
    for _ in seen:
        session.undo()
    assert session.network == NESTED


def test_blocks_are_made_and_changed_by_keys(nested: tuple[Session, Canvas]) -> None:
    session, canvas = nested
    session.select("d")
    press(canvas, "Ctrl+G")
    block = session.selection
    assert session.network.chain(block, 0)[0].uid == "d"
    press(canvas, "Ctrl+B")
    assert len(session.network.layer(block).branches) == 3  # type: ignore[attr-defined]
    press(canvas, "Ctrl+Shift+B", "Ctrl+Shift+B", "Ctrl+Shift+B")
    assert session.network.layer(block).branches == (session.network.chain(block),)  # type: ignore[attr-defined]
    press(canvas, "Ctrl+Shift+G")
    assert session.network == NESTED


def test_several_are_copied_as_text_and_pasted(nested: tuple[Session, Canvas]) -> None:
    session, canvas = nested
    session.select("a")
    press(canvas, "Shift+Right", "Ctrl+X")
    assert session.network.chain("inner") == ()
    assert "conv2d" in QGuiApplication.clipboard().text()
    session.select("pool")
    press(canvas, "Ctrl+V")
    assert [n.kind for n in session.network.layers[2:5]] == ["max_pool", "conv2d", "activation"]
    press(canvas, "Ctrl+A", "Ctrl+C", "Del")
    assert session.network.layers == ()
    press(canvas, "Ctrl+V")
    assert len(session.network.layers) == 7


def test_what_cannot_be_pasted_is_told(qtbot: QtBot, nested: tuple[Session, Canvas]) -> None:
    session, canvas = nested
    QGuiApplication.clipboard().setText("a shopping list")
    with qtbot.waitSignal(canvas.refused) as told:
        press(canvas, "Ctrl+V")
    assert "holds no network" in str(told.args[0])
    assert session.network == NESTED


# --- the mouse --------------------------------------------------------------------------------


def test_clicks_select_one_or_several(nested: tuple[Session, Canvas]) -> None:
    session, canvas = nested
    click(canvas, "a")
    click(canvas, "d", CTRL)
    assert session.selection == "d"
    assert chosen(session) == ("a", "d")
    click(canvas, "a", CTRL)
    assert chosen(session) == ("d",)
    click(canvas, "pool")
    click(canvas, "out", SHIFT)
    assert chosen(session) == ("pool", "flat", "out")
    click(canvas, "flat")
    assert chosen(session) == ("flat",)
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, at(canvas, title_center(canvas, "inner")))
    assert session.selection == "inner"


def test_shift_extends_across_branches_from_where_it_began(nested: tuple[Session, Canvas]) -> None:
    session, canvas = nested
    click(canvas, "a")
    click(canvas, "d", SHIFT)
    assert chosen(session) == ("a", "b", "d")
    click(canvas, "b", SHIFT)
    assert chosen(session) == ("a", "b")
    click(canvas, "first", SHIFT)
    assert session.selection == "first"
    assert chosen(session) == ("first", "c", "a")
    click(canvas, "b")
    click(canvas, "d", SHIFT)
    assert chosen(session) == ("b", "d")
    click(canvas, "flat", SHIFT)
    assert chosen(session) == ("b", "d", "pool", "flat")


def test_a_band_selects_what_it_meets(nested: tuple[Session, Canvas]) -> None:
    session, canvas = nested
    boxes, view = canvas.arrangement.boxes, canvas.viewport()
    start = canvas.mapFromScene(boxes["pool"].left - 8, boxes["pool"].top - 12)
    end = canvas.mapFromScene(boxes["flat"].left + 5, 0)
    QTest.mousePress(view, LEFT, NONE, start)
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, LEFT, NONE, end)
    assert chosen(session) == ("pool", "flat")


def test_a_layer_is_dropped_into_each_place(nested: tuple[Session, Canvas]) -> None:
    session, canvas = nested
    data = encode(BatchNorm())
    for place in canvas.arrangement.places():
        point = at(canvas, gap_center(canvas, place))
        assert drag_over(canvas, data, point).isAccepted()
        assert canvas.open_place == place
        canvas.grab()
        event = QDropEvent(QPointF(point), Qt.DropAction.CopyAction, data, LEFT, NONE)
        canvas.dropEvent(event)
        assert not canvas._landing.isVisible()
        chain = session.network.chain(place.block, place.branch)
        assert chain[place.index].kind == "batch_norm"
        session.undo()
    assert session.network == NESTED


def test_a_block_is_dropped_with_new_uids(nested: tuple[Session, Canvas]) -> None:
    session, canvas = nested
    data = encode(NESTED.layers[1], Activation(uid="b"))
    point = at(canvas, gap_center(canvas, Place(0, "inner", 1)))
    drag_over(canvas, data, point)
    canvas.dropEvent(QDropEvent(QPointF(point), Qt.DropAction.CopyAction, data, LEFT, NONE))
    assert [n.kind for n in session.network.chain("inner", 1)] == ["branches", "activation"]
    uids = present(session)
    assert len(set(uids)) == len(uids) == 10 + 7


def test_a_folded_block_opens_for_what_is_held_over_it(
    qtbot: QtBot, nested: tuple[Session, Canvas]
) -> None:
    session, canvas = nested
    canvas.fold_all()
    data = encode(BatchNorm())
    card = canvas.arrangement.boxes["outer"]
    drag_over(canvas, data, canvas.mapFromScene(card.middle - 5, 0))
    canvas.dragLeaveEvent(QDragLeaveEvent())
    qtbot.wait(UNFOLDS_MS + 100)
    assert canvas.is_folded("outer"), "it has gone on before"
    drag_over(canvas, data, canvas.mapFromScene(card.middle - 5, 0))
    qtbot.waitUntil(lambda: not canvas.is_folded("outer"))
    point = at(canvas, gap_center(canvas, Place(0, "outer", 2)))
    drag_over(canvas, data, point)
    canvas.dropEvent(QDropEvent(QPointF(point), Qt.DropAction.CopyAction, data, LEFT, NONE))
    assert [n.kind for n in session.network.chain("outer", 2)] == ["batch_norm"]


def test_the_menu_of_a_gap_inserts_there(nested: tuple[Session, Canvas]) -> None:
    session, canvas = nested
    lane = canvas.arrangement.frames["outer"].lanes[2]
    point = canvas.mapFromScene(lane.start + 20, lane.axis)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, QPoint(5, 5))
    canvas.contextMenuEvent(event)
    menu = next(child for child in canvas.findChildren(QMenu) if child.isVisible())
    insert = menu.actions()[0].menu()
    assert isinstance(insert, QMenu)
    next(action for action in insert.actions() if action.text() == "Dropout").trigger()
    assert [n.kind for n in session.network.chain("outer", 2)] == ["dropout"]
    remove = next(action for action in menu.actions() if action.text() == "Remove the branch")
    remove.trigger()
    assert len(session.network.layer("outer").branches) == 2  # type: ignore[attr-defined]
    menu.close()


# --- far away ---------------------------------------------------------------------------------


@pytest.mark.parametrize("zoom", [0.4, 0.15])
def test_from_far_away_the_network_is_a_sketch(nested: tuple[Session, Canvas], zoom: float) -> None:
    session, canvas = nested
    canvas.set_zoom(zoom)
    session.select("pool")
    image = canvas.viewport().grab().toImage()
    assert not [item for item in canvas.scene().items() if isinstance(item, Card)]
    assert canvas.uid_at(at(canvas, card_center(canvas, "d"))) == "d"
    middle = at(canvas, card_center(canvas, "d")) - QPoint(0, 2)
    beside = at(canvas, card_center(canvas, "first"))
    assert image.pixelColor(middle) != image.pixelColor(beside), "kinds have a colour each"
    canvas.set_zoom(1)
    assert [item for item in canvas.scene().items() if isinstance(item, Card)]


def test_only_cards_near_the_view_are_made(made: Made) -> None:
    session, canvas = made(Network(layers=tuple(BatchNorm() for _ in range(300))), width=900)
    cards = [item for item in canvas.scene().items() if isinstance(item, Card)]
    assert len(cards) < 30
    last = session.network.layers[-2].uid
    session.select(last)
    assert canvas.card(last).isVisible()
    bar = canvas.horizontalScrollBar()
    for value in range(bar.maximum(), 0, -200):
        bar.setValue(value)
    cards = [item for item in canvas.scene().items() if isinstance(item, Card)]
    assert len(cards) < 60


def test_a_long_network_may_be_opened_and_folded_from_anywhere(made: Made) -> None:
    """While the view scrolls, what it shows is the network before."""
    block = NESTED.layers[1]
    many = (Conv2d(filters=8), *(block for _ in range(LONG // 5)), Flatten(), Dense(units=10))
    session, canvas = made(Network(layers=many))
    canvas.unfold_all()
    session.select(session.network.layers[-1].uid)
    canvas.fold_all()
    canvas.unfold_all()
    session.open(Project(NESTED), {}, None)
    session.select("out")
    session.open(Project(Network(layers=many)), {}, None)
    session.undo()
    assert canvas.card(session.selection).isVisible()
