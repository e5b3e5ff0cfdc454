"""Pieces of a stroke into VGG-16 at 224×224, from the mouse event to the painted cards and bars."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cnnviz.presets import preset
from cnnviz.project import Project
from tests.benchmarks.harness import bench, show, spread
from tests.benchmarks.strokes import answered, draw
from ui.widgets.drawing_pad import DrawingPad

if TYPE_CHECKING:
    from tests.benchmarks.harness import Bench

MOVES = 20


def run() -> None:
    """Milliseconds: median, 99th percentile, maximum."""
    with bench() as found:
        found.session.open(Project(preset("vgg-16")), {}, None)
        found.session.set_field(found.session.network.layers[-1].uid, "units", 10)
        found.wait(lambda: found.engine.picture is not None and found.engine.device is not None)
        found.wait(lambda: found.session.report.problem is None and answered(found))
        pad = found.window.inputs.findChild(DrawingPad)
        assert pad is not None
        found.window.canvas.horizontalScrollBar().setValue(0)  # where the largest maps are
        draw(found, pad, 3)
        large = draw(found, pad, MOVES)
        show("VGG-16 at 224×224, all of its maps", spread(large), "median < 300 ms")
        show("of it the pass through the network alone", spread(passes(found)))


def passes(found: Bench) -> list[float]:
    """Seconds of what the engine does for each of these, with as many threads, in this process."""
    import torch

    from cnnviz.engine.build import build
    from cnnviz.engine.probe import at_rest

    model = build(found.session.report, {}, 0)
    torch.set_num_threads(found.engine.threads)
    x = torch.rand(1, 3, 224, 224).contiguous(memory_format=torch.channels_last)
    seconds = []
    for _ in range(MOVES):
        started = time.perf_counter()
        with at_rest(model), torch.inference_mode():
            model.look(x, lambda uid, values: None)
        seconds.append(time.perf_counter() - started)
    return seconds
