"""How long the window does not answer: the gaps between ticks that should come every 5 ms."""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import Qt, QTimer

from tests.benchmarks.harness import Bench, bench, show

TICK = 5
SECONDS = 10.0


def run() -> None:
    """Milliseconds from tick to tick: median, 99th percentile, maximum."""
    with bench() as found:
        report("an idle window", gaps(found, SECONDS / 2), "")
        starting = Gaps(found)
        found.train(1)
        report("while a run begins (MNIST is read)", starting.end(), "max < 100 ms")
        report("while it trains flat out", gaps(found, SECONDS), "max < 100 ms")
        found.pause()


def report(name: str, found: np.ndarray, aim: str) -> None:
    """One line of gaps."""
    figures = (np.median(found), np.quantile(found, 0.99), found.max())
    show(name, " / ".join(f"{figure:.1f}" for figure in figures) + " ms", aim)


def gaps(found: Bench, seconds: float) -> np.ndarray:
    """All gaps of a while, in milliseconds."""
    measured = Gaps(found)
    found.let(seconds)
    return measured.end()


class Gaps:
    """A clock in the window."""

    def __init__(self, found: Bench) -> None:
        self._ticks = [time.perf_counter()]
        self._timer = QTimer(found.window)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(lambda: self._ticks.append(time.perf_counter()))
        self._timer.start(TICK)

    def end(self) -> np.ndarray:
        """Stop it; the gaps in milliseconds."""
        self._timer.stop()
        self._timer.deleteLater()
        self._ticks.append(time.perf_counter())
        found: np.ndarray = np.diff(self._ticks) * 1000
        return found
