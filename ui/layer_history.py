"""How the layers of the present run were at each time: a line and some histograms for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ui.charts.curve import Recording
from ui.charts.histograms import Histograms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.engine.protocol import Figures, Histogram

LINES = ("gradient", "ratio", "dead")
"""What a layer has a line of, as in `protocol.LayerFigures`."""
SPREADS = ("weights", "outputs")
"""What it has histograms of."""
MOST = 400
"""Histograms of each kind; where there are more, every second one goes: they change slowly."""


class _Kept(NamedTuple):
    """A histogram at a step; counts: (bins,) float32."""

    step: int
    low: float
    high: float
    counts: NDArray[np.float32]


class _Spread:
    """Histograms at rising steps; those of the first and the newest step always stay."""

    def __init__(self) -> None:
        self._kept: list[_Kept] = []
        self._last: _Kept | None = None
        self._every = 1
        self._told = 0

    def add(self, step: int, histogram: Histogram) -> None:
        counts = np.array(histogram.counts, np.float32)
        self._last = _Kept(step, histogram.low, histogram.high, counts)
        if self._told % self._every == 0:
            self._kept.append(self._last)
            if len(self._kept) > MOST:
                self._kept = self._kept[::2]
                self._every *= 2
        self._told += 1

    def histograms(self) -> Histograms:
        kept = self._kept
        if self._last is not None and self._last is not kept[-1]:
            kept = [*kept, self._last]
        return Histograms(
            np.array([one.step for one in kept], np.float64),
            np.array([one.low for one in kept], np.float64),
            np.array([one.high for one in kept], np.float64),
            np.array([one.counts for one in kept], np.float64),
        )


class LayerHistory:
    """The layers by their uids."""

    def __init__(self) -> None:
        self._lines: dict[str, Recording] = {}
        self._spreads: dict[tuple[str, str], _Spread] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, figures: Sequence[Figures]) -> None:
        """Take in what the engine tells, in the order of the steps."""
        for found in figures:
            for layer in found.layers:
                lines = self._lines.setdefault(layer.uid, Recording(*LINES))
                values = {name: [_number(getattr(layer, name))] for name in LINES}
                lines.append([found.step], values)
                for name in SPREADS:
                    histogram: Histogram | None = getattr(layer, name)
                    if histogram is not None:
                        key = layer.uid, name
                        self._spreads.setdefault(key, _Spread()).add(found.step, histogram)

    def lines(self, uid: str) -> Recording | None:
        """The lines of a layer, of those in `LINES`; None where nothing is known of it."""
        return self._lines.get(uid)

    def histograms(self, uid: str, name: str) -> Histograms | None:
        """How its "weights" or "outputs" were spread; None where nothing is known of them."""
        spread = self._spreads.get((uid, name))
        return spread.histograms() if spread is not None else None


def _number(value: float | None) -> float:
    return np.nan if value is None else value
