"""How the learning rate goes: pure functions of the step, for engine, curves and scripts alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cnnviz.training import Training

ONE_CYCLE_START = 25.0
ONE_CYCLE_END = 1e4
"""PyTorch's: one cycle begins at the rate / 25 and ends at its beginning / 10,000."""
LEAST_GAIN = 1e-4
"""PyTorch's: a loss that is lower by less than this share is no lower loss."""


def batches_in(training: Training, images: int, *, drop_single: bool = False) -> int:
    """Steps in an epoch. drop_single: a last batch of one image is left out (batch norm)."""
    size = training.batch_size
    alone = images % size == 1 and drop_single
    return max(1, images // size if alone else -(-images // size))


def steps_in(training: Training, batches: int) -> int:
    """Steps in the whole run, of so many batches in an epoch."""
    return training.steps if training.run_length == "steps" else batches * training.epochs


def learning_rate(training: Training, step: int, batches: int, reductions: int = 0) -> float:
    """The learning rate of a step, counted from 0.

    batches: steps in an epoch. reductions: how often a plateau has been met by now.
    """
    return training.learning_rate * share(training, step, batches, reductions)


def share(training: Training, step: int, batches: int, reductions: int = 0) -> float:
    """The share of the set learning rate that is in force at a step, 0 to 1."""
    steps = steps_in(training, batches)
    step = min(max(step, 0), steps - 1)
    part = _SHAPES[training.schedule](training, _Place(step, steps, batches, reductions))
    return part * (step + 1) / training.warm_up if step < training.warm_up else part


def curve(training: Training, batches: int, points: int = 400) -> tuple[list[int], list[float]]:
    """Steps, counted from 1, and their learning rates, at up to so many places of the run."""
    steps = steps_in(training, batches)
    count = min(points, steps)
    places = {round(i * (steps - 1) / max(1, count - 1)) for i in range(count)}
    warm = training.warm_up
    places |= {place for place in (warm - 1, warm) if 0 <= place < steps}
    if training.schedule == "step":  # both sides of each edge, as far as they can be told apart
        edges = range(batches * training.step_epochs, steps, batches * training.step_epochs)
        places |= {place for edge in edges[:points] for place in (edge - 1, edge)}
    order = sorted(places)
    return [at + 1 for at in order], [learning_rate(training, at, batches) for at in order]


def reductions_after(losses: Sequence[float], patience: int) -> int:
    """How often a plateau has been met by losses measured one after another.

    As PyTorch's ReduceLROnPlateau counts: more than `patience` in a row without a lower one.
    """
    best, waited, met = math.inf, 0, 0
    for loss in losses:
        if loss < best * (1 - LEAST_GAIN):
            best, waited = loss, 0
        else:
            waited += 1
        if waited > patience:
            met, waited = met + 1, 0
    return met


def waited_since_best(losses: Sequence[float]) -> int:
    """How many losses, at the end, have brought no lower one."""
    best, waited = math.inf, 0
    for loss in losses:
        better = loss < best * (1 - LEAST_GAIN)
        best, waited = (loss, 0) if better else (best, waited + 1)
    return waited


def _cosine(start: float, end: float, part: float) -> float:
    """From start to end along half a cosine (Loshchilov, Hutter: SGDR, 2017)."""
    return end + (start - end) * (1 + math.cos(math.pi * part)) / 2


def _one_cycle(rise: float, step: int, steps: int) -> float:
    """Up and down once (Smith, Topin: Super-Convergence, 2018), as PyTorch's OneCycleLR does."""
    start, end = 1 / ONE_CYCLE_START, 1 / ONE_CYCLE_START / ONE_CYCLE_END
    top = rise * steps - 1
    if step <= top:
        return _cosine(start, 1.0, step / top) if top > 0 else 1.0
    return _cosine(1.0, end, (step - top) / max(1e-9, steps - 1 - top))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a run stands: the step from 0, all steps, those in an epoch, plateaus met."""

    step: int
    steps: int
    batches: int
    reductions: int


_SHAPES: dict[str, Callable[[Training, _Place], float]] = {
    "constant": lambda _, at: 1.0,
    "step": lambda t, at: t.factor ** (at.step // at.batches // t.step_epochs),
    "exponential": lambda t, at: t.factor ** (at.step / at.batches),
    "cosine": lambda t, at: _cosine(1.0, t.final_share, at.step / at.steps),
    "one_cycle": lambda t, at: _one_cycle(t.rise, at.step, at.steps),
    "plateau": lambda t, at: t.factor**at.reductions,
}
