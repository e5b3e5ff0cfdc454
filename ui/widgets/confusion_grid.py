"""A confusion matrix: a row a true class, a column what it was taken for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz.confusion import Numbers, accuracies
from ui.i18n import language, tr
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent

_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class ConfusionGrid(QWidget):
    """Counts on a ground as strong as they are; the share that is right stands behind each row.

    The pointer or the arrow keys choose a cell.
    """

    chosen = Signal(int, int)
    """The true class and the predicted one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: Numbers | None = None
        self._names: tuple[str, ...] = ()
        self._cell = (0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def set_counts(self, counts: Numbers | None, names: Sequence[str]) -> None:
        """Show counts (classes, classes) under the names of the classes, or nothing."""
        self._counts, self._names = counts, tuple(names)
        last = max(0, len(self._names) - 1)
        self._cell = min(self._cell[0], last), min(self._cell[1], last)
        self.updateGeometry()
        self.retranslate()

    @property
    def cell(self) -> tuple[int, int]:
        """The chosen cell: true class, predicted class."""
        return self._cell

    def choose(self, label: int, predicted: int) -> None:
        """Choose a cell, and tell of it."""
        self._cell = label, predicted
        self.retranslate()
        self.chosen.emit(label, predicted)

    def retranslate(self) -> None:
        """Say in the present language what is chosen."""
        self.setAccessibleName(tr("Confusion matrix"))
        self.setAccessibleDescription(self._words(*self._cell))
        self.update()

    def _words(self, label: int, predicted: int) -> str:
        if self._counts is None:
            return ""
        count = int(self._counts[label, predicted])
        if label == predicted:
            return tr("{label} recognised: {n:,} images", label=self._names[label], n=count)
        return tr(
            "{label} taken for {predicted}: {n:,} images",
            label=self._names[label],
            predicted=self._names[predicted],
            n=count,
        )

    # ---- places

    def sizeHint(self) -> QSize:
        side = theme.px(18)
        count = max(1, len(self._names))
        return QSize(side * (count + 3), self.heightForWidth(side * (count + 3)))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return math.ceil(self._side(width) * (len(self._names) + 1)) + theme.px(4)

    def _margins(self) -> tuple[int, int]:
        """Pixels beside the cells: for the names, and for the shares."""
        metrics = QFontMetrics(theme.font("caption"))
        names = max((metrics.horizontalAdvance(name) for name in self._names), default=0)
        return names + theme.px(6), metrics.horizontalAdvance("100.0%") + theme.px(6)

    def _side(self, width: float) -> float:
        left, right = self._margins()
        return max(theme.px(8), (width - left - right) / max(1, len(self._names)))

    def _rect(self, label: int, predicted: int) -> QRectF:
        side = self._side(self.width())
        left = self._margins()[0] + predicted * side
        return QRectF(left, (label + 1) * side, side, side)

    def _at(self, place: QPointF) -> tuple[int, int] | None:
        side, count = self._side(self.width()), len(self._names)
        column = math.floor((place.x() - self._margins()[0]) / side)
        row = math.floor(place.y() / side) - 1
        inside = 0 <= row < count and 0 <= column < count and self._counts is not None
        return (row, column) if inside else None

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        counts = self._counts
        if counts is None:
            return
        painter, colors = QPainter(self), theme.colors
        painter.setFont(theme.font("caption"))
        metrics, middle = painter.fontMetrics(), Qt.AlignmentFlag.AlignCenter
        totals = np.maximum(counts.sum(axis=1), 1)
        wrong = counts - np.diag(np.diag(counts))
        most = max(1, int(wrong.max()))
        shares = accuracies(counts)
        for row, name in enumerate(self._names):
            painter.setPen(colors.text_muted)
            first = self._rect(row, 0)
            painter.drawText(QRectF(0, first.top(), first.left(), first.height()), middle, name)
            painter.drawText(self._rect(-1, row), middle, name)
            last = self._rect(row, len(self._names) - 1)
            behind = QRectF(last.right(), last.top(), self.width() - last.right(), last.height())
            share = "–" if math.isnan(shares[row]) else f"{100 * shares[row]:.1f}%"
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(behind, flags, share)
            for column in range(len(self._names)):
                rect = self._rect(row, column).adjusted(0.5, 0.5, -0.5, -0.5)
                count = int(counts[row, column])
                right = row == column
                color = QColor(colors.series[0] if right else colors.series[1])
                part = count / totals[row] if right else math.sqrt(count / most)
                color.setAlphaF(0.1 + 0.35 * part if right else 0.75 * part)
                painter.fillRect(rect, color)
                text = f"{count}"
                if count and metrics.horizontalAdvance(text) <= rect.width():
                    painter.setPen(colors.text)
                    painter.drawText(rect, middle, text)
        painter.setPen(QPen(QColor(colors.accent if self.hasFocus() else colors.text_muted), 1.5))
        painter.drawRect(self._rect(*self._cell))

    # ---- events

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cell = self._at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._words(*cell) if cell else "", self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self._at(event.position())
        if cell is not None:
            self.choose(*cell)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None or self._counts is None:
            super().keyPressEvent(event)
            return
        last = len(self._names) - 1
        row, column = (min(max(at + by, 0), last) for at, by in zip(self._cell, step, strict=True))
        self.choose(row, column)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()
