"""Counts of very different sizes as bars: each mark of the scale is ten times the one before."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    Bar = tuple[str, int, bool]
    """What it is called, how many (at least 1), and whether it stands out."""

_ROW, _BAR, _MARKS = 33, 9, 17
"""Heights at scale 1: of a name with its bar, of the bar, of the marks below all of them."""
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class LogBars(QWidget):
    """Bars from 1 on; those that stand out are in the accent's colour and bold."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: tuple[Bar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def set_bars(self, bars: Sequence[Bar]) -> None:
        """Show other counts."""
        if tuple(bars) == self._bars:
            return
        self._bars = tuple(bars)
        self.setAccessibleDescription("; ".join(f"{name}: {n:,}" for name, n, _ in bars))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(300), theme.px(_ROW * len(self._bars) + _MARKS))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(160), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._bars:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        decades = decades_for(max(count for _, count, _ in self._bars))
        bottom = theme.px(_ROW * len(self._bars))
        step = (self.width() - theme.px(14)) / decades
        self._paint_marks(painter, decades, step, bottom)
        for index, bar in enumerate(self._bars):
            self._paint_bar(painter, bar, theme.px(_ROW * index), step)

    def _paint_marks(self, painter: QPainter, decades: int, step: float, bottom: int) -> None:
        """A line for each power of ten; as many have their number as find room."""
        painter.setFont(theme.font("caption"))
        wide = QFontMetrics(painter.font()).horizontalAdvance(power_of_ten(decades)) + theme.px(8)
        every = max(1, math.ceil(wide / step))
        for power in range(decades + 1):
            x = round(power * step)
            painter.setPen(QColor(theme.colors.border_soft))
            painter.drawLine(x, 0, x, bottom)
            if power % every == 0:
                place = QRect(
                    x - theme.px(30 if power else 0), bottom, theme.px(60), theme.px(_MARKS)
                )
                side = Qt.AlignmentFlag.AlignHCenter if power else Qt.AlignmentFlag.AlignLeft
                painter.setPen(QColor(theme.colors.text_muted))
                painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, power_of_ten(power))

    def _paint_bar(self, painter: QPainter, bar: Bar, top: int, step: float) -> None:
        name, count, strong = bar
        colors = theme.colors
        painter.setFont(theme.font("heading" if strong else "body"))
        metrics = QFontMetrics(painter.font())
        words = f"{name}  {count:,}"
        line = QRect(0, top, self.width(), metrics.height())
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, self.width())
        # The lines of the scale do not run through the words.
        painter.fillRect(
            QRect(0, top, metrics.horizontalAdvance(shown) + theme.px(4), metrics.height()),
            QColor(colors.surface),
        )
        painter.setPen(QColor(colors.text if strong else colors.label))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors.accent if strong else colors.arrow))
        length = max(math.log10(count) * step, theme.px(2))
        radius = theme.px(2)
        under = QRectF(0, line.bottom() + theme.px(3), length, theme.px(_BAR))
        painter.drawRoundedRect(under, radius, radius)


def decades_for(largest: int) -> int:
    """How many powers of ten the scale has."""
    return max(1, math.ceil(math.log10(largest)))


def power_of_ten(power: int) -> str:
    """1, 10, 10², 10³ …"""
    if power < 2:
        return "10" if power else "1"
    return f"10{str(power).translate(_SUPERSCRIPTS)}"
