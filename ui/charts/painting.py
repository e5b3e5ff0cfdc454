"""A chart as it is painted, on a screen or into a file: head, rules, lines, marks, cross-hair."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen

from ui.charts.axes import Axes, Bounds, bounds_of, sharpness_of
from ui.charts.content import Content, Entry, Reading, Shown
from ui.charts.shapes import paint_shape
from ui.charts.table import columns_of
from ui.i18n import tr
from ui.numerals import figure, significant
from ui.theme import theme
from ui.widgets.line_ends import ended

if TYPE_CHECKING:
    from ui.charts.curve import Part
    from ui.charts.sight import View
    from ui.charts.table import Column

_FAINT = 0.35
"""How much of its colour has what an exponential mean is taken of."""
_FEW = 24
"""Lines of so few points show where they have been measured."""
_DASHES = {"dashed": (4.0, 2.5), "dotted": (1.5, 2.0)}
_USUAL_SCALE = ("97.5%", "0.075")
"""Numbers for which there is always room, so that charts below each other begin in one line."""
_SAMPLE = 14
"""Pixels of a piece of line in the legend."""


@dataclass
class Painting:
    """A chart in a room of some size; nothing of it changes any more.

    corner: what something else takes of the width of the head, at its right end.
    """

    content: Content
    shown: tuple[Shown, ...]
    view: View
    size: QSizeF
    focused: bool = False
    corner: float = 0.0
    _parts: dict[str, tuple[Part, Part | None]] = field(default_factory=dict)

    # ---- what there is to be seen

    @cached_property
    def lines(self) -> tuple[Shown, ...]:
        """Those that have points and are not hidden."""
        hidden = self.view.hidden
        found = (one for one in self.shown if one.line.last and one.series.switch not in hidden)
        return tuple(sorted(found, key=lambda one: not one.series.quiet))  # the loud ones on top

    @cached_property
    def span(self) -> tuple[float, float] | None:
        """The first and the last step that are shown; None without points."""
        if not self.lines:
            return None
        if self.view.span is not None:
            return self.view.span
        steps = [one.line.steps for one in self.lines]
        return min(float(own[0]) for own in steps), max(float(own[-1]) for own in steps)

    @cached_property
    def axes(self) -> Axes | None:
        """Where steps and values lie; None without points."""
        if self.span is None:
            return None
        columns = max(1, round(self.size.width()))
        for one in self.lines:
            faint = one.raw.part(*self.span, columns) if one.raw is not None else None
            self._parts[one.series.key] = one.line.part(*self.span, columns), faint
        logarithmic = self.view.logarithmic and self.content.logarithmic
        bounds = bounds_of(
            [part for part, _ in self._parts.values()],
            self.view.span,
            percent=self.content.percent,
            logarithmic=logarithmic,
            whole=self.content.whole,
        )
        return None if bounds is None else Axes(bounds, self._plot(bounds))

    def columns(self) -> list[Column]:
        """The numbers that it shows."""
        return [] if self.span is None else columns_of(self.content.name, self.lines, self.span)

    def readings(self, step: float | None) -> tuple[Reading, ...]:
        """What all lines are at a step: at the point of theirs that is nearest to it."""
        if step is None:
            return ()
        found = []
        for one in self.lines:
            near = one.line.nearest(step)
            if near is not None:
                raw = one.raw.nearest(near[0]) if one.raw is not None else None
                found.append(Reading(one.series, *near, None if raw is None else raw[1]))
        return tuple(found)

    def value_text(self, value: float) -> str:
        """A value as it is read."""
        return f"{100 * value:.1f}%" if self.content.percent else figure(value)

    def marks_near(self, across: float) -> list[str]:
        """What happened at the marks near a column of pixels."""
        if self.axes is None:
            return []
        bounds, reach = self.axes.bounds, theme.px(5)
        return [
            words
            for step, words in self.content.marks
            if bounds.left <= step <= bounds.right
            and abs(self.axes.place(step, bounds.top).x() - across) <= reach
        ]

    # ---- places

    @property
    def _empty_plot(self) -> QRectF:
        caption = theme.metrics("caption")
        head = theme.metrics("heading").height() + theme.px(10)
        foot = caption.height() + theme.px(3)
        return QRectF(0, head + 0.5, self.size.width() - 1, self.size.height() - head - foot)

    def _plot(self, bounds: Bounds) -> QRectF:
        """Where the lines run: below the head, beside the scale, above the steps."""
        caption = theme.metrics("caption")
        shown = [*_USUAL_SCALE, *(self._scale_text(value) for value in bounds.rules())]
        scale = max(caption.horizontalAdvance(text) for text in shown) + theme.px(6)
        return self._empty_plot.adjusted(scale, 0, 0, 0)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The legend behind the title: each name in its colour, with a value."""
        return self._legend[0]

    @cached_property
    def _legend(self) -> tuple[tuple[Entry, ...], QFont]:
        """The entries for which there is room, and the type that they were measured in."""
        said: dict[str, tuple[str, str, QColor, str | None]] = {}
        for key, members in self._groups().items():
            series, hidden = members[0].series, key in self.view.hidden
            alone = len(members) == 1
            value = self._newest(members[0]) if alone and not hidden else None
            words = series.label if alone else series.group_label
            number = "" if value is None else f" {self.value_text(value)}"
            quiet = QColor(theme.colors.text_muted)
            together = quiet if series.quiet else QColor(theme.colors.text)
            ink = quiet if hidden else series.ink if alone and not series.quiet else together
            said[key] = words, number, ink, None if alone else series.dash
        samples = sum(_sample(dash)[1] for *_, dash in said.values())
        all_words = [words + number for words, number, _, _ in said.values()]
        font, gap = self._head_font(all_words, samples)
        metrics, heading = QFontMetrics(font), theme.metrics("heading")
        left = heading.horizontalAdvance(self.content.title) + theme.px(10)
        found: list[Entry] = []
        for key, (words, number, ink, dash) in said.items():
            sample = _sample(dash)[1]
            width = metrics.horizontalAdvance(words + number) + sample
            room = self.size.width() - self.corner - left
            if width > room and found:
                break
            rest = int(room) - sample - metrics.horizontalAdvance(number)  # a number stays whole
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, rest) + number
            rect = QRectF(left, 0, min(width, int(room)), heading.height() + theme.px(4))
            found.append(Entry(key, shown, rect, ink, key in self.view.hidden, dash))
            left += width + gap
        return tuple(found), font

    def _groups(self) -> dict[str, list[Shown]]:
        """The series by what they are switched with."""
        found: dict[str, list[Shown]] = {}
        for one in self.shown:
            found.setdefault(one.series.switch, []).append(one)
        return found

    def _newest(self, one: Shown) -> float | None:
        """The value at the cross-hair, or else the one that is told without it."""
        if self.view.step is None:
            return one.told
        point = one.line.nearest(self.view.step)
        return None if point is None else point[1]

    def _head_font(self, words: list[str], samples: int) -> tuple[QFont, int]:
        """A smaller one where the legend would not fit, and the gap between two words of it.

        samples: the pixels that pieces of lines take in it.
        """
        gap = theme.px(10)
        title = theme.metrics("heading").horizontalAdvance(self.content.title)
        metrics = theme.metrics()
        needed = samples + sum(metrics.horizontalAdvance(each) + gap for each in words)
        if title + needed > self.size.width() - self.corner:
            return theme.font("caption"), theme.px(6)
        return theme.font(), gap

    # ---- painting

    def paint(self, painter: QPainter) -> None:
        """Paint all of it, from (0, 0) on."""
        axes = self.axes
        self._paint_head(painter)
        painter.setPen(QPen(QColor(theme.colors.border_soft), 1))
        if axes is None:
            plot = self._empty_plot
            for y in (plot.top(), plot.bottom()):
                _paint_rule(painter, plot, y)
            painter.setFont(theme.font("body"))
            painter.setPen(theme.colors.text_muted)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(plot, flags, ended(self.content.empty))
            return
        for value in axes.bounds.rules():
            _paint_rule(painter, axes.plot, axes.place(axes.bounds.left, value).y())
        self._paint_scale(painter, axes)
        self._paint_foot(painter, axes)
        self._paint_marks(painter, axes)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        px = theme.px
        painter.setClipRect(axes.plot.adjusted(-px(3), -px(2), px(3), px(2)))
        self._paint_lines(painter, axes)
        painter.restore()
        self._paint_ends(painter, axes)
        self._paint_cross_hair(painter, axes)

    def _paint_head(self, painter: QPainter) -> None:
        heading = theme.font("heading")
        baseline = theme.metrics("heading").ascent() + theme.px(1)
        painter.setFont(heading)
        painter.setPen(theme.colors.heading)
        painter.drawText(0, baseline, self.content.title)
        entries, font = self._legend
        struck = QFont(font)
        struck.setStrikeOut(True)
        for entry in entries:
            painter.setFont(struck if entry.hidden else font)
            left = entry.rect.left()
            if entry.dash is not None:
                painter.setPen(_pen(entry.ink, entry.dash))
                middle = math.floor(entry.rect.height() / 2) + 0.5
                length, taken = _sample(entry.dash)
                painter.drawLine(QPointF(left, middle), QPointF(left + length, middle))
                left += taken
            painter.setPen(entry.ink)
            painter.drawText(QPointF(left, baseline), entry.words)
        if self.focused:
            width = theme.metrics("heading").horizontalAdvance(self.content.title)
            painter.fillRect(
                QRectF(0, baseline + theme.px(3), width, theme.px(2)), QColor(theme.colors.accent)
            )

    def _paint_scale(self, painter: QPainter, axes: Axes) -> None:
        """The numbers stand outside the plot, where no line can cover them."""
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.colors.text_muted)
        metrics = theme.metrics("caption")
        up = (metrics.ascent() - metrics.descent()) / 2
        for value in axes.bounds.rules():
            shown = self._scale_text(value)
            right = axes.plot.left() - theme.px(5) - metrics.horizontalAdvance(shown)
            down = axes.place(axes.bounds.left, value).y()
            painter.drawText(QPointF(right, down + up), shown)

    def _paint_foot(self, painter: QPainter, axes: Axes) -> None:
        """The last step; the first one where it is not the beginning; the one pointed at."""
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.colors.text_muted)
        metrics = theme.metrics("caption")
        plot, bounds = axes.plot, axes.bounds
        below = plot.bottom() + metrics.ascent() + theme.px(3)
        last = tr("step {number:,}", number=round(bounds.right))
        right = QRectF(plot.right() - metrics.horizontalAdvance(last), 0, 0, 0)
        first = f"{round(bounds.left):,}" if self.view.span is not None else ""
        left_end = plot.left() + metrics.horizontalAdvance(first)
        readings = self.readings(self.view.step)
        if readings:
            step = self._step_of(readings)
            words = tr("step {number:,}", number=round(step))
            width = metrics.horizontalAdvance(words)
            middle = axes.place(step, bounds.bottom).x()
            left = min(max(middle - width / 2, plot.left()), plot.right() - width)
            air = theme.px(6)
            if left + width + air > right.left():
                last = ""
            if left - air < left_end:
                first = ""
            painter.setPen(theme.colors.text)
            painter.drawText(QPointF(left, below), words)
            painter.setPen(theme.colors.text_muted)
        painter.drawText(QPointF(right.left(), below), last)
        painter.drawText(QPointF(plot.left(), below), first)

    def _paint_marks(self, painter: QPainter, axes: Axes) -> None:
        painter.setPen(QPen(QColor(theme.colors.text_muted), 1, Qt.PenStyle.DashLine))
        bounds, plot = axes.bounds, axes.plot
        for step, _ in self.content.marks:
            if bounds.left <= step <= bounds.right:
                across = math.floor(axes.place(step, bounds.top).x()) + 0.5
                painter.drawLine(QPointF(across, plot.top()), QPointF(across, plot.bottom()))

    def _paint_lines(self, painter: QPainter, axes: Axes) -> None:
        sharpness = sharpness_of(painter) or 1.0
        for one in self.lines:
            faint = self._parts[one.series.key][1]
            if faint is not None:
                axes.trace(faint, sharpness).paint(painter, QPen(_faint(one.series.ink), 1))
        for one in self.lines:
            part = self._parts[one.series.key][0]
            if not len(part.xs):
                continue
            axes.trace(part, sharpness).paint(painter, _pen(one.series.ink, one.series.dash))
            few = one.raw is None and len(part.xs) <= _FEW
            if few or part.xs[0] == part.xs[-1]:  # a line of one point has no length
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(one.series.ink)
                radius = max(theme.px(2), _thickness())  # or a thick line hides them
                for step, value in zip(part.xs, part.highs, strict=True):
                    painter.drawEllipse(axes.place(step, value), radius, radius)

    def _paint_ends(self, painter: QPainter, axes: Axes) -> None:
        """The shapes at the ends of lines, whole also where a line ends at the edge of the plot."""
        for one in self.lines:
            part = self._parts[one.series.key][0]
            if not one.series.shape or not len(part.xs):
                continue
            last = max(int(np.searchsorted(part.xs, axes.bounds.right, "right")) - 1, 0)
            end = axes.place(float(part.xs[last]), float(part.highs[last]))
            if axes.plot.adjusted(-1, -1, 1, 1).contains(end):
                end.setX(min(end.x(), axes.plot.right() - theme.px(3)))
                paint_shape(painter, one.series.shape, end, theme.px(4), one.series.ink)

    def _paint_cross_hair(self, painter: QPainter, axes: Axes) -> None:
        readings = self.readings(self.view.step)
        bounds, plot = axes.bounds, axes.plot
        if not readings or not bounds.left <= self._step_of(readings) <= bounds.right:
            return
        across = math.floor(axes.place(self._step_of(readings), bounds.top).x()) + 0.5
        painter.setPen(QPen(QColor(theme.colors.arrow), 1))
        painter.drawLine(QPointF(across, plot.top()), QPointF(across, plot.bottom()))
        painter.setPen(QPen(QColor(theme.colors.surface), 1))
        for reading in readings:
            place = axes.place(reading.step, min(max(reading.value, bounds.bottom), bounds.top))
            if plot.left() - 1 <= place.x() <= plot.right() + 1:
                painter.setBrush(reading.series.ink)
                painter.drawEllipse(place, theme.px(3), theme.px(3))
        if len(readings) > sum(entry.dash is None for entry in self.entries):
            self._paint_box(painter, plot, across, readings)

    def _paint_box(
        self, painter: QPainter, plot: QRectF, across: float, readings: tuple[Reading, ...]
    ) -> None:
        """All values beside the cross-hair, where the head has no room for them."""
        painter.setFont(theme.font("caption"))
        metrics = theme.metrics("caption")
        said = [f"{one.series.label} {self.value_text(one.value)}" for one in readings]
        shown = [one.series for one in readings]
        room = max(1, math.floor(plot.height() / metrics.height()) - 1)
        muted = QColor(theme.colors.text_muted)
        said, inks = said[:room], [muted if s.quiet else s.ink for s in shown[:room]]
        air = theme.px(5)
        width = max(metrics.horizontalAdvance(words) for words in said) + 2 * air
        left = across + air if across + air + width <= plot.right() else across - air - width
        height = metrics.height() * len(said) + air
        box = QRectF(max(left, plot.left()), plot.top() + theme.px(2), width, height)
        ground = QColor(theme.colors.surface)
        ground.setAlpha(235)
        painter.setPen(QPen(QColor(theme.colors.border), 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(box, theme.px(3), theme.px(3))
        for row, (words, ink) in enumerate(zip(said, inks, strict=True)):
            painter.setPen(ink)
            down = box.top() + air / 2 + metrics.ascent() + row * metrics.height()
            painter.drawText(QPointF(box.left() + air, down), words)

    def _step_of(self, readings: tuple[Reading, ...]) -> float:
        """The step of the cross-hair: of the point that is nearest to what is pointed at."""
        wanted = self.view.step or 0.0
        return min((reading.step for reading in readings), key=lambda step: abs(step - wanted))

    def _scale_text(self, value: float) -> str:
        return f"{100 * value:.4g}%" if self.content.percent else significant(value, 3)


def _faint(ink: QColor) -> QColor:
    """The colour as if it were a veil, but opaque: Qt draws that fourteen times as fast."""
    ground = QColor(theme.colors.surface)
    parts = zip(ink.getRgb()[:3], ground.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(_FAINT * own + (1 - _FAINT) * other) for own, other in parts))


def _thickness() -> float:
    return theme.line(1.5) * theme.scale


def _sample(dash: str | None) -> tuple[int, int]:
    """Pixels of a piece of line in the legend, and those with the gap behind it. A dashed one is
    longer where lines are thicker: a single dash looks like a whole line."""
    if dash is None:
        return 0, 0
    length = theme.px(_SAMPLE)
    if dash:
        length = int(theme.line(length))
    return length, length + theme.px(4)


def _pen(ink: QColor, dash: str) -> QPen:
    pen = QPen(ink, _thickness())
    pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)  # four times as fast as round ones
    if dash:
        pen.setDashPattern(_DASHES[dash])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def _paint_rule(painter: QPainter, plot: QRectF, down: float) -> None:
    y = math.floor(down) + 0.5
    painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
