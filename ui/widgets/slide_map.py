"""A grid that a window slides over, with its padding, what is left out and what is meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QToolTip

from ui.numerals import significant
from ui.theme import theme
from ui.widgets.map_speech import plane
from ui.widgets.pixel_map import PixelMap
from ui.widgets.when_asked import words_changed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QWidget

    from ui.colors import Floats
    from ui.widgets.pixel_map import Sides

    Along = tuple[Callable[[int], bool], Callable[[int], bool]]
    """Whether a row, and whether a column, is meant; a cell is where both are."""
    Part = tuple[range, range]
    """Rows and columns."""

_SMALLEST, _LARGEST_LEAST = 3.0, 4.5
"""Cells are no smaller, in pixels at scale 1; of small windows they are a little larger."""
_WINDOW = 10.0
"""A window should be no smaller than this."""
_WHOLE = 1_000
"""A grid that is all under the window is drawn as a whole, if it has no more rows and columns."""
_ZERO = 14.0
"""Cells of this size say that padding is 0."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """A grid of `height` × `width` cells with `border` cells of padding around it.

    values: (height, width), or None where they are not known (for a grid of another size they are
    not). padded: whether zeros are read in the border, or nothing because no window fits. covered:
    the rows and columns that are read at all; None: all. reach: height and width of the window, for
    which cells are large enough.
    """

    height: int
    width: int
    values: Floats | None = None
    limit: float = 1.0
    grey: bool = False
    border: Sides = (0, 0, 0, 0)
    padded: bool = True
    covered: Along | None = None
    reach: tuple[int, int] = (1, 1)


class SlideMap(PixelMap):
    """Draws all cells where there is room, else those around the window. Places are those of the
    whole grid, and negative or beyond the last one in the padding."""

    part_changed = Signal()
    """Another part is drawn now, or all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._all = Cells(0, 0)
        self._part_told: Part | None = None
        self._first = (0, 0)
        self._lit: Along | None = None

    def show_cells(self, cells: Cells) -> None:
        """Show a grid."""
        before, self._all = self._all, cells
        words_changed(self)
        self._crop()
        if (cells.padded, cells.covered) != (before.padded, before.covered):
            self.update()

    def set_lit(self, lit: Along | None) -> None:
        """Frame all cells that are meant."""
        if lit is not None or self._lit is not None:
            self._lit = lit
            self.update()

    @property
    def cells(self) -> Cells:
        """The whole grid."""
        return self._all

    @property
    def part(self) -> Part | None:
        """The rows and columns that are drawn; None: all."""
        whole = self._all
        if self._values is None or self._values.shape == (whole.height, whole.width):
            return None
        return self._drawn()

    @property
    def cropped(self) -> bool:
        """Whether only a part of it is drawn."""
        return self.part is not None

    def in_words(self) -> str:
        """For screen readers: between which values all lie, also those that are not drawn."""
        values = self._known()
        return "" if values is None else plane(values)

    # --- which part is drawn ------------------------------------------------------------------

    def set_window(
        self, rows: Sequence[int], columns: Sequence[int], milliseconds: int = 0
    ) -> None:
        super().set_window(rows, columns, milliseconds)
        self._crop()

    def set_mark(self, cell: tuple[int, int] | None) -> None:
        super().set_mark(cell)
        self._crop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._crop()

    def _crop(self) -> None:
        whole = self._all
        if not whole.height or not whole.width:
            self.set_values(None)
            return
        above, below, left, right = whole.border
        rows = self._part(0, -above, whole.height + below, self.height())
        columns = self._part(1, -left, whole.width + right, self.width())
        border = (
            max(-rows[0], 0) if rows[0] < 0 else 0,
            max(rows[1] - whole.height, 0),
            max(-columns[0], 0) if columns[0] < 0 else 0,
            max(columns[1] - whole.width, 0),
        )
        inner = (
            (min(max(rows[0], 0), whole.height), min(max(rows[1], 0), whole.height)),
            (min(max(columns[0], 0), whole.width), min(max(columns[1], 0), whole.width)),
        )
        first = inner[0][0], inner[1][0]
        if first != self._first:  # the values may be the same elsewhere
            self._first = first
            self.update()
        shape = tuple(max(last - first, 1) for first, last in inner)
        values = self._known()
        if values is None:
            part = np.zeros(shape, np.float32)
        else:
            part = values[slice(*inner[0]), slice(*inner[1])]
        self.set_values(part, whole.limit, grey=whole.grey and values is not None, border=border)
        if self.part != self._part_told:
            self._part_told = self.part
            self.part_changed.emit()

    def _known(self) -> Floats | None:
        values = self._all.values
        size = (self._all.height, self._all.width)
        return values if values is not None and values.shape == size else None

    def _part(self, axis: int, first: int, last: int, pixels: int) -> tuple[int, int]:
        """The rows or columns, with padding, that are drawn: all, or those around the window."""
        reach = self._all.reach[axis]
        least = theme.px(min(max(_WINDOW / max(reach, 1), _SMALLEST), _LARGEST_LEAST))
        room = max(int((pixels - 2) / max(least, 1)), 1)
        size = (self._all.height, self._all.width)[axis]
        if last - first <= room or (reach >= size and size <= _WHOLE):
            return first, last
        places = (self._rows, self._columns)[axis]
        if places:
            middle = (places[0] + places[-1]) // 2
        else:
            middle = self._mark[axis] if self._mark is not None else 0
        start = min(max(middle - room // 2, first), last - room)
        return start, start + room

    # --- places of the whole grid -------------------------------------------------------------

    def _place(self, cells: QRectF) -> QRectF:
        return super()._place(cells.translated(-self._first[1], -self._first[0]))

    def cell_at(self, point: QPointF) -> tuple[int, int] | None:
        area = self.area()
        if self._values is None or area.isEmpty():
            return None
        rows, columns = self._values.shape
        row = (point.y() - area.top()) / area.height() * rows // 1
        column = (point.x() - area.left()) / area.width() * columns // 1
        return int(row) + self._first[0], int(column) + self._first[1]

    def _value_at(self, point: QPointF) -> tuple[int, int] | None:
        cell = self.cell_at(point) if self._near(point) else None
        return cell if cell is not None and self._inside(*cell) else None

    def _choose(self, point: QPointF) -> None:
        cell = self.cell_at(point)
        if cell is not None:
            self.chosen.emit(*cell)

    def _inside(self, row: int, column: int) -> bool:
        return 0 <= row < self._all.height and 0 <= column < self._all.width

    # --- painting -----------------------------------------------------------------------------

    def _paint_border(self, painter: QPainter) -> None:
        """Padding is zeros, and nobody's pixels."""
        outer, (across, down) = self._outer(), self._zoom()
        painter.fillRect(outer, QColor(theme.colors.hover))
        rows, columns = round(outer.height() / down), round(outer.width() / across)
        painter.setPen(QPen(QColor(theme.colors.border), 0, Qt.PenStyle.DotLine))
        if min(across, down) >= theme.px(4):
            for row in range(1, rows):
                y = outer.top() + row * down
                painter.drawLine(QPointF(outer.left(), y), QPointF(outer.right(), y))
            for column in range(1, columns):
                x = outer.left() + column * across
                painter.drawLine(QPointF(x, outer.top()), QPointF(x, outer.bottom()))
        painter.drawRect(outer)
        if self._all.padded and min(across, down) >= theme.px(_ZERO):
            self._paint_zeros(painter, outer, rows, columns)

    def _paint_zeros(self, painter: QPainter, outer: QRectF, rows: int, columns: int) -> None:
        painter.setFont(theme.font("caption"))
        painter.setPen(QColor(theme.colors.text_muted))
        above, below, left, right = self._border
        across, down = self._zoom()
        for row in range(rows):
            for column in range(columns):
                inside = above <= row < rows - below and left <= column < columns - right
                if not inside:
                    corner = QPointF(outer.left() + column * across, outer.top() + row * down)
                    cell = QRectF(corner.x(), corner.y(), across, down)
                    painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, "0")

    def _paint_marks(self, painter: QPainter) -> None:
        painter.save()
        painter.setClipRect(self._outer().adjusted(-2, -2, 2, 2))
        if self._all.covered is not None:
            self._paint_left_out(painter, self._all.covered)
        if self._lit is not None:
            self._paint_lit(painter, self._lit)
        super()._paint_marks(painter)
        painter.restore()
        self._paint_cuts(painter)

    def _paint_left_out(self, painter: QPainter, covered: Along) -> None:
        """Hatched: whole rows and columns that no window reads, and the cells in its gaps."""
        rows, columns = self._drawn()
        read_rows, read_columns = (
            [covered[0](row) for row in rows],
            [covered[1](c) for c in columns],
        )
        if all(read_rows) and all(read_columns):
            return
        brush = QBrush(QColor(theme.colors.arrow), Qt.BrushStyle.BDiagPattern)
        veil = QColor(theme.colors.hover)
        veil.setAlphaF(0.7)
        area, (_, down) = self.area(), self._zoom()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for row, read in zip(rows, read_rows, strict=True):
            if not read:
                top = area.top() + (row - self._first[0]) * down
                strip = QRectF(area.left(), top, area.width(), down)
                painter.fillRect(strip, veil)
                painter.fillRect(strip, brush)
                continue
            for column, also in zip(columns, read_columns, strict=True):
                if not also:
                    cell = self._place(QRectF(column, row, 1, 1))
                    painter.fillRect(cell, veil)
                    painter.fillRect(cell, brush)

    def _paint_lit(self, painter: QPainter, lit: Along) -> None:
        rows, columns = self._drawn()
        lit_rows = [row for row in rows if lit[0](row)]
        lit_columns = [column for column in columns if lit[1](column)]
        fill = QColor(theme.colors.accent)
        fill.setAlphaF(0.45)
        large = min(self._zoom()) >= theme.px(5)
        painter.setPen(QPen(QColor(theme.colors.accent), 1) if large else Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        inset = 0.5 if large else 0.0
        painter.drawRects(
            [
                self._place(QRectF(column, row, 1, 1)).adjusted(inset, inset, -inset, -inset)
                for row in lit_rows
                for column in lit_columns
            ]
        )
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_cuts(self, painter: QPainter) -> None:
        """Where the grid goes on beyond what is drawn, its edge is torn."""
        if not self.cropped or self._values is None:
            return
        area, whole = self.area(), self._all
        rows, columns = self._values.shape
        painter.setPen(QPen(QColor(theme.colors.surface), 3, Qt.PenStyle.DotLine))
        if self._first[0] > 0:
            painter.drawLine(area.topLeft(), area.topRight())
        if self._first[0] + rows < whole.height:
            painter.drawLine(area.bottomLeft(), area.bottomRight())
        if self._first[1] > 0:
            painter.drawLine(area.topLeft(), area.bottomLeft())
        if self._first[1] + columns < whole.width:
            painter.drawLine(area.topRight(), area.bottomRight())

    def _drawn(self) -> Part:
        """The rows and columns of values that are drawn."""
        rows, columns = (0, 0) if self._values is None else self._values.shape
        top, left = self._first
        return range(top, top + rows), range(left, left + columns)

    # --- pointing -----------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            point, values = QPointF(event.pos()), self._known()
            cell = self.cell_at(point) if self._near(point) else None
            if cell is None:
                QToolTip.hideText()
            elif not self._inside(*cell):
                QToolTip.showText(event.globalPos(), f"{cell[0]}, {cell[1]}: 0", self)
            elif values is not None:
                value = significant(float(values[cell]))
                QToolTip.showText(event.globalPos(), f"{cell[0]}, {cell[1]}: {value}", self)
            return True
        return super().event(event)
