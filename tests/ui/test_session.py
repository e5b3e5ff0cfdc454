"""The session: whatever is done in whatever order can be undone, and nothing is mixed up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cnnviz.analysis import analyze
from cnnviz.layers import (
    Activation,
    AvgPool,
    Border,
    Conv2d,
    Dense,
    Dropout,
    Field,
    Flatten,
    Layer,
    MaxPool,
    Size,
    Vector,
    fields_of,
)
from cnnviz.message import Message
from cnnviz.network import INPUT_UID, Input, Network, renamed
from cnnviz.network_file import decode_network, encode_network
from cnnviz.preparation import Preparation
from cnnviz.project import Project
from cnnviz.training import Training
from tests.support.networks import layers, networks, values_of
from tests.ui.sessions import small_session
from ui.session import Session
from ui.session_state import Change


def plain(network: Network) -> list[Layer]:
    """The layers without their uids, at every depth."""
    return list(renamed(network.layers, lambda: ""))


def settings_of(layer: Layer) -> tuple[Field, ...]:
    kind: type[Layer] = type(layer)
    return fields_of(kind)


class Ear:
    """Everything that a session says."""

    def __init__(self, session: Session) -> None:
        self.changes: list[Change] = []
        self.selections: list[str] = []
        session.changed.connect(self.changes.append)
        session.selection_changed.connect(self.selections.append)


class SessionMachine(RuleBasedStateMachine):
    """Any commands in any order."""

    @initialize(network=networks(count=4), uids=st.booleans())
    def begin(self, network: Network, uids: bool) -> None:
        if not uids:
            network = network.with_layers(plain(network))
        self.session = Session(Project(network), {})
        self.ear = Ear(self.session)
        self.first = self.session.project
        self.uids = set(self._present())
        self.selection = self.session.selection
        self.steps = 0

    def _present(self) -> list[str]:
        return [layer.uid for layer in self.session.network.layers]

    def _some_uid(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(self._present()))

    def _check_new(self, before: set[str]) -> set[str]:
        """Uids that were not there just now must never have been there."""
        new = set(self._present()) - before
        assert not new & self.uids
        return new

    # --- commands that make layers

    @rule(new=st.lists(layers(), min_size=1, max_size=3), data=st.data())
    def insert(self, new: list[Layer], data: st.DataObject) -> None:
        before, count = self._present(), len(new)
        index = data.draw(st.none() | st.integers(0, len(before)))
        at = index
        if at is None:
            selected = self.session.selection
            at = 0 if selected == INPUT_UID else before.index(selected) + 1
        self.session.insert(new, index)
        fresh = self._check_new(set(before))
        now = self._present()
        assert now[:at] + now[at + count :] == before
        assert set(now[at : at + count]) == fresh
        assert plain(self.session.network)[at : at + count] == new
        assert self.session.selection == now[at + count - 1]

    @precondition(lambda self: self._present())
    @rule(data=st.data())
    def duplicate(self, data: st.DataObject) -> None:
        uid, before = self._some_uid(data), self._present()
        self.session.duplicate(uid)
        (copy,) = self._check_new(set(before))
        now = self._present()
        assert now.index(copy) == before.index(uid) + 1
        network = self.session.network
        copied = network.with_layers([network.layer(copy)])
        assert plain(copied) == plain(network.with_layers([network.layer(uid)]))
        assert self.session.selection == copy

    @precondition(lambda self: self.session.report.fixes)
    @rule(data=st.data())
    def fix(self, data: st.DataObject) -> None:
        before = self._present()
        chosen = data.draw(st.sampled_from(self.session.report.fixes))
        self.session.fix(chosen)
        self._check_new(set(before))
        assert plain(self.session.network) == plain(chosen.network)
        assert all(self._present())

    # --- commands that do not

    @precondition(lambda self: self._present())
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        uid, before = self._some_uid(data), self._present()
        index = before.index(uid)
        self.session.delete(uid)
        now = self._present()
        assert now == [other for other in before if other != uid]
        assert self.session.selection == (now[min(index, len(now) - 1)] if now else INPUT_UID)

    @precondition(lambda self: self._present())
    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        uid, before = self._some_uid(data), self._present()
        index = data.draw(st.integers(0, len(before)))
        self.session.move(uid, index)
        assert sorted(self._present()) == sorted(before)

    @precondition(lambda self: any(map(settings_of, self.session.network.layers)))
    @rule(data=st.data())
    def set_field(self, data: st.DataObject) -> None:
        places = [
            (layer.uid, field)
            for layer in self.session.network.layers
            for field in settings_of(layer)
        ]
        uid, field = data.draw(st.sampled_from(places))
        value = data.draw(values_of(field))
        self.session.set_field(uid, field.name, value)
        assert getattr(self.session.network.layer(uid), field.name) == value

    @rule(height=st.integers(1, 40), channels=st.integers(1, 3))
    def set_input(self, height: int, channels: int) -> None:
        self.session.set_input(Input(height, 28, channels))

    @rule(name=st.text(max_size=3))
    def rename(self, name: str) -> None:
        self.session.rename(name)

    @rule(rate=st.sampled_from([0.1, 0.2]), epochs=st.sampled_from([1, 2]))
    def set_training(self, rate: float, epochs: int) -> None:
        title = Message("Learning rate") if epochs == 1 else Message("Epochs")
        self.session.set_training(Training(learning_rate=rate, epochs=epochs), title)

    @rule(seed=st.integers(0, 3))
    def set_seed(self, seed: int) -> None:
        self.session.set_seed(seed)

    @rule()
    def train(self) -> None:
        state = self.session.begin_training()
        assert state is self.session.state
        keys = self.session.report.tensor_keys()
        learned = {key: np.zeros((), np.float32) for key in keys}
        self.session.learned(state.revision, learned)
        assert all(self.session.state.weights[key] is value for key, value in learned.items())

    @rule()
    def reset(self) -> None:
        self.session.reset_weights()
        assert not self.session.state.weights

    @rule(data=st.data())
    def select(self, data: st.DataObject) -> None:
        uid = data.draw(st.sampled_from([*self._present(), INPUT_UID]))
        self.session.select(uid)
        assert self.session.selection == uid
        self.session.select("nobody")
        assert self.session.selection == uid

    @rule()
    def leave_the_field(self) -> None:
        self.session.end_field()

    @rule()
    def undo(self) -> None:
        label, before = self.session.undo_label, self.session.project
        self.session.undo()
        if label is None:
            assert self.session.project is before
        else:
            assert self.session.redo_label == label

    @rule()
    def redo(self) -> None:
        label, before = self.session.redo_label, self.session.project
        self.session.redo()
        if label is None:
            assert self.session.project is before
        else:
            assert self.session.undo_label == label

    # --- always

    @invariant()
    def everything_agrees(self) -> None:
        if not hasattr(self, "session"):
            return
        session, present = self.session, self._present()
        assert all(present)
        assert len(set(present)) == len(present)
        assert session.report == analyze(session.network, 10)
        if session.selection == INPUT_UID:
            assert session.selected_layer is None
        else:
            assert session.selected_layer is session.network.layer(session.selection)
        assert decode_network(encode_network(session.network)) == session.network
        self.uids |= set(present)

    @invariant()
    def what_was_said_is_what_happened(self) -> None:
        """Changes follow each other without a gap, and the selection is told when it is another."""
        if not hasattr(self, "session"):
            return
        for change in self.ear.changes[self.steps :]:
            assert change.report.network is change.new.project.network
            assert change.old_report.network == change.old.project.network
        for before, after in zip(self.ear.changes, self.ear.changes[1:], strict=False):
            assert after.old.revision == before.new.revision
            assert after.old.project is before.new.project
        if self.ear.changes:
            assert self.ear.changes[-1].new.project is self.session.project
        self.steps = max(0, len(self.ear.changes) - 1)
        told = self.ear.selections[-1] if self.ear.selections else None
        if self.session.selection != self.selection:
            assert told == self.session.selection
        self.selection = self.session.selection

    def teardown(self) -> None:
        """All the way back is the beginning, all the way forward is where one was."""
        if not hasattr(self, "session"):
            return
        session = self.session
        while session.redo_label is not None:
            session.redo()
        last, way = session.state, []
        while session.undo_label is not None:
            way.append((session.project, session.undo_label))
            session.undo()
        assert session.project == self.first
        for project, label in reversed(way):
            assert session.redo_label == label
            session.redo()
            assert session.project is project
        assert session.state is last


SessionMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestSession: Any = SessionMachine.TestCase


# --- steps ------------------------------------------------------------------------------------


def test_keystrokes_in_one_field_are_one_step() -> None:
    session = small_session()
    for filters in (1, 13, 130):
        session.set_field("conv", "filters", filters)
    assert str(session.undo_label) == "Change Filters of Conv"
    session.undo()
    assert session.network.layer("conv") == Conv2d(uid="conv", filters=8, kernel=Size(5, 5))
    assert session.undo_label is None
    session.redo()
    assert session.network.layer("conv") == Conv2d(uid="conv", filters=130, kernel=Size(5, 5))


@pytest.mark.parametrize("between", ["leave", "select", "other field", "other layer"])
def test_another_field_or_a_second_visit_is_another_step(between: str) -> None:
    session = small_session()
    session.set_field("conv", "filters", 1)
    match between:
        case "leave":
            session.end_field()
        case "select":
            session.select("out")
        case "other field":
            session.set_field("conv", "kernel", Size(3, 3))
        case "other layer":
            session.set_field("out", "units", 11)
    session.set_field("conv", "filters", 2)
    session.undo()
    assert session.network.layer("conv").filters == 1  # type: ignore[attr-defined]


def test_what_changes_nothing_is_no_step() -> None:
    session = small_session()
    ear = Ear(session)
    session.set_field("conv", "filters", 8)
    session.apply(session.project, Message("Nothing"))
    session.move("relu", 1)
    session.move("relu", 2)
    assert session.undo_label is None
    assert not ear.changes


def test_keystrokes_in_one_setting_of_the_data_are_one_step() -> None:
    session = small_session()
    before = session.project
    for images in (5, 54, 540):
        session.set_preparation(Preparation(images=images), Message("Training images"))
    session.end_field()
    session.set_preparation(Preparation(images=540, move=10), Message("Shift, %"))
    assert str(session.undo_label) == "Change Shift, %"
    session.undo()
    assert session.project.preparation == Preparation(images=540)
    session.undo()
    assert session.project == before


def test_labels_name_the_steps() -> None:
    session = small_session()
    session.insert([Dropout(), AvgPool()], 2)
    session.delete("pool")
    session.duplicate("relu")
    session.move("conv", 3)
    session.set_training(Training(epochs=9), Message("Epochs"))
    session.begin_training()
    session.reset_weights()
    said = []
    while session.undo_label is not None:
        said.append(str(session.undo_label))
        session.undo()
    assert said == [
        *("Reset weights", "Train", "Change Epochs", "Move Conv", "Duplicate ReLU"),
        *("Delete Max pool", "Add 2 layers"),
    ]


def test_a_way_out_is_one_step_with_uids_of_its_own() -> None:
    session = small_session()
    session.delete("flat")
    assert session.report.problem_uid == "out"
    session.fix(session.report.fixes[0])
    assert session.report.problem is None
    assert plain(session.network)[3] == Flatten()
    assert session.network.layers[4] == Dense(uid="out", units=10)
    assert session.network.layers[3].uid not in {"", "flat"}
    assert session.undo_label == Message("Insert flatten → {n:,}", n=1152)


# --- uids -------------------------------------------------------------------------------------


def test_a_uid_is_never_given_twice() -> None:
    """Not after an undo, and not after another file: its learning would find the wrong layer."""
    session = small_session()
    session.insert([Activation()])
    first = session.selection
    session.undo()
    session.insert([Activation()])
    assert session.selection != first
    session.open(Project(Network().with_layers([Conv2d(), MaxPool(uid="u77")])), {}, None)
    given = session.network.layers[0].uid
    assert given not in {"", first}
    session.insert([Activation()])
    assert session.selection not in {given, first, "u77"}


@pytest.mark.parametrize("uid", ["u²", "u" + "9" * 5000, "u-1", "u", "u٣", "U5", "u5.5"])
def test_uids_of_files_may_be_anything(uid: str) -> None:
    session = Session(Project(Network().with_layers([Conv2d(uid=uid), Flatten()])), {})
    session.insert([Dense(units=10)], 2)
    found = [layer.uid for layer in session.network.layers]
    assert found[0] == uid
    assert len(set(found)) == 3


def test_a_network_from_elsewhere_keeps_its_uids_when_one_is_added_before_it() -> None:
    """Undo brings its learning back by them."""
    session = small_session()
    network = Network().with_layers([Conv2d(uid="u1"), Activation(uid="u2")])
    session.edit(network, Message("Paste"))
    session.insert([Activation()], 0)
    assert [layer.uid for layer in session.network.layers][1:] == ["u1", "u2"]


# --- files ------------------------------------------------------------------------------------


def test_what_is_saved_and_what_is_not() -> None:
    session, told = small_session(), []
    session.file_changed.connect(lambda: told.append(session.modified))
    session.set_field("conv", "filters", 9)
    session.undo()
    session.redo()
    path = Path("net.cnnviz")
    assert [session.path] == [None]
    session.saved(path, session.state)
    assert session.path == path
    session.learned(session.state.revision, {("conv", "bias", (9,)): np.zeros(9, np.float32)})
    state = session.state
    session.set_field("conv", "padding", Border(1, 1))
    session.saved(path, state)  # saving took a moment, and the work went on
    session.undo()
    assert told == [True, False, True, False, True, True, True, False]


def test_no_state_ever_has_the_number_of_another_one() -> None:
    """Else what a state taken back had learned, told late, could find one of another project."""
    session = small_session()
    session.begin_training()
    trained = session.state.revision
    session.undo()
    session.open(Project(Network(layers=(Flatten(), Dense(uid="out", units=10)))), {}, None)
    assert session.state.revision > trained
    session.learned(trained, {("out", "bias", (10,)): np.ones(10, np.float32)})
    assert not session.state.weights


def test_opening_begins_a_new_history_and_selects_the_first_layer() -> None:
    session = small_session()
    session.set_field("conv", "filters", 9)
    ear = Ear(session)
    project = Project(Network().with_layers([Flatten(uid="x"), Dense(uid="y", units=10)]))
    session.open(project, {}, Path("other.cnnviz"))
    assert session.undo_label is None
    assert session.redo_label is None
    assert not session.modified
    assert session.selection == "x"
    (change,) = ear.changes
    assert change.new.project == project
    assert not change.edit
    assert change.new.revision > change.old.revision
    session.open(Project(Network()), {}, None, saved=False)
    assert session.selection == INPUT_UID
    assert session.path is None
    assert session.modified


def test_learning_of_a_closed_project_is_not_taken_in() -> None:
    session = small_session()
    revision = session.state.revision
    session.open(Project(Network()), {}, None)
    session.learned(revision, {("conv", "bias", (8,)): np.zeros(8, np.float32)})
    assert not session.state.weights
    assert not session.modified


def test_a_quick_start_ends_in_the_classes_of_the_data_set() -> None:
    session = small_session()
    session.set_dataset("toy_edges")
    session.quick_start()
    assert session.report.problem is None
    assert session.report.output == Vector(4)
    session.undo()
    session.set_dataset("fashion_mnist")
    session.quick_start()
    assert session.report.output == Vector(10)
