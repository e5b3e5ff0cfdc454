"""An edit of one setting, from the call that a form makes to the painted window."""

from __future__ import annotations

import time

from cnnviz.project import Project
from tests.benchmarks.analysis import stack
from tests.benchmarks.harness import Bench, bench, show, spread

LAYERS = 30
EDITS = 60


def run() -> None:
    """Milliseconds: median, 99th percentile, maximum."""
    with bench() as found:
        found.session.open(Project(stack(LAYERS)), {}, None)
        found.settle()
        for index in (0, LAYERS // 2, LAYERS - 6):
            measure(found, index)


def measure(found: Bench, index: int) -> None:
    """Type numbers of filters into the convolution at or after an index."""
    session = found.session
    layers = session.network.layers
    uid = next(n.uid for n in layers[index:] if n.kind == "conv2d")
    session.select(uid)
    found.settle()
    told, painted, pictured, worked = [], [], [], []
    for number in range(EDITS):
        started, begun = time.perf_counter(), time.process_time()
        session.set_field(uid, "filters", 8 + number % 8 + 1)
        told.append(time.perf_counter() - started)
        clock, spent = found.paint()
        painted.append(clock - started)
        worked.append(spent - begun)
        found.wait(lambda: _follows(found))
        found.window.canvas.viewport().update()  # else they may be painted already
        pictured.append(found.paint().clock - started)
        found.settle()
    place = f"layer {index + 1} of {LAYERS}"
    show(f"{place}: until every view has followed", spread(told))
    show(f"{place}: until shapes and numbers are painted", spread(painted), "median < 16 ms")
    show(f"{place}: of it the window's own processor time", spread(worked))
    show(f"{place}: until the new feature maps are painted", spread(pictured))


def _follows(found: Bench) -> bool:
    """Whether the newest picture is of the present network."""
    picture = found.engine.picture
    return picture is not None and picture.revision == found.session.state.revision
