"""What is alike: how soon it is found among many images, and what it costs a stroke meanwhile."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cnnviz.engine.protocol.studies import Embedded, Neighbours
from tests.benchmarks.harness import Bench, bench, show, spread
from tests.benchmarks.strokes import draw
from ui.inspector.alike_page import SLOT
from ui.widgets.drawing_pad import DrawingPad

if TYPE_CHECKING:
    from ui.inspector.alike_page import AlikePage

MOVES, FRAMES = 150, 60


def run() -> None:
    """Of the first network, with all images of MNIST."""
    with bench() as found:
        pad = found.window.inputs.findChild(DrawingPad)
        assert pad is not None
        draw(found, pad, 40)
        show("a stroke, the images not on show", spread(draw(found, pad, MOVES)), "median < 16 ms")
        found.window.inspector.show_tab("alike")
        page = found.window.inspector.alike
        wait_for(found, page, "nearest training images: among the first ten thousand")
        show("a stroke, while the others are looked through", spread(draw(found, pad, MOVES)))
        wait_for(found, page, "among all sixty thousand")
        show("a stroke, with all of them known", spread(draw(found, pad, MOVES)))
        choose(page, "pca")
        wait_for(found, page, "plane of all test images", whole=True)
        show("a stroke through it", spread(draw(found, pad, MOVES)))
        show("a frame of ten thousand points, zoomed in", spread(frames(found, page)), "16 ms")
        for many in (1000, 2500, 0):
            choose(page, "tsne", many)
            wait_for(found, page, f"t-SNE of {many or 10_000:,}", whole=True)


def choose(page: AlikePage, view: str, many: int = 0) -> None:
    """As a person would."""
    page.map.many.set_value(many)
    page.views.set_current(view)
    page.views.selected.emit(view)


def wait_for(found: Bench, page: AlikePage, what: str, *, whole: bool = False) -> None:
    """Until there is an answer, or all of it where there was one."""
    started = time.perf_counter()
    among = ask(found)
    found.wait(lambda: ask(found) > among and (not whole or not page.stop.isVisible()))
    show(what, f"{time.perf_counter() - started:.2f} s")


def ask(found: Bench) -> int:
    """Among how many images something has been found."""
    answer = found.engine.studies.newest(SLOT)
    finding = None if answer is None else answer.finding
    if isinstance(finding, Neighbours):
        return finding.among
    return len(finding.labels) if isinstance(finding, Embedded) else 0


def frames(found: Bench, page: AlikePage) -> list[float]:
    """Seconds in which the points are drawn anew, nearer and nearer."""
    seconds = []
    for _ in range(FRAMES):
        started = time.perf_counter()
        page.map.plane.zoom(1.02)
        page.map.plane.repaint()
        seconds.append(time.perf_counter() - started)
        found.let(0.002)
    return seconds
