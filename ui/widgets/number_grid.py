"""A small grid of numbers in their colours: a patch, a kernel, their products."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz.arithmetic.digits import places_for, shown
from ui.colors import floats, light_colors, quantise, quantise_grey
from ui.i18n import tr
from ui.palette import LIGHT
from ui.theme import theme
from ui.widgets.arrow_keys import ARROW_STEPS
from ui.widgets.map_speech import plane
from ui.widgets.mosaic import mosaic
from ui.widgets.speech import announce
from ui.widgets.unchanged import unchanged
from ui.widgets.when_asked import say_when_asked, words_changed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent


SIDE = 150
WIDEST, TALLEST = 48, 38
"""A cell, in pixels at scale 1."""
MOST_TEXTS = 400
"""Of more cells none shows its number."""
_TYPES = (12, 100), (11, 100), (10, 100), (9, 100), (9, 80), (8, 80), (8, 65)
"""Sizes of the numbers, in pixels at scale 1, and how wide their digits are, in per cent."""
LEAST_NARROW = 11
"""Pixels, whatever the scale, that narrow digits need to be read: on a projector the cells do not
grow as the type does."""
Cell = tuple[int, int]


class NumberGrid(QWidget):
    """Values (height, width), with their numbers where there is room for them.

    Cells that are not there are hatched. One cell may be pointed at, by the mouse, by arrow keys or
    from outside; one may be the winner.
    """

    pointed = Signal(int, int)
    left = Signal()
    entered = Signal(int, int)
    """Row and column that was clicked twice, or chosen with Enter."""
    legible_changed = Signal()
    """There is room for the numbers now, or no longer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: np.ndarray = np.zeros((0, 0))
        self._limit, self._grey = 1.0, False
        self._hatched: np.ndarray = np.zeros((0, 0), bool)
        self._empty: np.ndarray = np.zeros((0, 0), bool)
        self._winner: Cell | None = None
        self._pointed: Cell | None = None
        self._places, self._legible = 2, True
        self._texts: Sequence[Sequence[str]] = ()
        self._longest = ""
        say_when_asked()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self._restyle)

    def set_values(
        self,
        values: np.ndarray,
        limit: float,
        *,
        grey: bool = False,
        hatched: np.ndarray | None = None,
        empty: np.ndarray | None = None,
        winner: Cell | None = None,
    ) -> None:
        """Show values (height, width); the strongest colour is that of `limit`.

        hatched: bool, padding that is read as 0. empty: bool, what does not count at all.
        """
        none = np.zeros(values.shape, bool)
        hatched = none if hatched is None else hatched
        empty = none if empty is None else empty
        look = limit, grey, winner
        same = look == (self._limit, self._grey, self._winner) and unchanged(self._values, values)
        if same and unchanged(self._hatched, hatched) and unchanged(self._empty, empty):
            return
        resized = values.shape != self._values.shape
        self._values, self._hatched, self._empty = values, hatched, empty
        self._limit, self._grey, self._winner = look
        self._places = min(places_for((float(np.abs(values).max(initial=0)),), 2), 4)
        self._texts = ()
        self._legible = self.shows_numbers()
        if resized:
            self._pointed = None
            self.updateGeometry()
        words_changed(self)
        self.update()

    def point_at(self, cell: Cell | None) -> None:
        """Point at a cell from outside."""
        if cell != self._pointed:
            self._pointed = cell
            words_changed(self)
            self.update()

    @property
    def limit(self) -> float:
        """The value of the strongest colour."""
        return self._limit

    @property
    def places(self) -> int:
        """Places behind the point of the numbers that are shown."""
        return self._places

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._look_again()

    def _look_again(self) -> None:
        if self.shows_numbers() != self._legible:
            self._legible = not self._legible
            self.legible_changed.emit()

    def shows_numbers(self) -> bool:
        """Whether the cells are large enough for their numbers."""
        return self._font_that_fits(*self._cell_size()) is not None

    # --- places -------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        height, width = self._values.shape
        side = theme.px(SIDE)
        cell = min(side / max(height, 1), theme.px(TALLEST))
        wide = min(cell * 1.25, theme.px(WIDEST)) if height * width <= MOST_TEXTS else cell
        return QSize(round(min(max(wide * width, theme.px(36)), side * 1.6)) + 2, side)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), theme.px(70)), theme.px(60))

    def _cell_size(self) -> tuple[float, float]:
        height, width = self._values.shape
        wide = min((self.width() - 2) / max(width, 1), theme.px(WIDEST))
        tall = min((self.height() - 2) / max(height, 1), theme.px(TALLEST))
        loose = min(wide, 2.2 * tall), min(tall, 1.2 * wide)  # numbers are wider than tall
        if self._font_that_fits(*loose) is None:  # without them it is a picture, in proportion
            return min(wide, 1.2 * tall), min(tall, 1.2 * wide)
        return loose

    def area(self) -> QRectF:
        """Where the cells lie."""
        height, width = self._values.shape
        wide, tall = self._cell_size()
        left, top = (self.width() - wide * width) / 2, (self.height() - tall * height) / 2
        return QRectF(left, top, wide * width, tall * height)

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Where one cell lies."""
        area, (wide, tall) = self.area(), self._cell_size()
        return QRectF(area.left() + column * wide, area.top() + row * tall, wide, tall)

    def _cell_at(self, point: QPointF) -> Cell | None:
        area, (wide, tall) = self.area(), self._cell_size()
        if not area.contains(point) or not self._values.size:
            return None
        height, width = self._values.shape
        row = min(int((point.y() - area.top()) / tall), height - 1)
        return row, min(int((point.x() - area.left()) / wide), width - 1)

    # --- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._values.size:
            return
        painter = QPainter(self)
        area, (wide, tall), colors = self.area(), self._cell_size(), theme.colors
        values = floats(self._values)
        image = mosaic(values[None], 1, self._limit, gap=0, grey=self._grey)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(area, image)
        for cells, ground in ((self._hatched, colors.hover), (self._empty, colors.surface)):
            for row, column in np.argwhere(cells).tolist():
                place = self.cell_rect(row, column)
                painter.fillRect(place, QColor(ground))
                painter.fillRect(place, QBrush(QColor(colors.border), Qt.BrushStyle.BDiagPattern))
        if wide >= theme.px(8):
            self._paint_lines(painter, area, wide, tall)
        font = self._font_that_fits(wide, tall)
        if font is not None:
            painter.setFont(font)
            self._paint_numbers(painter, area, wide, tall, values)
        for cell, color, width in (
            (self._winner, colors.danger, 2.5),
            (self._pointed, colors.text, 2.0),
        ):
            if cell is not None:
                covered = cell == self._winner and color != colors.danger
                inside = theme.px(4) if covered else 1  # so that both frames are seen
                painter.setPen(QPen(QColor(color), theme.px(width)))
                place = self.cell_rect(*cell)
                painter.drawRect(place.adjusted(inside, inside, -inside, -inside))
        if self.hasFocus():
            painter.setPen(QPen(QColor(colors.accent), 1))
            painter.drawRect(area.adjusted(-1, -1, 0, 0))

    def _paint_lines(self, painter: QPainter, area: QRectF, wide: float, tall: float) -> None:
        painter.setPen(QPen(QColor(theme.colors.surface), 1))
        height, width = self._values.shape
        xs = [area.left() + column * wide for column in range(1, width)]
        ys = [area.top() + row * tall for row in range(1, height)]
        lines = [QLineF(x, area.top(), x, area.bottom()) for x in xs]
        painter.drawLines(lines + [QLineF(area.left(), y, area.right(), y) for y in ys])
        painter.setPen(QPen(QColor(theme.colors.border_soft), 1))
        painter.drawRect(area)

    def _font_that_fits(self, wide: float, tall: float) -> QFont | None:
        """The font for the numbers; None where they do not fit into the cells."""
        if self._values.size > MOST_TEXTS:
            return None
        if not self._texts:
            self._texts = [
                [shown(value, self._places) for value in row] for row in self._values.tolist()
            ]
            self._longest = max((word for row in self._texts for word in row), key=len, default="")
        for size, stretch in _TYPES:
            pixels = theme.px(size)
            if stretch < 100 and pixels < LEAST_NARROW:  # nobody could read it
                break
            font, metrics = _font(pixels, stretch)
            if metrics.horizontalAdvance(self._longest) + 3 <= wide and metrics.ascent() <= tall:
                return font
        return None

    def _paint_numbers(
        self, painter: QPainter, area: QRectF, wide: float, tall: float, values: np.ndarray
    ) -> None:
        indices = quantise_grey(values) if self._grey else quantise(values, self._limit)
        table = theme.luts.grey if self._grey else theme.luts.signed
        on_light = light_colors(table)[indices].tolist()
        centre = int(Qt.AlignmentFlag.AlignCenter)
        inks = {True: QColor(LIGHT.text), False: QColor("white")}
        muted = QColor(theme.colors.text_muted)
        top = area.top()
        for row, words in enumerate(self._texts):
            left = area.left()
            for column, word in enumerate(words):
                if not self._empty[row, column]:
                    hatched = self._hatched[row, column]
                    painter.setPen(muted if hatched else inks[on_light[row][column]])
                    painter.drawText(QRectF(left, top, wide, tall), centre, word)
                left += wide
            top += tall

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()
        self._look_again()

    # --- pointing -----------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        cell = self._cell_at(event.position())
        if cell is None:
            self._leave()
        elif cell != self._pointed:
            self.point_at(cell)
            self.pointed.emit(*cell)

    def leaveEvent(self, event: QEvent) -> None:
        self._leave()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        cell = self._cell_at(event.position())
        if cell is not None:
            self.entered.emit(*cell)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._leave()

    def _leave(self) -> None:
        if self._pointed is not None:
            self.point_at(None)
            self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._pointed is not None:
            self.entered.emit(*self._pointed)
            return
        if key not in ARROW_STEPS or not self._values.size:
            super().keyPressEvent(event)
            return
        row, column = self._pointed or (0, 0)
        if self._pointed is not None:
            row, column = row + ARROW_STEPS[key][0], column + ARROW_STEPS[key][1]
        height, width = self._values.shape
        cell = min(max(row, 0), height - 1), min(max(column, 0), width - 1)
        self.point_at(cell)
        announce(self, self.in_words())
        self.pointed.emit(*cell)

    def in_words(self) -> str:
        """For screen readers: the value that is pointed at, or all where they could be read."""
        if self._pointed is not None:
            row, column = self._pointed
            value = shown(float(self._values[row, column]), self._places + 2)
            return tr("row {row}, column {column}: {value}", row=row, column=column, value=value)
        if self._values.size <= MOST_TEXTS:
            rows = ("; ".join(shown(v, self._places) for v in row) for row in self._values.tolist())
            return "\n".join(rows)
        return plane(floats(self._values))


@cache
def _font(size: int, stretch: int) -> tuple[QFont, QFontMetricsF]:
    font = theme.font("caption")
    font.setPixelSize(size)
    font.setStretch(stretch)
    return font, QFontMetricsF(font)
