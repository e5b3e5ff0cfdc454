"""From steps and values to places on the screen, on a linear or a logarithmic scale."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPaintEngine, QPainter, QPen, QPolygonF
from shiboken6 import VoidPtr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.charts.curve import Numbers, Part

FLOORS = (0.95, 0.9, 0.8, 0.5, 0.0)
"""Where percentages begin."""
_PIECE = 50
"""Points that are stroked at once."""
_DEAR = 600
"""Points and pixels up and down; Qt strokes so much of a wide line in a millisecond."""
_LONGEST = 6000
"""Pixels; what goes up and down so much is drawn thin."""
_SLIGHT = 0.75
"""Pixels around a line; two lines beside each other are as good as a circle of them."""
_NOISE = 4.0
"""Pixels that the points of a column lie apart on average; then a middle says nothing."""
DECADES = 8
"""A logarithmic scale goes no further below its highest value."""


@dataclass(frozen=True)
class Bounds:
    """The steps and values that a chart shows."""

    left: float
    right: float
    bottom: float
    top: float
    logarithmic: bool = False

    def rules(self) -> tuple[float, ...]:
        """The values that have a rule across the plot, the lowest first."""
        if not self.logarithmic:
            return self.bottom, (self.bottom + self.top) / 2, self.top
        low, high = round(math.log10(self.bottom), 6), round(math.log10(self.top), 6)
        decades = [10.0**power for power in range(math.ceil(low), math.floor(high) + 1)]
        return tuple(decades[:: max(1, len(decades) // 4)])


@dataclass(frozen=True)
class Trace:
    """A line in pixels, as (points, 2) arrays of x and y.

    points: all of them, or where there are several in a column of pixels, the middle of each
    column. saw: then, the lowest and the highest of each column in turn; else empty.
    """

    points: Numbers
    saw: Numbers

    def paint(self, painter: QPainter, pen: QPen) -> None:
        """Draw it.

        What is as dense as the pixels is drawn one pixel wide with hard edges: a saw-tooth through
        the whole plot in every column takes Qt a hundred milliseconds with soft ones. A pixel is
        one of the screen: on a sharp one Qt strokes what is one unit wide as a wide line.
        """
        thin = QPen(pen.color(), 1)
        thin.setCosmetic(True)
        if len(self.saw):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(thin)
            painter.drawPolyline(_polygon(self.saw))
            height = np.abs(self.saw[1::2, 1] - self.saw[::2, 1]).mean()
            if height > _NOISE or pen.widthF() <= 1:
                return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        sharpness = sharpness_of(painter)
        up_and_down = sharpness * np.abs(np.diff(self.points[:, 1])).sum()
        dear = up_and_down + len(self.points) > _DEAR
        if dear and sharpness and pen.style() == Qt.PenStyle.SolidLine:
            painter.setPen(thin)
            width = pen.widthF() * sharpness if up_and_down <= _LONGEST * sharpness else 1.0
            # Where points are far apart, some pieces may be steep and others flat.
            far = 4 * len(self.points) < sharpness * float(np.ptp(self.points[:, 0]))
            steep = None if far else up_and_down > len(self.points)
            for offset in _brush(width, steep=steep):
                painter.drawPolyline(_polygon(self.points + offset / sharpness))
            return
        painter.setPen(pen)
        # What is stroked as one path costs more with each point: pieces take a quarter of the time.
        dashed = pen.style() == Qt.PenStyle.CustomDashLine
        piece = len(self.points) if dashed else _PIECE
        for start in range(0, len(self.points), piece):
            painter.drawPolyline(_polygon(self.points[start : start + piece + 1]))


@dataclass(frozen=True)
class Axes:
    """Bounds, and the rectangle that they are drawn in."""

    bounds: Bounds
    plot: QRectF

    def place(self, step: float, value: float) -> QPointF:
        """Where a point lies."""
        across, down = self.across(np.array([step])), self.down(np.array([value]))
        return QPointF(float(across[0]), float(down[0]))

    def across(self, steps: Numbers) -> Numbers:
        """From steps to pixels."""
        width = max(self.bounds.right - self.bounds.left, 1e-12)
        return (steps - self.bounds.left) * (self.plot.width() / width) + self.plot.left()

    def down(self, values: Numbers) -> Numbers:
        """From values to pixels."""
        bottom, top = self.bounds.bottom, self.bounds.top
        if self.bounds.logarithmic:
            values = np.log10(np.maximum(values, bottom))
            bottom, top = math.log10(bottom), math.log10(top)
        return self.plot.bottom() - (values - bottom) * (self.plot.height() / (top - bottom))

    def step_at(self, across: float) -> float:
        """The step at a column of pixels."""
        part = (across - self.plot.left()) / max(self.plot.width(), 1.0)
        return self.bounds.left + part * (self.bounds.right - self.bounds.left)

    def trace(self, part: Part, sharpness: float = 1.0) -> Trace:
        """A part of a line on a screen with `sharpness` pixels for a unit."""
        across = self.across(part.xs)
        high = self.down(part.highs)
        if part.lows is part.highs and len(across) <= self.plot.width() * sharpness:
            return Trace(np.stack([across, high], 1), np.empty((0, 2)))
        low = self.down(part.lows)
        column = np.floor(across * sharpness).astype(np.int64)
        starts = np.flatnonzero(np.diff(column, prepend=column[:1] - 1))
        low, high = np.maximum.reduceat(low, starts), np.minimum.reduceat(high, starts)
        middle = (column[starts] + 0.5) / sharpness
        ends = np.stack([low, high], 1)
        ends[1::2] = ends[1::2, ::-1]  # down again in the next column: half the way to draw
        saw = np.stack([np.repeat(middle, 2), ends.reshape(-1)], 1)
        return Trace(np.stack([middle, (low + high) / 2], 1), saw)


def bounds_of(
    parts: Sequence[Part],
    span: tuple[float, float] | None,
    *,
    percent: bool = False,
    logarithmic: bool = False,
    whole: bool = False,
) -> Bounds | None:
    """What to show of these lines: all of x or what was zoomed to, and of y round numbers.

    From 0 up to a round number above the highest usual value. Percentages near the top begin at
    the round number below their lowest, so that the last tenths of an accuracy are seen, and
    negative values are never cut off. whole: neither is anything else. None without points.
    """
    parts = [part for part in parts if len(part.xs)]
    if not parts:
        return None
    left = min(float(part.xs[0]) for part in parts)
    right = max(float(part.xs[-1]) for part in parts)
    if span is not None:
        left, right = span
        parts = [_within(part, span) for part in parts]
    low = min(float(part.lows.min()) for part in parts)
    high = max(float(part.highs.max()) for part in parts)
    if percent:
        bottom, top = next((floor for floor in FLOORS if floor <= low), 0.0), 1.0
    elif logarithmic and high > 0:
        return Bounds(left, right, *_decades(parts, high), logarithmic=True)
    else:
        bottom = 0.0 if low >= 0 else -round_up(-low)
        if not whole:
            high = min(high, max(_usual(part) for part in parts))
        top = round_up(high) if high > 0 else 0.0 if low < 0 else 1.0
    return Bounds(left, right, bottom, top)


def round_up(value: float) -> float:
    """The next of 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    steps = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
    return next((step * power for step in steps if value <= step * power * (1 + 1e-9)), 10 * power)


def _decades(parts: Sequence[Part], high: float) -> tuple[float, float]:
    """Whole powers of ten around all that is above zero."""
    above = [part.lows[part.lows > 0] for part in parts]
    low = min((float(values.min()) for values in above if len(values)), default=high)
    top = math.ceil(round(math.log10(high), 6))
    bottom = max(math.floor(round(math.log10(low), 6)), top - DECADES)
    return 10.0 ** min(bottom, top - 1), 10.0**top


def _usual(part: Part) -> float:
    """What a line has to be seen up to: one step that went wrong must not press all else flat."""
    # Numpy's median would import half of numpy when it is first asked for: 30 ms without an answer.
    ys = part.highs
    middle = np.partition(ys, len(ys) // 2)[len(ys) // 2]
    return 2 * float(max(ys[0], ys[-1], middle))


def _within(part: Part, span: tuple[float, float]) -> Part:
    """Without the points beyond, by which a line comes in; all of it where nothing is left."""
    start, end = (
        np.searchsorted(part.xs, span[0], "left"),
        np.searchsorted(part.xs, span[1], "right"),
    )
    if start == end:
        return part
    lows = part.lows[start:end]
    highs = lows if part.lows is part.highs else part.highs[start:end]
    return type(part)(part.xs[start:end], lows, highs)


def sharpness_of(painter: QPainter) -> float:
    """Pixels of the screen or the image for a unit; 0 where there are none, as in an SVG file."""
    raster = painter.paintEngine().type() == QPaintEngine.Type.Raster
    return painter.deviceTransform().m11() if raster else 0.0


def _brush(width: float, *, steep: bool | None) -> Numbers:
    """Where thin lines are drawn so that together they are `width` pixels wide: (lines, 2).

    Qt draws a hundred of them in the time of a wide one. steep: it goes more up and down than
    across, or None where it does both.
    """
    radius = (width - 1) / 2
    if radius <= 0:
        return np.zeros((1, 2))
    if radius < _SLIGHT and steep is not None:
        aside = np.array([radius, 0.0] if steep else [0.0, radius])
        return np.stack([-aside, aside])
    turn = np.linspace(0, 2 * np.pi, math.ceil(2 * np.pi * radius), endpoint=False)
    return radius * np.stack([np.cos(turn), np.sin(turn)], 1)


def _polygon(points: Numbers) -> QPolygonF:
    """(points, 2) as a polygon, written into Qt's own memory: made of objects it takes a hundred
    times as long as it takes to draw."""
    polygon = QPolygonF()
    polygon.resize(len(points))
    # The stubs know neither that data() is an address nor that there is a size behind it.
    memory: Any = VoidPtr(polygon.data(), points.size * 8, True)  # type: ignore[call-arg,arg-type]
    np.frombuffer(memory, np.float64).reshape(-1, 2)[:] = points
    return polygon
