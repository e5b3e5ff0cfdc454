"""Other weights are looked at, and the present ones know nothing of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cnnviz.engine.protocol import (
    Answers,
    Failed,
    Leave,
    Load,
    Passed,
    Probed,
    Snapshot,
    Studied,
    Study,
    Train,
    UseDevice,
    Visit,
)
from cnnviz.engine.protocol.studies import Examine
from cnnviz.engine.slices import outputs_of
from cnnviz.project import Weights
from tests.engine.desk import LONG, RESTLESS, TEST, Desk, same, small_network


@pytest.fixture
def run(desk: Desk) -> Desk:
    """A run of twelve steps, paused."""
    desk.load(RESTLESS)
    desk.tell(Train(desk.revision, LONG, steps=12))
    desk.work()
    return desk


def moment(desk: Desk, step: int) -> Passed:
    return next(one for one in desk.all(Passed) if one.step == step)


def visit(desk: Desk, step: int) -> None:
    desk.tell(Visit(step, moment(desk, step).tensors))


def picture(desk: Desk) -> Probed:
    desk.probe("dense")
    return desk.last(Probed)


def weights_of(passed: Passed) -> Weights:
    return {tensor.key: tensor.array() for tensor in passed.tensors}


def seen(desk: Desk, step: int) -> list[float]:
    """What an engine of its own makes of the image with the weights of a step."""
    other = Desk()
    other.load(RESTLESS, weights_of(moment(desk, step)))
    return picture(other).probabilities


def trained(desk: Desk) -> Weights:
    model = desk.engine.bench.trained
    assert model is not None
    return {key: tensor.detach().numpy().copy() for key, tensor in model.tensors()}


def test_the_picture_is_that_of_the_step(run: Desk) -> None:
    before = picture(run)
    for step in (10, 0, 3):
        visit(run, step)
        shown = picture(run)
        assert shown.step == step
        assert shown.probabilities == seen(run, step)
        kernel = next(one for one in shown.weights if one.name == "weight")
        known = weights_of(moment(run, step))["dense", "weight", (10, 108)]
        assert np.array_equal(kernel.array(), known)

    run.tell(Leave())

    after = picture(run)
    assert (after.step, after.probabilities) == (before.step, before.probabilities)


def test_the_run_goes_on_meanwhile_as_if_nothing_was_looked_at(run: Desk) -> None:
    visit(run, 10)
    run.tell(Train(run.revision, LONG, steps=8))
    while run.engine.busy:
        run.work(1)
        picture(run)
    assert picture(run).step == 10
    run.tell(Leave())

    quiet = Desk()
    quiet.load(RESTLESS)
    quiet.tell(Train(quiet.revision, LONG, steps=20))
    quiet.work()
    assert same(trained(run), trained(quiet))
    assert picture(run).step == 20


def test_another_network_is_looked_at_as_it_is(run: Desk) -> None:
    visit(run, 10)
    run.load(small_network(filters=5))
    assert run.engine.bench.visited_step is None
    assert picture(run).step == 0


def test_an_edit_keeps_what_was_learned_and_not_what_is_visited(run: Desk) -> None:
    live = trained(run)
    visit(run, 0)
    run.revision += 1
    run.tell(Load(run.revision, RESTLESS, "mnist", 0, list(live), []))
    assert same(trained(run), live)


def test_what_is_kept_of_a_paused_run_is_not_what_is_visited(run: Desk) -> None:
    visit(run, 0)
    run.engine.runner.snapshot(final=True)
    assert same(run.last(Snapshot).weights(), trained(run))


def test_without_a_network_there_is_nothing_to_be_visited(desk: Desk) -> None:
    desk.tell(Visit(0, []))
    assert "fixed" in str(desk.last(Failed).reason.message())


def test_on_another_device_the_present_weights_are_looked_at(
    run: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit(run, 10)
    monkeypatch.setattr(run.engine.bench, "device", "another")
    run.tell(UseDevice("cpu"))
    assert run.engine.bench.visited_step is None


# --- all test images ----------------------------------------------------------------------------


def answers(desk: Desk) -> list[Answers]:
    return [one.finding for one in desk.all(Studied) if isinstance(one.finding, Answers)]


def ask(desk: Desk, step: int) -> None:
    desk.tell(Study(step + 1, "time", Examine(step)))


def test_the_answers_are_those_of_the_step(run: Desk) -> None:
    visit(run, 10)
    ask(run, 10)
    run.work()
    [found] = answers(run)
    shown = found.examination()
    assert shown.step == 10
    assert len(shown.labels) == TEST

    other = Desk()
    other.load(RESTLESS, weights_of(moment(run, 10)))
    model = other.engine.bench.trained
    assert model is not None
    data = run.engine.bench._data
    assert data is not None
    logits = outputs_of(model, data[3].test_images)["dense"]
    assert torch.equal(logits.argmax(1), torch.from_numpy(shown.predicted.copy()).long())
    assert np.array_equal(shown.labels, data[3].test_labels.numpy())


def test_other_weights_meanwhile_find_nothing(run: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnnviz.engine.slices.LARGEST_SLICE", 8)
    visit(run, 10)
    ask(run, 10)
    run.work(2)
    visit(run, 3)
    run.work()
    assert answers(run) == []
    assert run.last(Studied).done == 1

    ask(run, 3)
    run.work()
    assert [one.step for one in answers(run)] == [3]


def test_a_run_that_goes_on_does_not_disturb_the_answers(run: Desk) -> None:
    visit(run, 10)
    ask(run, 10)
    run.work()
    quiet = answers(run)[-1]
    run.tell(Train(run.revision, LONG, steps=200))
    ask(run, 10)
    while len(answers(run)) < 2:
        run.work(1)
    assert bytes(answers(run)[-1].predicted) == bytes(quiet.predicted)
