"""A confusion matrix: a row a true class, a column what it was taken for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz.confusion import Numbers, accuracies
from ui.i18n import language, tr
from ui.theme import theme
from ui.widgets.arrow_keys import ARROW_STEPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent

_NAMED_SIDE = 8
"""Where a cell would be narrower, in pixels at scale 1, the tool tip alone has names and shares."""
_LONGEST_NAME = 84
"""Pixels at scale 1 of a name; the rest is cut off."""
_TYPES = ((11, 100), (10, 100), (9, 100), (8, 100), (8, 80), (7, 80), (7, 70))
"""Sizes of the type of a count, in pixels at scale 1, and how wide its digits are, in per cent:
four of them are wider than a cell for two."""


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

    @property
    def cell_rect(self) -> QRect:
        """Where the chosen cell is on this widget."""
        return self._rect(*self._cell).toAlignedRect()

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
        count = max(1, len(self._names))
        wide = theme.px(18) * (min(count, 20) + 3)
        return QSize(wide, self.heightForWidth(self.width() if self.isVisible() else wide))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()  # not every layout asks for the height that belongs to a width

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return math.ceil(self._side(width) * len(self._names) + self._head(width)) + theme.px(4)

    def _named(self, width: float) -> bool:
        """Whether there is room for names and shares beside so many classes."""
        return width >= len(self._names) * theme.px(_NAMED_SIDE) * 1.5

    def _margins(self, width: float) -> tuple[int, int]:
        """Pixels beside the cells: for the names, and for the shares."""
        if not self._named(width):
            return 0, 0
        right = QFontMetrics(theme.font("caption")).horizontalAdvance("100.0%")
        return self._widest() + theme.px(6), right + theme.px(6)

    def _widest(self) -> int:
        """Pixels of the longest name, as far as it is shown."""
        metrics = QFontMetrics(theme.font("caption"))
        names = max((metrics.horizontalAdvance(name) for name in self._names), default=0)
        return min(names, theme.px(_LONGEST_NAME))

    def _head(self, width: float) -> float:
        """Pixels above the cells: what rows and columns are, and a row of names, which stand
        upright where they are long."""
        if not self._named(width):
            return 0
        side = self._side(width)
        return self._title() + (side if self._widest() <= side else self._widest() + theme.px(4))

    def _title(self) -> int:
        """Pixels of the line that says what rows and columns are."""
        return QFontMetrics(theme.font("caption")).height()

    def _side(self, width: float) -> float:
        left, right = self._margins(width)
        return max(theme.px(1), (width - left - right) / max(1, len(self._names)))

    def _rect(self, label: int, predicted: int) -> QRectF:
        side = self._side(self.width())
        left = self._margins(self.width())[0] + predicted * side
        return QRectF(left, self._head(self.width()) + label * side, side, side)

    def _at(self, place: QPointF) -> tuple[int, int] | None:
        side, count = self._side(self.width()), len(self._names)
        column = math.floor((place.x() - self._margins(self.width())[0]) / side)
        row = math.floor((place.y() - self._head(self.width())) / side)
        inside = 0 <= row < count and 0 <= column < count and self._counts is not None
        return (row, column) if inside else None

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        counts = self._counts
        if counts is None:
            return
        painter, colors = QPainter(self), theme.colors
        middle = Qt.AlignmentFlag.AlignCenter
        totals = np.maximum(counts.sum(axis=1), 1)
        wrong = counts - np.diag(np.diag(counts))
        most = max(1, int(wrong.max()))
        shares = accuracies(counts)
        air = 0.5 if self._side(self.width()) > theme.px(4) else 0.0
        room = self._rect(0, 0).width() - 2 * air
        fonts = [_font_for(digits + 1, room) for digits in range(len(f"{counts.max()}"))]
        if self._named(self.width()):
            painter.setFont(theme.font("caption"))
            painter.setPen(colors.text_muted)
            title = QRectF(0, 0, self.width(), self._title())
            painter.drawText(title, tr("Rows: the label; columns: the answer"))
        for row, name in enumerate(self._names):
            if self._named(self.width()):
                painter.setFont(theme.font("caption"))
                self._paint_names(painter, row, name, shares[row])
            for column in range(len(self._names)):
                rect = self._rect(row, column).adjusted(air, air, -air, -air)
                count = int(counts[row, column])
                right = row == column
                color = QColor(colors.series[0] if right else colors.series[1])
                part = count / totals[row] if right else math.sqrt(count / most)
                color.setAlphaF(0.1 + 0.35 * part if right else 0.75 * part)
                painter.fillRect(rect, color)
                font = fonts[len(f"{count}") - 1]
                if count and font is not None:
                    painter.setFont(font)
                    painter.setPen(colors.text)
                    painter.drawText(rect, middle, f"{count}")
        painter.setPen(QPen(QColor(colors.accent if self.hasFocus() else colors.text_muted), 1.5))
        painter.drawRect(self._rect(*self._cell))

    def _paint_names(self, painter: QPainter, row: int, name: str, share: float) -> None:
        """The name of a class beside its row and above its column, and its share."""
        metrics, head, top = painter.fontMetrics(), self._head(self.width()), self._title()
        middle, upright = Qt.AlignmentFlag.AlignCenter, Qt.AlignmentFlag.AlignVCenter
        first, last = self._rect(row, 0), self._rect(row, len(self._names) - 1)
        name = metrics.elidedText(name, Qt.TextElideMode.ElideRight, theme.px(_LONGEST_NAME))
        painter.setPen(theme.colors.text_muted)
        painter.drawText(QRectF(0, first.top(), first.left(), first.height()), middle, name)
        above = self._rect(0, row)
        if self._widest() <= above.width():
            place = QRectF(above.left(), top, above.width(), head - top)
            painter.drawText(place, middle, name)
        else:
            painter.save()
            painter.translate(above.center().x(), head - theme.px(2))
            painter.rotate(-90)
            half = metrics.height() / 2
            painter.drawText(QRectF(0, -half, head - top, 2 * half), upright, name)
            painter.restore()
        behind = QRectF(last.right(), last.top(), self.width() - last.right(), last.height())
        words = "–" if math.isnan(share) else f"{100 * share:.1f}%"
        painter.drawText(behind, Qt.AlignmentFlag.AlignRight | upright, words)

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
        step = ARROW_STEPS.get(Qt.Key(event.key()))
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


def _font_for(digits: int, room: float) -> QFont | None:
    """The largest type in which so many digits fit into the room; None where none does."""
    font = theme.font("caption")
    for size, width in _TYPES:
        font.setPixelSize(theme.px(size))
        font.setStretch(width)
        if QFontMetrics(font).horizontalAdvance("0" * digits) <= room:
            return font
    return None
