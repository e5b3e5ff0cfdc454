"""Which steps of a run are kept as weights, and what gives way when they would take too much room.

The steps are log-spaced: 0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150 … because a network
learns most at the beginning. Nothing is spent on the steps between.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from msgspec import Struct

from cnnviz.project import Weights

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

RUN_BYTES = 64 << 20
"""What the weights of one run may take: its initial ones and those of its moments together."""
ALL_BYTES = 512 << 20
"""The same for all runs of a project; the oldest give way first."""

_MANTISSAS = (10, 15, 20, 30, 50, 70)
KEPT_LONGEST = (0, 10)
"""Steps that give way last: the beginning, and the one at which most networks begin to see."""


class Moment(Struct, frozen=True, eq=False):
    """The weights of a run after so many steps, by what the tensors are known (float32)."""

    step: int
    weights: Weights

    @property
    def bytes(self) -> int:
        """What the values take."""
        return bytes_of(self.weights)


def bytes_of(weights: Weights) -> int:
    """What the values of some tensors take."""
    return sum(values.nbytes for values in weights.values())


def scheduled_steps() -> Iterator[int]:
    """0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, … without an end."""
    yield from (0, 1, 2, 3, 5, 7)
    power = 1
    while True:
        yield from (mantissa * power for mantissa in _MANTISSAS)
        power *= 10


def is_scheduled(step: int) -> bool:
    """Whether a step is one of those that are kept."""
    return next_scheduled(step - 1) == step


def next_scheduled(step: int) -> int:
    """The first step after this one that is kept."""
    return next(kept for kept in scheduled_steps() if kept > step)


def most_moments(weight_bytes: int) -> int:
    """How many moments of so large a network fit beside its initial weights; 0: too large."""
    return max(0, RUN_BYTES // max(1, weight_bytes) - 1)


def thinned(moments: Sequence[Moment], most: int) -> tuple[Moment, ...]:
    """At most so many moments, in their order: the densest give way, the newest never does."""
    kept = list(moments)
    while len(kept) > max(most, 0):
        kept.pop(_densest([moment.step for moment in kept]))
    return tuple(kept)


def _densest(steps: Sequence[int]) -> int:
    """The place of the step whose loss leaves the smallest gap, on a logarithmic scale."""
    if len(steps) == 1:
        return 0
    inner = range(1, len(steps) - 1)
    free = [place for place in inner if steps[place] not in KEPT_LONGEST] or list(inner) or [0]

    def gap(place: int) -> float:
        before, after = steps[max(place - 1, 0)], steps[place + 1]
        return math.log1p(after) - math.log1p(before)

    return min(free, key=gap)


def total_bytes(parts: Iterable[Weights]) -> int:
    """What several sets of weights take together; an array that they share counts once."""
    arrays = {id(values): values.nbytes for weights in parts for values in weights.values()}
    return sum(arrays.values())
