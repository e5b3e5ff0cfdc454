"""How values were spread at each time, as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ui.charts.axes import round_up
from ui.charts.table import Column

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SEEN = 0.001
"""The scale holds all but this share of the newest values at each end, so that one far value does
not press all else together; what lies beyond is seen at the edge."""


@dataclass(frozen=True, eq=False)
class Histograms:
    """Histograms at rising steps, each with its own range.

    steps: (times,). lows, highs: (times,) the edges of the first and the last bin. counts: (times,
    bins), how many values are in each bin.
    """

    steps: NDArray[np.float64]
    lows: NDArray[np.float64]
    highs: NDArray[np.float64]
    counts: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.steps)

    @cached_property
    def range(self) -> tuple[float, float]:
        """What is to be seen: round numbers around nearly all values, zero among them."""
        low = min(float(self._quantile(_SEEN).min()), 0.0)
        high = max(float(self._quantile(1 - _SEEN).max()), 0.0)
        low, high = -round_up(-low) if low < 0 else 0.0, round_up(high) if high > 0 else 0.0
        return (low, high) if low < high else (-1.0, 1.0)  # the smallest numbers round up to 0

    def part(self, time: int) -> float:
        """Where a time lies between the first and the last, 0 to 1."""
        span = max(float(self.steps[-1] - self.steps[0]), 1e-12)
        return float(self.steps[time] - self.steps[0]) / span

    def columns(self, name: str) -> list[Column]:
        """As the table of a chart has them: the edges, and how many values are in each bin.

        name: what the titles begin with.
        """
        steps = self.steps.astype(np.uint32)
        counts = self.counts.astype(np.int64)
        parts = {"low": self.lows, "high": self.highs, "count": counts}
        return [Column(f"{name}_{part}", steps, values) for part, values in parts.items()]

    def median(self, time: int) -> float:
        """The middle of the values at a time."""
        return float(self._quantile(0.5)[time])

    def picture(self, width: int, height: int) -> NDArray[np.float64]:
        """The share of values in each pixel, against the largest of its column: (height, width)
        from 0 to 1, the highest values above. Columns go from the first step to the last."""
        span = max(float(self.steps[-1] - self.steps[0]), 1e-12)
        across = self.steps[0] + span * (np.arange(width) + 0.5) / width
        times = np.clip(np.searchsorted(self.steps, across, "right") - 1, 0, len(self) - 1)
        low, high = self.range
        values = high - (high - low) * (np.arange(height) + 0.5) / height
        bins = self.counts.shape[1]
        wide = np.maximum(self.highs - self.lows, 1e-12)[times]  # (width,)
        places = np.floor((values[:, None] - self.lows[times]) / wide * bins).astype(np.int64)
        inside = (places >= 0) & (places < bins)
        density = self.counts[times[None, :], np.clip(places, 0, bins - 1)] / wide * inside
        # Bins that are narrower than a pixel may lie between two of them: all is in one pixel then.
        row = np.clip((high - self._middles[times]) / (high - low) * height, 0, height - 1)
        none = density.max(axis=0) <= 0
        density[row.astype(np.int64)[none], np.flatnonzero(none)] = 1.0
        found: NDArray[np.float64] = density / density.max(axis=0)
        return found

    @cached_property
    def _middles(self) -> NDArray[np.float64]:
        return self._quantile(0.5)

    def _quantile(self, share: float) -> NDArray[np.float64]:
        """Below which this share of the values lies, at each time: (times,)."""
        below = self.counts.cumsum(axis=1)
        wanted = share * below[:, -1]
        places = (below < wanted[:, None]).sum(axis=1)
        every = np.arange(len(self))
        places = np.minimum(places, self.counts.shape[1] - 1)
        inside = self.counts[every, places]
        before = below[every, places] - inside
        part = np.where(inside > 0, (wanted - before) / np.maximum(inside, 1e-12), 0.5)
        width = (self.highs - self.lows) / self.counts.shape[1]
        found: NDArray[np.float64] = self.lows + (places + np.clip(part, 0, 1)) * width
        return found
