"""The exponential mean of a line, which shows where a noisy one is going."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ui.charts.curve import Line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ui.charts.curve import Numbers

REACHES = (0, 10, 30, 100, 300, 1000)
"""The choices: after so many steps a value counts e times less. 0: the line is not smoothed."""
_SHARE = 0.25
"""At the beginning it reaches a quarter of the way back at most: the mean of all of a steep start
would stay far behind it."""
_SLICE = 1 << 15
"""So many points are taken at once: under 2 ms."""
_BLOCK = 64
_FASTEST = 8.0
"""e to so much is forgotten between two points at most; more is seen by nobody, and a block of
points must not fall below the smallest float64."""


class Smoothed:
    """The exponential mean of a line: `m += (1 - exp(-d / reach)) * (y - m)` after `d` steps.

    By steps and not by points, so that a line with fewer points has the same mean; y is the mean of
    those steps where a point stands for several. `line` has the
    steps of the other one, and follows it with `catch_up`.
    """

    def __init__(self, raw: Line, reach: float) -> None:
        self.raw, self.reach = raw, reach
        self.line = Line(raw.growing_steps)
        self._first = 0.0
        self._before = 0.0
        self._mean: float | None = None

    def catch_up(self, most: int = _SLICE) -> bool:
        """Take in up to so many points that are new; whether that was all of them."""
        start = len(self.line)
        end = min(start + most, len(self.raw))
        if end > start:
            steps = self.raw.steps[start:end].astype(np.float64)
            self.line.extend(self._recur(steps, self.raw.means(start, end)))
        return end == len(self.raw)

    def _recur(self, steps: Numbers, ys: Numbers) -> Numbers:
        known = np.isfinite(ys)
        unknown = 0
        if self._mean is None:
            if not known.any():
                return ys
            unknown = int(known.argmax())
            self._mean, self._first = float(ys[unknown]), float(steps[unknown])
            self._before = self._first
        passed = np.diff(steps, prepend=min(self._before, steps[0]))
        self._before = float(steps[-1])
        reach = np.clip(_SHARE * (steps - self._first), 1e-9, self.reach)
        rates = np.where(known, np.clip(passed / reach, 0.0, _FASTEST), 0.0)
        means, self._mean = _recursive(rates, np.where(known, ys, 0.0), self._mean)
        means[:unknown] = np.nan
        return means


def _recursive(rates: Numbers, ys: Numbers, mean: float) -> tuple[Numbers, float]:
    """`mean = exp(-rate) * mean + (1 - exp(-rate)) * y` in turn; all means, and the last.

    Within a block all at once, as the sum of what each value still counts at each later point.
    """
    count = len(rates)
    blocks = -(-count // _BLOCK)
    padded: NDArray[np.float64] = np.zeros((2, blocks * _BLOCK))
    padded[0, :count], padded[1, :count] = rates, -np.expm1(-rates) * ys
    kept = np.exp(-padded[0].reshape(blocks, _BLOCK).cumsum(axis=1))
    own = kept * (padded[1].reshape(blocks, _BLOCK) / kept).cumsum(axis=1)
    before = []
    for left, added in zip(kept[:, -1].tolist(), own[:, -1].tolist(), strict=True):
        before.append(mean)
        mean = left * mean + added
    return (own + kept * np.array(before)[:, None]).reshape(-1)[:count], mean
