"""A run of a million steps: what its curves cost in memory and in each frame."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

import numpy as np
import psutil

from tests.benchmarks.harness import show, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ui.charts.chart import Chart

STEPS = 1_000_000
BATCH = 500
"""Steps that are told at once."""
TEST_EVERY = 100
FRAMES = 60
MEGABYTE = 1 << 20


def run() -> None:
    """Memory in all, and milliseconds a frame: median, 99th percentile, maximum."""
    from PySide6.QtWidgets import QApplication

    from ui.theme import theme

    app = QApplication.instance() or QApplication(["benchmarks"])
    assert isinstance(app, QApplication)
    theme.prepare(app, 1.0)
    for width, height in ((268, 120), (1600, 400)):
        measure(app.processEvents, width, height)


def measure(idle: Callable[[], object], width: int, height: int) -> None:
    """Let both charts of a run grow to all steps, and then look around in them."""
    from PySide6.QtGui import QImage

    from ui.charts.chart import Chart
    from ui.charts.content import Series
    from ui.charts.sight import Sight
    from ui.run_view import no_curves

    process = psutil.Process()
    gc.collect()
    before = process.memory_info().rss
    curves, sight = no_curves(), Sight()
    charts = [Chart("Loss", sight), Chart("Accuracy", sight)]
    for chart, measured in zip(charts, ("loss", "accuracy"), strict=True):
        chart.resize(width, height)
        chart.set_series(
            [
                Series(split, split, curves[split].lines[measured], color, smooth=split == "train")
                for color, split in enumerate(("train", "test"))
            ]
        )
    told = []
    for steps, values in points():
        started = time.process_time()
        curves["train"].append(steps, {"loss": values, "accuracy": 1 / (1 + values)})
        tested = steps[::TEST_EVERY]
        few = values[::TEST_EVERY]
        curves["test"].append(tested, {"loss": few, "accuracy": 1 / (1 + few)})
        curves["rate"].append(steps[:1], {"rate": [1e-3]})
        for chart in charts:
            chart.grow()
        told.append(time.process_time() - started)
    place = f"{width}×{height} pixels"
    show(f"{place}: {BATCH} more steps of {STEPS:,}", spread(told))
    gc.collect()
    took = (process.memory_info().rss - before) / MEGABYTE
    show(f"{place}: memory of both charts and their curves", f"{took:.0f} MB", "< 50 MB")

    image = QImage(width, height, QImage.Format.Format_RGB32)
    charts[0].render(image)  # the first one of the program reads the fonts

    def frames(chart: Chart, look: Callable[[int], object]) -> list[float]:
        taken = []
        for frame in range(FRAMES):
            look(frame)
            started = time.process_time()
            chart._painting = None
            chart.render(image)
            taken.append(time.process_time() - started)
        return taken

    loss = charts[0]
    all_of_it = frames(loss, lambda _: None)
    show(f"{place}: a frame with all steps", spread(all_of_it), "< 5 ms")
    pointed = frames(loss, lambda frame: sight.look(step=frame * STEPS / FRAMES))
    show(f"{place}: a frame while pointing", spread(pointed), "< 5 ms")
    zoomed = frames(loss, lambda _: loss.zoom(0.85, 0.7 * STEPS))
    show(f"{place}: a frame while zooming in", spread(zoomed), "< 5 ms")
    sight.look(span=None)
    image = QImage(2 * width, 2 * height, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(2)
    sharp = frames(loss, lambda _: None)
    show(f"{place}: a frame on a screen twice as sharp", spread(sharp))
    sight.look(span=None, logarithmic=True)
    started = time.process_time()
    sight.look(reach=1000)
    first = time.process_time() - started
    slices = [first]
    while len(loss.painting().lines[0].line) < STEPS:
        started = time.process_time()
        idle()
        slices.append(time.process_time() - started)
    show(f"{place}: smoothed anew, in slices of", spread(slices))
    for chart in charts:
        chart.deleteLater()
    idle()


def points() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Losses that fall with much noise and a few high peaks: (steps, values) of each batch."""
    random = np.random.default_rng(1)
    for start in range(1, STEPS, BATCH):
        steps = np.arange(start, start + BATCH)
        values = 2.3 / (1 + steps / 2e4) * random.lognormal(0, 0.4, BATCH)
        values[steps % 99_991 == 0] = 40.0
        yield steps, values
