"""The learning rate of every step, against PyTorch's schedulers."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import msgspec
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.schedule import (
    batches_in,
    curve,
    learning_rate,
    reductions_after,
    steps_in,
    waited_since_best,
)
from cnnviz.training import Training

RATE = 0.3
BATCHES = 7


def training(**settings: object) -> Training:
    made: Training = msgspec.convert(
        {"learning_rate": RATE, "epochs": 6, **settings}, Training, strict=True
    )
    return made


def ours(settings: Training) -> list[float]:
    return [learning_rate(settings, step, BATCHES) for step in range(steps_in(settings, BATCHES))]


def theirs(
    steps: int, make: Callable[[torch.optim.Optimizer], torch.optim.lr_scheduler.LRScheduler]
) -> list[float]:
    """What a scheduler sets when it is stepped after each batch."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=RATE)
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that nothing is optimised
        scheduler = make(optimizer)
        for _ in range(steps):
            found.append(optimizer.param_groups[0]["lr"])
            if len(found) < steps:
                scheduler.step()
    return found


def test_a_constant_rate_is_constant() -> None:
    assert ours(training()) == [RATE] * 42


@given(st.integers(1, 5), st.sampled_from([0.1, 0.5, 0.9, 1.0]))
def test_steps_are_pytorchs(step_epochs: int, factor: float) -> None:
    settings = training(schedule="step", step_epochs=step_epochs, factor=factor)
    size = step_epochs * BATCHES
    expected = theirs(42, lambda o: torch.optim.lr_scheduler.StepLR(o, size, factor))
    assert ours(settings) == pytest.approx(expected)


def test_exponential_is_pytorchs_after_each_epoch() -> None:
    settings = training(schedule="exponential", factor=0.8)
    expected = theirs(42, lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.8 ** (1 / BATCHES)))
    assert ours(settings) == pytest.approx(expected)
    assert learning_rate(settings, 3 * BATCHES, BATCHES) == pytest.approx(RATE * 0.8**3)


@given(st.sampled_from([0.0, 0.1, 1.0]))
def test_a_cosine_is_pytorchs(final_share: float) -> None:
    settings = training(schedule="cosine", final_share=final_share)
    expected = theirs(
        42,
        lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 42, eta_min=RATE * final_share),
    )
    assert ours(settings) == pytest.approx(expected)


@given(st.integers(2, 60), st.floats(0.0, 0.9))
def test_one_cycle_is_pytorchs(steps: int, rise: float) -> None:
    if rise * steps == 1:
        return  # PyTorch divides by zero there
    settings = training(schedule="one_cycle", rise=rise, run_length="steps", steps=steps)
    expected = theirs(
        steps,
        lambda o: torch.optim.lr_scheduler.OneCycleLR(
            o, RATE, steps, pct_start=rise, cycle_momentum=False
        ),
    )
    assert ours(settings) == pytest.approx(expected, rel=1e-6, abs=1e-12)


@given(st.lists(st.sampled_from([0.1, 0.5, 1.0, 1.00005, 2.0]), max_size=30), st.integers(0, 4))
def test_plateaus_are_met_when_pytorch_meets_them(losses: list[float], patience: int) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=RATE)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.5, patience=patience, eps=0
    )
    settings = training(schedule="plateau", factor=0.5)
    for count, loss in enumerate(losses, start=1):
        scheduler.step(loss)
        met = reductions_after(losses[:count], patience)
        expected = optimizer.param_groups[0]["lr"]
        assert learning_rate(settings, 0, BATCHES, met) == pytest.approx(expected)


def test_waiting_counts_from_the_lowest() -> None:
    assert waited_since_best([]) == 0
    assert waited_since_best([1.0]) == 0
    assert waited_since_best([1.0, 0.5, 0.6, 0.49999, 0.7]) == 3  # 0.49999 is no lower loss
    assert waited_since_best([1.0, 1.1, 0.4]) == 0


@pytest.mark.parametrize("schedule", ["constant", "step", "cosine", "one_cycle", "plateau"])
def test_a_warm_up_rises_from_nothing_under_any_schedule(schedule: str) -> None:
    plain, warmed = training(schedule=schedule), training(schedule=schedule, warm_up=5)
    for step, (cold, warm) in enumerate(zip(ours(plain), ours(warmed), strict=True)):
        assert warm == pytest.approx(cold * min(1, (step + 1) / 5))


def test_beyond_the_last_step_the_rate_is_the_last() -> None:
    """A run that is shortened on the way finishes its epoch."""
    settings = training(schedule="cosine")
    assert learning_rate(settings, 500, BATCHES) == learning_rate(settings, 41, BATCHES)


def test_a_run_of_one_step_has_a_rate() -> None:
    for schedule in ("constant", "step", "exponential", "cosine", "one_cycle", "plateau"):
        for rise in (0.0, 0.3, 0.9):
            settings = training(schedule=schedule, rise=rise, run_length="steps", steps=1)
            assert 0 < learning_rate(settings, 0, BATCHES) <= RATE


def test_epochs_and_steps_are_counted() -> None:
    assert batches_in(training(batch_size=32), 96) == 3
    assert batches_in(training(batch_size=32), 97) == 4
    assert batches_in(training(batch_size=32), 97, drop_single=True) == 3
    assert batches_in(training(batch_size=32), 1, drop_single=True) == 1
    assert steps_in(training(epochs=4), 3) == 12
    assert steps_in(training(epochs=4, run_length="steps", steps=5), 3) == 5


def test_the_curve_is_the_rate_of_the_steps() -> None:
    settings = training(schedule="cosine", warm_up=4)
    steps, rates = curve(settings, BATCHES)
    assert steps == list(range(1, 43))
    assert rates == ours(settings)


@given(st.integers(1, 3000), st.sampled_from(["one_cycle", "step", "exponential"]))
def test_a_long_curve_has_few_points_from_the_first_step_to_the_last(
    epochs: int, schedule: str
) -> None:
    settings = training(schedule=schedule, epochs=epochs, warm_up=10)
    steps, rates = curve(settings, BATCHES, points=50)
    assert steps[0] == 1
    assert steps[-1] == 7 * epochs
    assert steps == sorted(set(steps))
    assert len(steps) == len(rates) <= 160
