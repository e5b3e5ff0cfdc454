"""The curves of a run: points over steps, as arrays, so that many runs stay small."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from msgspec import Struct
from msgspec.structs import astuple
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

    steps: int64. loss, accuracy: float64; accuracy is a share, 0 to 1. mean_loss, mean_accuracy:
    over all steps since the point before, also those whose points have gone; the lowest and the
    highest of many lie around another middle than their mean.
    """

    steps: NDArray[np.int64]
    loss: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    mean_loss: NDArray[np.float64]
    mean_accuracy: NDArray[np.float64]

    @classmethod
    def of(cls, points: Sequence[Point]) -> Curve:
        """The points as arrays, none of which has gone."""
        loss = _fixed(np.array([point.loss for point in points], np.float64))
        accuracy = _fixed(np.array([point.accuracy for point in points], np.float64))
        steps = _fixed(np.array([point.step for point in points], np.int64))
        return cls(steps, loss, accuracy, loss, accuracy)

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
    def has_means(self) -> bool:
        """Whether points have gone, so that the means of those that stay are others than they."""
        return not np.array_equal(self.loss, self.mean_loss)

    @property
    def last(self) -> Point | None:
        """The newest point; None where there is none."""
        if not len(self):
            return None
        return Point(int(self.steps[-1]), float(self.loss[-1]), float(self.accuracy[-1]))

    def extended(self, points: Sequence[Point]) -> Curve:
        """With newer points; of every four neighbours the lowest and the highest loss stay where
        there would be too many. So no peak goes, nor do the first and the newest point."""
        if not points:
            return self
        both = zip(self._columns(), Curve.of(points)._columns(), strict=True)
        curve = Curve(*(_fixed(np.concatenate(columns)) for columns in both))
        return _thin(curve) if len(curve) > MAX_POINTS else curve

    def until(self, step: int) -> Curve:
        """Without the points after a step."""
        count = int(np.searchsorted(self.steps, step, side="right"))
        if count == len(self):
            return self
        return Curve(*(column[:count] for column in self._columns()))

    def _columns(self) -> tuple[NDArray[Any], ...]:
        return astuple(self)


def _thin(curve: Curve) -> Curve:
    """With about half the points, each of which takes the ones before it that go into its means.

    A mean is one over steps, as that which is drawn when a curve is smoothed.
    """
    kept = _telling(curve.loss)
    begins = np.append(0, kept[:-1] + 1)
    passed = np.diff(curve.steps, prepend=curve.steps[0] - 1)
    whole = np.add.reduceat(passed, begins)
    means = (
        np.add.reduceat(passed * values, begins) / whole
        for values in (curve.mean_loss, curve.mean_accuracy)
    )
    points = (column[kept] for column in (curve.steps, curve.loss, curve.accuracy))
    return Curve(*map(_fixed, (*points, *means)))


def _telling(losses: NDArray[np.float64]) -> NDArray[np.intp]:
    """Of every four losses the places of the lowest and the highest, and the first and the last of
    all."""
    whole = len(losses) // 4 * 4
    groups = losses[:whole].reshape(-1, 4)
    ends = np.stack([groups.argmin(axis=1), groups.argmax(axis=1)], axis=1)
    ends += np.arange(0, whole, 4)[:, None]
    rest = np.arange(min(whole, len(losses) - 1), len(losses))
    return np.unique(np.concatenate([[0], ends.reshape(-1), rest]))


def _fixed(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values


NO_POINTS = Curve.of(())
