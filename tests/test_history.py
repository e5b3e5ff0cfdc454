"""Undo and redo bring every state back as it was, with all that it had learned."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from cnnviz.analysis import TensorKey
from cnnviz.history import MAX_STATES, History
from cnnviz.message import Message
from cnnviz.network import Network
from cnnviz.project import Project, Weights

KEYS: tuple[TensorKey, ...] = (
    ("a", "weight", (1,)),
    ("a", "weight", (2,)),
    ("a", "bias", (1,)),
    ("b", "weight", (1,)),
)


def project(seed: int) -> Project:
    return Project(Network(), seed=seed)


def label(number: int) -> Message:
    return Message("Step {n}", n=number)


class Model:
    """One state as a plain reading of the promises would keep it, values as whole numbers."""

    def __init__(
        self, revision: int, seed: int, weights: dict[TensorKey, int], carries: bool, field: str
    ) -> None:
        self.revision = revision
        self.seed = seed
        self.weights = weights
        self.carries = carries
        self.field = field


class HistoryMachine(RuleBasedStateMachine):
    """History against a list of plain values, step by step.

    Each tensor holds one number that no other tensor holds, so that equal numbers mean that the
    same learning is shared.
    """

    @initialize(first=st.integers(0, 5))
    def begin(self, first: int) -> None:
        self.number = 0
        self.history = History(label(0), project(0), {}, first)
        self.model = [Model(first, 0, {}, False, "")]
        self.at = 0
        self.last = first

    def _next(self) -> int:
        self.number += 1
        return self.number

    def _tensors(self, keys: list[TensorKey]) -> tuple[Weights, dict[TensorKey, int]]:
        numbers = {key: self._next() for key in keys}
        return {key: np.full(key[2], n, np.float32) for key, n in numbers.items()}, numbers

    @rule(field=st.sampled_from(["", "", "filters", "kernel"]))
    def edit(self, field: str) -> None:
        """A step that goes on with the weights; keystrokes in one field become one step."""
        seed = self._next()
        state = self.history.push(label(seed), project(seed), field=field)
        present = self.model[self.at]
        self.last += 1
        merges = field != "" and present.field == field and self.at > 0
        del self.model[self.at + 1 :]
        carries = present.carries if merges else True
        new = Model(self.last, seed, dict(present.weights), carries, field)
        if merges:
            self.model[self.at] = new
        else:
            self.model.append(new)
        self.at = len(self.model) - 1
        assert state is self.history.present

    @rule(keys=st.lists(st.sampled_from(KEYS), unique=True), field=st.sampled_from(["", "filters"]))
    def reset(self, keys: list[TensorKey], field: str) -> None:
        """A step with weights of its own is never merged and carries nothing on."""
        seed = self._next()
        weights, numbers = self._tensors(keys)
        self.history.push(label(seed), project(seed), weights=weights, field=field)
        self.last += 1
        del self.model[self.at + 1 :]
        self.model.append(Model(self.last, seed, numbers, False, field))
        self.at += 1

    @rule()
    def undo(self) -> None:
        state = self.history.undo()
        assert (state is None) == (self.at == 0)
        self.at = max(0, self.at - 1)

    @rule()
    def redo(self) -> None:
        state = self.history.redo()
        assert (state is None) == (self.at == len(self.model) - 1)
        self.at = min(len(self.model) - 1, self.at + 1)

    @rule()
    def end_field(self) -> None:
        self.history.end_field()
        self.model[self.at].field = ""

    @rule(data=st.data(), keys=st.lists(st.sampled_from(KEYS), unique=True, min_size=1))
    def learned(self, data: st.DataObject, keys: list[TensorKey]) -> None:
        """Learning reaches the state that learned, and those that went on from it unchanged."""
        start = data.draw(st.integers(0, len(self.model) - 1))
        weights, numbers = self._tensors(keys)
        assert self.history.learned(self.model[start].revision, weights)
        before = dict(self.model[start].weights)
        for index in range(start, len(self.model)):
            state = self.model[index]
            if index > start and not state.carries:
                break
            for key, number in numbers.items():
                if index == start or state.weights.get(key) == before.get(key):
                    state.weights[key] = number

    @rule(keys=st.lists(st.sampled_from(KEYS), unique=True, min_size=1))
    def learned_by_a_state_that_is_gone(self, keys: list[TensorKey]) -> None:
        known = {state.revision for state in self.model}
        gone = next(n for n in range(self.last + 1, -2, -1) if n not in known)
        weights, _ = self._tensors(keys)
        assert not self.history.learned(gone, weights)

    @rule(steps=st.integers(1, 8))
    def there_and_back(self, steps: int) -> None:
        """As many redos as there were undos lead back to the very same state."""
        before = self.history.present
        done = sum(self.history.undo() is not None for _ in range(steps))
        for _ in range(done):
            self.history.redo()
        assert self.history.present is before

    @invariant()
    def agrees(self) -> None:
        present, model = self.history.present, self.model[self.at]
        assert present.revision == model.revision
        assert present.project == project(model.seed)
        assert numbers_of(present.weights) == model.weights
        steps, at = self.history.labels
        assert (len(steps), at) == (len(self.model), self.at)
        assert [step.values["n"] for step in steps] == [state.seed for state in self.model]
        expected = label(model.seed) if self.at > 0 else None
        assert self.history.undo_label == expected
        following = self.model[self.at + 1 :]
        assert self.history.redo_label == (label(following[0].seed) if following else None)

    def teardown(self) -> None:
        """Every state, not just those that were visited, is as it should be."""
        if not hasattr(self, "history"):
            return
        while self.history.undo() is not None:
            self.at -= 1
        assert self.at == 0
        for state in self.model:
            assert numbers_of(self.history.present.weights) == state.weights
            assert self.history.present.project == project(state.seed)
            self.history.redo()


def numbers_of(weights: Weights) -> dict[TensorKey, int]:
    return {key: int(values.flat[0]) for key, values in weights.items()}


HistoryMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
TestHistory: Any = HistoryMachine.TestCase


def test_a_value_typed_back_brings_its_learning_back() -> None:
    """Filters 1, 13, 1 in one field: the tensors of both shapes are still known."""
    one, many = ("c", "weight", (1,)), ("c", "weight", (13,))
    history = History(label(0), project(0), {one: np.ones(1, np.float32)})
    first = history.present.weights[one]
    history.push(label(1), project(1), field="c.filters")
    history.learned(history.present.revision, {many: np.ones(13, np.float32)})
    history.push(label(2), project(2), field="c.filters")
    assert history.present.weights[one] is first
    assert set(history.present.weights) == {one, many}
    history.undo()
    assert history.present.weights[one] is first


def test_only_the_oldest_states_are_forgotten() -> None:
    history = History(label(0), project(0), {})
    for number in range(1, MAX_STATES + 50):
        history.push(label(number), project(number))
    steps, at = history.labels
    assert len(steps) == MAX_STATES
    assert at == MAX_STATES - 1
    assert steps[-1] == label(MAX_STATES + 49)
    while history.undo() is not None:
        pass
    assert history.present.project == project(50)
    assert not history.learned(0, {})


def test_steps_are_what_has_been_done_with_what_was_before() -> None:
    history = History(label(0), project(0), {})
    for number in (1, 2, 3):
        history.push(label(number), project(number))
    assert [(step, before.project.seed) for step, before in history.steps] == [
        (label(1), 0),
        (label(2), 1),
        (label(3), 2),
    ]
    history.undo()
    assert [step for step, _ in history.steps] == [label(1), label(2)]
