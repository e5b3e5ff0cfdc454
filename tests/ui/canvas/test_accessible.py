"""What screen readers find on the canvas: each layer as an object of its own."""

from __future__ import annotations

import gc
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QEvent, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication, QMenu

from cnnviz.layers import Branches, Conv2d
from cnnviz.network import INPUT_UID, Network
from tests.ui.canvas.support import SMALL, TOO_LARGE, canvas_of, long_network, session_of
from ui.canvas import readable
from ui.i18n import language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from tests.ui.canvas.support import Made
    from ui.canvas.canvas import Canvas

BRANCHED = Network(
    layers=(
        Conv2d(uid="first", padding="same"),
        Branches(
            uid="block",
            merge="concat",
            branches=(
                (Conv2d(uid="upper", padding="same"), Conv2d(uid="behind", padding="same")),
                (),
                (Conv2d(uid="lower", filters=4, padding="same"),),
            ),
        ),
        Conv2d(uid="last", padding="same"),
    )
)


@pytest.fixture
def listening(qapp: QApplication) -> Iterator[None]:
    """A screen reader has asked for the accessibility tree."""
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


def layers(canvas: Canvas) -> list[QAccessibleInterface]:
    """The items of the list, as far as they are none of Qt's own widgets."""
    found = QAccessible.queryAccessibleInterface(canvas)
    children = [found.child(index) for index in range(found.childCount())]
    return [one for one in children if one.role() == QAccessible.Role.ListItem]


def name(item: QAccessibleInterface) -> str:
    return item.text(QAccessible.Text.Name)


def item(canvas: Canvas, start: str) -> QAccessibleInterface:
    return next(one for one in layers(canvas) if name(one).startswith(start))


def test_each_layer_is_an_item_with_shape_parameters_and_problem(made: Made) -> None:
    _, canvas = made(TOO_LARGE)
    found = QAccessible.queryAccessibleInterface(canvas)
    assert (found.role(), name(found)) == (QAccessible.Role.List, "Network")
    items = layers(canvas)
    assert [name(one) for one in items] == [
        "Input MNIST, 28×28×1, 0 of 4",
        "Conv 5×5 · 8, output 24×24×8, 208 parameters, 1 of 4",
        "Conv 30×30 · 16, does not fit: The 30×30 kernel is larger than its 24×24 input. 2 of 4",
        "Flatten, waiting, 3 of 4",
        "Dense 10, waiting, 4 of 4",
    ]
    told = [one.text(QAccessible.Text.Description) for one in items]
    assert told == ["", "", "Output would be ⌊(24 − 30)/1⌋ + 1 = −5.", "", ""]
    for index, one in enumerate(items):
        assert found.indexOfChild(one) == index
        assert one.parent() is found
        assert one.isValid()


def test_layers_far_from_the_view_are_there_though_their_cards_are_not(made: Made) -> None:
    session, canvas = made(long_network())
    last = layers(canvas)[-1]
    assert session.network.layers[-1].uid not in canvas._stage.cards
    assert name(last).startswith("Dense 10")
    assert last.state().offscreen
    assert not layers(canvas)[1].state().offscreen
    session.select(session.network.layers[-1].uid)
    assert not last.state().offscreen
    box = last.rect()
    assert canvas.rect().contains(QRect(canvas.mapFromGlobal(box.topLeft()), box.size()))


def test_blocks_branches_and_what_is_in_them(made: Made) -> None:
    session, canvas = made(BRANCHED)
    assert [name(one).split(",")[0] for one in layers(canvas)] == [
        "Input MNIST",
        "Conv 3×3 · 16",
        "Concat 3 branches",
        "Conv 3×3 · 16",
        "Conv 3×3 · 16",
        "empty branch 2 of 3 in Concat",
        "Conv 3×3 · 4",
        "Conv 3×3 · 16",
    ]
    block, empty = item(canvas, "Concat"), item(canvas, "empty")
    assert "branch 1 of 3, layer 2 of 2 in" in name(layers(canvas)[4])
    assert block.state().expanded
    assert block.rect().contains(empty.rect())
    block.actionInterface().doAction("Toggle")
    assert [name(one).split(",")[0] for one in layers(canvas)][2:] == [
        "Concat 3 branches",
        "Conv 3×3 · 16",
    ]
    assert block.state().collapsed
    assert not QAccessible.State(empty.state()).selected
    canvas.toggle_fold("block")
    item(canvas, "empty").actionInterface().doAction("Press")
    assert session.empty_branch is not None
    assert item(canvas, "empty").state().selected
    assert not block.state().selected


def test_the_state_follows_selection_and_keyboard(made: Made, qtbot: QtBot) -> None:
    session, canvas = made(SMALL)
    canvas.activateWindow()
    canvas.setFocus()
    qtbot.waitUntil(canvas.hasFocus)
    session.select("pool", "relu")
    states = {name(one).split(",")[0]: one.state() for one in layers(canvas)}
    assert [key for key, state in states.items() if state.selected] == ["ReLU", "Max pool 2×2"]
    assert [key for key, state in states.items() if state.focused] == ["Max pool 2×2"]
    found = QAccessible.queryAccessibleInterface(canvas)
    assert found.state().multiSelectable
    assert name(found.focusChild()).startswith("Max pool")
    assert found.focusChild().text(QAccessible.Text.Description) == "2 selected"
    session.select(INPUT_UID)
    assert name(found.focusChild()).startswith("Input")
    session.set_enabled("relu", enabled=False)
    assert name(layers(canvas)[2]) == "ReLU, disabled, passes 24×24×8 on, 2 of 5"


def test_a_point_of_the_screen_leads_to_its_layer(made: Made) -> None:
    _, canvas = made(BRANCHED, width=1800)
    found = QAccessible.queryAccessibleInterface(canvas)
    for one in layers(canvas):
        at = one.rect().center()
        if not one.state().expanded and not name(one).startswith("empty"):
            assert found.childAt(at.x(), at.y()) is one
    corner = canvas.viewport().mapToGlobal(canvas.viewport().rect().bottomRight())
    bare = found.childAt(corner.x(), corner.y())
    assert bare.object() is canvas.viewport()


def test_the_bubble_is_above_the_cards(made: Made) -> None:
    canvas = made(TOO_LARGE)[1]
    found = QAccessible.queryAccessibleInterface(canvas)
    at = canvas.bubble.mapToGlobal(canvas.bubble.rect().center())
    assert found.childAt(at.x(), at.y()).object() is canvas.viewport()


def test_actions_select_focus_and_open_the_menu(made: Made, qtbot: QtBot) -> None:
    session, canvas = made(SMALL)
    item(canvas, "Flatten").actionInterface().doAction("Press")
    assert session.selection == "flat"
    item(canvas, "Dense").actionInterface().doAction("ShowMenu")
    assert session.selection == "out"
    menu = next(child for child in canvas.findChildren(QMenu) if child.isVisible())
    menu.close()
    canvas.activateWindow()
    item(canvas, "ReLU").actionInterface().doAction("SetFocus")
    assert session.selection == "relu"
    qtbot.waitUntil(canvas.hasFocus)


def test_what_is_gone_is_gone_and_the_rest_stays_the_same(made: Made, listening: None) -> None:
    session, canvas = made(SMALL)
    before = {name(one).split(",")[0]: one for one in layers(canvas)}
    ids = {key: QAccessible.uniqueId(one) for key, one in before.items()}
    session.delete("pool")
    assert QAccessible.accessibleInterface(ids["Max pool 2×2"]) is None
    assert item(canvas, "ReLU") is before["ReLU"]
    session.undo()
    assert len(layers(canvas)) == 6
    assert QAccessible.accessibleInterface(ids["Dense 10"]) is before["Dense 10"]
    language.set("zh_CN")
    assert name(before["Dense 10"]).startswith("全连接")


def test_screen_readers_are_told_what_has_changed(
    made: Made, qtbot: QtBot, listening: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, canvas = made(SMALL)
    canvas.activateWindow()
    canvas.setFocus()
    qtbot.waitUntil(canvas.hasFocus)
    layers(canvas)
    told: list[tuple[str, str]] = []
    said: list[str] = []

    def tell(interface: QAccessibleInterface, event: QAccessible.Event) -> None:
        told.append((event.name, name(interface).split(",")[0]))

    def describe(_: Any, words: str) -> None:
        said.append(words)

    monkeypatch.setattr(readable, "tell", tell)
    monkeypatch.setattr(readable, "describe", describe)
    session.select("relu")
    assert told == [
        ("SelectionRemove", "Conv 5×5 · 8"),
        ("SelectionAdd", "ReLU"),
        ("Focus", "ReLU"),
    ]
    assert not said  # the item itself is read out
    told.clear()
    session.set_field("conv", "filters", 4)
    assert ("NameChanged", "Conv 5×5 · 4") in told
    assert ("NameChanged", "ReLU") in told
    assert not [event for event, _ in told if event != "NameChanged"]
    assert said == ["ReLU, output 24×24×4, 0 parameters, 2 of 5"]
    told.clear()
    session.insert([Conv2d(uid="new", padding="same")])
    assert ("ObjectCreated", "Conv 3×3 · 16") in told
    assert told[-1] == ("Focus", "Conv 3×3 · 16")
    told.clear()
    session.undo()
    assert [event for event, _ in told].count("ObjectDestroyed") == 1


def test_nothing_is_made_until_somebody_asks(canvas: Canvas) -> None:
    session = session_of(canvas)
    session.select("relu")
    session.delete("relu")
    assert not canvas.readable._made


def test_an_interface_outlives_its_canvas_by_nothing(qtbot: QtBot, listening: None) -> None:
    _, canvas = canvas_of(SMALL)
    ids = [QAccessible.uniqueId(one) for one in layers(canvas)]
    canvas.close()
    canvas.deleteLater()
    QApplication.sendPostedEvents(canvas, QEvent.Type.DeferredDelete)
    assert [QAccessible.accessibleInterface(one) for one in ids] == [None] * 6
    del canvas
    gc.collect()
    again = canvas_of(SMALL)[1]
    qtbot.addWidget(again)
    assert len(layers(again)) == 6


_PROGRAM = """
import sys
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from tests.ui.canvas.support import SMALL, canvas_of
app = QApplication([])
QAccessible.setActive(True)
session, canvas = canvas_of(SMALL)
found = QAccessible.queryAccessibleInterface(canvas)
items = [found.child(index) for index in range(found.childCount())]
session.delete("pool")
print(len(items), flush=True)
{end}
"""


@pytest.mark.parametrize("end", ["", "canvas.close(); del canvas", "sys.exit(0)", "app.quit()"])
def test_a_program_ends_well_whoever_goes_first(end: str) -> None:
    """Qt deletes all interfaces that it still knows, and Python those that it still holds."""
    program = [sys.executable, "-X", "faulthandler", "-c", _PROGRAM.format(end=end)]
    done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "10\n"), done.stderr
