"""Runs: PyTorch's optimisers on these batches, repeatable to the last bit, with honest curves."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import msgspec
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from cnnviz.engine.batches import DeviceData, fit
from cnnviz.engine.probe import look
from cnnviz.engine.protocol import Probe
from cnnviz.engine.train import FIRST_TEST_POINTS, TEST_POINT_STEPS, Run
from cnnviz.layers import BatchNorm, Dense, Flatten
from cnnviz.network import Input, Network
from cnnviz.presets import preset
from cnnviz.training import Training
from tests.engine.desk import QUICK, RESTLESS, TRAIN, samples, small_network
from tests.engine.runs import finish, identical, model_of, run_of, state

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz.runs import Point


# --- repeatable -------------------------------------------------------------------------------
# One run after the other: chance is PyTorch's, and each run begins it anew.


def test_a_run_repeated_is_the_same_to_the_last_bit() -> None:
    first = run_of(RESTLESS)
    start, curve = state(first.model), finish(first)
    again = run_of(RESTLESS)
    assert finish(again) == curve
    assert identical(state(first.model), state(again.model))
    assert not identical(state(first.model), start)
    assert first.test == again.test


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_looking_meanwhile_changes_nothing(precision: str) -> None:
    """Probes between all steps, of a network with dropout and running statistics."""
    training = msgspec.convert(
        msgspec.to_builtins(QUICK) | {"precision": precision, "shift": 2}, Training
    )
    quiet = run_of(RESTLESS, training)
    finish(quiet)
    watched = run_of(RESTLESS, training)
    probe = Probe(1, bytes(28 * 28), 28, 28, 1, "conv")
    for _ in watched.work:
        look(watched.model, probe, revision=0, step=watched.step, device="cpu")
    assert identical(state(quiet.model), state(watched.model))


def test_asking_for_points_and_time_meanwhile_changes_nothing() -> None:
    quiet = run_of(RESTLESS)
    curve = finish(quiet)
    asked = run_of(RESTLESS)
    points: list[Point] = []
    for _ in asked.work:
        points += asked.take_points()[0]
        asked.seconds_left()
    assert points + asked.take_points()[0] == curve
    assert identical(state(quiet.model), state(asked.model))


def test_another_seed_shuffles_and_drops_otherwise() -> None:
    """Also from the same weights."""
    data = DeviceData(samples(), "cpu")
    losses = []
    for seed in (1, 2):
        run = Run(model_of(RESTLESS, seed=0), data, QUICK, seed)
        losses.append(finish(run)[0].loss)
    assert losses[0] != losses[1]


def test_epochs_have_orders_of_their_own_and_each_uses_every_image_once() -> None:
    training = msgspec.structs.replace(QUICK, batch_size=13, epochs=2)
    run = run_of(small_network(), training)
    orders = [run.order(epoch) for epoch in range(2)]
    for order in orders:
        assert sorted(order.tolist()) == list(range(TRAIN))
    assert not torch.equal(*orders)
    finish(run)
    assert run.images == 2 * TRAIN
    assert run.step == run.steps == 2 * math.ceil(TRAIN / 13)


# --- right ------------------------------------------------------------------------------------


def test_the_tutorial_lenet_begins_near_ln_10() -> None:
    data = DeviceData(samples(train=128), "cpu")
    training = Training(optimizer="adam", learning_rate=1e-3, batch_size=128, epochs=1)
    run = run_of(preset("lenet-tutorial"), training, data=data)
    next(run.work)
    (first,), _, _ = run.take_points()
    assert first.step == 1
    assert first.loss == pytest.approx(math.log(10), abs=0.05)


BY_HAND: dict[str, tuple[Training, Callable[..., torch.optim.Optimizer], dict[str, object]]] = {
    "sgd": (
        Training(optimizer="sgd", learning_rate=0.1, momentum=0),
        torch.optim.SGD,
        {"lr": 0.1},
    ),
    "momentum": (
        Training(optimizer="sgd", learning_rate=0.02, momentum=0.9, weight_decay=0.01),
        torch.optim.SGD,
        {"lr": 0.02, "momentum": 0.9, "weight_decay": 0.01},
    ),
    "nesterov": (
        Training(optimizer="sgd", learning_rate=0.02, momentum=0.8, nesterov=True),
        torch.optim.SGD,
        {"lr": 0.02, "momentum": 0.8, "nesterov": True},
    ),
    "nesterov without momentum": (
        Training(optimizer="sgd", learning_rate=0.1, momentum=0, nesterov=True),
        torch.optim.SGD,
        {"lr": 0.1},
    ),
    "adam": (
        Training(optimizer="adam", learning_rate=0.003),
        torch.optim.Adam,
        {"lr": 0.003},
    ),
    "adam with decay": (
        Training(optimizer="adam", learning_rate=0.003, weight_decay=0.1),
        torch.optim.Adam,
        {"lr": 0.003, "weight_decay": 0.1},
    ),
    "adamw": (
        Training(optimizer="adamw", learning_rate=0.003, weight_decay=0.1),
        torch.optim.AdamW,
        {"lr": 0.003, "weight_decay": 0.1},
    ),
    "adamw without decay": (
        Training(optimizer="adamw", learning_rate=0.003),
        torch.optim.AdamW,
        {"lr": 0.003, "weight_decay": 0},
    ),
    "rmsprop": (
        Training(optimizer="rmsprop", learning_rate=0.001, momentum=0, weight_decay=0.01),
        torch.optim.RMSprop,
        {"lr": 0.001, "weight_decay": 0.01},
    ),
    "rmsprop with momentum": (
        Training(optimizer="rmsprop", learning_rate=0.001, momentum=0.9),
        torch.optim.RMSprop,
        {"lr": 0.001, "momentum": 0.9},
    ),
}


@pytest.mark.parametrize(("training", "kind", "keywords"), BY_HAND.values(), ids=BY_HAND)
def test_optimisers_do_what_pytorchs_do_by_hand(
    training: Training,
    kind: Callable[..., torch.optim.Optimizer],
    keywords: dict[str, object],
) -> None:
    """Five steps, each on all images, so that their order is only a matter of rounding."""
    training = msgspec.structs.replace(training, batch_size=TRAIN, epochs=5)
    run = run_of(small_network(BatchNorm(uid="norm")), training)
    hand = nn.Sequential(
        nn.Conv2d(1, 3, 5, 2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.BatchNorm2d(3),
        nn.Flatten(),
        nn.Linear(108, 10),
    )
    hand.load_state_dict(dict(zip(hand.state_dict(), state(run.model).values(), strict=True)))
    optimizer = kind(hand.parameters(), **keywords)
    images = run.data.train_images[:, None] / 255
    losses = []
    for _ in range(5):
        loss = F.cross_entropy(hand(images), run.data.train_labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    points = finish(run)
    assert [point.loss for point in points] == pytest.approx(losses, rel=1e-4)
    # A square root of a tiny gradient magnifies rounding: compare against how far a weight went.
    start = state(model_of(small_network(BatchNorm(uid="norm"))))
    for (name, ours), theirs in zip(
        state(run.model).items(), hand.state_dict().values(), strict=True
    ):
        if name.endswith("num_batches_tracked"):
            assert torch.equal(ours, theirs)
            continue
        moved = (theirs - start[name]).abs().mean()
        assert (ours - theirs).abs().mean() <= 2e-3 * moved + 1e-7, name


def test_the_curves_are_measured_as_they_say() -> None:
    """Training: of the batch before the step. Test: of all images, with dropout out of the way."""
    training = msgspec.structs.replace(QUICK, batch_size=TRAIN, epochs=2)
    run = run_of(small_network(), training)
    x, labels = fit(run.data.train_images, run.model.input), run.data.train_labels
    with torch.inference_mode():
        logits = run.model(x)
        before = float(F.cross_entropy(logits, labels))
        right = float((logits.argmax(1) == labels).float().mean())
    for _ in run.work:
        pass
    train, test, _ = run.take_points()
    assert [point.step for point in train] == [1, 2]
    assert train[0].loss == pytest.approx(before, rel=1e-5)
    assert train[0].accuracy == pytest.approx(right)
    assert [point.step for point in test] == [1, 2]
    run.model.eval()
    with torch.inference_mode():
        logits = run.model(fit(run.data.test_images, run.model.input))
        labels = run.data.test_labels
        assert test[-1].loss == pytest.approx(float(F.cross_entropy(logits, labels)), rel=1e-5)
        assert test[-1].accuracy == pytest.approx(
            float((logits.argmax(1) == labels).float().mean())
        )
    assert run.test == test[-1]
    assert run.take_points() == ([], [], [])


def test_it_learns() -> None:
    training = Training(optimizer="adam", learning_rate=0.01, batch_size=16, epochs=15)
    run = run_of(small_network(filters=8), training)
    finish(run)
    assert run.test is not None
    assert run.test.accuracy >= 0.95


def test_long_epochs_are_measured_on_the_way() -> None:
    """On part of the test images, and never twice at the same step."""
    count = TEST_POINT_STEPS * 2 + 5
    data = DeviceData(samples(train=count), "cpu")
    training = Training(optimizer="sgd", learning_rate=0.01, batch_size=1, epochs=1)
    tiny = Network(input=Input(7, 7)).with_layers([Flatten(uid="f"), Dense(uid="d", units=10)])
    run = Run(model_of(tiny), data, training, 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cnnviz.engine.train.TEST_POINT_IMAGES", 30)
        for _ in run.work:
            pass
    _, test, _ = run.take_points()
    assert [point.step for point in test] == [*FIRST_TEST_POINTS, 100, 200, count]
    assert all((point.accuracy * 30) % 1 == pytest.approx(0, abs=1e-6) for point in test[:-1])


FEW = msgspec.structs.replace(QUICK, batch_size=8, epochs=12)
"""Of 16 images, in epochs of two steps, with 40 to test with."""


@pytest.mark.parametrize(
    ("settings", "after"),
    [
        (FEW, [3, 5, 8, 10, 12]),  # 16, 32, 48 … images: whenever 40 more have been learned from
        (msgspec.structs.replace(FEW, epochs=1), [1]),
        (msgspec.structs.replace(FEW, epochs=4, stopping_patience=99), [1, 2, 3, 4]),
        (msgspec.structs.replace(FEW, epochs=4, schedule="plateau"), [1, 2, 3, 4]),
    ],
    ids=["few", "one epoch", "early stopping", "plateau"],
)
def test_short_epochs_do_not_end_with_a_measurement_that_takes_longer(
    settings: Training, after: list[int]
) -> None:
    """Unless something is decided by it; the last one always does."""
    run = run_of(small_network(), settings, data=DeviceData(samples(train=16), "cpu"))
    found, last = [], None
    for _ in run.work:
        if run.test is not last:
            found.append(run.step // 2)
            last = run.test
    assert found == after
    assert run.epoch == settings.epochs


def test_the_curves_have_points_after_short_epochs_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a part of the images, as in the middle of a long one."""
    monkeypatch.setattr("cnnviz.engine.train.FIRST_TEST_POINTS", ())
    monkeypatch.setattr("cnnviz.engine.train.TEST_POINT_IMAGES", 30)
    monkeypatch.setattr("cnnviz.engine.train.TEST_POINT_LEARNED", 16)
    run = run_of(small_network(), FEW, data=DeviceData(samples(train=16), "cpu"))
    for _ in run.work:
        pass
    assert [point.step for point in run.take_points()[1]] == list(range(2, 25, 2))


def test_a_short_epoch_that_is_run_to_its_end_is_measured() -> None:
    run = run_of(small_network(), FEW, data=DeviceData(samples(train=16), "cpu"))
    run.thorough = True
    while not run.epoch_over:
        next(run.work)
    assert run.test is not None
    assert run.test.step == run.step == 2


def test_a_run_in_short_epochs_goes_on_as_if_it_had_not_been_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cnnviz.engine.train.FIRST_TEST_POINTS", (4,))
    whole = run_of(small_network(), FEW, data=DeviceData(samples(train=16), "cpu"))
    curve = finish(whole)
    first = run_of(small_network(), FEW, data=DeviceData(samples(train=16), "cpu"))
    while first.step < 4:
        next(first.work)
    begun = first.take_points()[0]
    place = first.place()
    assert (place.epoch, place.epoch_over, place.due) == (2, True, "some")
    second = Run(first.model, first.data, FEW, 0, place, first.memory())
    assert begun + finish(second) == curve
    assert second.epoch == whole.epoch
    assert (second.test, second.images) == (whole.test, whole.images)


def test_the_time_left_runs_out() -> None:
    run = run_of(small_network())
    assert run.seconds_left() is None
    left = []
    for _ in run.work:
        found = run.seconds_left()
        assert found is not None
        left.append(found)
    assert left[0] > 0
    assert left[-1] == 0


def test_the_speed_counts_what_a_device_has_still_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps are handed to a GPU sooner than it makes them; who reads their losses waits for it."""
    run = run_of(small_network())
    for _ in range(3):
        next(run.work)
    handed_over, read = run.seconds, torch.Tensor.tolist

    def late(values: torch.Tensor) -> object:
        time.sleep(0.1)
        return read(values)

    monkeypatch.setattr(torch.Tensor, "tolist", late)
    run.take_points()
    assert run.seconds >= handed_over + 0.2  # losses and answers
    assert 0 < (run.images_per_second() or 0) <= 3 * run.settings.batch_size / 0.2
