"""The canvas with large networks: opening, panning, dragging and editing them.

The window is the real one, but its engine is not started: building VGG-19 would be measured.
"""

from __future__ import annotations

import itertools
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cnnviz.layers import (
    Activation,
    AvgPool,
    BatchNorm,
    Border,
    Branches,
    Conv2d,
    Dense,
    Flatten,
    GlobalAvgPool,
    MaxPool,
    Size,
)
from cnnviz.network import Input, Network
from cnnviz.presets import preset
from cnnviz.project import Project
from tests.benchmarks.analysis import stack
from tests.benchmarks.harness import Bench, show, spread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnnviz.layers import Layer

OPENINGS, FRAMES, EDITS = 5, 200, 40


def run() -> None:
    """Milliseconds: median, 99th percentile, maximum."""
    with window() as found:
        for name, network in (("VGG-19", preset("vgg-19")), ("DenseNet-169", densenet())):
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
        started = time.perf_counter()
        found.session.open(Project(network), {}, None)
        found.paint()
        seconds.append(time.perf_counter() - started)
    show(f"{name}, {count} layers: opened and painted", spread(seconds), "< 1,000 ms")
    started = time.perf_counter()
    canvas.unfold_all()
    found.paint()
    show("  all blocks unfolded", spread([time.perf_counter() - started]))
    pan(found, "  a frame while it is panned")
    places = itertools.islice(canvas.arrangement.places(), FRAMES // 4)
    seconds = []
    for place in places:
        started = time.perf_counter()
        canvas.open_gap(place, 96, 74)
        canvas.viewport().repaint()
        seconds.append(time.perf_counter() - started)
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
        started = time.perf_counter()
        if whole:
            canvas.viewport().repaint()
        else:
            bar.setValue(bar.minimum() + 30 * step)
            found.app.processEvents()
        seconds.append(time.perf_counter() - started)
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
        started = time.perf_counter()
        session.set_field(uid, "filters", 9 + number % 8)
        found.paint()
        seconds.append(time.perf_counter() - started)
        found.let(0.05)
    aim = "median < 16 ms" if count <= 30 else "median < 50 ms"
    show(f"one edit with {count} layers: painted", spread(seconds), aim)


def densenet(blocks: tuple[int, ...] = (6, 12, 32, 32)) -> Network:
    """DenseNet-169 (Huang et al., 2017), each dense block around its dense layers."""
    conv, pool = (Border(3, 3), Border(1, 1))
    layers: list[Layer] = [
        Conv2d(filters=64, kernel=Size(7, 7), stride=Size(2, 2), padding=conv, bias=False),
        BatchNorm(),
        Activation(),
        MaxPool(kernel=Size(3, 3), stride=Size(2, 2), padding=pool),
    ]
    maps = 64
    for number, count in enumerate(blocks):
        layers.append(Branches(label="Dense block", branches=(count * (_dense_layer(),),)))
        maps += 32 * count
        if number + 1 < len(blocks):
            maps //= 2
            one = Conv2d(filters=maps, kernel=Size(1, 1), bias=False)
            layers += [BatchNorm(), Activation(), one, AvgPool()]
    layers += [BatchNorm(), Activation(), GlobalAvgPool(), Flatten(), Dense(units=1000)]
    return Network(input=Input(224, 224, 3)).with_layers(layers)


def _dense_layer() -> Branches:
    narrow = Conv2d(filters=128, kernel=Size(1, 1), bias=False)
    wide = Conv2d(filters=32, padding="same", bias=False)
    chain = (BatchNorm(), Activation(), narrow, BatchNorm(), Activation(), wide)
    return Branches(label="Dense layer", merge="concat", branches=((), chain))


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
    try:
        bench.let(0.3)
        yield bench
    finally:
        found._closing = True
        found.close()
        found.deleteLater()
        app.processEvents()
