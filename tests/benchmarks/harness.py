"""What the benchmarks share: a display, the real window with its engine, and how to print."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from PySide6.QtCore import QEvent, QObject
    from PySide6.QtWidgets import QApplication

    from ui.main_window import MainWindow

ROOT = Path(__file__).parents[2]
SCREEN = "1600x1000x24"
PATIENCE = 120.0


def show(name: str, figure: str, aim: str = "") -> None:
    """One line: what was measured, the figure, and what the project wants it to be."""
    print(f"  {name:<58} {figure:>22}" + (f"   (aim: {aim})" if aim else ""), flush=True)


def spread(seconds: Sequence[float]) -> str:
    """Median, 99th percentile and maximum in milliseconds."""
    values = np.asarray(seconds) * 1000
    return f"{np.median(values):.1f} / {np.quantile(values, 0.99):.1f} / {values.max():.1f} ms"


def median(seconds: Sequence[float]) -> float:
    """In milliseconds."""
    return float(np.median(seconds)) * 1000


@contextmanager
def display() -> Iterator[None]:
    """A real X display where there is Xvfb, the offscreen platform elsewhere; settings of its own.

    `DISPLAY` and `QT_QPA_PLATFORM` are set for this process and its children.
    """
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="cnnviz-benchmarks-") as home:
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{name}_HOME"] = home
        try:
            if shutil.which("Xvfb") is None:
                os.environ["QT_QPA_PLATFORM"] = "offscreen"
                yield
                return
            with _xvfb() as number:
                os.environ["DISPLAY"], os.environ["QT_QPA_PLATFORM"] = f":{number}", "xcb"
                yield
        finally:
            os.environ.clear()
            os.environ.update(before)


@contextmanager
def _xvfb() -> Iterator[str]:
    read, write = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", SCREEN, "-nolisten", "tcp"],
        pass_fds=[write],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(write)
        with os.fdopen(read) as answer:
            number = answer.readline().strip()
        try:
            yield number
        finally:
            server.terminate()
            server.wait()


class Painted(NamedTuple):
    """When all was painted that was out of date, and the processor time of this process by then."""

    clock: float
    """`time.perf_counter`."""
    worked: float
    """`time.process_time`."""


class Bench:
    """The real window, shown, with its engine up and a digit in it."""

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        self.app, self.window = app, window
        self.session, self.engine = window.session, window.engine
        self.paints: list[Painted] = []
        self._filter = _painted(window, self)

    def wait(self, condition: Callable[[], bool]) -> None:
        """Let the window work, asleep while there is nothing to do, until it is so."""
        from PySide6.QtCore import QEventLoop

        end = time.monotonic() + PATIENCE
        while not condition():
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if time.monotonic() > end:
                raise TimeoutError("the window does not get there")

    def let(self, seconds: float) -> None:
        """Let the window work for a while."""
        from PySide6.QtCore import QTimer

        QTimer.singleShot(max(1, round(seconds * 1000)), _wake)
        end = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() >= end)

    def paint(self) -> Painted:
        """Until the cards have been painted once more."""
        self.paints.clear()
        self.wait(lambda: bool(self.paints))
        return self.paints[0]  # and not when Qt was through with what else it had to do

    def settle(self) -> None:
        """Until nothing is asked of the engine any more and all is painted."""
        self.wait(lambda: not self.engine._in_flight and not self.engine._wanted)
        self.let(0.05)

    def train(self, steps: int = 1) -> None:
        """Begin or resume a run and wait until it is well under way."""
        self.engine.train()
        self.wait(lambda: self.step >= steps and self.engine.training)

    def pause(self) -> None:
        """Hold the run, and wait until it is held."""
        self.engine.pause()
        self.wait(lambda: not self.engine.training)
        self.settle()

    @property
    def step(self) -> int:
        """Steps that the present run has made."""
        return self.engine.progress.step if self.engine.progress else 0


def _wake() -> None:
    """Nothing; a wait looks at its condition when something happens."""


def _painted(window: MainWindow, bench: Bench) -> QObject:
    """Counts how often the cards were painted, with all else that was out of date then."""
    from PySide6.QtCore import QEvent, QObject, QTimer

    class Filter(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                QTimer.singleShot(0, self.count)  # once all have been painted
            return False

        def count(self) -> None:
            bench.paints.append(Painted(time.perf_counter(), time.process_time()))

    found = Filter(window)
    window.canvas.viewport().installEventFilter(found)
    return found


@contextmanager
def bench() -> Iterator[Bench]:
    """Open the window as the program does, on the display that there is."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from ui.main_window import MainWindow
    from ui.theme import theme

    app = QApplication.instance() or QApplication(["benchmarks"])
    assert isinstance(app, QApplication)
    theme.prepare(app, 1.0)
    window = MainWindow()
    theme.apply(app)
    found = Bench(app, window)
    ticker = QTimer(window)  # so that waiting always comes to an end
    ticker.start(100)
    window.show()
    window.begin(None)
    gc.freeze()
    try:
        found.wait(lambda: found.engine.picture is not None)
        found.settle()
        yield found
    finally:
        window._closing = True
        window.close()
        window.deleteLater()
        app.processEvents()
        gc.unfreeze()
