"""A line of any length in bounded memory: what a chart keeps of a long run."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]

BUCKETS = 1000
"""Buckets kept at most, each with its lowest and its highest point: 2,000 points."""


class BoundedSeries:
    """Points (x, y), x not falling, of which hardly more than `2 * BUCKETS` are kept.

    Points fill buckets of equally many; where there would be too many buckets, neighbours join
    in pairs. A bucket keeps its lowest and its highest point, so that no peak ever disappears.
    Points that are not finite are left out.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all points."""
        self._per_bucket = 1
        self._buckets: Numbers = np.empty((0, 2, 2))  # (buckets, lowest and highest, x and y)
        self._open: Numbers = np.empty((0, 2))  # extremes of the bucket that is being filled
        self._open_count = 0
        self._last: tuple[float, float] | None = None

    def __len__(self) -> int:
        return 2 * len(self._buckets) + len(self._open)

    @property
    def last(self) -> tuple[float, float] | None:
        """The newest point."""
        return self._last

    def append(self, xs: ArrayLike, ys: ArrayLike) -> None:
        """Add points at the end."""
        points = np.stack([np.asarray(xs, np.float64), np.asarray(ys, np.float64)], axis=1)
        points = points[np.isfinite(points).all(axis=1)]
        if not len(points):
            return
        self._last = (float(points[-1, 0]), float(points[-1, 1]))
        while len(points):
            count = len(points) // self._per_bucket
            if self._open_count or not count:
                taken = min(self._per_bucket - self._open_count, len(points))
                self._fill_open(np.concatenate([self._open, points[:taken]]), taken)
            else:
                taken = count * self._per_bucket
                groups = points[:taken].reshape(count, self._per_bucket, 2)
                self._buckets = np.concatenate([self._buckets, _extremes(groups)])
            points = points[taken:]
        while len(self._buckets) > BUCKETS:
            self._join()

    def points(self) -> tuple[Numbers, Numbers]:
        """The kept points in the order of x, as (xs, ys)."""
        pairs = self._buckets
        backwards = (pairs[:, 0, 0] > pairs[:, 1, 0])[:, None, None]
        pairs = np.where(backwards, pairs[:, ::-1], pairs)
        points = np.concatenate([pairs.reshape(-1, 2), _in_order(self._open)])
        again = (points[1:] == points[:-1]).all(axis=1)  # a bucket's only point
        points = np.delete(points, np.flatnonzero(again) + 1, axis=0)
        return points[:, 0], points[:, 1]

    def _fill_open(self, points: Numbers, more: int) -> None:
        extremes = _extremes(points[None])
        self._open_count += more
        if self._open_count == self._per_bucket:
            self._buckets = np.concatenate([self._buckets, extremes])
            self._open, self._open_count = np.empty((0, 2)), 0
        else:
            self._open = extremes[0]

    def _join(self) -> None:
        """Half as many buckets, each of twice as many points; an odd one is open again."""
        if len(self._buckets) % 2:
            both = np.concatenate([self._buckets[-1], self._open])
            self._open = _extremes(both[None])[0]
            self._open_count += self._per_bucket
            self._buckets = self._buckets[:-1]
        self._buckets = _extremes(self._buckets.reshape(-1, 4, 2))
        self._per_bucket *= 2


_SHARE = 0.25


class RunningMean:
    """The mean of what came last: at each point, of all points less than `span` before it in x.

    At the beginning it takes in less, a quarter of the way so far: a mean over all of a steep
    start would stay far behind it. By x and not by number, so that a line that was thinned out
    has the same mean as before.
    """

    def __init__(self, span: float) -> None:
        self._span = span
        self._first = 0.0
        self._xs: Numbers = np.empty(0)  # of the points that later means still take in
        self._ys: Numbers = np.empty(0)

    def append(self, xs: ArrayLike, ys: ArrayLike) -> tuple[Numbers, Numbers]:
        """Take more points at the end, and give their places and means, all that are finite."""
        points = np.stack([np.asarray(xs, np.float64), np.asarray(ys, np.float64)], axis=1)
        points = points[np.isfinite(points).all(axis=1)]
        new = len(points)
        all_x = np.concatenate([self._xs, points[:, 0]])
        all_y = np.concatenate([self._ys, points[:, 1]])
        if not new:
            return points[:, 0], points[:, 1]
        ends = np.arange(len(all_x) - new, len(all_x)) + 1
        if not len(self._xs):
            self._first = all_x[0]
        xs = points[:, 0]
        spans = np.clip(_SHARE * (xs - self._first), min(1.0, self._span), self._span)
        starts = np.searchsorted(all_x, xs - spans, side="right")
        # Sums of their own instead of differences of running sums: a huge loss leaves no trace.
        bounds = np.stack([starts, ends], axis=1).reshape(-1)
        sums = np.add.reduceat(np.append(all_y, 0.0), bounds)[::2]
        kept = all_x > all_x[-1] - self._span
        self._xs, self._ys = all_x[kept], all_y[kept]
        return xs, sums / (ends - starts)


def _extremes(groups: Numbers) -> Numbers:
    """The lowest and the highest point of each group (groups, points, 2), as (groups, 2, 2)."""
    each = np.arange(len(groups))
    low, high = groups[:, :, 1].argmin(axis=1), groups[:, :, 1].argmax(axis=1)
    return np.stack([groups[each, low], groups[each, high]], axis=1)


def _in_order(points: Numbers) -> Numbers:
    return points[points[:, 0].argsort(kind="stable")]
