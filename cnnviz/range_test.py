"""The range test of the learning rate: which rates let a loss fall, and which make it grow.

Smith, 2015 (arXiv:1506.01186): the rate grows from step to step, from far too small to far too
large, and the loss is watched.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

LOWEST, HIGHEST = 1e-6, 10.0
STEPS = 120
SMOOTHING = 0.9
"""How much of the mean before stays in the next: a batch of its own says little."""
SETTLED = round(1 / (1 - SMOOTHING))
"""So many batches make a mean; before, one batch without a mistake makes all others look bad."""
TOO_HIGH = 4.0
"""So many times the lowest loss end the test: it only grows from there."""
BELOW_LOWEST = 10.0
"""The rate that is proposed is the one with the lowest loss, divided by this: there the loss falls
fast, and still far from where it grows."""
LEAST_FALL = 0.02
"""The share of the first loss by which it has to fall, for a rate to be proposed at all."""


class Tested(NamedTuple):
    """Learning rates, and the loss at each of them, smoothed. rate: what is proposed, or None."""

    rates: list[float]
    losses: list[float]
    rate: float | None


def rates(steps: int = STEPS) -> list[float]:
    """The learning rates of the test, each the same factor above the one before."""
    factor = (HIGHEST / LOWEST) ** (1 / max(1, steps - 1))
    return [LOWEST * factor**step for step in range(steps)]


def judge(losses: Sequence[float], tried: Sequence[float]) -> Tested:
    """What the losses of the first steps say; those that are no numbers end it.

    losses: of each step, as measured before it. tried: the rates of the steps.
    """
    smooth: list[float] = []
    mean = 0.0
    for step, loss in enumerate(losses):
        if not math.isfinite(loss):
            break
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        smooth.append(mean / (1 - SMOOTHING ** (step + 1)))  # the start does not count as 0
    return Tested(list(tried[: len(smooth)]), smooth, _proposal(smooth, tried))


def over(losses: Sequence[float]) -> bool:
    """Whether nothing is to be learned from another step."""
    smooth = judge(losses, [0.0] * len(losses)).losses
    if len(smooth) < len(losses):
        return True
    settled = smooth[SETTLED - 1 :]
    return bool(settled) and settled[-1] > TOO_HIGH * min(settled)


def falls(smooth: Sequence[float]) -> bool:
    """Whether the loss falls at all. That may be chance: a network that has learned goes from a
    batch with mistakes to batches without, at rates that change nothing."""
    return len(smooth) > 1 and min(smooth) <= smooth[0] * (1 - LEAST_FALL)


def _proposal(smooth: Sequence[float], tried: Sequence[float]) -> float | None:
    if not falls(smooth):
        return None
    lowest = min(range(len(smooth)), key=smooth.__getitem__)
    rate = tried[lowest] / BELOW_LOWEST
    if rate < tried[0]:  # where nothing was tried: what is learned already only falls by chance
        return None
    return float(f"{rate:.1e}")  # of two digits: the test is no more exact than that
