"""Many feature maps at once: a frame while they are scrolled, live and pointed at, and one large.

Times are processor time, which on an idle machine is what a clock says.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from tests.benchmarks.harness import show, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtWidgets import QWidget

    from ui.widgets.map_grid import MapGrid

MAPS, SIDE, FRAMES = 512, 28, 300
SIZES = ((1000, 150), (1880, 960))
"""Width and height of the page in a small window, and on a large screen with all maps in sight."""


def run() -> None:
    """Milliseconds: median, 99th percentile, maximum."""
    from PySide6.QtWidgets import QApplication

    from ui.theme import theme
    from ui.widgets.map_grid import MapGrid
    from ui.widgets.zoom_map import ZoomMap

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme.apply(app)
    maps = np.random.default_rng(0).normal(size=(MAPS, SIDE, SIDE)).astype(np.float32)
    for width, height in SIZES:
        grid = MapGrid()
        grid.resize(width, height)
        grid.set_maps(maps, 3.0)
        grid.show()
        app.processEvents()
        place = f"{MAPS} maps of {SIDE}×{SIDE}, {width}×{height}"
        for name, change in changes(grid, maps):
            show(f"{place}: {name}", spread(frames(grid.viewport(), change)), "median < 16.7 ms")
        grid.close()
        grid.deleteLater()
    large = ZoomMap()
    large.resize(1280, 400)
    large.show()
    large.set_values(np.random.default_rng(0).normal(size=(224, 224)).astype(np.float32), 3.0)
    app.processEvents()
    zooms = frames(large, lambda step: large.zoom_by(1.25 if step // 15 % 2 else 0.8))
    show("one map of 224×224, 1280×400: zoomed to its numbers", spread(zooms), "median < 16.7 ms")
    large.close()
    large.deleteLater()


def changes(grid: MapGrid, maps: np.ndarray) -> Iterator[tuple[str, Callable[[int], None]]]:
    """What happens to the maps between two frames."""
    bar = grid.verticalScrollBar()
    yield "scrolled", lambda step: bar.setValue(step * 7 % max(bar.maximum(), 1))
    yield "a place marked", lambda step: grid.set_spot((step % SIDE, step // 3 % SIDE))
    yield "live", lambda step: grid.set_maps(maps + np.float32(0.001 * step), 3.0)


def frames(view: QWidget, change: Callable[[int], None]) -> list[float]:
    """Seconds of a frame each, from the change to the end of the paint."""
    seconds = []
    for step in range(FRAMES):
        started = time.process_time()
        change(step)
        view.repaint()
        seconds.append(time.process_time() - started)
    return seconds
