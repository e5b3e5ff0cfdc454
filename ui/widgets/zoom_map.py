"""One map as large as one likes: the wheel zooms to the pointer, dragging moves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz.arithmetic.digits import places_for, shown
from ui.colors import bent, light_colors, quantise, quantise_grey
from ui.palette import LIGHT
from ui.theme import theme
from ui.widgets.arrow_keys import ARROW_STEPS
from ui.widgets.map_speech import plane, reading
from ui.widgets.marks import outline
from ui.widgets.mosaic import mosaic
from ui.widgets.speech import announce
from ui.widgets.when_asked import say_when_asked, words_changed
from ui.widgets.zoomed_grid import ZoomedGrid

if TYPE_CHECKING:
    import numpy as np
    from PySide6.QtGui import (
        QFocusEvent,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QResizeEvent,
        QWheelEvent,
    )

    from ui.colors import Floats

Cell = tuple[int, int]

_LINES, _NUMBERS = 7.0, 26.0
"""Values of this size have lines between them, and then their numbers."""
_LETTER, _LEAST, _TALLEST = 0.62, 8, 15
"""Of a number: how wide a letter is for its height, and the least and the largest height."""
_STEP = 1.25
"""One notch of the wheel."""
_DRAG = 4
"""Pixels that a press may move and still be a click."""


class ZoomMap(QWidget):
    """Values (height, width); a pointer or the arrow keys read them, a click chooses one.

    + and − zoom, 0 fits, arrows with Ctrl move the map.
    """

    hovered = Signal(int, int, float)
    """Row, column and value under the pointer or the keyboard's cursor."""
    left = Signal()
    clicked = Signal(int, int)
    beside = Signal()
    """Beside the map was clicked."""
    maps_moved = Signal(int)
    """How many maps further a key asks for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: Floats | None = None
        self._limit, self._gamma, self._grey = 1.0, 1.0, False
        self._image: QImage | None = None
        self._indices: np.ndarray | None = None
        self.grid = ZoomedGrid()
        """Where the values lie."""
        self._cell: Cell | None = None
        self._spot: Cell | None = None
        self._pressed: QPointF | None = None
        self._grabbed = QPointF()
        self._dragging = False
        say_when_asked()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self._restyle)

    # --- what is shown ------------------------------------------------------------------------

    def set_values(
        self, values: Floats | None, limit: float = 1.0, *, gamma: float = 1.0, grey: bool = False
    ) -> None:
        """Show values (height, width); None shows nothing.

        limit: the value of the strongest colour. gamma: below 1 small values get stronger colours.
        """
        before = None if self._values is None else self._values.shape
        self._values, self._limit, self._gamma, self._grey = values, limit, gamma, grey
        self._image = None
        if values is not None and values.shape != before:
            self._set_cell(None)
            self.grid.hold(*values.shape)
        elif self._cell is not None:
            self._tell()  # the same place has a new value
        words_changed(self)
        self.update()

    def set_spot(self, spot: Cell | None) -> None:
        """Mark a value that is pointed at elsewhere."""
        if spot != self._spot:
            self._spot = spot
            self.update()

    @property
    def cell(self) -> Cell | None:
        """The (row, column) that is pointed at."""
        return self._cell

    @property
    def zoom(self) -> float:
        """Pixels for a value."""
        return self.grid.zoom

    def _restyle(self) -> None:
        self._image = None
        if self.grid.fitted:
            self.grid.fit()
        self.update()

    # --- zoom ---------------------------------------------------------------------------------

    def fit(self) -> None:
        """As large as all of it can be."""
        self.grid.fit()
        self.update()

    def zoom_by(self, factor: float, around: QPointF | None = None) -> None:
        """Zoom; what lies at a point (by default the cursor, or the middle) stays there."""
        if self._values is None:
            return
        if around is None:
            place = QRectF(self.rect()) if self._cell is None else self.place_of(*self._cell)
            around = place.center()
        self.grid.zoom_by(factor, around)
        self.update()

    def move_by(self, offset: QPointF) -> None:
        """Move the map."""
        self._move_to(self.grid.corner + offset)

    def _move_to(self, corner: QPointF) -> None:
        self.grid.move_to(corner)
        self.update()

    def place_of(self, row: int, column: int) -> QRectF:
        """Where a value lies."""
        return self.grid.place_of(row, column)

    def _cell_at(self, point: QPointF) -> Cell | None:
        return None if self._values is None else self.grid.cell_at(point)

    # --- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._values is None:
            return
        painter = QPainter(self)
        colors, grid = theme.colors, self.grid
        area, zoom = grid.area(), grid.zoom
        if self._image is None:
            self._make_image(self._values)
        assert self._image is not None
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, zoom < 1)
        painter.drawImage(area, self._image)
        rows, columns = grid.seen()
        painter.setPen(QPen(QColor(colors.border_soft), 0))
        if zoom >= theme.px(_LINES) and not self._grey:
            for row in rows:
                y = area.top() + row * zoom
                painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            for column in columns:
                x = area.left() + column * zoom
                painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.drawRect(area)
        if zoom >= theme.px(_NUMBERS):
            self._paint_numbers(painter, rows, columns)
        for cell in (self._spot, self._cell):
            if cell is not None:
                self._paint_mark(painter, self.place_of(*cell))
        if self.hasFocus():
            painter.setPen(QPen(QColor(colors.accent), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _make_image(self, values: Floats) -> None:
        if self._grey:
            self._indices = quantise_grey(values)
            self._image = mosaic(values[None], 1, gap=0, grey=True)
        else:
            curved = bent(values, self._limit, self._gamma)
            self._indices = quantise(curved, 1.0)
            self._image = mosaic(curved[None], 1, 1.0, gap=0)

    def _paint_numbers(self, painter: QPainter, rows: range, columns: range) -> None:
        assert self._values is not None
        assert self._indices is not None
        places = min(places_for((self._limit,), 2), 4)
        longest = len(shown(-self._limit, places))
        font = _font(min(round((self.zoom - 4) / (_LETTER * longest)), theme.px(_TALLEST)))
        if font.pixelSize() < theme.px(_LEAST):
            return
        painter.setFont(font)
        table = light_colors(theme.luts.grey if self._grey else theme.luts.signed)
        inks = {True: QColor(LIGHT.text), False: QColor("white")}
        for row in rows:
            for column in columns:
                painter.setPen(inks[bool(table[self._indices[row, column]])])
                word = shown(float(self._values[row, column]), places)
                painter.drawText(self.place_of(row, column), Qt.AlignmentFlag.AlignCenter, word)

    def _paint_mark(self, painter: QPainter, place: QRectF) -> None:
        grown = max(0.0, (theme.px(6) - place.width()) / 2)
        outline(painter, place.adjusted(-grown, -grown, grown, grown))

    # --- pointing -----------------------------------------------------------------------------

    def _set_cell(self, cell: Cell | None) -> None:
        if cell == self._cell:
            return
        self._cell = cell
        self.update()
        words_changed(self)
        if cell is None:
            self.left.emit()
        else:
            self._tell()

    def in_words(self) -> str:
        """For screen readers: the value that is pointed at, or between which values all lie."""
        if self._values is None:
            return ""
        return plane(self._values) if self._cell is None else reading(self._values, *self._cell)

    def _tell(self) -> None:
        assert self._values is not None
        assert self._cell is not None
        row, column = self._cell
        self.hovered.emit(row, column, float(self._values[row, column]))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in {Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton}:
            self._pressed, self._grabbed = event.position(), self.grid.corner
            self._dragging = event.button() == Qt.MouseButton.MiddleButton

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            self._set_cell(self._cell_at(event.position()))
            return
        moved = event.position() - self._pressed
        if self._dragging or moved.manhattanLength() > _DRAG:
            self._dragging = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._move_to(self._grabbed + moved)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        self.unsetCursor()
        if pressed is None or self._dragging:
            return
        cell = self._cell_at(event.position())
        if cell is None:
            self.beside.emit()
        else:
            self._set_cell(cell)
            self.clicked.emit(*cell)

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if notches:
            self.zoom_by(_STEP**notches, event.position())
            self._set_cell(self._cell_at(event.position()))
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self._set_cell(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.grid.put_into(QSizeF(self.size()))
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in ARROW_STEPS and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            down, right = ARROW_STEPS[key]
            self.move_by(QPointF(-right, -down) * theme.px(40))
        elif key in ARROW_STEPS:
            self._step(*ARROW_STEPS[key])
        elif key in {Qt.Key.Key_Plus, Qt.Key.Key_Equal}:
            self.zoom_by(_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(1 / _STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key in {Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}:
            self.maps_moved.emit(1 if key == Qt.Key.Key_PageDown else -1)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space} and self._cell:
            self.clicked.emit(*self._cell)
        else:
            super().keyPressEvent(event)

    def _step(self, down: int, right: int) -> None:
        """Move the cursor, and the map where the cursor would leave it."""
        if self._values is None:
            return
        height, width = self._values.shape
        row, column = self._cell or (height // 2 - down, width // 2 - right)
        cell = min(max(row + down, 0), height - 1), min(max(column + right, 0), width - 1)
        place, room = self.place_of(*cell), QRectF(self.rect())
        if not room.contains(place):
            self.move_by(
                QPointF(
                    max(room.left() - place.left(), 0) + min(room.right() - place.right(), 0),
                    max(room.top() - place.top(), 0) + min(room.bottom() - place.bottom(), 0),
                )
            )
        self._set_cell(cell)
        announce(self, self.in_words())


def _font(pixels: int) -> QFont:
    font = theme.font("caption")
    font.setPixelSize(max(pixels, 1))
    return font
