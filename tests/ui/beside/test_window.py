"""The window with two sides, with a real engine on the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.engine.desk import samples
from tests.support.heard import heard
from tests.ui.room import IMAGE, Room, furnished
from tests.ui.sessions import plain_look
from ui.beside.actions import BesideActions
from ui.beside.window import BesideWindow
from ui.i18n import language
from ui.main_window import MainWindow
from ui.numerals import significant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from ui.beside.side import Side

__all__ = ["plain_look"]

OTHER = samples(0, 2).test_images[1]


@pytest.fixture
def room(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    yield from furnished(monkeypatch)


@pytest.fixture
def window(qtbot: QtBot, room: Room) -> BesideWindow:
    """On show, after a run of a dozen steps."""
    room.session.select("conv")
    room.train(12)
    found = BesideWindow(room.session, room.client)
    qtbot.addWidget(found)
    found.show()
    room.link.work()
    return found


def choose(room: Room, side: Side, **choices: object) -> None:
    """As a person would: one field after the other."""
    for name, value in choices.items():
        field = getattr(side, name)
        index = field.findData(value)
        assert index >= 0, (name, value)
        field.setCurrentIndex(index)
        field.activated.emit(index)
    room.link.work()


def maps(side: Side) -> np.ndarray:
    shown = side.grid.maps
    assert shown is not None
    assert side.grid.isVisible()
    return shown


def difference(window: BesideWindow) -> np.ndarray:
    shown = window.difference.maps
    assert shown is not None
    assert window.difference.isVisible()
    return shown


def test_at_first_both_sides_are_the_same(window: BesideWindow, room: Room) -> None:
    picture = room.client.picture
    assert picture is not None
    for side in (window.left, window.right):
        assert side.layer.value() == "conv"
        np.testing.assert_array_equal(maps(side), picture.maps["conv"])
    assert not window.difference.isVisible()
    assert "the same" in window._apart.text()


def test_the_difference_lies_beside_the_maps(window: BesideWindow, room: Room) -> None:
    room.link.work()
    for _ in range(3):
        QApplication.processEvents()
    between = window.difference.parentWidget()
    assert between is not None
    maps = (window.left.holder, between, window.right.holder)
    assert len({part.mapTo(window, QPoint(0, 0)).y() for part in maps}) == 1
    assert len({part.height() for part in maps}) == 1


def test_a_kept_input_stays_while_one_draws(window: BesideWindow, room: Room) -> None:
    window.keep()
    room.client.show_image(OTHER)
    room.link.work()
    assert window.left.input.value() == "kept"
    np.testing.assert_array_equal(window.kept, IMAGE)
    picture = room.client.picture
    assert picture is not None
    np.testing.assert_array_equal(maps(window.right), picture.maps["conv"])
    assert not np.array_equal(maps(window.left), maps(window.right))
    np.testing.assert_array_equal(difference(window), maps(window.right) - maps(window.left))
    # One range of colours for both.
    both = max(np.abs(maps(window.left)).max(), np.abs(maps(window.right)).max())
    assert window.left.grid.limit() == window.right.grid.limit() == pytest.approx(both)
    assert window.left.question.found is not None
    assert window.right.question.found is not None
    assert window.right.question.found.probabilities == pytest.approx(picture.probabilities)


def test_weights_of_a_step(window: BesideWindow, room: Room) -> None:
    present = maps(window.left).copy()
    choose(room, window.left, run="r1")
    assert window.left.step.isVisible()
    choose(room, window.left, step=0)
    first = maps(window.left).copy()
    assert not np.array_equal(first, present)
    room.client.time.go_to(0)
    room.link.work()
    assert room.client.picture is not None
    np.testing.assert_array_equal(room.client.picture.maps["conv"], first)
    room.client.time.leave()
    room.link.work()
    np.testing.assert_array_equal(maps(window.right), present)
    choose(room, window.right, run="r1", step=3)
    assert not np.array_equal(maps(window.right), first)
    choose(room, window.left, run="")
    np.testing.assert_array_equal(maps(window.left), present)


def test_what_the_engine_has_lost_is_lent_again(window: BesideWindow, room: Room) -> None:
    choose(room, window.left, run="r1", step=0)
    first = maps(window.left).copy()
    engine = room.link.engine
    assert engine is not None
    engine.bench.lent.clear()
    room.client.show_image(OTHER)
    room.link.work()
    room.client.show_image(IMAGE)
    room.link.work()
    np.testing.assert_array_equal(maps(window.left), first)


def test_what_cannot_be_lent_is_said_once(
    window: BesideWindow, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise RuntimeError("out of memory")

    engine = room.link.engine
    assert engine is not None
    monkeypatch.setattr(engine.bench, "lend", no_room)
    choose(room, window.left, run="r1")
    assert "cannot be held" in window.left.message.text()
    assert window.left.message.isVisible()
    assert len(room.troubles) == 2  # and not with every stroke


def test_layers_of_different_shapes_have_no_difference(window: BesideWindow, room: Room) -> None:
    choose(room, window.right, layer="dense")
    assert not window.difference.isVisible()
    assert "12×12×3" in window._apart.text()
    assert maps(window.right).shape == (1, 10, 1)
    choose(room, window.right, layer="input")
    assert window.right.grey


def test_both_follow_the_selection_until_another_layer_is_chosen(
    window: BesideWindow, room: Room
) -> None:
    choose(room, window.right, layer="dense")
    room.session.select("relu")
    room.link.work()
    assert window.left.layer.value() == "relu"
    assert window.right.layer.value() == "dense"


def test_a_place_is_read_on_both_sides(window: BesideWindow, room: Room) -> None:
    window.keep()
    room.client.show_image(OTHER)
    room.link.work()
    window.left.grid.hovered.emit(1, 4, 5, 0.0)
    assert "Map 1, row 4, column 5" in window.reading.text()
    assert window.right.grid.spot == window.difference.spot == (4, 5)
    window.left.grid.left.emit()
    assert window.right.grid.spot is None


def test_a_network_that_waits(window: BesideWindow, room: Room) -> None:
    room.session.set_field("dense", "units", 7)
    room.link.work()
    assert "Waits until" in window.left.message.text()
    room.session.undo()
    room.link.work()
    maps(window.left)


def test_another_network_has_no_runs_to_choose_from(window: BesideWindow, room: Room) -> None:
    choose(room, window.left, run="r1")
    room.session.set_field("conv", "filters", 5)
    room.link.work()
    assert window.left.run.value() == ""
    assert window.left.run.count() == 1
    assert maps(window.left).shape[0] == 5
    assert "Train" in window._hint.text()


def test_closed_it_asks_nothing(window: BesideWindow, room: Room) -> None:
    choose(room, window.left, run="r1")
    window.close()
    room.link.work()
    engine = room.link.engine
    assert engine is not None
    assert not engine.bench.lent
    room.client.show_image(OTHER)
    room.link.work()
    assert room.client.studies.newest("beside 1") is None
    window.show()
    room.link.work()
    maps(window.left)


def test_in_chinese(window: BesideWindow) -> None:
    language.set("zh_CN")
    assert window.windowTitle() == "并排"
    assert window.left.run.itemText(0) == "当前的"


def test_the_actions_of_the_window(qtbot: QtBot) -> None:
    main = MainWindow()
    qtbot.addWidget(main, before_close_func=lambda window: setattr(window, "_closing", True))
    main.show()
    actions = main.findChild(BesideActions)
    assert actions is not None
    assert actions.open in main.menus.view.actions()
    assert actions.keep in main.menus.input.actions()
    actions.keep.trigger()
    assert actions.window.kept is not None
    actions.open.trigger()
    assert actions.window.isVisible()
    QTest.keyClick(actions.window, Qt.Key.Key_Escape)
    assert not actions.window.isVisible()


def test_screen_readers_can_tell_the_sides_apart(window: BesideWindow) -> None:
    names = {
        widget.accessibleName()
        for side in (window.left, window.right)
        for widget in (side.input, side.run, side.step, side.layer, side.grid, side.bars)
    }
    assert len(names) == 12
    assert "Right: Layer" in names
    language.set("zh_CN")
    assert "右" in window.right.grid.accessibleName()
    language.set("en")
    assert window.left.title() == "Left 1  Conv 5×5 · 3"


def test_screen_readers_hear_the_present_numbers_of_both_sides(
    window: BesideWindow, room: Room
) -> None:
    window.keep()
    left, right = window.left.grid, window.right.grid
    before = heard(left), heard(right)
    room.client.show_image(OTHER)
    room.link.work()
    assert not left.hasFocus()
    assert not right.hasFocus()
    assert heard(left) == before[0], "what is kept"
    assert heard(right) != before[1]
    for grid in (left, right, window.difference):
        assert grid.maps is not None
        assert f": {significant(float(grid.maps.max()))}." in heard(grid)
