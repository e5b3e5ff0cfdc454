"""What the engine is sent and what it keeps, when what it has learned arrives late."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from cnnviz.analysis import Report, TensorKey, analyze
from cnnviz.history import History, State
from cnnviz.layers import Conv2d, Dense, Flatten
from cnnviz.message import Message
from cnnviz.network import Network
from cnnviz.project import Project, Weights
from ui.holdings import Holdings

CONV, FLAT, OUT = Conv2d(uid="conv", filters=8), Flatten(uid="flat"), Dense(uid="out", units=10)


def values(report: Report, number: float) -> Weights:
    return {key: np.full(key[2], number, np.float32) for key in report.tensor_keys()}


class Desk:
    """A history and the holdings of its engine, as the client keeps them in step."""

    def __init__(self) -> None:
        self.project = Project(Network(layers=(CONV, FLAT, OUT)))
        self.history = History(Message("Open"), self.project, {})
        self.holdings = Holdings()
        self.load(edit=True)

    @property
    def state(self) -> State:
        return self.history.present

    @property
    def report(self) -> Report:
        return analyze(self.state.project.network)

    def load(self, *, edit: bool) -> tuple[set[TensorKey], dict[TensorKey, float]] | None:
        """What the engine is told to keep, and what it is sent."""
        load = self.holdings.load(self.state, self.report, edit=edit)
        if load is None:
            return None
        return set(load.keep), {t.key: float(t.array().flat[0]) for t in load.tensors}

    def train(self) -> int:
        revision = self.history.push(Message("Train"), self.state.project).revision
        self.load(edit=True)
        self.holdings.train()
        return revision

    def type_filters(self, count: int) -> tuple[set[TensorKey], dict[TensorKey, float]] | None:
        layers = (msgspec.structs.replace(CONV, filters=count), FLAT, OUT)
        project = msgspec.structs.replace(
            self.project, network=self.project.network.with_layers(layers)
        )
        self.history.push(Message("Change"), project, field="conv.filters")
        return self.load(edit=True)

    def tell(self, revision: int, weights: Weights) -> bool:
        self.history.learned(revision, weights)
        return self.holdings.learned(weights, self.state)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_what_arrives_after_a_value_was_typed_back_is_sent_again(desk: Desk) -> None:
    run = desk.train()
    told = values(desk.report, 1.0)
    assert not desk.tell(run, told)
    latest = values(desk.report, 2.0)  # learned since, and on its way
    desk.type_filters(1)
    assert desk.type_filters(8) == ({("out", "bias", (10,))}, dict.fromkeys(
        told.keys() - {("out", "bias", (10,))}, 1.0
    ))  # fmt: skip

    assert desk.tell(run, latest)
    assert desk.load(edit=True) == ({("out", "bias", (10,))}, dict.fromkeys(
        told.keys() - {("out", "bias", (10,))}, 2.0
    ))  # fmt: skip
    assert not desk.tell(run, latest)


def test_what_arrives_after_undo_and_redo_is_sent_again(desk: Desk) -> None:
    run = desk.train()
    desk.history.undo()
    assert desk.load(edit=False) == (set(), {})  # from the seed again
    desk.history.redo()
    desk.load(edit=False)
    latest = values(desk.report, 2.0)
    assert desk.tell(run, latest)
    assert desk.load(edit=True) == (set(), dict.fromkeys(latest, 2.0))


def test_snapshots_of_a_run_change_nothing_in_the_engine(desk: Desk) -> None:
    run = desk.train()
    for number in (1.0, 2.0):
        assert not desk.tell(run, values(desk.report, number))
        assert desk.load(edit=True) is None
