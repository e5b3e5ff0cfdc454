"""An empty branch is chosen by keys or by a click, and the next layer goes into it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from cnnviz.layers import Activation, Branches, Conv2d, Dropout, MaxPool
from cnnviz.network import Network, Place
from tests.ui.canvas.support import Made
from ui.canvas import clipboard
from ui.canvas.canvas import Canvas
from ui.canvas.entries import insert, palette_entries
from ui.canvas.whereabouts import gap_center

if TYPE_CHECKING:
    from ui.session import Session

BLOCK = Branches(uid="block", branches=((Conv2d(uid="a", padding="same"),), (), ()))
NETWORK = Network(layers=(Activation(uid="first"), BLOCK, MaxPool(uid="last")))


@pytest.fixture
def desk(made: Made) -> tuple[Session, Canvas]:
    session, canvas = made(NETWORK)
    canvas.activateWindow()
    canvas.setFocus()
    assert QTest.qWaitForWindowActive(canvas)
    return session, canvas


def branches(session: Session) -> list[list[str]]:
    block = session.network.layer("block")
    assert isinstance(block, Branches)
    return [[layer.kind for layer in branch] for branch in block.branches]


def chosen(session: Session) -> Place | None:
    return session.empty_branch


def entry(name: str) -> object:
    return next(one for one in palette_entries() if str(one.title) == name)


def test_the_keys_go_there_and_a_layer_follows(desk: tuple[Session, Canvas]) -> None:
    session, canvas = desk
    session.select("a")
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    assert chosen(session) == Place(0, "block", 1)
    assert session.selection == "block"  # which the other views show
    assert canvas.accessibleDescription() == (
        "empty branch 2 of 3 in Add, the next layer goes here"
    )
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    assert chosen(session) == Place(0, "block", 2)
    insert(session, entry("Dropout"))  # type: ignore[arg-type]
    assert branches(session) == [["conv2d"], [], ["dropout"]]
    assert chosen(session) is None
    assert session.selected_layer == session.network.chain("block", 2)[0]
    QTest.keyClick(canvas, Qt.Key.Key_Up)
    assert chosen(session) == Place(0, "block", 1)
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    assert (session.empty_branch, session.selection) == (None, "first")


@pytest.mark.parametrize(
    ("key", "there"), [(Qt.Key.Key_Right, "block"), (Qt.Key.Key_Escape, "block")]
)
def test_out_of_it(desk: tuple[Session, Canvas], key: Qt.Key, there: str) -> None:
    session, canvas = desk
    session.select_branch("block", 1)
    QTest.keyClick(canvas, key)
    assert (session.empty_branch, session.selection) == (None, there)


def test_what_is_pasted_goes_there_and_comes_back_by_undo(desk: tuple[Session, Canvas]) -> None:
    session, _canvas = desk
    session.select_branch("block", 1)
    session.paste(clipboard.read(clipboard.written([Dropout()], session.network.input)))
    assert branches(session) == [["conv2d"], ["dropout"], []]
    session.undo()
    assert branches(session) == [["conv2d"], [], []]


def test_a_block_made_for_the_place_fits_there(desk: tuple[Session, Canvas]) -> None:
    session, _canvas = desk
    session.select_branch("block", 1)
    insert(session, entry("Residual"))  # type: ignore[arg-type]
    assert branches(session)[1][0] == "branches"
    assert session.network.place(session.selection).block == "block"


def test_delete_removes_the_branch_and_never_the_block(desk: tuple[Session, Canvas]) -> None:
    session, canvas = desk
    session.select_branch("block", 1)
    titles = {one.text(): one.isEnabled() for one in canvas.actions_menu()}
    assert titles["Delete"]
    assert not titles["Copy"]
    assert not titles["Disable"]
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert branches(session) == [["conv2d"], []]
    assert chosen(session) == Place(0, "block", 1)  # the one that has moved up
    session.remove_branch("block", 0)
    session.select_branch("block", 0)
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert branches(session) == [[]]  # the last one stays


def test_a_click_chooses_it(desk: tuple[Session, Canvas]) -> None:
    session, canvas = desk
    at = canvas.viewport().mapFromGlobal(gap_center(canvas, Place(0, "block", 1)))
    button = Qt.MouseButton.LeftButton
    QTest.mouseClick(canvas.viewport(), button, Qt.KeyboardModifier.NoModifier, at)
    assert chosen(session) == Place(0, "block", 1)
    QTest.mousePress(canvas.viewport(), button, Qt.KeyboardModifier.NoModifier, at)
    QTest.mouseMove(canvas.viewport(), at + QPoint(0, 60))
    QTest.mouseRelease(
        canvas.viewport(), button, Qt.KeyboardModifier.NoModifier, at + QPoint(0, 60)
    )
    session.select("first")
    assert chosen(session) is None


def test_it_is_seen_where_it_is(desk: tuple[Session, Canvas]) -> None:
    session, canvas = desk
    session.select("first")

    def picture() -> QImage:
        return canvas.viewport().grab().toImage()

    before = picture()
    session.select_branch("block", 1)
    at = canvas.viewport().mapFromGlobal(gap_center(canvas, Place(0, "block", 1)))
    assert picture().pixelColor(at) != before.pixelColor(at)


@pytest.mark.skipif(sys.platform == "win32", reason="there it is Windows that opens the menu")
@pytest.mark.parametrize("chosen_branch", [True, False])
def test_the_menu_by_keyboard(desk: tuple[Session, Canvas], chosen_branch: bool) -> None:
    session, canvas = desk
    if chosen_branch:
        session.select_branch("block", 2)
    else:
        session.select("a")
    QTest.keyClick(canvas, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    titles = [action.text() for action in menu.actions()]
    if chosen_branch:
        assert titles[:4] == ["Insert here", "", "Add a branch", "Remove the branch"]
    else:
        assert titles[0] == "Duplicate"
    menu.close()


def test_it_goes_with_what_it_was_in(desk: tuple[Session, Canvas]) -> None:
    session, canvas = desk
    session.select_branch("block", 2)
    session.remove_branch("block", 2)
    assert chosen(session) is None
    session.select_branch("block", 1)
    canvas.toggle_fold("block")
    assert chosen(session) is None
    session.select_branch("block", 1)
    session.delete("block")
    assert chosen(session) is None
    with pytest.raises(KeyError):
        session.select_branch("block", 0)
    session.undo()
    session.select_branch("block", 0)  # it is not empty
    assert chosen(session) is None


def test_a_new_branch_is_chosen_also_of_a_folded_block(desk: tuple[Session, Canvas]) -> None:
    session, canvas = desk
    session.select("block")
    canvas.toggle_fold("block")
    canvas._commands._add_branch()
    assert not canvas.is_folded("block")
    assert chosen(session) == Place(0, "block", 3)
    QTest.keyClick(canvas, Qt.Key.Key_Up)
    assert chosen(session) == Place(0, "block", 2)


def test_what_has_become_empty_is_chosen(desk: tuple[Session, Canvas]) -> None:
    session, _canvas = desk
    session.delete("a")
    assert chosen(session) == Place(0, "block", 0)
    session.insert([Dropout()])
    assert branches(session) == [["dropout"], [], []]
    session.delete("last")
    assert chosen(session) is None


def test_a_branch_that_is_added_to_a_folded_block_is_seen(desk: tuple[Session, Canvas]) -> None:
    session, canvas = desk
    session.select("block")
    canvas.toggle_fold("block")
    session.add_branch("block")
    assert chosen(session) == Place(0, "block", 3)
    assert not canvas.is_folded("block")
    assert canvas.arrangement.frames["block"].lanes[3].box.width > 0
    canvas.toggle_fold("block")
    assert chosen(session) is None, "where one cannot see it nothing goes"
