"""A small chart of curves that grow while one looks.

It paints itself: lines, three rules and a cross-hair need no plotting library, whose import alone
(0.25 to 0.5 s) would hold the window up at the moment when training starts.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.i18n import language, tr
from ui.numerals import figure, significant
from ui.theme import theme
from ui.widgets.series import BoundedSeries, RunningMean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike
    from PySide6.QtGui import QMouseEvent, QPaintEvent

    from ui.widgets.series import Numbers


_FAINT = 48
"""Opacity, of 255, of what a running mean is taken of."""
_FLOORS = (0.95, 0.9, 0.8, 0.5, 0.0)
"""Where percentages begin."""
_REPAINT_MILLISECONDS = 100
"""How soon new points are seen. Drawn with each batch, two charts would take half a processor."""
_FEW = 24
"""Lines of so few points show where they have been measured."""


class Chart(QWidget):
    """Title, legend and lines; pointing at it reads the values at that place.

    A series may be shown by its running mean: then its own points are drawn faintly behind it,
    and cut off where the clear lines leave no room for them.
    """

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._empty_text = ""
        self._legend: dict[str, str] = {}
        self._series: dict[str, BoundedSeries] = {}
        self._spans: dict[str, float] = {}
        self._means: dict[str, tuple[RunningMean, BoundedSeries]] = {}
        self._marks: list[tuple[float, str]] = []
        self._percent = False
        self._pointer: float | None = None
        self._repaint = QTimer(self)
        self._repaint.setSingleShot(True)
        self._repaint.setInterval(_REPAINT_MILLISECONDS)
        self._repaint.timeout.connect(self.update)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def set_title(self, title: str) -> None:
        """What the curves are of."""
        self._title = title
        self.retranslate()

    def set_empty_text(self, text: str) -> None:
        """What to show while there are no points."""
        self._empty_text = text
        self.retranslate()

    def set_legend(self, name: str, label: str, mean_over: float | None = None) -> None:
        """Show a series under a (translated) label; series take their colours in this order.

        With `mean_over` the line is the mean over up to so much of x; say it before the points.
        """
        self._legend[name] = label
        if mean_over is not None:
            self._spans[name] = mean_over
        self.retranslate()

    def set_percent(self, percent: bool) -> None:
        """The values lie between 0 and 1 and are shown as percentages."""
        self._percent = percent
        self.retranslate()

    def append(self, name: str, xs: ArrayLike, ys: ArrayLike) -> None:
        """Add points at the end of a series; x must not fall, what is not finite is left out."""
        self._series.setdefault(name, BoundedSeries()).append(xs, ys)
        if name in self._spans:
            if name not in self._means:
                self._means[name] = RunningMean(self._spans[name]), BoundedSeries()
            mean, line = self._means[name]
            line.append(*mean.append(xs, ys))
        self._describe()
        if not self._repaint.isActive():
            self._repaint.start()

    def set_series(self, name: str, xs: ArrayLike, ys: ArrayLike) -> None:
        """Show these points and no others of a series."""
        self._series[name] = BoundedSeries()
        self._means.pop(name, None)
        self.append(name, xs, ys)

    def set_marks(self, marks: Sequence[tuple[float, str]]) -> None:
        """Thin lines across the plot where something happened, at x, each with what it was."""
        if list(marks) != self._marks:
            self._marks = list(marks)
            self._describe()
            self.update()

    def clear(self) -> None:
        """Forget all points and marks; the legend stays."""
        self._series.clear()
        self._means.clear()
        self._marks = []
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.setAccessibleName(self._title)
        self._describe()
        self.update()

    def _describe(self) -> None:
        """Say in words what the curves have come to."""
        parts = [
            f"{self._label(name)} {self._shown(last[1])}"
            for name in self._names()
            if (last := self._last(name)) is not None
        ]
        said = [", ".join(parts) or self._empty_text, *(words for _, words in self._marks)]
        self.setAccessibleDescription("; ".join(said))

    # ---- values

    def _names(self) -> list[str]:
        """All series, those of the legend first and in its order."""
        return [*self._legend, *(name for name in self._series if name not in self._legend)]

    def _label(self, name: str) -> str:
        return self._legend.get(name, name)

    def _last(self, name: str) -> tuple[float, float] | None:
        line = self._line_of(name)
        return line.last if line is not None else None

    def _line_of(self, name: str) -> BoundedSeries | None:
        """What is drawn clearly: the mean where there is one."""
        return self._means[name][1] if name in self._means else self._series.get(name)

    def _shown(self, value: float) -> str:
        return f"{100 * value:.1f}%" if self._percent else figure(value)

    def _points(self) -> dict[str, tuple[Numbers, Numbers]]:
        """What has been measured."""
        return {name: self._series[name].points() for name in self._names() if self._last(name)}

    def _lines(self) -> dict[str, tuple[Numbers, Numbers]]:
        """What is drawn clearly and read by pointing."""
        found = {name: self._line_of(name) for name in self._names()}
        return {
            name: line.points() for name, line in found.items() if line is not None and line.last
        }

    def _bounds(self, points: dict[str, tuple[Numbers, Numbers]]) -> QRectF:
        """What to show: all of x; y from 0 up to a round number above the highest usual value.

        Percentages near the top begin at the round number below their lowest, so that the last
        tenths of an accuracy are seen, and negative values are never cut off. Null without points.
        """
        if not points:
            return QRectF()
        left = min(float(xs[0]) for xs, _ in points.values())
        right = max(float(xs[-1]) for xs, _ in points.values())
        low = min(float(ys.min()) for _, ys in points.values())
        high = max(float(ys.max()) for _, ys in points.values())
        if self._percent:
            bottom, top = next(floor for floor in _FLOORS if floor <= max(low, 0.0)), 1.0
        else:
            bottom = 0.0 if low >= 0 else -_round_up(-low)
            high = min(high, max(_usual(ys) for _, ys in points.values()))
            top = _round_up(high) if high > 0 else 0.0 if low < 0 else 1.0
        return QRectF(left, bottom, max(right - left, 1e-12), top - bottom)

    # ---- painting

    def sizeHint(self) -> QSize:
        return QSize(theme.px(240), theme.px(140))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(140), theme.px(84))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        lines = self._lines()
        self._paint_head(painter, lines)
        bounds = self._bounds(lines)
        plot = self._plot(bounds)
        colors, px = theme.colors, theme.px
        painter.setPen(QPen(QColor(colors.border_soft), 1))
        for part in (0.0, 0.5, 1.0) if lines else (0.0, 1.0):
            y = math.floor(plot.top() + part * plot.height()) + 0.5
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        if not lines:
            painter.setFont(theme.font("body"))
            painter.setPen(colors.text_muted)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(plot, flags, self._empty_text)
            return
        self._paint_scale(painter, plot, bounds)
        self._paint_marks(painter, plot, bounds)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        painter.setClipRect(plot.adjusted(-px(3), -px(2), px(3), px(2)))
        for name in self._means:
            color = self._color(name)
            color.setAlpha(_FAINT)
            painter.setPen(QPen(color, 1))
            painter.drawPolyline(_line(*self._series[name].points(), plot, bounds))
        for name, (xs, ys) in lines.items():
            pen = QPen(self._color(name), theme.line(1.5) * theme.scale)
            pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)  # four times as fast as round ones
            painter.setPen(pen)
            painter.drawPolyline(_line(xs, ys, plot, bounds))
            few = name not in self._means and len(xs) <= _FEW
            if few or xs[0] == xs[-1]:  # a line of one point has no length
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self._color(name))
                for x, y in zip(xs, ys, strict=True):
                    painter.drawEllipse(_place(x, y, plot, bounds), px(2), px(2))
        painter.restore()
        if self._pointer is not None:
            self._paint_cross_hair(painter, plot, bounds, lines)

    def _plot(self, bounds: QRectF) -> QRectF:
        """Where the lines run: below the head, beside the scale, above the steps."""
        caption = QFontMetrics(theme.font("caption"))
        shown = ["100%", *(self._scale_text(value) for value in _rules(bounds))]
        head = QFontMetrics(theme.font("heading")).height() + theme.px(10)
        foot = caption.height() + theme.px(3)
        scale = max(caption.horizontalAdvance(text) for text in shown) + theme.px(6)
        if bounds.isNull():
            scale = 0
        return QRectF(scale, head + 0.5, self.width() - scale - 1, self.height() - head - foot)

    def _color(self, name: str) -> QColor:
        series = theme.colors.series
        return QColor(series[self._names().index(name) % len(series)])

    def _paint_head(self, painter: QPainter, points: dict[str, tuple[Numbers, Numbers]]) -> None:
        heading, body = theme.font("heading"), theme.font("body")
        baseline = QFontMetrics(heading).ascent() + theme.px(1)
        painter.setFont(heading)
        painter.setPen(theme.colors.heading)
        painter.drawText(0, baseline, self._title)
        left = QFontMetrics(heading).horizontalAdvance(self._title) + theme.px(10)
        at = self._value_at_pointer(points)
        labels = {}
        for name in self._names():
            value = at.get(name) if at else self._last(name)
            shown = "" if value is None else f" {self._shown(value[1])}"
            labels[name] = self._label(name) + shown
        gap = theme.px(10)
        metrics = QFontMetrics(body)
        needed = sum(metrics.horizontalAdvance(label) + gap for label in labels.values()) - gap
        if left + needed > self.width():
            body, gap = theme.font("caption"), theme.px(6)
            metrics = QFontMetrics(body)
        painter.setFont(body)
        for name, label in labels.items():
            painter.setPen(self._color(name))
            painter.drawText(left, baseline, label)
            left += metrics.horizontalAdvance(label) + gap

    def _paint_scale(self, painter: QPainter, plot: QRectF, bounds: QRectF) -> None:
        """The numbers stand outside the plot, where no line can cover them."""
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.colors.text_muted)
        metrics = QFontMetrics(painter.font())
        up = (metrics.ascent() - metrics.descent()) / 2
        for value in _rules(bounds):
            shown = self._scale_text(value)
            right = plot.left() - theme.px(5) - metrics.horizontalAdvance(shown)
            painter.drawText(QPointF(right, _place(0, value, plot, bounds).y() + up), shown)
        below = plot.bottom() + metrics.ascent() + theme.px(3)
        steps = tr("step {number:,}", number=round(bounds.right()))
        left = plot.right() - metrics.horizontalAdvance(steps)
        painter.drawText(QPointF(left, below), steps)

    def _scale_text(self, value: float) -> str:
        return f"{100 * value:.4g}%" if self._percent else significant(value, 3)

    def _paint_marks(self, painter: QPainter, plot: QRectF, bounds: QRectF) -> None:
        painter.setPen(QPen(QColor(theme.colors.text_muted), 1, Qt.PenStyle.DashLine))
        for x, _ in self._marks:
            if bounds.left() <= x <= bounds.right():
                across = math.floor(_place(x, bounds.top(), plot, bounds).x()) + 0.5
                painter.drawLine(QPointF(across, plot.top()), QPointF(across, plot.bottom()))

    def _marks_near(self, across: float) -> list[str]:
        """What happened at the marks near a place of the widget."""
        bounds = self._bounds(self._lines())
        if bounds.isNull():
            return []
        plot, reach = self._plot(bounds), theme.px(5)
        return [
            words
            for x, words in self._marks
            if abs(_place(x, bounds.top(), plot, bounds).x() - across) <= reach
        ]

    def _paint_cross_hair(
        self,
        painter: QPainter,
        plot: QRectF,
        bounds: QRectF,
        points: dict[str, tuple[Numbers, Numbers]],
    ) -> None:
        for name, (x, y) in self._value_at_pointer(points).items():
            place = _place(x, y, plot, bounds)
            painter.setPen(QPen(QColor(theme.colors.arrow), 1))
            painter.drawLine(QPointF(place.x(), plot.top()), QPointF(place.x(), plot.bottom()))
            painter.setPen(QPen(QColor(theme.colors.surface), 1))
            painter.setBrush(self._color(name))
            painter.drawEllipse(place, theme.px(3), theme.px(3))

    def _value_at_pointer(
        self, points: dict[str, tuple[Numbers, Numbers]]
    ) -> dict[str, tuple[float, float]]:
        """For each series its point nearest to the pointer; empty where nothing is pointed at."""
        if self._pointer is None or not points:
            return {}
        bounds = self._bounds(points)
        plot = self._plot(bounds)
        x = bounds.left() + (self._pointer - plot.left()) / plot.width() * bounds.width()
        found = {}
        for name, (xs, ys) in points.items():
            index = int(np.abs(xs - x).argmin())
            found[name] = (float(xs[index]), float(ys[index]))
        return found

    # ---- events

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            words = self._marks_near(event.pos().x())
            if words:
                QToolTip.showText(event.globalPos(), "\n".join(words), self)
                return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position().x()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer = None
        self.update()

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()


def _rules(bounds: QRectF) -> tuple[float, float, float]:
    """The values that have a rule across the plot: highest, middle, lowest."""
    return bounds.bottom(), bounds.center().y(), bounds.top()


def _usual(ys: Numbers) -> float:
    """What a line has to be seen up to: one step that went wrong must not press all else flat."""
    # Numpy's median would import half of numpy when it is first asked for: 30 ms without an answer.
    middle = np.partition(ys, len(ys) // 2)[len(ys) // 2]
    return 2 * float(max(ys[0], ys[-1], middle))


def _round_up(value: float) -> float:
    """The next of 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    steps = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
    return next((step * power for step in steps if value <= step * power * (1 + 1e-9)), 10 * power)


def _place(x: float, y: float, plot: QRectF, bounds: QRectF) -> QPointF:
    across = (x - bounds.left()) / bounds.width()
    up = (y - bounds.top()) / bounds.height()
    return QPointF(plot.left() + across * plot.width(), plot.bottom() - up * plot.height())


def _line(xs: Numbers, ys: Numbers, plot: QRectF, bounds: QRectF) -> QPolygonF:
    """The points on the screen, at most the lowest and the highest of each column of pixels."""
    across = (xs - bounds.left()) * (plot.width() / bounds.width()) + plot.left()
    down = plot.bottom() - (ys - bounds.top()) * (plot.height() / bounds.height())
    if len(xs) > 2 * plot.width():
        column = np.floor(across).astype(np.int64)
        starts = np.flatnonzero(np.diff(column, prepend=column[0] - 1))
        order = np.stack([np.maximum.reduceat(down, starts), np.minimum.reduceat(down, starts)], 1)
        across, down = np.repeat(column[starts] + 0.5, 2), order.reshape(-1)
    return QPolygonF([QPointF(x, y) for x, y in zip(across.tolist(), down.tolist(), strict=True)])
