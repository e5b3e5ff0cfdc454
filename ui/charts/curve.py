"""Lines of any length, kept whole: what was measured at the steps of a run.

A million steps are looked at as quickly as a hundred, at any zoom, and no peak ever disappears: of
every 8, 32, 128, ... points the lowest and the highest are known beforehand.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping

Numbers = NDArray[np.float64]

FIRST, FACTOR = 8, 4  # `_size` knows that it is four
"""Points in a bucket of the first level, and buckets of one level in a bucket of the next."""
FINE = 4
"""So many places at least are given for each column of pixels: where a bucket lies is then right
to a quarter of a pixel."""
_LEAST_ROOM = 256
LAST_STEP = 2**32 - 1


class Growing:
    """An array that grows at its end; each value is copied a few times at most."""

    def __init__(self, dtype: type[np.generic]) -> None:
        self._values: NDArray[np.generic] = np.empty(0, dtype)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def values(self) -> NDArray[np.generic]:
        """All values, to be read only; what comes later is not in it."""
        return self._values[: self._count]

    def extend(self, values: NDArray[np.generic]) -> None:
        """Add values at the end."""
        count = self._count + len(values)
        if count > len(self._values):
            room = max(_LEAST_ROOM, count, len(self._values) * 3 // 2)
            grown = np.empty(room, self._values.dtype)  # pages that nobody writes cost nothing
            grown[: self._count] = self.values
            self._values = grown
        self._values[self._count : count] = values
        self._count = count


class Part(NamedTuple):
    """A part of a line: at each place x the lowest and the highest y, all finite.

    Where each place is one point, `lows` and `highs` are the same array.
    """

    xs: Numbers
    lows: Numbers
    highs: Numbers


class Line:
    """y over the steps of a `Recording`, float32; what is not finite is a gap."""

    def __init__(self, steps: Growing) -> None:
        self._steps = steps
        self._ys = Growing(np.float32)
        self._lows: list[Growing] = []
        self._highs: list[Growing] = []
        self._means = Growing(np.float32)
        self._last: tuple[float, float] | None = None

    @classmethod
    def of(cls, steps: ArrayLike, ys: ArrayLike, means: ArrayLike = ()) -> Self:
        """A line that stands alone. means: as `extend` takes them."""
        line = cls(Growing(np.uint32))
        line._steps.extend(_as_steps(steps))
        line.extend(ys, means)
        return line

    def __len__(self) -> int:
        return len(self._ys)

    @property
    def steps(self) -> NDArray[np.generic]:
        """x of every point, not falling."""
        return self._steps.values[: len(self._ys)]

    @property
    def growing_steps(self) -> Growing:
        """The steps as another line over the same ones has them."""
        return self._steps

    @property
    def ys(self) -> NDArray[np.generic]:
        """y of every point; NaN is a gap."""
        return self._ys.values

    @property
    def last(self) -> tuple[float, float] | None:
        """The newest point that is finite."""
        return self._last

    def means(self, start: int, end: int) -> Numbers:
        """Of the points `start` to `end` what stands for all steps since the point before."""
        known = self._means.values[start:end]
        return _joined(known, self.ys[start + len(known) : end])

    def extend(self, ys: ArrayLike, means: ArrayLike = ()) -> None:
        """Add values at the end, for steps that are there already.

        means: of each, where it is the lowest or the highest of several steps; only at the
        beginning of a line.
        """
        values = _as_ys(ys)
        self._means.extend(_as_ys(means))
        self._ys.extend(values)
        finite = np.flatnonzero(np.isfinite(values))
        if len(finite):
            at = len(self._ys) - len(values) + int(finite[-1])
            self._last = (float(self._steps.values[at]), float(values[finite[-1]]))
        self._raise_pyramid()

    def part(self, left: float, right: float, columns: int) -> Part:
        """What lies from `left` to `right`, and a point beyond at each side if there is one.

        columns: of pixels that it is drawn in; of more than some ten points a column, only the
        lowest and the highest of neighbours are given.
        """
        steps = self.steps
        start = int(np.searchsorted(steps, _as_step(np.floor(left)), "left"))
        end = int(np.searchsorted(steps, _as_step(np.ceil(right)), "right"))
        start, end = max(start - 1, 0), min(end + 1, len(steps))
        level, size = -1, 1
        while level + 1 < len(self._lows) and end - start >= FINE * columns * _size(level + 1):
            level += 1
            size = _size(level)
        if level < 0:
            xs, ys = steps[start:end].astype(np.float64), self.ys[start:end].astype(np.float64)
            known = np.isfinite(ys)
            if not known.all():
                xs, ys = xs[known], ys[known]
            return Part(xs, ys, ys)
        first, last = -(-start // size), min(end // size, len(self._lows[level]))
        head, tail = slice(start, first * size), slice(last * size, end)
        xs = _joined(steps[head], steps[first * size : last * size : size], steps[tail])
        lows, highs = (
            _joined(self.ys[head], values[level].values[first:last], self.ys[tail])
            for values in (self._lows, self._highs)
        )
        known = np.isfinite(lows)
        if known.all():  # nothing to be copied once more
            return Part(xs, lows, highs)
        return Part(xs[known], lows[known], highs[known])

    def nearest(self, step: float) -> tuple[float, float] | None:
        """The finite point nearest to a step; None where there is none near."""
        steps = self.steps
        if not len(steps):
            return None
        after = int(np.searchsorted(steps, _as_step(np.ceil(step)), "left"))
        around = np.arange(max(after - FIRST, 0), min(after + FIRST, len(steps)))
        around = around[np.isfinite(self.ys[around].astype(np.float64))]
        if not len(around):
            return None
        distances = np.abs(steps[around].astype(np.float64) - step)
        index = int(around[distances.argmin()])
        return float(steps[index]), float(self.ys[index])

    def _raise_pyramid(self) -> None:
        lows, highs = self._ys.values, self._ys.values
        for level in range(64):
            group = FIRST if level == 0 else FACTOR
            if level == len(self._lows):
                if len(lows) < group:
                    return
                self._lows.append(Growing(np.float32))
                self._highs.append(Growing(np.float32))
            whole = slice(len(self._lows[level]) * group, len(lows) // group * group)
            self._lows[level].extend(np.fmin.reduce(lows[whole].reshape(-1, group), axis=1))
            self._highs[level].extend(np.fmax.reduce(highs[whole].reshape(-1, group), axis=1))
            lows, highs = self._lows[level].values, self._highs[level].values


class Recording:
    """Lines over the same steps, by their names."""

    def __init__(self, *names: str) -> None:
        self._steps = Growing(np.uint32)
        self.lines = {name: Line(self._steps) for name in names}

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def steps(self) -> NDArray[np.generic]:
        """All steps, not falling; to be read only."""
        return self._steps.values

    def append(
        self,
        steps: ArrayLike,
        values: Mapping[str, ArrayLike],
        means: Mapping[str, ArrayLike] = MappingProxyType({}),
    ) -> None:
        """Add points at the end: steps that do not fall, and as many values for every line.

        means: as `Line.extend` takes them.
        """
        self._steps.extend(_as_steps(steps))
        for name, line in self.lines.items():
            line.extend(values[name], means.get(name, ()))


def _size(level: int) -> int:
    """Points in a bucket of a level."""
    return FIRST << (2 * level)


def _as_steps(steps: ArrayLike) -> NDArray[np.generic]:
    return np.asarray(steps, np.float64).clip(0, LAST_STEP).astype(np.uint32)


def _as_ys(ys: ArrayLike) -> NDArray[np.generic]:
    with np.errstate(over="ignore"):
        values = np.array(ys, np.float32)
    values[~np.isfinite(values)] = np.nan
    return values


def _as_step(step: float) -> np.uint32:
    """Of the type of the steps: numpy would else copy all of them to compare."""
    return np.uint32(min(max(step, 0), LAST_STEP))


def _joined(*parts: NDArray[np.generic]) -> Numbers:
    return np.concatenate(parts, dtype=np.float64)
