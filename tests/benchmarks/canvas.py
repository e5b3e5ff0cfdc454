"""The canvas with large networks: opening, panning, dragging and editing them.

The window is the real one, but its engine is not started: building VGG-19 would be measured.
Times are processor time, which on an idle machine is what a clock says, and which other work hardly
changes.
"""

from __future__ import annotations

import gc
import itertools
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cnnviz.network import Network
from cnnviz.presets import preset
from cnnviz.project import Project
from tests.benchmarks.analysis import stack
from tests.benchmarks.harness import Bench, show, spread

if TYPE_CHECKING:
    from collections.abc import Iterator

OPENINGS, FRAMES, EDITS = 5, 200, 40


def run() -> None:
    """Milliseconds: median, 99th percentile, maximum."""
    with window() as found:
        for name, network in (
            ("VGG-19", preset("vgg-19")),
            ("DenseNet-169", preset("densenet-169")),
        ):
            large(found, name, network)
        for count in (30, 300):
            edits(found, count)


def large(found: Bench, name: str, network: Network) -> None:
    """Open a network, unfold it, pan it and drag something over it."""
    canvas = found.window.canvas
    count = sum(1 for _ in network.walk())
    seconds = []
    for _ in range(OPENINGS):
        found.session.open(Project(Network()), {}, None)
        found.paint()
        started = time.process_time()
        found.session.open(Project(network), {}, None)
        found.paint()
        seconds.append(time.process_time() - started)
    show(f"{name}, {count} layers: opened and painted", spread(seconds), "< 1,000 ms")
    started = time.process_time()
    canvas.unfold_all()
    found.paint()
    show("  all blocks unfolded", spread([time.process_time() - started]))
    pan(found, "  a frame while it is panned")
    places = itertools.islice(canvas.arrangement.places(), FRAMES // 4)
    seconds = []
    for place in places:
        started = time.process_time()
        canvas.open_gap(place, 96, 74)
        canvas.viewport().repaint()
        seconds.append(time.process_time() - started)
        found.let(0.02)
    canvas.open_gap(None)
    show("  a frame of a drag that opens another gap", spread(seconds), "60 a second: 16.7 ms")
    canvas.set_zoom(0.3)
    pan(found, "  a frame while it is panned, shapes only")
    canvas.fit()
    pan(found, f"  a frame with all in sight, at {canvas.zoom:.0%}", whole=True)
    canvas.set_zoom(1.0)


def pan(found: Bench, name: str, *, whole: bool = False) -> None:
    """Scroll in steps of a slow hand, or paint the whole again and again."""
    canvas = found.window.canvas
    bar = canvas.horizontalScrollBar()
    bar.setValue(bar.minimum())
    found.let(0.3)
    seconds = []
    for step in range(FRAMES):
        started = time.process_time()
        if whole:
            canvas.viewport().repaint()
        else:
            bar.setValue(bar.minimum() + 30 * step)
            found.app.processEvents()
        seconds.append(time.process_time() - started)
    bar.setValue(bar.minimum())
    show(name, spread(seconds), "60 a second: 16.7 ms")


def edits(found: Bench, count: int) -> None:
    """Type numbers of filters into the second convolution of a chain."""
    session = found.session
    session.open(Project(stack(count)), {}, None)
    uid = [layer.uid for layer in session.network.layers if layer.kind == "conv2d"][1]
    session.select(uid)
    found.let(0.3)
    seconds = []
    for number in range(EDITS):
        started = time.process_time()
        session.set_field(uid, "filters", 9 + number % 8)
        seconds.append(found.paint().worked - started)
        found.let(0.05)
    aim = "median < 16 ms" if count <= 30 else "median < 50 ms"
    show(f"one edit with {count} layers: painted", spread(seconds), aim)


@contextmanager
def window() -> Iterator[Bench]:
    """The window without its engine."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from ui.main_window import MainWindow
    from ui.theme import theme

    app = QApplication.instance() or QApplication(["benchmarks"])
    assert isinstance(app, QApplication)
    theme.prepare(app, 1.0)
    found = MainWindow()
    theme.apply(app)
    bench = Bench(app, found)
    ticker = QTimer(found)  # so that waiting always comes to an end
    ticker.start(100)
    found.show()
    gc.freeze()  # as the program does
    try:
        bench.let(0.3)
        yield bench
    finally:
        gc.unfreeze()
        found._closing = True
        found.close()
        found.deleteLater()
        app.processEvents()
