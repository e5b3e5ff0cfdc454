"""Vectors: a bar for each value, in the colours of all values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractScrollArea

from ui.colors import quantise
from ui.i18n import language, tr
from ui.inspector.reading import number
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent
    from PySide6.QtWidgets import QWidget

Cell = tuple[int, int]
"""(row, index) of one value."""


@dataclass(frozen=True, slots=True, eq=False)
class VectorRow:
    """A vector (length,) float32, what it is called, and the value that fills a bar."""

    label: str
    values: np.ndarray
    limit: float


class VectorView(QAbstractScrollArea):
    """Rows of bars with index and value, wrapped where the width ends.

    Arrow keys read the values one by one.
    """

    hovered = Signal(int, int, float)
    """Row, index and value under the pointer or the keyboard's cursor."""
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[VectorRow, ...] = ()
        self._places: list[list[QRect]] = []
        self._header = 0
        self._cell: Cell | None = None
        self._by_keyboard = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        theme.changed.connect(self._lay_out)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def set_rows(self, rows: Sequence[VectorRow]) -> None:
        """Show vectors; the limit of each is the value of a full bar."""
        before = [(row.label, len(row.values)) for row in self._rows]
        self._rows = tuple(rows)
        if [(row.label, len(row.values)) for row in rows] != before:
            self._set_cell(None)
            self._lay_out()
            self.retranslate()
        elif self._cell is not None:
            self._tell(self._cell)
        self.viewport().update()

    def cursor_cell(self) -> Cell | None:
        """The (row, index) that is pointed at."""
        return self._cell

    def retranslate(self) -> None:
        """Say in the present language what is shown."""
        self.setAccessibleName(tr("Values"))
        self._describe()

    # --- layout -------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        metrics = QFontMetrics(theme.font("caption"))
        view = self.maximumViewportSize()
        widest = max((metrics.horizontalAdvance(row.label) for row in self._rows), default=0)
        self._header = widest + theme.px(10) if widest else 0
        room = view.width() - self.verticalScrollBar().sizeHint().width() - self._header
        tall = theme.px(46 if len(self._rows) == 1 else 20)
        y = theme.px(2)
        self._places = []
        for row in self._rows:
            count = max(1, len(row.values))
            wide = min(max(room / count, theme.px(8)), theme.px(46))
            a_line = max(1, int(room / wide))
            step = tall + self._captions(wide) * metrics.height() + theme.px(5)
            self._places.append(
                [
                    QRect(
                        self._header + round(index % a_line * wide),
                        y + index // a_line * step,
                        max(2, round(wide) - (theme.px(4) if wide >= theme.px(20) else 1)),
                        tall,
                    )
                    for index in range(len(row.values))
                ]
            )
            y += -(-len(row.values) // a_line) * step
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, y - view.height()))
        bar.setPageStep(view.height())
        bar.setSingleStep(tall)
        self.viewport().update()

    def _captions(self, wide: float) -> int:
        """Lines of text below the bars: index, and value where there is room for it."""
        if wide < theme.px(40):
            return 1
        return 2

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    # --- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        offset = self.verticalScrollBar().value()
        painter.translate(0, -offset)
        painter.setFont(theme.font("caption"))
        dirty = event.rect().translated(0, offset)
        for index, (row, places) in enumerate(zip(self._rows, self._places, strict=True)):
            self._paint_row(painter, row, places, dirty)
            if self._cell is not None and self._cell[0] == index:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QColor(theme.colors.text))
                painter.drawRect(places[self._cell[1]].adjusted(-1, -1, 0, 0))

    def _paint_row(
        self, painter: QPainter, row: VectorRow, places: list[QRect], dirty: QRect
    ) -> None:
        colors, metrics = theme.colors, painter.fontMetrics()
        if not places:
            return
        painter.setPen(QColor(colors.text_muted))
        label = QRect(0, places[0].top(), self._header - theme.px(10), places[0].height())
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(label, int(right), row.label)
        table = theme.luts.signed[quantise(row.values, row.limit)]
        shares = np.clip(np.nan_to_num(row.values / row.limit), -1, 1)
        signed = bool((shares < 0).any())
        every = self._index_step(metrics, places)
        captions = self._captions(places[0].width() + theme.px(4))
        for index, place in enumerate(places):
            if not place.adjusted(0, 0, 0, 3 * metrics.height()).intersects(dirty):
                continue
            painter.fillRect(place, QColor(colors.track))
            painter.fillRect(_bar(place, float(shares[index]), signed=signed), int(table[index]))
            if index % every:
                continue
            below = QRect(place.left(), place.bottom() + 1, place.width(), metrics.height())
            flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextDontClip)
            painter.setPen(QColor(colors.text_muted))
            painter.drawText(below, flags, str(index))
            if captions > 1:
                painter.setPen(QColor(colors.text))
                below.translate(0, metrics.height())
                painter.drawText(below, flags, f"{row.values[index] + 0.0:.2g}".replace("-", "−"))

    def _index_step(self, metrics: QFontMetrics, places: list[QRect]) -> int:
        """Every so many bars have their index below them."""
        pitch = places[1].left() - places[0].left() if len(places) > 1 else places[0].width()
        needed = metrics.horizontalAdvance(str(len(places) - 1)) + theme.px(4)
        return next(step for step in (1, 2, 5, 10, 20, 50, 100) if step * max(pitch, 2) >= needed)

    # --- pointing -----------------------------------------------------------------------------

    def _cell_at(self, point: QPoint) -> Cell | None:
        place = point + QPoint(0, self.verticalScrollBar().value())
        for row, places in enumerate(self._places):
            for index, rect in enumerate(places):
                if rect.adjusted(-1, 0, 1, 0).contains(place):
                    return row, index
        return None

    def _set_cell(self, cell: Cell | None) -> None:
        if cell == self._cell:
            return
        self._cell = cell
        if cell is None:
            self.left.emit()
        else:
            self._tell(cell)
        self.viewport().update()

    def _tell(self, cell: Cell) -> None:
        if self._by_keyboard:
            self._describe()
        self.hovered.emit(*cell, float(self._rows[cell[0]].values[cell[1]]))

    def _describe(self) -> None:
        if self._cell is None:
            lengths = [
                tr("{label}: {n:,} values", label=row.label or tr("Vector"), n=len(row.values))
                for row in self._rows
            ]
            self.setAccessibleDescription("; ".join(lengths))
            return
        row, index = self._cell
        self.setAccessibleDescription(
            tr("Value {index}: {value}", index=index, value=number(self._rows[row].values[index]))
        )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._by_keyboard = False
        self._set_cell(self._cell_at(event.position().toPoint()))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave and not self._by_keyboard:
            self._set_cell(None)
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None or not any(len(row.values) for row in self._rows):
            super().keyPressEvent(event)
            return
        self._by_keyboard = True
        if self._cell is None:
            self._set_cell((0, 0))
            return
        row = min(max(self._cell[0] + step[0], 0), len(self._rows) - 1)
        index = min(max(self._cell[1] + step[1], 0), len(self._rows[row].values) - 1)
        self._set_cell((row, index))
        place = self._places[row][index]
        bar = self.verticalScrollBar()
        if place.top() < bar.value():
            bar.setValue(place.top())
        elif place.bottom() > bar.value() + self.viewport().height():
            bar.setValue(place.bottom() - self.viewport().height())


def _bar(place: QRect, share: float, *, signed: bool) -> QRect:
    """A bar from the zero line: up for positive, down for negative values."""
    full = place.height() // 2 if signed else place.height()
    zero = place.top() + full
    length = max(1, round(abs(share) * full))
    return QRect(place.left(), zero - length if share >= 0 else zero, place.width(), length)
