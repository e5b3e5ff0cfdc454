"""Histograms over time as they are painted, on a screen or into a file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPen

from ui.charts.content import Content
from ui.charts.histograms import Histograms
from ui.charts.shapes import ink_of
from ui.i18n import tr
from ui.numerals import significant
from ui.theme import theme
from ui.widgets.line_ends import ended

if TYPE_CHECKING:
    from ui.charts.table import Column

_GAMMA = 0.5
"""Few values are to be seen as well: the square root of their share is shown."""


@dataclass
class HistogramPainting:
    """Histograms in a room of some size; nothing of it changes any more.

    color: its place in the theme's colours of series.
    """

    content: Content
    histograms: Histograms | None
    color: int
    size: QSizeF

    def columns(self) -> list[Column]:
        """The numbers of all times."""
        return [] if self.histograms is None else self.histograms.columns(self.content.name)

    @cached_property
    def plot(self) -> QRectF:
        """Where the map is: below the head, beside the scale, above the step."""
        caption = QFontMetrics(theme.font("caption"))
        head = QFontMetrics(theme.font("heading")).height() + theme.px(10)
        foot = caption.height() + theme.px(3)
        width, height = self.size.width(), self.size.height() - head - foot
        if self.histograms is None:
            return QRectF(0, head, width - 1, height)
        shown = [significant(value, 3) for value in self.histograms.range]
        scale = max(caption.horizontalAdvance(words) for words in shown) + theme.px(6)
        return QRectF(scale, head, width - scale - 1, height)

    def paint(self, painter: QPainter, time: int | None = None, *, focused: bool = False) -> None:
        """Paint all of it. time: the place of the histogram that is pointed at. focused: whether
        the keyboard is here."""
        heading = QFontMetrics(theme.font("heading"))
        baseline = heading.ascent() + theme.px(1)
        painter.setFont(theme.font("heading"))
        painter.setPen(theme.colors.heading)
        painter.drawText(0, baseline, self.content.title)
        if focused:
            width = heading.horizontalAdvance(self.content.title)
            rule = QRectF(0, baseline + theme.px(3), width, theme.px(2))
            painter.fillRect(rule, QColor(theme.colors.accent))
        plot, found = self.plot, self.histograms
        if found is None:
            painter.setFont(theme.font("body"))
            painter.setPen(theme.colors.text_muted)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(plot, flags, ended(self.content.empty))
            return
        painter.drawImage(plot.topLeft(), self._picture)
        self._paint_scale(painter, plot, found, time)
        told, font = tr("stronger: more values"), theme.font("caption")
        if time is not None:
            told, font = reading(found, time), theme.font("body")
            across = plot.left() + found.part(time) * plot.width()
            painter.setPen(QPen(QColor(theme.colors.arrow), 1))
            painter.drawLine(QPointF(across, plot.top()), QPointF(across, plot.bottom()))
        left = heading.horizontalAdvance(self.content.title) + theme.px(10)
        if time is not None or left + QFontMetrics(font).horizontalAdvance(told) <= plot.right():
            painter.setFont(font)
            painter.setPen(theme.colors.text_muted)
            painter.drawText(left, baseline, told)

    @cached_property
    def _picture(self) -> QImage:
        plot, found = self.plot, self.histograms
        assert found is not None
        width, height = max(1, round(plot.width())), max(1, round(plot.height()))
        shares = found.picture(width, height) ** _GAMMA
        ground, ink = (
            np.array(QColor(color).getRgb()[:3], np.float64)  # type: ignore[index]
            for color in (theme.colors.surface, ink_of(self.color))
        )
        mixed = np.rint(ground + shares[..., None] * (ink - ground)).astype(np.uint32)
        pixels = 0xFF000000 | mixed[..., 0] << 16 | mixed[..., 1] << 8 | mixed[..., 2]
        data = np.ascontiguousarray(pixels, np.uint32)
        view = QImage(data.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        return view.copy()  # the array is not kept

    def _paint_scale(
        self, painter: QPainter, plot: QRectF, found: Histograms, time: int | None
    ) -> None:
        painter.setFont(theme.font("caption"))
        metrics = QFontMetrics(painter.font())
        low, high = found.range
        up = (metrics.ascent() - metrics.descent()) / 2
        for value in {low, 0.0, high}:
            down = plot.bottom() - (value - low) / (high - low) * plot.height()
            painter.setPen(QPen(QColor(theme.colors.border), 1))
            painter.drawLine(QPointF(plot.left(), down), QPointF(plot.right(), down))
            words = significant(value, 3)
            painter.setPen(theme.colors.text_muted)
            right = plot.left() - theme.px(5) - metrics.horizontalAdvance(words)
            painter.drawText(QPointF(right, down + up), words)
        step = found.steps[-1] if time is None else found.steps[time]
        words = tr("step {number:,}", number=round(float(step)))
        below = plot.bottom() + metrics.ascent() + theme.px(3)
        width = metrics.horizontalAdvance(words)
        across = plot.right()
        if time is not None:
            across = plot.left() + found.part(time) * plot.width() + width / 2
        left = min(max(across - width, plot.left()), plot.right() - width)
        painter.drawText(QPointF(left, below), words)


def reading(found: Histograms, time: int) -> str:
    """What a histogram says, in words."""
    return tr(
        "{low} to {high}, half of them below {middle}",
        low=significant(float(found.lows[time]), 3),
        high=significant(float(found.highs[time]), 3),
        middle=significant(found.median(time), 3),
    )
