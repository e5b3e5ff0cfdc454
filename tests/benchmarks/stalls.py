"""How long the window does not answer: the gaps between ticks that should come every 5 ms."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, QTimer

from cnnviz.presets import preset
from cnnviz.project import Project
from tests.benchmarks.harness import Bench, bench, show
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

TICK = 5
SECONDS = 10.0
AFTERMATH = 0.6
"""Seconds in which all that a switch has put off is done."""
ROUNDS = 4


def run() -> None:
    """Milliseconds from tick to tick: median, 99th percentile, maximum, and most work in one."""
    with bench() as found:
        report("an idle window", gaps(found, SECONDS / 2), "")
        switches(found)
        starting = Gaps(found)
        found.train(1)
        report("while a run begins (MNIST is read)", starting.end(), "max < 50 ms")
        report("while it trains flat out", gaps(found, SECONDS), "max < 50 ms")
        found.pause()


def switches(found: Bench) -> None:
    """What changes much at once, on every tab of the drawer, and what is made when first asked for.

    The first time also reads icons, fonts and translations; later times are the medians of a few.
    """
    window = found.window
    inspector = window.inspector
    once = {
        "kernels for the first time": lambda: inspector.show_tab("kernels"),
        "feature maps for the first time": lambda: inspector.show_tab("maps"),
        "the training settings for the first time": window.training._open_panel,
    }
    for name, do in once.items():
        report_stall(name, [stall(found, do)])
    window.training._panel.hide()
    inspector.show_tab("settings")
    looks: dict[str, list[Callable[[], None]]] = {
        "another theme": [lambda: theme.set_mode("dark"), lambda: theme.set_mode("light")],
        "another language": [window.menus.next_language, window.menus.next_language],
        "another size of type": [lambda: theme.set_scale(1.5), lambda: theme.set_scale(1.0)],
        "another layer": [
            lambda: window.session.select("input"),
            lambda: window.session.select(window.session.network.layers[-1].uid),
        ],
    }
    for name, ways in looks.items():
        report_stall(f"{name}, the first time", [stall(found, do) for do in ways])
        report_stall(name, [stall(found, do) for do in ways * ROUNDS])
    before = window.session.project, window.session.state.weights
    opened: dict[str, list[NDArray[np.float64]]] = {"vgg-16": [], "lenet-tutorial": []}
    for name in [*opened] * (ROUNDS // 2):
        opening = partial(window.session.open, Project(preset(name)), {}, None)
        opened[name].append(stall(found, opening))
    for name, stalls in opened.items():
        report_stall(f"opening {name}", stalls)
    window.session.open(*before, None)
    found.settle()


def report_stall(name: str, found: list[NDArray[np.float64]]) -> None:
    """One line of what a switch took."""
    report(name, np.array(found), "max < 50 ms")


def stall(found: Bench, do: Callable[[], None]) -> NDArray[np.float64]:
    """The longest gap from what is done until all that it has put off is done."""
    clock = Gaps(found)
    QTimer.singleShot(TICK, do)
    found.let(AFTERMATH)
    found.settle()
    longest: NDArray[np.float64] = clock.end().max(axis=0)
    return longest


def report(name: str, found: NDArray[np.float64], aim: str) -> None:
    """One line of gaps."""
    waited, worked = found.T
    figures = (np.median(waited), np.quantile(waited, 0.99), waited.max())
    work = f"; worked {worked.max():.0f}"
    show(name, " / ".join(f"{figure:.1f}" for figure in figures) + f"{work} ms", aim)


def gaps(found: Bench, seconds: float) -> NDArray[np.float64]:
    """All gaps of a while."""
    measured = Gaps(found)
    found.let(seconds)
    return measured.end()


class Gaps:
    """A clock in the window. What it worked in a gap is less than the gap where others work too."""

    def __init__(self, found: Bench) -> None:
        self._ticks: list[tuple[float, float]] = []
        self._timer = QTimer(found.window)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK)
        self._tick()

    def _tick(self) -> None:
        self._ticks.append((time.perf_counter(), time.thread_time()))

    def end(self) -> NDArray[np.float64]:
        """Stop it; for each gap its length and how long this thread worked in it, milliseconds."""
        self._timer.stop()
        self._timer.deleteLater()
        self._tick()
        found: NDArray[np.float64] = np.diff(self._ticks, axis=0) * 1000
        return found
