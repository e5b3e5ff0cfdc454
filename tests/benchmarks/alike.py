"""What is alike: how soon it is found among many images, and what it costs a stroke meanwhile."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cnnviz.engine.protocol.studies import Embed, Nearest
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
        wait_for(found, "nearest training images: among the first", Nearest)
        show("a stroke, while the others are looked through", spread(draw(found, pad, MOVES)))
        wait_for(found, "among all, from where the strokes left it", Nearest, whole=True)
        show("a stroke, with all of them known", spread(draw(found, pad, MOVES)))
        choose(page, "pca")
        wait_for(found, "plane of all test images", Embed, whole=True)
        show("a stroke through it", spread(draw(found, pad, MOVES)))
        show("a frame of ten thousand points, nearer and nearer", spread(frames(found, page)))
        for many in (1000, 2500, 0):
            choose(page, "tsne", many)
            wait_for(found, f"t-SNE of {many or 10_000:,}", Embed, whole=True)


def choose(page: AlikePage, view: str, many: int = 0) -> None:
    """As a person would."""
    page.map.many.set_value(many)
    page.views.set_current(view)
    page.views.selected.emit(view)


def wait_for(found: Bench, what: str, kind: type, *, whole: bool = False) -> None:
    """Until there is an answer to the newest question, which is of this kind; or all of it."""
    started, studies = time.perf_counter(), found.engine.studies

    def there() -> bool:
        slot, answer = studies._slots.get(SLOT), studies.newest(SLOT)
        if slot is None or slot.asked is None or slot.waiting is not None or answer is None:
            return False
        newest = isinstance(slot.asked.subject, kind) and answer.id == slot.id
        return newest and answer.finding is not None and (not whole or answer.done == 1)

    found.wait(there)
    show(what, f"{time.perf_counter() - started:.2f} s")


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
