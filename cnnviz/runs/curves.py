"""The curves of a run: points over steps, as arrays, so that many runs stay small."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_POINTS = 20_000
"""Of one curve that is kept; where there are more, of every four neighbours two go."""

RunState = Literal["loading", "running", "paused", "finished", "stopped", "failed"]


class Point(Struct, frozen=True, array_like=True):
    """One place of the curves. step counts from 1 after the first step; 0 is before it."""

    step: int
    loss: float
    accuracy: float


class Changed(Struct, frozen=True, array_like=True):
    """A setting of training that was changed after so many steps of the run."""

    step: int
    field: str
    before: int | float | str | bool
    after: int | float | str | bool


class Curve(Struct, frozen=True, eq=False):
    """Points in the order of their steps. All arrays are (points,) and read-only.

    steps: int64. loss, accuracy: float64; accuracy is a share, 0 to 1.
    """

    steps: NDArray[np.int64]
    loss: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @classmethod
    def of(cls, points: Sequence[Point]) -> Curve:
        """The points as arrays."""
        return cls(
            _fixed(np.array([point.step for point in points], np.int64)),
            _fixed(np.array([point.loss for point in points], np.float64)),
            _fixed(np.array([point.accuracy for point in points], np.float64)),
        )

    def __len__(self) -> int:
        return len(self.steps)

    def points(self) -> list[Point]:
        """The same as points."""
        columns = (self.steps.tolist(), self.loss.tolist(), self.accuracy.tolist())
        return [Point(*row) for row in zip(*columns, strict=True)]

    @property
    def thinned(self) -> bool:
        """Whether some of the steps between its first and its last one have no point."""
        return len(self) > 1 and int(self.steps[-1] - self.steps[0]) >= len(self)

    @property
    def last(self) -> Point | None:
        """The newest point; None where there is none."""
        if not len(self):
            return None
        return Point(int(self.steps[-1]), float(self.loss[-1]), float(self.accuracy[-1]))

    def extended(self, points: Sequence[Point]) -> Curve:
        """With newer points; of every four neighbours the lowest and the highest loss stay where
        there would be too many. So no peak goes."""
        if not points:
            return self
        more = Curve.of(points)
        both = [
            np.concatenate([getattr(self, name), getattr(more, name)])
            for name in ("steps", "loss", "accuracy")
        ]
        if len(both[0]) > MAX_POINTS:
            kept = _telling(both[1])
            both = [values[kept] for values in both]
        return Curve(*map(_fixed, both))

    def until(self, step: int) -> Curve:
        """Without the points after a step."""
        count = int(np.searchsorted(self.steps, step, side="right"))
        if count == len(self):
            return self
        return Curve(self.steps[:count], self.loss[:count], self.accuracy[:count])


def _telling(losses: NDArray[np.float64]) -> NDArray[np.intp]:
    """Of every four losses the places of the lowest and the highest; those left over at the end."""
    whole = len(losses) // 4 * 4
    groups = losses[:whole].reshape(-1, 4)
    ends = np.stack([groups.argmin(axis=1), groups.argmax(axis=1)], axis=1)
    ends += np.arange(0, whole, 4)[:, None]
    return np.append(np.unique(ends), np.arange(whole, len(losses)))


def _fixed(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values


NO_POINTS = Curve.of(())
