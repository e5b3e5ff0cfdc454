"""Pieces of a stroke into the first network, from the mouse event to the painted cards and bars."""

from __future__ import annotations

import math
import time

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent

from tests.benchmarks.harness import Bench, bench, show, spread
from ui.widgets.drawing_pad import DrawingPad

MOVES = 300


def run() -> None:
    """Milliseconds: median, 99th percentile, maximum."""
    with bench() as found:
        pad = found.window.inputs.findChild(DrawingPad)
        assert pad is not None
        draw(found, pad, 40)
        worked = time.process_time()
        show("while nothing trains", spread(draw(found, pad, MOVES)), "median < 16 ms")
        worked = (time.process_time() - worked) / MOVES * 1000
        show("of it the window's own processor time, on average", f"{worked:.1f} ms")
        found.train(20)
        seconds, moves = time.perf_counter(), found.step
        late = draw(found, pad, MOVES)
        step = (time.perf_counter() - seconds) / max(1, found.step - moves)
        found.pause()
        show("while it trains", spread(late), f"one step, {step * 1000:.0f} ms here, later")


def draw(found: Bench, pad: DrawingPad, moves: int) -> list[float]:
    """Seconds of each piece of a curly stroke."""
    side = pad.width()
    seconds: list[float] = []
    _mouse(pad, QEvent.Type.MouseButtonPress, place(0, side))
    found.settle()
    for move in range(1, moves + 1):
        started = time.perf_counter()
        _mouse(pad, QEvent.Type.MouseMove, place(move, side))
        wait_for(found, found.engine.input_image)
        found.paint()
        seconds.append(time.perf_counter() - started)
        if move % 60 == 0:  # a new digit
            _mouse(pad, QEvent.Type.MouseButtonRelease, place(move, side))
            pad.clear()
            _mouse(pad, QEvent.Type.MouseButtonPress, place(move, side))
        found.let(0.004)
    _mouse(pad, QEvent.Type.MouseButtonRelease, place(moves, side))
    return seconds


def place(move: int, side: int) -> QPointF:
    """Where the pen is: a loop that wanders through the pad."""
    turn = move / 9
    x = 0.5 + 0.25 * math.cos(turn) + 0.1 * math.sin(move / 31)
    y = 0.5 + 0.25 * math.sin(turn * 1.3) + 0.1 * math.cos(move / 23)
    return QPointF(x * side, y * side)


def wait_for(found: Bench, image: np.ndarray) -> None:
    """Until the window has been told what the network makes of this image."""
    size = found.session.network.input
    if (size.height, size.width) != image.shape:  # which it is enlarged to
        found.wait(lambda: answered(found))
        return
    while True:
        picture = found.engine.picture
        if picture is not None:
            seen = picture.maps["input"][0]
            if np.array_equal(np.rint(seen * 255), image):
                return
        found.wait(lambda picture=picture: found.engine.picture is not picture)  # type: ignore[misc]


def answered(found: Bench) -> bool:
    """Whether nothing that has been asked about an image is on its way."""
    return not found.engine._in_flight and not found.engine._wanted


def _mouse(pad: DrawingPad, kind: QEvent.Type, at: QPointF) -> None:
    from PySide6.QtWidgets import QApplication

    button = Qt.MouseButton.LeftButton
    event = QMouseEvent(
        kind,
        at,
        pad.mapToGlobal(at),
        Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else button,
        Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(pad, event)
