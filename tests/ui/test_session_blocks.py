"""The session's commands on networks with blocks, and the selection of several layers."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings

from cnnviz.layers import Activation, Branches, Dropout, Flatten
from cnnviz.network import INPUT_UID, Network, Place
from cnnviz.project import Project
from tests.ui.rearranging import EDITS, INNER, NESTED, do, present
from ui.session import Session


@pytest.fixture
def session() -> Session:
    return Session(Project(NESTED), {})


def branches(session: Session, uid: str) -> list[list[str]]:
    block = session.network.layer(uid)
    assert isinstance(block, Branches)
    return [[layer.uid for layer in branch] for branch in block.branches]


@settings(max_examples=200, deadline=None)
@given(EDITS)
def test_any_edits_keep_uids_apart_and_can_be_undone(
    edits: list[tuple[str, list[int], int]],
) -> None:
    session = Session(Project(NESTED), {})
    ever: set[str] = set()
    for edit, which, where in edits:
        before, steps = set(present(session)), session.undo_label
        project = session.project
        do(session, edit, which, where)
        now = present(session)
        assert all(now)
        assert not [uid for uid, count in Counter(now).items() if count > 1]
        if edit not in {"undo", "redo"}:
            assert not (set(now) - before) & ever, "a new layer has a uid that was never used"
            assert (session.project is project) <= (session.undo_label is steps)
        ever |= set(now)
        assert session.selection in {INPUT_UID, *now}
        assert set(session.selected) <= set(now)
        assert (session.selection in session.selected) == (session.selection != INPUT_UID)
        assert {row.layer.uid for row in session.report.rows} == set(now)
    end = session.project if session.redo_label is None else None
    while session.undo_label is not None:
        session.undo()
    assert session.network == NESTED
    while session.redo_label is not None:
        session.redo()
    assert end is None or session.project == end


def test_layers_go_into_and_out_of_branches(session: Session) -> None:
    session.insert([Dropout()], Place(0, "inner", 1))
    assert branches(session, "inner") == [["a", "b"], [session.selection]]
    session.move("pool", Place(0, "outer", 2))
    assert branches(session, "outer")[2] == ["pool"]
    session.move(["pool", "a"], Place(0))
    assert [layer.uid for layer in session.network.layers[:2]] == ["a", "pool"]
    assert str(session.undo_label) == "Move 2 layers"
    session.undo()
    assert branches(session, "outer")[2] == ["pool"]


def test_a_block_moves_whole_and_not_into_itself(session: Session) -> None:
    before = session.project
    session.move("outer", Place(0, "inner", 0))
    assert session.project is before
    session.move("inner", Place(0))
    assert session.network.layers[0] == INNER
    assert str(session.undo_label) == "Move Inner"


def test_what_is_selected_after_a_deletion(session: Session) -> None:
    session.delete("b")
    assert session.selection == "a"
    session.delete("a")
    assert session.selection == "inner"
    session.delete("c", "inner", "first")
    assert session.selection == "outer"
    assert str(session.undo_label) == "Delete 3 layers"
    session.undo()
    session.delete("outer", "c")
    assert str(session.undo_label) == "Delete Inception"
    assert session.selection == "pool"


def test_a_copy_of_a_block_has_layers_of_its_own(session: Session) -> None:
    session.duplicate("outer")
    copy = session.network.layers[2]
    assert session.selection == copy.uid
    assert not session.network.inside(copy.uid) & session.network.inside("outer")
    assert len(session.network.inside(copy.uid)) == len(session.network.inside("outer"))


@pytest.mark.parametrize("uid", ["first", "pool", "b", "d"])
def test_a_copy_taken_back_leads_to_the_layer_it_came_from(session: Session, uid: str) -> None:
    session.duplicate(uid)
    session.undo()
    assert session.selected == (uid,)
    session.redo()
    assert session.selected == (uid,)


def test_what_is_selected_when_nothing_is_left_before_it(session: Session) -> None:
    session.insert([Dropout()], Place(0))
    session.undo()
    assert session.selection == session.network.layers[0].uid


def test_copies_of_several_layers_are_selected(session: Session) -> None:
    session.duplicate("pool", "d")
    assert [session.network.layer(uid).kind for uid in session.selected] == [
        "batch_norm",
        "max_pool",
    ]
    assert [n.kind for n in session.network.layers[2:5]] == ["max_pool", "batch_norm", "max_pool"]


def test_wrapping_gives_a_shortcut_where_the_shape_stays(session: Session) -> None:
    session.wrap("d")
    assert branches(session, session.selection) == [["d"], []]
    assert session.report.problem is None
    session.undo()
    session.wrap("pool", "flat")
    assert branches(session, session.selection) == [["pool", "flat"]]
    assert session.report.problem is None
    block = session.selection
    session.unwrap(block)
    assert session.network == NESTED
    assert session.selected == ("pool", "flat")


def test_branches_are_added_and_removed(session: Session) -> None:
    session.add_branch("inner")
    assert branches(session, "inner") == [["a", "b"], [], []]
    session.select("a")
    session.remove_branch("inner", 0)
    assert branches(session, "inner") == [[], []]
    assert session.selection == "inner"
    assert str(session.undo_label) == "Remove a branch of Inner"


def test_pasting_into_an_empty_network_takes_over_its_input() -> None:
    session = Session(Project(Network()), {})
    pasted = Network(name="Sent", input=NESTED.input, layers=(Activation(), Flatten()))
    session.paste(pasted)
    assert session.network.name == "Sent"
    assert [layer.kind for layer in session.network.layers] == ["activation", "flatten"]
    assert len(session.selected) == 2
    session.paste(pasted)
    assert [n.kind for n in session.network.layers] == 2 * ["activation", "flatten"]
    assert len(set(present(session))) == 4


def test_several_are_selected_in_the_order_of_the_network(session: Session) -> None:
    told: list[str] = []
    session.selection_changed.connect(told.append)
    counts: list[int] = []
    session.selected_changed.connect(lambda: counts.append(len(session.selected)))
    session.select("a", "pool", "first")
    assert session.selection == "a"
    assert list(session.selected) == ["first", "a", "pool"]
    session.select("a", "first")
    session.select("a", "first")
    assert told == ["a"]
    assert counts == [3, 2]
    session.select("gone", "a")
    assert session.selection == "a"
    session.select(INPUT_UID)
    assert not session.selected
