"""The problem at its card: seen whole, and mended with a click."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from cnnviz.layers import Branches, Conv2d, Dense, Size
from cnnviz.network import Network
from tests.ui.canvas.support import (
    SMALL,
    TOO_LARGE,
    canvas_of,
    long_network,
    uids,
)
from ui.canvas.whereabouts import fix_center
from ui.theme import theme

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.ui.canvas.support import Made


def test_the_card_of_a_problem_is_seen_where_its_words_find_no_room(made: Made) -> None:
    """Large type in a small window: half of the words beside half of the card are better than words
    of which nobody sees what they are about."""
    branches = ((Conv2d(filters=2, padding="same"),), (Conv2d(filters=3),))
    block = Branches(uid="block", merge="add", branches=branches)
    session, canvas = made(Network(layers=SMALL.layers[:1]), width=360, height=230)
    session.edit(Network(layers=(block, *SMALL.layers[:1])), Conv2d().name)
    box = canvas.arrangement.boxes["block"]
    view = canvas.viewport().rect()
    assert view.contains(canvas.mapFromScene(QPointF(box.middle, box.top + box.height / 2)))
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
    session.edit(network, Conv2d().name)
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


@pytest.mark.usefixtures("dressed")
@pytest.mark.parametrize(("height", "buttons"), [(235, 2), (290, 3), (420, 3)])
def test_fixes_that_find_no_room_are_left_to_the_list(
    made: Made, height: int, buttons: int
) -> None:
    """Large type in a low window: the words are never cut, and no button is."""
    theme.set_scale(1.5)
    network = Network(layers=(*SMALL.layers[:1], *TOO_LARGE.layers[1:]))
    session, canvas = made(SMALL, width=460, height=height)
    session.edit(network, Conv2d().name)
    assert len(session.report.fixes) == 3
    bubble = canvas.bubble
    assert len(bubble.buttons) == buttons
    assert canvas.viewport().rect().contains(bubble.geometry())
    assert ("F8" in bubble.toolTip()) == (buttons < 3)
    canvas.resize(900, 700)
    assert len(bubble.buttons) == 3
    assert bubble.toolTip() == ""


@pytest.mark.parametrize(
    "key", [Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier]
)
def test_the_wheel_on_the_bubble_is_for_the_network(made: Made, key: Qt.KeyboardModifier) -> None:
    _, canvas = made(TOO_LARGE, width=420, height=600)
    bar, bubble = canvas.horizontalScrollBar(), canvas.bubble
    before, at = bar.value(), bubble.rect().center()
    on_view = bubble.mapTo(canvas.viewport(), at)
    under = canvas.mapToScene(on_view)
    event = QWheelEvent(
        QPointF(at),
        QPointF(bubble.mapToGlobal(at)),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        key,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(bubble, event)
    if key == Qt.KeyboardModifier.ControlModifier:
        assert canvas.zoom < 1
        assert abs(canvas.mapToScene(on_view).x() - under.x()) < 2 / canvas.zoom
    else:
        assert before < bar.value() == min(before + 120, bar.maximum())


@pytest.mark.parametrize("width", [260, 330, 420, 900])
def test_the_bubble_is_no_wider_than_the_view(made: Made, width: int) -> None:
    """As beside the panels of a projector."""
    session, canvas = made(TOO_LARGE, width=width, height=600)
    session.select("two")
    assert canvas.bubble.isVisible()
    assert canvas.viewport().rect().contains(canvas.bubble.geometry())


@pytest.mark.parametrize("width", [440, 470, 520])
def test_its_buttons_are_not_cut_where_card_and_bubble_do_not_fit(made: Made, width: int) -> None:
    """On a projector of 1280×720: the card gives way, which can still be told by half of it."""
    theme.set_scale(1.5)
    network = Network(layers=(*SMALL.layers, Conv2d(uid="late", filters=4)))
    session, canvas = made(SMALL, width=width, height=590)
    session.edit(network, Conv2d().name)
    assert canvas.viewport().rect().contains(canvas.bubble.geometry())
    box = canvas.arrangement.boxes["late"]
    assert canvas.mapFromScene(QPointF(box.middle, box.top)).x() >= 0


def test_a_problem_in_sight_stays_there_when_the_type_changes(made: Made) -> None:
    """As on the way to projector mode and back: cards and distances grow, the view does not."""
    layers = [Conv2d(filters=8, padding="same") for _ in range(9)]
    late = Network(layers=(*layers, Dense(uid="out", units=10), *layers[:4]))
    session, canvas = made(Network(layers=tuple(layers)), width=700, height=500)
    session.edit(late, Conv2d().name)
    session.select("out")
    for scale in (2.0, 1.0):
        theme.set_scale(scale)
        assert canvas.bubble.isVisible()
        assert canvas.viewport().rect().contains(canvas.bubble.geometry())


def test_the_selected_card_stays_in_sight_when_the_type_changes(made: Made) -> None:
    session, canvas = made(long_network(), width=700)
    session.select(uids(session)[14])
    for scale in (2.0, 1.0):
        theme.set_scale(scale)
        assert canvas.in_sight(canvas.arrangement.boxes[session.selection])


def test_the_selected_card_stays_in_sight_when_the_view_becomes_narrower(made: Made) -> None:
    """As the panels beside it grow: a card at its right end was in sight until then."""
    session, canvas = made(long_network(), width=900)
    third = canvas.arrangement.boxes[uids(session)[3]]
    session.select(uids(session)[3])
    assert canvas.mapFromScene(QPointF(third.left, third.top)).x() > 400
    canvas.resize(360, canvas.height())
    assert canvas.in_sight(canvas.arrangement.boxes[session.selection])


def test_its_room_is_the_same_with_and_without_scroll_bars(made: Made) -> None:
    """Or a bubble could make a bar vanish, find more room then, and have it come back, for ever."""
    session, canvas = made(Network(layers=SMALL.layers[:1]), width=420, height=200)
    session.edit(TOO_LARGE, Conv2d().name)
    for height in range(150, 420, 3):
        canvas.resize(420, height)
        rooms = []
        for policy in (
            Qt.ScrollBarPolicy.ScrollBarAlwaysOff,
            Qt.ScrollBarPolicy.ScrollBarAlwaysOn,
        ):
            canvas.setHorizontalScrollBarPolicy(policy)
            canvas.setVerticalScrollBarPolicy(policy)
            rooms.append(canvas._explanation.room(120, 160))
        assert rooms[0] == rooms[1]
