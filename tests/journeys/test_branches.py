"""Cards go into, out of and between nested branches: with a real mouse, and again by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cnnviz.layers import Activation, BatchNorm, Branches, Conv2d, Dense, Flatten
from cnnviz.network import Network
from cnnviz.network_file import encode_network
from tests.journeys.person import nothing, something

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.person import Person

pytestmark = pytest.mark.xvfb

INNER = Branches(
    uid="inner",
    label="Inner",
    merge="concat",
    branches=((Conv2d(uid="a", filters=4, padding="same"),), (Activation(uid="b"),)),
)
OUTER = Branches(
    uid="outer", label="Inception", merge="concat", branches=((INNER,), (BatchNorm(uid="c"),), ())
)
NETWORK = Network(
    layers=(
        Conv2d(uid="first", filters=4),
        OUTER,
        Flatten(uid="flat"),
        Dense(uid="out", units=10),
    )
)


@pytest.fixture(scope="module")
def person_at_blocks(person: Person, tmp_path_factory: pytest.TempPathFactory) -> Person:
    """The program is open with a network that has branches in branches."""
    path: Path = tmp_path_factory.mktemp("networks") / "nested.json"
    path.write_bytes(encode_network(NETWORK))
    person.start(path)
    person.wait_until("selection", lambda uid: uid == "first")
    person.wait_until("prediction", something)
    person.look("nested branches")
    return person


def are(person: Person, uid: str, *branches: list[str]) -> None:
    """Wait until these are the branches of a block."""
    person.wait_until("branches", lambda now: now == list(branches), uid)


def undone(person: Person, words: str) -> None:
    """Take the last step back, which has this name."""
    assert person.ask("undo") == f"Undo: {words}"
    person.press("ctrl+z")
    are(person, "inner", ["a"], ["b"])
    are(person, "outer", ["inner"], ["c"], [])


# --- with the mouse ---------------------------------------------------------------------------


def test_a_card_is_dragged_from_branch_to_branch(person_at_blocks: Person) -> None:
    person = person_at_blocks
    person.drag(person.card("a"), (1, "inner", 1))
    are(person, "inner", [], ["b", "a"])
    person.wait_until("prediction", something)
    person.look("dragged into the other branch")
    undone(person, "Move Conv")


def test_a_drag_is_cancelled_half_way(person_at_blocks: Person) -> None:
    person = person_at_blocks
    person.carry_over(person.card("a"), (0, "outer", 2))
    person.look("a gap in an empty branch")
    person.press("Escape")
    person.wait_until("open_gap", nothing)
    person.let_go()
    are(person, "inner", ["a"], ["b"])
    assert not person.ask("modified")


def test_a_card_is_dragged_out_of_both_blocks(person_at_blocks: Person) -> None:
    person = person_at_blocks
    person.drag(person.card("b"), (0, "outer", 2))
    are(person, "outer", ["inner"], ["c"], ["b"])
    person.drag(person.card("b"), 1)
    are(person, "outer", ["inner"], ["c"], [])
    assert [uid for uid, _ in person.ask("layers")] == ["first", "b", "outer", "flat", "out"]
    person.press("ctrl+z")
    are(person, "outer", ["inner"], ["c"], ["b"])
    undone(person, "Move ReLU")


def test_a_whole_block_is_dragged_and_copied(person_at_blocks: Person) -> None:
    person = person_at_blocks
    person.drag(person.find("block", "inner"), (1, "outer", 1))
    are(person, "outer", [], ["c", "inner"], [])
    person.look("a block in another branch")
    undone(person, "Move Inner")
    person.drag(person.find("block", "inner"), (0, "outer", 2), holding="ctrl")
    copied = person.wait_until("branches", lambda now: len(now[2]) == 1, "outer")
    assert copied[0] == ["inner"]
    assert copied[2][0] not in {"inner", "a", "b"}
    person.look("a copy of a block")
    undone(person, "Add Inner")


def test_a_layer_is_dragged_from_the_palette_into_a_branch(person_at_blocks: Person) -> None:
    person = person_at_blocks
    person.drag(person.find("chip", "ReLU"), (0, "outer", 2))
    person.wait_until("branches", lambda now: len(now[2]) == 1, "outer")
    undone(person, "Add ReLU")


def test_several_are_dragged_at_once(person_at_blocks: Person) -> None:
    person = person_at_blocks
    person.select("a")
    person.hold("ctrl")
    person.click_at(person.card("b"))
    person.release("ctrl")
    person.wait_until("selected", lambda now: now == ["a", "b"])
    person.drag(person.card("b"), (1, "outer", 1))
    are(person, "outer", ["inner"], ["c", "a", "b"], [])
    undone(person, "Move 2 layers")


# --- by keyboard ------------------------------------------------------------------------------


def test_the_same_by_keyboard(person_at_blocks: Person) -> None:
    person = person_at_blocks
    person.select("first")
    person.press("Right")
    person.wait_until("selection", lambda uid: uid == "a")
    assert "branch 1 of 2, layer 1 of 1 in Inner" in person.ask("spoken")
    person.press("alt+Down")
    are(person, "inner", [], ["a", "b"])
    person.press("alt+Right")
    are(person, "inner", [], ["b", "a"])
    person.look("moved by keyboard")
    person.press("ctrl+z")
    undone(person, "Move Conv")

    person.press("Down")
    person.wait_until("selection", lambda uid: uid == "b")
    person.press("alt+shift+Up")
    are(person, "outer", ["inner", "b"], ["c"], [])
    person.press("alt+Down", "alt+Down")
    are(person, "outer", ["inner"], ["c"], ["b"])
    person.press("alt+Left")
    person.wait_until("layers", lambda now: now[1] == ["b", "activation"])
    person.press("ctrl+z", "ctrl+z", "ctrl+z")
    undone(person, "Move ReLU")

    person.press("Escape")
    person.wait_until("selection", lambda uid: uid == "inner")
    person.press("alt+Down")
    are(person, "outer", [], ["inner", "c"], [])
    undone(person, "Move Inner")


def test_blocks_are_folded_made_and_taken_apart_by_keyboard(person_at_blocks: Person) -> None:
    person = person_at_blocks
    person.select("c")
    person.press("ctrl+g")
    person.wait_until("undo", lambda words: words == "Undo: Wrap in a block")
    person.look("wrapped")
    person.press("ctrl+shift+g")
    are(person, "outer", ["inner"], ["c"], [])
    person.press("Escape", "space")
    person.wait_until("cards", lambda cards: len(cards) == 4)
    person.look("folded")
    person.press("space")
    person.wait_until("cards", lambda cards: len(cards) == 8)


def test_a_layer_is_inserted_into_an_empty_branch_by_keyboard(person_at_blocks: Person) -> None:
    person = person_at_blocks
    person.select("c")
    person.press("Down")
    person.wait_until("spoken", lambda words: words.startswith("empty branch 3 of 3 in Inception"))
    person.look("an empty branch")
    person.press("ctrl+k")
    person.wait_until("focus", lambda name: name == "Find a command or a layer")
    person.type("dropout")
    person.press("Return")
    person.wait_until("branches", lambda now: len(now[2]) == 1, "outer")
    person.press("Delete")
    are(person, "outer", ["inner"], ["c"], [])
    person.wait_until("spoken", lambda words: words.startswith("empty branch"))
    person.press("Delete")
    are(person, "outer", ["inner"], ["c"])
    person.press("ctrl+z", "ctrl+z")
    undone(person, "Add Dropout")


def test_layers_travel_as_text(person_at_blocks: Person) -> None:
    person = person_at_blocks
    person.select("inner")
    person.press("ctrl+c")
    person.select("c")
    person.press("ctrl+v")
    pasted = person.wait_until("branches", lambda now: len(now[1]) == 2, "outer")[1][1]
    assert [len(branch) for branch in person.ask("branches", pasted)] == [1, 1]
    person.press("ctrl+z")
    are(person, "outer", ["inner"], ["c"], [])
