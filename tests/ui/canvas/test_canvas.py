"""The canvas follows the session, and the session follows the canvas."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragLeaveEvent,
    QDropEvent,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QWidget

from cnnviz.layers import Activation, BatchNorm, Branches, Conv2d, Dense, Flatten, MaxPool, Size
from cnnviz.message import Message
from cnnviz.network import INPUT_UID, Input, Network, Place
from cnnviz.preparation import Preparation
from tests.ui.canvas.support import SMALL, canvas_of, drag_over, picture_of, show
from ui.canvas.canvas import Canvas
from ui.canvas.card import Card
from ui.canvas.carried import MIME_TYPE, encode
from ui.canvas.whereabouts import card_center, fix_center, gap_center
from ui.i18n import language
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData
    from pytestqt.qtbot import QtBot

    from tests.ui.canvas.support import Made
    from ui.session import Session

TOO_LARGE = Network(
    layers=(
        Conv2d(uid="one", filters=8, kernel=Size(5, 5)),
        Conv2d(uid="two", kernel=Size(30, 30)),
        Flatten(uid="flat"),
        Dense(uid="out", units=10),
    )
)


@pytest.fixture
def canvas(made: Made) -> Canvas:
    return made(SMALL)[1]


def long_network() -> Network:
    """Twenty layers, which no view shows at once."""
    layers = [Conv2d(padding="same") for _ in range(18)]
    return Network(layers=(*layers, Flatten(), Dense(units=10)))


def session_of(canvas: Canvas) -> Session:
    return canvas._session


# --- structure --------------------------------------------------------------------------------

EDITS = st.lists(
    st.tuples(
        st.sampled_from(["insert", "delete", "move", "duplicate", "filters", "undo", "redo"]),
        st.integers(0, 99),
        st.integers(0, 99),
    ),
    max_size=15,
)
KINDS = (Conv2d(), MaxPool(), Flatten(), Dense(units=10), Activation(), BatchNorm())


def do(session: Session, edit: str, first: int, second: int) -> None:
    layers = session.network.layers
    if edit == "insert":
        session.insert([KINDS[first % len(KINDS)]], second % (len(layers) + 1))
    elif edit == "undo":
        session.undo()
    elif edit == "redo":
        session.redo()
    elif layers:
        layer = layers[first % len(layers)]
        if edit == "delete":
            session.delete(layer.uid)
        elif edit == "move":
            session.move(layer.uid, second % (len(layers) + 1))
        elif edit == "duplicate":
            session.duplicate(layer.uid)
        elif isinstance(layer, Conv2d):
            session.set_field(layer.uid, "filters", second + 1)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EDITS)
def test_the_cards_are_the_layers(qtbot: QtBot, edits: list[tuple[str, int, int]]) -> None:
    session, canvas = canvas_of(SMALL)
    try:
        known: dict[str, Card] = {}
        for edit in edits:
            do(session, *edit)
            show(canvas, picture_of(session.report))
            rows = session.report.rows
            cards = [canvas.card(row.layer.uid) for row in rows]
            on_scene = [item for item in canvas.scene().items() if isinstance(item, Card)]
            assert Counter(map(id, on_scene)) == Counter(map(id, [canvas.card(INPUT_UID), *cards]))
            for row, card in zip(rows, cards, strict=True):
                assert known.get(row.layer.uid, card) is card, "a layer keeps its card"
                assert card.content.detail == row.layer.detail
                statuses = {"problem": row.problem is not None, "waiting": row.waiting}
                assert statuses.get(card.content.status, row.output is not None)
            known = {row.layer.uid: card for row, card in zip(rows, cards, strict=True)}
            canvas._arrange(animated=False)
            everything = [canvas.card(INPUT_UID), *cards]
            for one, following in itertools.pairwise(everything):
                assert one.x() + one.width < following.x(), "cards stand in the order of the layers"
            # In the middle, at whole pixels: a card of an odd height is half of one beside it.
            assert all(abs(card.y() + card.height / 2) <= 0.5 for card in everything)
    finally:
        canvas.close()
        canvas.deleteLater()


def test_an_edit_touches_only_the_cards_that_differ(
    canvas: Canvas, monkeypatch: pytest.MonkeyPatch
) -> None:
    touched: list[str] = []
    restyle = Card.restyle

    def note(card: Card) -> None:
        touched.append(card.uid)
        restyle(card)

    monkeypatch.setattr(Card, "restyle", note)
    session_of(canvas).set_field("out", "bias", False)
    assert touched == ["out"]
    touched.clear()
    session_of(canvas).set_field("conv", "bias", False)
    assert touched == ["conv"]
    touched.clear()
    session_of(canvas).set_field("conv", "filters", 9)
    assert touched == ["conv", "relu", "pool", "flat", "out"]
    touched.clear()
    session_of(canvas).move("relu", 3)
    assert "conv" not in touched


def test_texts_of_a_card(made: Made) -> None:
    session, canvas = made(TOO_LARGE)
    content = canvas.card("one").content
    assert (content.name, content.detail) == ("Conv", "5×5 · 8")
    assert (content.result, content.note) == ("24×24×8", "208 params")
    assert canvas.card("two").content.result == "does not fit"
    assert canvas.card("out").content.result == "waiting"
    shown = canvas.card(INPUT_UID).content
    assert (shown.title, shown.result, shown.note) == ("Input MNIST", "28×28×1", "0–1")
    session.set_input(Input(32, 32, 1))
    assert canvas.card(INPUT_UID).content.result == "32×32×1"


def test_the_input_says_which_values_the_network_sees(made: Made) -> None:
    session, canvas = made(SMALL)
    for scaling, words in (("two_deviations", "−1 … 1"), ("standardised", "−0.424 … 2.82")):
        how = msgspec.convert({"scaling": scaling}, Preparation)
        session.set_preparation(how, Message("Values"))
        assert canvas.card(INPUT_UID).content.note == words


def test_the_last_card_names_the_classes_of_its_values(made: Made) -> None:
    session, canvas = made(Network(layers=(Flatten(), Dense(uid="out", units=10))))
    classes = session.dataset.classes
    assert canvas.card("out").labels == classes
    labelled = canvas.grab().toImage()
    session.select("out")
    session.insert([Activation(function="softmax")])
    assert canvas.card("out").labels == ()
    assert canvas.card(session.selection).labels == classes
    session.undo()
    assert canvas.card("out").labels == classes
    session.set_field("out", "units", 9)
    assert canvas.card("out").labels == ()
    assert canvas.grab().toImage() != labelled


def test_language_and_theme_change_live(canvas: Canvas, monkeypatch: pytest.MonkeyPatch) -> None:
    width = canvas.card("conv").width
    theme.set_scale(1.5)
    assert canvas.card("conv").width == pytest.approx(1.5 * width, rel=0.05)
    canvas.grab()
    theme.set_mode("dark")
    ground = canvas.grab().toImage().pixelColor(2, 2).name()
    assert ground == theme.colors.canvas
    words = {"Conv": "卷积", "Duplicate": "复制", "{n:,} params": "{n:,} 个参数", "Network": "网络"}
    monkeypatch.setattr("ui.i18n._catalogue", lambda code: words)
    language.set("zh_CN")
    content = canvas.card("conv").content
    assert (content.name, content.note) == ("卷积", "208 个参数")
    assert canvas.actions_menu()[0].text() == "复制"
    assert canvas.accessibleName() == "网络"
    language.set("en")
    assert canvas.card("conv").content.name == "Conv"
    assert canvas.actions_menu()[0].text() == "Duplicate"


def test_an_empty_network_invites(made: Made) -> None:
    session, canvas = made(Network())
    assert canvas._invitation.isVisible()
    assert not canvas.bubble.isVisible()
    session.insert([Conv2d()])
    assert not canvas._invitation.isVisible()
    session.undo()
    assert canvas._invitation.isVisible()


# --- values -----------------------------------------------------------------------------------


def test_only_cards_in_sight_make_their_image(made: Made) -> None:
    session, canvas = made(Network(layers=tuple(BatchNorm() for _ in range(30))), width=500)
    session.select(INPUT_UID)
    show(canvas, picture_of(session.report))
    canvas.grab()
    made_images = [canvas.card(layer.uid).picture.ready for layer in session.network.layers]
    assert made_images[0]
    assert not any(made_images[8:])
    session.select(session.network.layers[-2].uid)
    canvas.grab()
    assert canvas.card(session.selection).picture.ready


def test_values_of_another_shape_are_not_shown(canvas: Canvas) -> None:
    session = session_of(canvas)
    old = picture_of(session.report)
    show(canvas, old)
    canvas.grab()
    assert canvas.card("conv").picture.ready
    session.set_field("conv", "filters", 4)
    canvas.grab()
    assert not canvas.card("conv").picture.ready
    session.set_field("conv", "filters", 8)
    session.set_field("conv", "kernel", Size(3, 3))
    canvas.grab()
    assert not canvas.card("conv").picture.ready
    show(canvas, picture_of(session.report))
    canvas.grab()
    assert canvas.card("conv").picture.ready


def test_a_map_is_painted_in_the_colours_of_its_values(made: Made) -> None:
    session, canvas = made(Network(layers=(Conv2d(uid="c", filters=1), *SMALL.layers[-2:])))
    picture = picture_of(session.report)
    picture.maps["c"] = np.full((1, 26, 26), 3.0, np.float32)
    picture.maps["c"][:, 13:] = 0
    show(canvas, picture)
    canvas.grab()
    box = canvas.arrangement.boxes["c"]
    place = canvas.mapFromScene(QPointF(box.middle, box.top + 33 + 20))
    image = canvas.viewport().grab().toImage()
    expected = int(theme.luts.signed[254]) & 0xFFFFFF
    assert image.pixel(place) & 0xFFFFFF == expected
    zero = canvas.mapFromScene(QPointF(box.middle, box.top + 33 + 64))
    assert image.pixel(zero) & 0xFFFFFF == int(theme.luts.signed[127]) & 0xFFFFFF


def test_no_maps_when_zoomed_far_out(canvas: Canvas) -> None:
    show(canvas, picture_of(session_of(canvas).report))
    canvas.set_zoom(0.4)
    canvas.grab()
    assert not canvas.card("conv").picture.ready


# --- the problem ------------------------------------------------------------------------------


def test_the_card_of_a_problem_is_seen_where_its_words_find_no_room(made: Made) -> None:
    """Large type in a small window: half of the words are better than an empty canvas."""
    branches = ((Conv2d(filters=2, padding="same"),), (Conv2d(filters=3),))
    block = Branches(uid="block", merge="add", branches=branches)
    session, canvas = made(Network(layers=SMALL.layers[:1]), width=360, height=230)
    session.edit(Network(layers=(block, *SMALL.layers[:1])), KINDS[0].name)
    box = canvas.arrangement.boxes["block"]
    view = canvas.viewport().rect()
    assert view.contains(canvas.mapFromScene(QPointF(box.left, box.top + box.height / 2)))
    assert canvas.bubble.isVisible()


@pytest.mark.parametrize("height", [230, 300, 480, 700])
@pytest.mark.parametrize("zoom", [0.6, 1.0, 1.4])
@pytest.mark.parametrize("before", [1, 4, 12])
def test_the_bubble_is_seen_whole_and_covers_no_card(
    made: Made, height: int, zoom: float, before: int
) -> None:
    layers = [Conv2d(filters=8, padding="same") for _ in range(before)]
    network = Network(layers=(*layers, Dense(uid="out", units=10), Dense(units=3)))
    session, canvas = made(Network(layers=network.layers[:before]), height=height)
    canvas.set_zoom(zoom)
    session.edit(network, KINDS[0].name)
    assert canvas.bubble.isVisible()
    bubble = canvas.bubble.geometry()
    assert canvas.viewport().rect().contains(bubble)
    for uid, box in canvas.arrangement.boxes.items():
        corner = canvas.mapFromScene(QPointF(box.left, box.top))
        card = QRect(corner, QSize(int(box.width * zoom), int(box.height * zoom)))
        assert not card.intersects(bubble), uid


def test_the_keyboard_is_at_the_canvas_when_the_bubble_goes(qtbot: QtBot) -> None:
    session, canvas = canvas_of(SMALL)
    window = QWidget()
    qtbot.addWidget(window)
    for widget in (QPushButton(), canvas, QPushButton()):
        widget.setParent(window)
        widget.show()
    window.show()
    session.set_field("conv", "kernel", Size(40, 40))
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    canvas.bubble.buttons[0].setFocus()
    session.undo()
    assert not canvas.bubble.isVisible()
    assert QApplication.focusWidget() is canvas


def test_each_button_applies_its_fix(made: Made) -> None:
    session, canvas = made(TOO_LARGE)
    fixes = session.report.fixes
    assert len(fixes) >= 2
    for place, fix in enumerate(fixes):
        assert canvas.bubble.buttons[place].text() == str(fix.label)
        canvas.bubble.buttons[place].click()
        assert [n.kind for n in session.network.layers] == [n.kind for n in fix.network.layers]
        assert canvas.bubble.isVisible() == bool(session.report.problem_uid)
        session.undo()
        assert canvas.bubble.isVisible()


def test_a_fix_is_pressed_with_the_mouse(made: Made) -> None:
    session, canvas = made(TOO_LARGE)
    at = fix_center(canvas, 0)
    button = QApplication.widgetAt(at)
    assert button is canvas.bubble.buttons[0]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert session.network != TOO_LARGE


# --- keys and menus ---------------------------------------------------------------------------


def press(canvas: Canvas, *keys: str) -> None:
    canvas.activateWindow()
    canvas.setFocus()
    for key in keys:
        QTest.keySequence(canvas, key)


def test_arrows_move_the_selection(canvas: Canvas) -> None:
    session = session_of(canvas)
    press(canvas, "End")
    assert session.selection == "out"
    press(canvas, "Right")
    assert session.selection == "out"
    press(canvas, "Left")
    assert session.selection == "flat"
    press(canvas, "Home")
    assert session.selection == INPUT_UID
    press(canvas, "Left", "Right", "Right")
    assert session.selection == "relu"


def uids(session: Session) -> list[str]:
    return [layer.uid for layer in session.network.layers]


@pytest.mark.parametrize("keys", ["Ctrl+Shift+Right", "Alt+Right"])
def test_keys_move_the_selected_card(canvas: Canvas, keys: str) -> None:
    session = session_of(canvas)
    session.select("relu")
    press(canvas, keys)
    assert uids(session) == ["conv", "pool", "relu", "flat", "out"]
    press(canvas, keys.replace("Right", "Left"), keys.replace("Right", "Left"))
    assert uids(session) == ["relu", "conv", "pool", "flat", "out"]
    assert session.selection == "relu"
    press(canvas, keys.replace("Right", "Left"))
    assert uids(session) == ["relu", "conv", "pool", "flat", "out"]


def test_keys_delete_and_duplicate(canvas: Canvas) -> None:
    session = session_of(canvas)
    session.select("relu")
    press(canvas, "Ctrl+D")
    assert [layer.kind for layer in session.network.layers[1:3]] == ["activation", "activation"]
    assert session.selection == session.network.layers[2].uid
    press(canvas, "Del", "Del")
    assert uids(session) == ["conv", "relu", "flat", "out"]
    session.select(INPUT_UID)
    press(canvas, "Del", "Ctrl+D")
    assert uids(session) == ["conv", "relu", "flat", "out"]


def test_enter_and_double_click_ask_for_the_settings(qtbot: QtBot, canvas: Canvas) -> None:
    with qtbot.waitSignal(canvas.settings_requested):
        press(canvas, "Return")
    at = canvas.viewport().mapFromGlobal(card_center(canvas, "pool"))
    with qtbot.waitSignal(canvas.settings_requested):
        QTest.mouseDClick(
            canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at
        )


def test_a_click_selects(canvas: Canvas) -> None:
    at = canvas.viewport().mapFromGlobal(card_center(canvas, "relu"))
    QTest.mouseClick(
        canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at
    )
    assert session_of(canvas).selection == "relu"


def test_the_menu_offers_the_fixes_the_actions_and_the_layers(made: Made) -> None:
    session, canvas = made(TOO_LARGE)
    session.select("two")
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    canvas.contextMenuEvent(event)
    menu = next(child for child in canvas.findChildren(QMenu) if child.isVisible())
    texts = [action.text() for action in menu.actions()]
    assert texts[: len(session.report.fixes)] == [str(fix.label) for fix in session.report.fixes]
    assert {"Duplicate", "Delete", "Move left", "Move right"} <= set(texts)
    insert = next(action.menu() for action in menu.actions() if action.text() == "Insert after")
    assert isinstance(insert, QMenu)
    next(action for action in insert.actions() if action.text() == "Dropout").trigger()
    assert [layer.kind for layer in session.network.layers][2] == "dropout"
    menu.actions()[0].trigger()
    menu.close()
    assert session.report.row("two").problem is None


# --- words for screen readers -----------------------------------------------------------------


def test_the_description_follows_the_selection(made: Made) -> None:
    session, canvas = made(TOO_LARGE)
    assert canvas.accessibleName() == "Network"
    expected = "Conv 5×5 · 8, output 24×24×8, 208 parameters, 1 of 4"
    assert canvas.accessibleDescription() == expected
    session.select("two")
    assert "does not fit: The 30×30 kernel is larger" in canvas.accessibleDescription()
    session.select("out")
    assert canvas.accessibleDescription() == "Dense 10, waiting, 4 of 4"
    session.set_field("out", "units", 11)
    assert canvas.accessibleDescription() == "Dense 11, waiting, 4 of 4"


# --- looking ----------------------------------------------------------------------------------


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


def test_the_selected_card_is_scrolled_into_sight(made: Made) -> None:
    session, canvas = made(long_network())
    session.select(session.network.layers[-1].uid)
    at = canvas.viewport().mapFromGlobal(card_center(canvas, session.selection))
    assert canvas.viewport().rect().contains(at)


# --- drag and drop ----------------------------------------------------------------------------


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
