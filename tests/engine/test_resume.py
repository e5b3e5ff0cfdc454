"""A run that is held, written down, and gone on with elsewhere is the one that was never held."""

from __future__ import annotations

import typing
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from cnnviz.analysis import analyze
from cnnviz.engine.batches import DeviceData
from cnnviz.engine.build import build
from cnnviz.engine.inline import learned
from cnnviz.engine.memory import remembered
from cnnviz.engine.protocol import Passed, Pause, Progress, Resume, Snapshot, Tensor, Train
from cnnviz.engine.sight import Sight
from cnnviz.engine.train import Run
from cnnviz.layers import BatchNorm, Dropout
from cnnviz.message import UserError
from cnnviz.preparation import Preparation
from cnnviz.runs import Place, Point
from cnnviz.training import Optimizer, Precision, Schedule, Training
from tests.engine.desk import LONG, QUICK, RESTLESS, Desk, same, samples, small_network

DATA = DeviceData(samples(), "cpu")
PLAIN = Preparation()
BOUND = small_network(BatchNorm(uid="norm", frozen=True), Dropout(uid="drop"))


def settings(**changed: object) -> Training:
    return msgspec.convert(msgspec.to_builtins(QUICK) | changed, Training)


def new_run(
    training: Training, network: Any = RESTLESS, seed: int = 3, preparation: Preparation = PLAIN
) -> Run:
    model = build(analyze(network, 10), {}, seed)
    model.sight = Sight(model.input, preparation)
    return Run(model, DATA, training, seed)


def elsewhere(run: Run, network: Any = RESTLESS) -> Run:
    """The run as another process finds it, from bytes."""
    place = msgspec.json.decode(msgspec.json.encode(run.place()), type=Place)
    weights = learned(run.model)
    memory = {key: array.copy() for key, array in run.memory().items()}
    model = build(analyze(network, 10), weights, seed=99)
    model.sight = Sight(model.input, place.preparation)
    torch.manual_seed(4711)  # its chance is another
    return Run(model, DATA, place.settings, place.seed, place, memory)


def finish(run: Run, slices: int | None = None) -> tuple[list[Point], list[Point]]:
    """To the end, or so many slices further; the points of both curves."""
    train: list[Point] = []
    test: list[Point] = []
    for done, _ in enumerate(run.work, start=1):
        more = run.take_points()
        train, test = train + more[0], test + more[1]
        if done == slices:
            break
    more = run.take_points()
    return train + more[0], test + more[1]


def check(
    training: Training, held_after: int, network: Any = RESTLESS, preparation: Preparation = PLAIN
) -> None:
    through = new_run(training, network, preparation=preparation)
    curves = finish(through)
    held = new_run(training, network, preparation=preparation)
    before = finish(held, held_after)
    on = elsewhere(held, network)
    after = finish(on)

    assert same(learned(through.model), learned(on.model))
    assert (before[0] + after[0], before[1] + after[1]) == curves
    assert (on.step, on.epoch, on.images) == (through.step, through.epoch, through.images)
    assert on.ended_early == through.ended_early


@pytest.mark.parametrize("optimizer", typing.get_args(Optimizer))
@pytest.mark.parametrize("schedule", typing.get_args(Schedule))
def test_every_optimizer_and_schedule_in_the_middle_of_an_epoch(
    optimizer: str, schedule: str
) -> None:
    """With dropout, running statistics, a shift, clipping and a warm-up."""
    training = settings(
        optimizer=optimizer,
        schedule=schedule,
        learning_rate=0.01,
        momentum=0.9,
        weight_decay=0.01,
        clipping=1.0,
        warm_up=2,
        shift=2,
        step_epochs=1,
        plateau_patience=0,
        batch_size=20,
        epochs=3,
    )
    check(training, held_after=8)


@pytest.mark.parametrize("precision", typing.get_args(Precision))
def test_every_precision(precision: str) -> None:
    check(settings(precision=precision), held_after=2)


def test_images_that_are_changed_by_chance() -> None:
    changed = Preparation(move=10, rotate=10, zoom=10, shear=5, elastic=2, noise=5, erase=10)
    check(settings(), held_after=3, preparation=changed)


@pytest.mark.parametrize("held_after", range(1, 12))
def test_wherever_it_is_held_also_while_it_measures(
    held_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An epoch is three steps, and its measurement several slices."""
    monkeypatch.setattr("cnnviz.engine.measuring.SLICE_MULTIPLY_ADDS", 1_000_000)
    check(settings(epochs=2), held_after)


def test_without_momentum_there_is_nothing_to_remember() -> None:
    training = settings(momentum=0.0)
    run = new_run(training)
    finish(run, 2)
    assert run.memory() == {}
    check(training, held_after=2)


def test_plateaus_and_patience_are_counted_on() -> None:
    """A rate of zero learns nothing: the run ends after the epochs that it waits for."""
    training = settings(learning_rate=0.0, stopping_patience=2, epochs=9)
    held = new_run(training)
    finish(held, 8)

    on = elsewhere(held)
    finish(on)

    assert on.ended_early is not None
    assert on.epoch == 3


def test_frozen_layers_and_their_statistics_stay() -> None:
    check(settings(optimizer="adam"), held_after=3, network=BOUND)


def test_a_rate_that_was_changed_on_the_way_goes_on() -> None:
    held = new_run(settings(optimizer="adam", epochs=2))
    finish(held, 2)
    held.change(settings(optimizer="adam", epochs=2, learning_rate=0.2))
    finish(held, 1)

    on = elsewhere(held)

    assert on.learning_rate == held.learning_rate == 0.2
    assert on.changes == held.changes != []


def test_the_memory_is_that_of_pytorch() -> None:
    run = new_run(settings(optimizer="adam"))
    finish(run, 2)

    found = remembered(run.optimizer, run.model)

    weight = dict(run.model.tensors())["dense", "weight", (10, 108)]
    kept = run.optimizer.state[weight]
    assert np.array_equal(found["dense", "weight.exp_avg", (10, 108)], kept["exp_avg"].numpy())
    assert found["dense", "weight.step", ()] == 2
    assert not any(name.startswith("running") for _, name, _ in found)


# --- what others say ----------------------------------------------------------------------------


def broken(**changed: object) -> Place:
    run = new_run(QUICK)
    finish(run, 2)
    return msgspec.structs.replace(run.place(), **changed)


@pytest.mark.parametrize(
    "place",
    [
        broken(batch=0),
        broken(batch=4),
        broken(step=10**6),
        broken(batch=0, step=0, due="all"),
    ],
)
def test_a_place_that_is_none_of_such_a_run_is_refused(place: Place) -> None:
    with pytest.raises(UserError, match="cannot be resumed"):
        Run(build(analyze(RESTLESS, 10), {}, 0), DATA, QUICK, 0, place, {})


@pytest.mark.parametrize(
    ("uid", "name", "shape"),
    [
        ("dense", "weight.momentum_buffer", (10, 7)),
        ("other", "weight.momentum_buffer", (10, 108)),
        ("dense", "weights.momentum_buffer", (10, 108)),
    ],
)
def test_a_memory_of_other_weights_is_refused(uid: str, name: str, shape: tuple[int, ...]) -> None:
    memory = {(uid, name, shape): np.zeros(shape, np.float32)}
    with pytest.raises(UserError, match="cannot be resumed"):
        Run(build(analyze(RESTLESS, 10), {}, 0), DATA, QUICK, 0, broken(), memory)


# --- the engine ---------------------------------------------------------------------------------


def kept(desk: Desk) -> Snapshot:
    return desk.all(Snapshot)[-1]


@pytest.mark.parametrize("optimizer", typing.get_args(Optimizer))
def test_the_engine_goes_on_where_another_was_paused(desk: Desk, optimizer: str) -> None:
    training = settings(optimizer=optimizer, learning_rate=0.01)
    desk.load(RESTLESS)
    desk.tell(Train(desk.revision, training, steps=4))
    desk.work()
    snapshot = kept(desk)
    assert snapshot.place is not None
    desk.tell(Train(desk.revision, training))
    desk.work()
    through = desk.all(Snapshot)[-1].weights()

    other = Desk()
    other.load(RESTLESS, snapshot.weights())
    other.tell(Resume(other.revision, snapshot.place, snapshot.memory))
    other.work()
    held = other.all(Progress)[-1]
    assert (held.state, held.step, held.run) == ("paused", 4, 1)
    other.tell(Train(other.revision, training))
    other.work()

    assert other.all(Progress)[-1].state == "finished"
    found = other.all(Snapshot)[-1].weights()
    assert found.keys() == through.keys()
    assert all(np.array_equal(found[key], through[key]) for key in found)


def test_what_is_asked_for_in_the_middle_changes_nothing(desk: Desk) -> None:
    desk.load(RESTLESS)
    desk.tell(Train(desk.revision, QUICK))
    while desk.engine.busy:
        desk.engine.advance()
        if desk.engine.runner.run is not None and desk.engine.runner.busy:
            desk.engine.runner.snapshot(final=False)
    places = [one.place for one in desk.all(Snapshot)]
    assert [place.step for place in places if place is not None][-1] == 6
    assert places[-1] is None  # a run that is over is not gone on with
    through = desk.all(Snapshot)[-1].weights()

    quiet = Desk()
    quiet.load(RESTLESS)
    quiet.tell(Train(quiet.revision, QUICK))
    quiet.work()
    found = quiet.all(Snapshot)[-1].weights()
    assert all(np.array_equal(found[key], through[key]) for key in found)


def test_log_spaced_steps_are_told_and_are_those_of_the_run(desk: Desk) -> None:
    desk.load(RESTLESS)
    desk.tell(Train(desk.revision, LONG, steps=12))
    desk.work()
    passed = desk.all(Passed)
    assert [one.step for one in passed] == [0, 1, 2, 3, 5, 7, 10]

    again = Desk()
    again.load(RESTLESS)
    again.tell(Train(again.revision, LONG, steps=10))
    again.work()
    tenth = again.all(Snapshot)[-1].weights()
    told = {tensor.key: tensor.array() for tensor in passed[-1].tensors}
    assert all(np.array_equal(told[key], tenth[key]) for key in tenth)


def test_a_network_that_is_too_large_has_no_moments(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnnviz.engine.keeping.most_moments", lambda _: 0)
    desk.load(RESTLESS)
    desk.tell(Train(desk.revision, LONG, steps=3))
    desk.work()
    assert desk.all(Passed) == []


def test_an_optimizer_that_remembers_too_much_is_not_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnnviz.engine.keeping.MEMORY_BYTES", 100)
    desk.load(RESTLESS)
    desk.tell(Train(desk.revision, LONG, steps=3))
    desk.work()
    assert kept(desk).place is None
    assert kept(desk).memory == []


def test_what_does_not_fit_is_told_and_the_engine_goes_on(desk: Desk) -> None:
    desk.load(RESTLESS)
    memory = [Tensor.of("dense", "weight.exp_avg", np.zeros((2, 2)))]
    desk.tell(Resume(desk.revision, broken(), memory))
    desk.work()
    last = desk.all(Progress)[-1]
    assert last.state == "failed"
    assert last.explanation is not None
    desk.tell(Train(desk.revision, QUICK, steps=1), Pause())
    desk.work()
    assert desk.all(Progress)[-1].state in ("paused", "stopped")
