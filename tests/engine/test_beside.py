"""A look with lent weights is what a network with those weights shows."""

from __future__ import annotations

import numpy as np
import pytest

from cnnviz.engine.protocol import Failed, Lend, Passed, Probed, Studied, Study, TakeBack, Train
from cnnviz.engine.protocol.studies import Beside, Lacking, Look, SeenBeside
from tests.engine.desk import LONG, RESTLESS, Desk, samples

LOOK = Look(samples(0, 1).test_images[0].tobytes(), 28, 28, 1)


@pytest.fixture
def run(desk: Desk) -> Desk:
    """A run of twelve steps, paused."""
    desk.load(RESTLESS)
    desk.tell(Train(desk.revision, LONG, steps=12))
    desk.work()
    return desk


def passed(desk: Desk, step: int) -> Passed:
    return next(one for one in desk.all(Passed) if one.step == step)


def ask(desk: Desk, uid: str, weights: str = "") -> Studied:
    desk.tell(Study(1, "beside", Beside(LOOK, uid, weights)))
    desk.work()
    return desk.last(Studied)


def found(desk: Desk, uid: str, weights: str = "") -> SeenBeside:
    finding = ask(desk, uid, weights).finding
    assert isinstance(finding, SeenBeside)
    return finding


@pytest.mark.parametrize("step", [0, 3, 10])
def test_lent_weights(run: Desk, step: int) -> None:
    run.tell(Lend("one", passed(run, step).tensors))
    other = Desk()
    other.load(RESTLESS, {tensor.key: tensor.array() for tensor in passed(run, step).tensors})
    other.probe("conv")
    expected = other.last(Probed)
    for uid in ("input", "conv", "norm", "dense"):
        seen = found(run, uid, "one")
        shown = next(layer for layer in expected.layers if layer.uid == uid)
        assert np.array_equal(seen.maps.array(), shown.array())
        assert seen.probabilities == expected.probabilities


def test_the_present_weights_are_left_alone(run: Desk) -> None:
    run.probe("conv")
    before = run.last(Probed)
    run.tell(Lend("one", passed(run, 0).tensors))
    assert found(run, "conv", "one").probabilities != before.probabilities
    assert found(run, "conv").probabilities == before.probabilities
    run.probe("conv")
    assert run.last(Probed).probabilities == before.probabilities


def test_two_are_held_and_what_is_not_is_said(run: Desk) -> None:
    for name, step in (("one", 0), ("two", 3), ("three", 10)):
        run.tell(Lend(name, passed(run, step).tensors))
    assert isinstance(ask(run, "conv", "one").finding, Lacking)
    found(run, "conv", "two")
    found(run, "conv", "three")
    run.tell(TakeBack())
    assert isinstance(ask(run, "conv", "three").finding, Lacking)
    run.tell(Lend("two", passed(run, 0).tensors))
    run.load(RESTLESS)  # other weights of another state: what was lent is forgotten
    assert isinstance(ask(run, "conv", "two").finding, Lacking)


def test_a_layer_that_is_not_there(run: Desk) -> None:
    answer = ask(run, "nobody")
    assert answer.finding is None
    assert answer.note is not None


def test_nothing_is_held_where_there_is_no_network(desk: Desk) -> None:
    desk.tell(Lend("one", []))
    assert desk.all(Failed)
    assert not desk.engine.bench.lent
