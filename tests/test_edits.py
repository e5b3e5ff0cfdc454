"""Edits know what they are called, and what is selected after them."""

from __future__ import annotations

import itertools

from cnnviz import edits
from cnnviz.analysis import analyze
from cnnviz.layers import Activation, Branches, Conv2d, Flatten
from cnnviz.message import Message
from cnnviz.network import INPUT_UID, Network, Place

BLOCK = Branches(uid="block", label="Inception", branches=((Activation(uid="a"),), ()))
NETWORK = Network(layers=(Conv2d(uid="c"), BLOCK, Flatten(uid="f")))


def numbered() -> edits.NewUid:
    numbers = itertools.count()
    return lambda: f"new{next(numbers)}"


def test_what_is_new_is_selected_and_named() -> None:
    step = edits.insert(NETWORK, [Flatten(uid="x")], Place(0, "block", 1), None, numbered())
    assert (str(step.label), step.selection) == ("Add Flatten", ("new0",))
    assert step.network.chain("block", 1)[0].uid == "new0"
    step = edits.insert(NETWORK, [Flatten(), Flatten()], 0, None, numbered())
    assert (str(step.label), step.selection) == ("Add 2 layers", ("new1",))
    step = edits.insert(NETWORK, [Flatten(), Flatten()], 0, Message("Two"), numbered())
    assert str(step.label) == "Add Two"


def test_copies_are_selected_together() -> None:
    step = edits.duplicate(NETWORK, ["f", "a"], numbered())
    assert (str(step.label), step.selection) == ("Duplicate 2 layers", ("new0", "new1"))
    step = edits.duplicate(NETWORK, ["block", "a"], numbered())
    assert (str(step.label), step.selection) == ("Duplicate Inception", ("new0",))


def test_after_a_deletion_what_is_near_is_selected() -> None:
    assert edits.delete(NETWORK, ["c"]).selection == ("block",)
    assert edits.delete(NETWORK, ["f"]).selection == ("block",)
    assert edits.delete(NETWORK, ["a"]).selection == ("block",)
    assert edits.delete(NETWORK, ["c", "block", "f"]).selection == (INPUT_UID,)


def test_moves_and_branches_are_named() -> None:
    assert str(edits.move(NETWORK, ["a"], 0).label) == "Move ReLU"
    assert str(edits.move(NETWORK, ["c", "f"], 2).label) == "Move 2 layers"
    assert edits.move(NETWORK, ["block"], Place(0, "block", 1)).network == NETWORK
    assert str(edits.add_branch(NETWORK, "block").label) == "Add a branch to Inception"
    step = edits.remove_branch(NETWORK, "block", 0)
    assert (str(step.label), step.selection) == ("Remove a branch of Inception", ("block",))


def test_what_is_wrapped_can_be_unwrapped() -> None:
    step = edits.wrap(analyze(NETWORK), ["a"], numbered())
    assert step.selection == ("new0",)
    assert [len(branch) for branch in step.network.layer("new0").branches] == [1, 0]  # type: ignore[attr-defined]
    back = edits.unwrap(step.network, "new0")
    assert (back.network, back.selection) == (NETWORK, ("a",))
    step = edits.wrap(analyze(NETWORK), ["f"], numbered())
    assert len(step.network.layer("new0").branches) == 1  # type: ignore[attr-defined]


def test_pasting_goes_behind_the_selection_or_takes_over() -> None:
    pasted = Network(name="Sent", layers=(Flatten(uid="f"),))
    step = edits.paste(NETWORK, pasted, edits.place_after(NETWORK, "a"), numbered())
    assert [layer.uid for layer in step.network.chain("block", 0)] == ["a", "new0"]
    assert str(step.label) == "Paste Flatten"
    assert edits.paste(Network(), pasted, 0, numbered()).network.name == "Sent"
