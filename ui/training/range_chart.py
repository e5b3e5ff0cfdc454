"""The loss over the learning rate, on a logarithmic scale, with the rate that is proposed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from cnnviz.range_test import HIGHEST, LOWEST, SETTLED
from ui.charts.axes import round_up
from ui.i18n import tr
from ui.numerals import power_of_ten, significant
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QMouseEvent, QPaintEvent


SCALE = (0.0, 0.5, 1.0)
"""Where the scale has numbers, as parts of it."""


class RangeChart(QWidget):
    """Pointing at it reads the rate and the loss nearest to the pointer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rates: Sequence[float] = ()
        self._losses: Sequence[float] = ()
        self._proposed: float | None = None
        self.setMouseTracking(True)
        theme.changed.connect(self.update)

    def show_test(
        self, rates: Sequence[float], losses: Sequence[float], proposed: float | None
    ) -> None:
        """rates: lowest first; losses: at each of them."""
        self._rates, self._losses, self._proposed = rates, losses, proposed
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(460), theme.px(220))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(240), theme.px(120))

    def place(self, rate: float, loss: float) -> QPointF:
        """Where a loss at a rate is on the widget."""
        plot = self._plot()
        share = math.log(rate / LOWEST) / math.log(HIGHEST / LOWEST)
        up = min(max(loss, 0) / self._top(), 1)
        return QPointF(plot.left() + share * plot.width(), plot.bottom() - up * plot.height())

    def _top(self) -> float:
        """What the scale ends at: the loss at rates too small to change anything, which a good rate
        stays below, and some more."""
        highest = max(self._losses[:SETTLED], default=0.0)
        return round_up(1.25 * highest) if highest > 0 else 1.0

    def _plot(self) -> QRectF:
        metrics = QFontMetrics(theme.font("caption"))
        words = ("0.000", *(significant(part * self._top(), 3) for part in SCALE))
        left = max(map(metrics.horizontalAdvance, words)) + theme.px(6)
        foot = metrics.height()
        return QRectF(
            left,
            theme.px(6),
            self.width() - left - theme.px(12),
            self.height() - foot - theme.px(12),
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colors = QPainter(self), theme.colors
        painter.setFont(theme.font("caption"))
        metrics, plot = QFontMetrics(painter.font()), self._plot()
        for part in SCALE:
            y = plot.bottom() - part * plot.height()
            painter.setPen(QPen(QColor(colors.border_soft), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(colors.text_muted))
            words = significant(part * self._top(), 3)
            at = QPointF(
                plot.left() - theme.px(5) - metrics.horizontalAdvance(words), y + theme.px(4)
            )
            painter.drawText(at, words)
        for power in range(round(math.log10(LOWEST)), round(math.log10(HIGHEST)) + 1):
            x = self.place(10.0**power, 0).x()
            painter.setPen(QPen(QColor(colors.border_soft), 1))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            painter.setPen(QColor(colors.text_muted))
            words = power_of_ten(power)
            left = min(
                x - metrics.horizontalAdvance(words) / 2,
                self.width() - metrics.horizontalAdvance(words),
            )
            painter.drawText(QPointF(left, plot.bottom() + metrics.ascent() + theme.px(4)), words)
        inside = plot.adjusted(theme.px(5), theme.px(2), -theme.px(5), -theme.px(2)).toRect()
        flags = Qt.AlignmentFlag
        painter.drawText(inside, flags.AlignTop | flags.AlignLeft, tr("loss"))
        painter.drawText(inside, flags.AlignBottom | flags.AlignRight, tr("learning rate"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._proposed is not None:
            x = self.place(self._proposed, 0).x()
            pen = QPen(QColor(colors.accent), theme.line(2), Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        if self._losses:
            painter.setPen(QPen(QColor(colors.series[0]), theme.line(2)))
            points = [self.place(*pair) for pair in zip(self._rates, self._losses, strict=True)]
            painter.drawPolyline(QPolygonF(points))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._losses:
            return
        x = event.position().x()
        rate, loss = min(
            zip(self._rates, self._losses, strict=True),
            key=lambda pair: abs(self.place(*pair).x() - x),
        )
        words = tr(
            "Learning rate {rate}: loss {loss}", rate=significant(rate), loss=significant(loss)
        )
        QToolTip.showText(event.globalPosition().toPoint(), words, self)
