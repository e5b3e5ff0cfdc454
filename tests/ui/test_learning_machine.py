"""Edits, undo, runs and late messages in any order: the engine computes with what the window knows.

Each end hears the other when Hypothesis says so. Whenever all has been heard and nothing trains,
the engine's weights must be those of the present state, and a state that one comes back to must be
as one left it.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from cnnviz.analysis import TensorKey, analyze
from cnnviz.engine import bench, runner
from cnnviz.engine.build import build
from cnnviz.layers import Activation, BatchNorm, Conv2d, Dense, Flatten, MaxPool, Size
from cnnviz.message import Message
from cnnviz.network import Input, Network
from cnnviz.project import Project
from cnnviz.training import Training
from tests.engine.desk import load_slowly
from tests.ui.desk_link import DeskLink
from ui.engine_client import EngineClient
from ui.session import Session

RATE = Message("Learning rate")
LAYERS = (
    Conv2d(uid="conv", filters=2, kernel=Size(3, 3)),
    MaxPool(uid="pool"),
    BatchNorm(uid="norm"),
    Flatten(uid="flat"),
    Dense(uid="dense", units=10),
)
PROJECT = Project(
    Network(input=Input(7, 7), layers=LAYERS),
    training=Training(optimizer="sgd", learning_rate=0.05, batch_size=8, epochs=1000),
)


class LearningMachine(RuleBasedStateMachine):
    """A window and its engine."""

    @initialize()
    def begin(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr("ui.engine_sync.EngineLink", DeskLink)
        self.patch.setattr(bench, "load_steps", load_slowly)
        self.patch.setattr(runner, "PROGRESS_SECONDS", 0.0)
        self.session = Session(PROJECT, {})
        self.client = EngineClient(self.session)
        self.client.start()
        self.link.work()
        self.left: dict[int, dict[TensorKey, np.ndarray]] = {}
        self.settle()

    @property
    def link(self) -> DeskLink:
        return DeskLink.newest

    # --- what a person does

    @rule(filters=st.sampled_from([1, 2, 3]))
    def type_filters(self, filters: int) -> None:
        if any(layer.uid == "conv" for layer in self.session.network.layers):
            self.session.set_field("conv", "filters", filters)

    @rule(uid=st.sampled_from(["conv", "pool", "norm", "flat"]))
    def delete(self, uid: str) -> None:
        if any(layer.uid == uid for layer in self.session.network.layers):
            self.session.delete(uid)

    @rule(kind=st.sampled_from([Activation, BatchNorm]))
    def insert(self, kind: type[Activation | BatchNorm]) -> None:
        if len(self.session.network.layers) < 7:
            self.session.insert([kind()], 1)

    @rule(rate=st.sampled_from([0.02, 0.05]))
    def set_rate(self, rate: float) -> None:
        training = msgspec.structs.replace(self.session.project.training, learning_rate=rate)
        self.session.set_training(training, RATE)

    @rule(name=st.sampled_from(["a", "b"]))
    def rename(self, name: str) -> None:
        self.session.rename(name)

    @rule()
    def leave_the_field(self) -> None:
        self.session.end_field()

    @rule()
    def undo(self) -> None:
        self.session.undo()

    @rule()
    def redo(self) -> None:
        self.session.redo()

    @rule()
    def reset(self) -> None:
        self.client.reset()

    @rule(steps=st.sampled_from(["train", "step"]))
    def train(self, steps: str) -> None:
        """And the engine begins: what it is told while it still reads its data is left out here."""
        getattr(self.client, steps)()
        self.link.listen()
        engine = self.link.engine
        assert engine is not None
        while engine.busy and engine.runner.run is None:
            self.the_engine_works(1)

    @rule()
    def pause(self) -> None:
        self.client.pause()

    # --- what happens meanwhile

    @rule()
    def the_engine_hears(self) -> None:
        self.link.listen()

    @rule()
    def the_window_hears(self) -> None:
        self.link.tell()

    @rule(slices=st.integers(1, 6))
    def the_engine_works(self, slices: int) -> None:
        engine = self.link.engine
        assert engine is not None
        for _ in range(slices):
            if engine.busy:
                engine.advance()
                assert engine.bench.loaded is not None
                trained = engine.bench.loaded.revision  # this state and those after it have learned
                self.left = {r: left for r, left in self.left.items() if r < trained}

    @rule()
    def a_snapshot_is_due(self) -> None:
        engine = self.link.engine
        assert engine is not None
        engine.runner.keeper.snapshot_due = 0.0

    @rule()
    def settle(self) -> None:
        """Nothing trains and all has been heard: both ends must agree."""
        self.link.settle()
        engine = self.link.engine
        assert engine is not None
        if engine.busy:
            return
        assert not self.client.training
        state, report = self.session.state, self.session.report
        fresh = dict(build(analyze(state.project.network, 10), {}, 0).tensors())
        assert engine.bench.model is not None
        truly = {key: t.detach().numpy().copy() for key, t in engine.bench.model.tensors()}
        assert list(truly) == list(report.tensor_keys())
        for key, value in truly.items():
            known = state.weights.get(key)
            expected = fresh[key].detach().numpy() if known is None else known
            assert np.array_equal(value, expected), key
        for key, value in self.left.get(state.revision, {}).items():
            assert np.array_equal(truly[key], value), key
        self.left[state.revision] = truly

    @rule()
    def stop_and_settle(self) -> None:
        self.client.stop()
        self.settle()

    def teardown(self) -> None:
        if not hasattr(self, "client"):
            return
        try:
            self.stop_and_settle()
        finally:
            self.client.close()
            self.patch.undo()


LearningMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=40)
TestLearning: Any = pytest.mark.usefixtures("qapp")(LearningMachine.TestCase)
