"""From a click on a value of a feature map to its painted arithmetic, and on to the next."""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from cnnviz.presets import preset
from cnnviz.project import Project
from tests.benchmarks.harness import Bench, bench, show, spread

CLICKS, MOVES = 30, 100


def run() -> None:
    """Milliseconds: median, 99th percentile, maximum."""
    with bench() as found:
        uid = found.session.network.layers[3].uid
        measure(found, "first start", uid)
        measure_backward(found, "first start", uid)
        for name, index in (("lenet-tutorial", 2), ("vgg-16", 2)):
            found.session.open(Project(preset(name)), {}, None)
            last = found.session.network.layers[-1].uid
            found.session.set_field(last, "units", 10)  # a loss wants a number for each class
            uid = found.session.network.layers[index].uid
            found.session.select(uid)  # its maps come whole, not as small as a card shows them
            found.wait(lambda uid=uid: _pictured(found, uid))  # type: ignore[misc]
            measure(found, name, uid)
            measure_backward(found, name, uid)


def measure_backward(found: Bench, name: str, uid: str) -> None:
    """Click on values that a convolution hands back, and on gradients of its weights."""
    drawer = found.window.inspector
    drawer._pixel_actions.backward.setChecked(True)
    page = drawer.backward
    page.show_zoom("layer")
    started = time.perf_counter()
    found.wait(lambda: _gone_back(found, uid))
    show(f"{name}: the whole way back, asked for anew", f"{time.perf_counter() - started:.2f} s")
    chance = np.random.default_rng(0)
    learns = bool(found.session.report.row(uid).parameters)
    for what, index in (("δ", 0), ("gradient", 1))[: 1 + learns]:
        clicked, worked = [], []
        for _ in range(CLICKS):
            page.show_zoom("layer")
            found.settle()
            grid = (page.layer.handed, page.layer.learned[0])[index]
            tile = int(chance.integers(0, 2))
            cell = chance.integers(0, 3, 2).tolist()
            started, begun = time.perf_counter(), time.process_time()
            _press(grid.viewport(), QPointF(grid._cell_rect((tile, *cell)).center()))
            painted = _Painted(page.value.output)
            found.wait(lambda painted=painted: painted.done and page.worked is not None)  # type: ignore[misc]
            clicked.append(time.perf_counter() - started)
            worked.append(time.process_time() - begun)
        show(f"{name}: from the click to the painted {what}", spread(clicked), "50 ms")
        show(f"{name}: of it the window's own processor time", spread(worked))
    drawer._pixel_actions.backward.setChecked(False)


def measure(found: Bench, name: str, uid: str) -> None:
    """Click on values of a convolution, and go on from each to its neighbours."""
    drawer = found.window.inspector
    found.session.select(uid)
    found.settle()
    clicked, moved, worked = [], [], []
    chance = np.random.default_rng(0)
    for _ in range(CLICKS):
        drawer.show_tab("maps")
        found.settle()
        grid = drawer.maps.grid
        tile = int(chance.integers(0, 4))
        place = grid._cell_rect((tile, *chance.integers(0, 8, 2).tolist())).center()
        started = time.perf_counter()
        _press(grid.viewport(), QPointF(place))
        painted = _Painted(drawer.pixel.output)
        found.wait(lambda painted=painted: painted.done and drawer.pixel.worked is not None)  # type: ignore[misc]
        clicked.append(time.perf_counter() - started)
    found.settle()
    for _ in range(MOVES):
        started, begun = time.perf_counter(), time.process_time()
        drawer.pixel._step(0)
        painted = _Painted(drawer.pixel.output)
        found.wait(lambda painted=painted: painted.done)  # type: ignore[misc]
        moved.append(time.perf_counter() - started)
        worked.append(time.process_time() - begun)
    show(f"{name}: from the click to the painted sum", spread(clicked), "50 ms")
    show(f"{name}: to the next position", spread(moved))
    show(f"{name}: of it the window's own processor time", spread(worked))


def _gone_back(found: Bench, uid: str) -> bool:
    """Whether the way back of this network, with this layer, is there: nothing is on its way."""
    slot = found.engine.studies._slots.get("backward")
    course = found.window.inspector.backward.course
    idle = slot is not None and not slot.in_flight and slot.waiting is None
    return idle and course is not None and course.uid == uid


def _pictured(found: Bench, uid: str) -> bool:
    picture = found.engine.picture
    return picture is not None and uid in picture.maps


class _Painted(QObject):
    """Notices that a widget is painted, with all else that was out of date then."""

    def __init__(self, watched: QObject) -> None:
        super().__init__()
        self.done = False
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self, self._note)
        return False

    def _note(self) -> None:
        self.done = True


def _press(widget: QObject, at: QPointF) -> None:
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
        button = Qt.MouseButton.LeftButton
        pressed = button if kind == QEvent.Type.MouseButtonPress else Qt.MouseButton.NoButton
        modifiers = Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(kind, at, at, button, pressed, modifiers)
        QApplication.sendEvent(widget, event)
