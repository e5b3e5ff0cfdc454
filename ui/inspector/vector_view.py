"""Vectors: a cell for each value, in the colours of all values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractScrollArea

from ui.colors import quantise
from ui.i18n import language, tr
from ui.numerals import significant
from ui.theme import theme
from ui.widgets.arrow_keys import ARROW_STEPS
from ui.widgets.speech import announce
from ui.widgets.when_asked import say_when_asked, words_changed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent
    from PySide6.QtWidgets import QWidget

MANY_ROWS = 4
"""Of more vectors only the first has its indices, above it, as a table has its heads."""

Cell = tuple[int, int]
"""(row, index) of one value."""


@dataclass(frozen=True, slots=True, eq=False)
class VectorRow:
    """A vector (length,) float32, what it is called, and the value of the strongest colour."""

    label: str
    values: np.ndarray
    limit: float


@dataclass(frozen=True, slots=True)
class _Lines:
    """Where the cells of one vector lie: lines of `a_line` cells, `wide` apart, each with `head`
    pixels above it for indices."""

    count: int
    left: int
    top: int
    wide: float
    tall: int
    step: int
    a_line: int
    head: int

    @property
    def bottom(self) -> int:
        return self.top + -(-self.count // self.a_line) * self.step

    def rect(self, index: int) -> QRect:
        """The place of one cell."""
        line, column = divmod(index, self.a_line)
        x, end = round(column * self.wide), round((column + 1) * self.wide)
        gap = theme.px(3) if self.wide >= theme.px(20) else 1
        y = self.top + line * self.step + self.head
        return QRect(self.left + x, y, max(2, end - x - gap), self.tall)

    def between(self, top: int, bottom: int) -> range:
        """The cells of the lines that reach into the strip between two heights."""
        first = max(0, (top - self.top) // self.step)
        last = max(0, (bottom - self.top) // self.step + 1)
        return range(min(first * self.a_line, self.count), min(last * self.a_line, self.count))

    def at(self, x: int, y: int) -> int | None:
        """The cell at a point."""
        column, line = int((x - self.left) / self.wide), (y - self.top) // self.step
        down = (y - self.top) % self.step - self.head
        index = line * self.a_line + column
        inside = x >= self.left and y >= self.top and column < self.a_line
        if not inside or index >= self.count or not 0 <= down <= self.tall:
            return None
        return index


class VectorView(QAbstractScrollArea):
    """Rows of cells with index and value, wrapped where the width ends.

    Arrow keys read the values one by one; Enter or Space clicks.
    """

    hovered = Signal(int, int, float)
    """Row, index and value under the pointer or the keyboard's cursor."""
    left = Signal()
    clicked = Signal(int, int)
    """Row and index of a value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[VectorRow, ...] = ()
        self._lines: list[_Lines] = []
        self._header = 0
        self._cell: Cell | None = None
        self._by_keyboard = False
        say_when_asked()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        theme.changed.connect(self._lay_out)
        language.changed.connect(self.retranslate)
        self.retranslate()

    @property
    def rows(self) -> tuple[VectorRow, ...]:
        """The vectors on show."""
        return self._rows

    def set_rows(self, rows: Sequence[VectorRow]) -> None:
        """Show other vectors, or the same with other values."""
        before = [(row.label, len(row.values)) for row in self._rows]
        self._rows = tuple(rows)
        if [(row.label, len(row.values)) for row in rows] != before:
            self._set_cell(None)
            self._lay_out()
        elif self._cell is not None:
            self._tell(self._cell)
        words_changed(self)
        self.viewport().update()

    def cursor_cell(self) -> Cell | None:
        """The (row, index) that is pointed at."""
        return self._cell

    def retranslate(self) -> None:
        """Say in the present language what is shown."""
        self.setAccessibleName(tr("Values"))
        words_changed(self)

    # --- layout -------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        metrics = QFontMetrics(theme.font("caption"))
        view = self.maximumViewportSize()
        widest = max((metrics.horizontalAdvance(row.label) for row in self._rows), default=0)
        self._header = widest + theme.px(10) if widest else 0
        room = view.width() - self.verticalScrollBar().sizeHint().width() - self._header
        tall = theme.px(34 if len(self._rows) == 1 else 16)
        y = theme.px(2)
        self._lines = []
        for row in self._rows:
            count = max(1, len(row.values))
            a_line = _cells_a_line(count, room)
            wide = min(room / a_line, theme.px(46))
            captions = self._captions(wide)
            step = tall + captions * metrics.height() + theme.px(5)
            head = metrics.height() + theme.px(2) if self._head(len(self._lines)) else 0
            lines = _Lines(len(row.values), self._header, y, wide, tall, step + head, a_line, head)
            self._lines.append(lines)
            y = lines.bottom
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, y - view.height()))
        bar.setPageStep(view.height())
        bar.setSingleStep(tall)
        self.viewport().update()

    def _captions(self, wide: float) -> int:
        """Lines of text below the cells: index, and value where there is room for it."""
        if len(self._rows) > MANY_ROWS:
            return 0
        return 1 if wide < theme.px(40) else 2

    def _head(self, row: int) -> bool:
        """Whether the indices stand above the cells of a row."""
        return len(self._rows) > MANY_ROWS and row == 0

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
        for index, (row, lines) in enumerate(zip(self._rows, self._lines, strict=True)):
            if lines.top > dirty.bottom() or lines.bottom < dirty.top():
                continue
            captions = self._captions(lines.wide)
            self._paint_row(painter, row, lines, captions, dirty)
            if self._cell is not None and self._cell[0] == index:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QColor(theme.colors.text))
                painter.drawRect(lines.rect(self._cell[1]).adjusted(-1, -1, 0, 0))

    def _paint_row(
        self, painter: QPainter, row: VectorRow, lines: _Lines, captions: int, dirty: QRect
    ) -> None:
        colors, metrics = theme.colors, painter.fontMetrics()
        cells = lines.between(dirty.top(), dirty.bottom())
        painter.setPen(QColor(colors.text_muted))
        label = QRect(0, lines.top + lines.head, self._header - theme.px(10), lines.tall)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(label, int(right | Qt.TextFlag.TextDontClip), row.label)
        visible = row.values[cells.start : cells.stop]
        table = theme.luts.signed[quantise(visible, row.limit)]
        every = self._index_step(metrics, lines)
        centre = int(Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextDontClip)
        for index, value, color in zip(cells, visible.tolist(), table.tolist(), strict=True):
            place = lines.rect(index)
            painter.fillRect(place, QColor(color))
            painter.setPen(QColor(colors.border_soft))
            painter.drawRect(place.adjusted(0, 0, -1, -1))
            if index % every or not (captions or lines.head):
                continue
            below = QRect(place.left(), place.bottom() + 1, place.width(), metrics.height())
            if lines.head:
                below.moveBottom(place.top() - 1)
            painter.setPen(QColor(colors.text_muted))
            painter.drawText(self._inside(below, metrics, str(index)), centre, str(index))
            if captions > 1:
                painter.setPen(QColor(colors.text))
                below.translate(0, metrics.height())
                painter.drawText(below, centre, significant(value, 2))

    def _index_step(self, metrics: QFontMetrics, lines: _Lines) -> int:
        """Every so many cells have their index below them."""
        needed = metrics.horizontalAdvance(str(lines.count - 1)) + theme.px(4)
        return next(step for step in (1, 2, 5, 10, 20) if step * lines.wide >= needed)

    def _inside(self, place: QRect, metrics: QFontMetrics, words: str) -> QRect:
        """Where words that are wider than their place have to stand to be seen as a whole."""
        beyond = max(0, -(-(metrics.horizontalAdvance(words) - place.width()) // 2))
        last = self.viewport().width() - place.width() - beyond
        return QRect(QPoint(min(max(place.left(), beyond), last), place.top()), place.size())

    # --- pointing -----------------------------------------------------------------------------

    def _cell_at(self, point: QPoint) -> Cell | None:
        place = point + QPoint(0, self.verticalScrollBar().value())
        for row, lines in enumerate(self._lines):
            if lines.top <= place.y() < lines.bottom:
                index = lines.at(place.x(), place.y())
                return None if index is None else (row, index)
        return None

    def _set_cell(self, cell: Cell | None) -> None:
        if cell == self._cell:
            return
        self._cell = cell
        words_changed(self)
        if cell is None:
            self.left.emit()
        else:
            self._tell(cell)
        self.viewport().update()

    def _tell(self, cell: Cell) -> None:
        self.hovered.emit(*cell, float(self._rows[cell[0]].values[cell[1]]))

    def in_words(self) -> str:
        """For screen readers: the value that is pointed at, or between which values all lie."""
        if self._cell is None:
            lengths = [
                tr(
                    "{label}: {n:,} values from {least} to {greatest}",
                    label=row.label or tr("Vector"),
                    n=len(row.values),
                    least=significant(float(row.values.min())),
                    greatest=significant(float(row.values.max())),
                )
                for row in self._rows
                if len(row.values)
            ]
            return "; ".join(lengths)
        row, index = self._cell
        value = significant(self._rows[row].values[index])
        return tr("Value {index}: {value}", index=index, value=value)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._by_keyboard = False
        self._set_cell(self._cell_at(event.position().toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self._cell_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and cell is not None:
            self.clicked.emit(*cell)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave and not self._by_keyboard:
            self._set_cell(None)
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space} and self._cell:
            self.clicked.emit(*self._cell)
            return
        step = ARROW_STEPS.get(key)
        if step is None or not any(len(row.values) for row in self._rows):
            super().keyPressEvent(event)
            return
        self._by_keyboard = True
        if self._cell is None:
            self._set_cell((0, 0))
            announce(self, self.in_words())
            return
        row = min(max(self._cell[0] + step[0], 0), len(self._rows) - 1)
        index = min(max(self._cell[1] + step[1], 0), len(self._rows[row].values) - 1)
        self._set_cell((row, index))
        announce(self, self.in_words())
        place = self._lines[row].rect(index)
        bar = self.verticalScrollBar()
        if place.top() < bar.value():
            bar.setValue(place.top())
        elif place.bottom() > bar.value() + self.viewport().height():
            bar.setValue(place.bottom() - self.viewport().height())


def _cells_a_line(count: int, room: int) -> int:
    """How many of so many cells stand in a line: as many as there is room for, and where that makes
    several lines, in all of them about as many."""
    lines = -(-count // max(1, int(room / theme.px(8))))
    return -(-count // lines)
