"""One map as large as one likes: the wheel zooms to the pointer, dragging moves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz.arithmetic.digits import places_for, shown
from ui.colors import bent, light_colors, quantise, quantise_grey
from ui.i18n import tr
from ui.numerals import significant
from ui.palette import LIGHT
from ui.theme import theme
from ui.widgets.mosaic import mosaic

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

LARGEST = 96
"""Pixels at scale 1 for a value."""
_LINES, _NUMBERS = 7.0, 26.0
"""Values of this size have lines between them, and then their numbers."""
_LETTER, _LEAST, _TALLEST = 0.62, 8, 15
"""Of a number: how wide a letter is for its height, and the least and the largest height."""
_STEP = 1.25
"""One notch of the wheel."""
_DRAG = 4
"""Pixels that a press may move and still be a click."""
_MARGIN = 8


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
        self._zoom = 1.0
        self._corner = QPointF()
        self._fitted = True
        self._cell: Cell | None = None
        self._spot: Cell | None = None
        self._pressed: QPointF | None = None
        self._grabbed = QPointF()
        self._dragging = False
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
            self.fit()
        elif self._cell is not None:
            self._tell()  # the same place has a new value
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
        return self._zoom

    def _restyle(self) -> None:
        self._image = None
        if self._fitted:
            self.fit()
        self.update()

    # --- zoom ---------------------------------------------------------------------------------

    def fit(self) -> None:
        """As large as all of it can be."""
        self._fitted = True
        if self._values is None:
            return
        height, width = self._values.shape
        self._zoom = self._fitting()
        self._corner = QPointF(
            (self.width() - width * self._zoom) / 2, (self.height() - height * self._zoom) / 2
        )
        self.update()

    def zoom_by(self, factor: float, around: QPointF | None = None) -> None:
        """Zoom; what lies at a point (by default the middle, or the cursor) stays there."""
        if self._values is None:
            return
        point = around
        if point is None:
            point = QPointF(self.rect().center())
            if self._cell is not None:
                point = self.place_of(*self._cell).center()
        least, most = min(self._fitting(), 1.0), max(float(theme.px(LARGEST)), self._fitting())
        zoom = min(max(self._zoom * factor, least), most)
        self._corner = point + (self._corner - point) * (zoom / self._zoom)
        self._zoom = zoom
        if zoom == self._fitting():
            self.fit()
        else:
            self._fitted = False
            self._keep_in_sight()

    def move_by(self, offset: QPointF) -> None:
        """Move the map."""
        self._corner += offset
        self._fitted = False
        self._keep_in_sight()

    def _fitting(self) -> float:
        assert self._values is not None
        height, width = self._values.shape
        room = 2 * theme.px(_MARGIN)
        across, down = (self.width() - room) / width, (self.height() - room) / height
        fitting: float = max(min(across, down, float(theme.px(LARGEST))), 0.01)
        return fitting

    def _keep_in_sight(self) -> None:
        """No edge of the map goes beyond the middle of the room."""
        assert self._values is not None
        height, width = self._values.shape

        def kept(corner: float, size: float, room: float) -> float:
            return min(max(corner, room / 2 - size), room / 2)

        self._corner = QPointF(
            kept(self._corner.x(), width * self._zoom, self.width()),
            kept(self._corner.y(), height * self._zoom, self.height()),
        )
        self.update()

    # --- places -------------------------------------------------------------------------------

    def area(self) -> QRectF:
        """Where the map lies, also beyond the widget."""
        if self._values is None:
            return QRectF()
        height, width = self._values.shape
        return QRectF(self._corner.x(), self._corner.y(), width * self._zoom, height * self._zoom)

    def place_of(self, row: int, column: int) -> QRectF:
        """Where a value lies."""
        zoom = self._zoom
        return QRectF(self._corner.x() + column * zoom, self._corner.y() + row * zoom, zoom, zoom)

    def cell_at(self, point: QPointF) -> Cell | None:
        """The (row, column) at a point; None beside the map."""
        if self._values is None or not self.area().contains(point):
            return None
        height, width = self._values.shape
        row = int((point.y() - self._corner.y()) / self._zoom)
        column = int((point.x() - self._corner.x()) / self._zoom)
        return min(row, height - 1), min(column, width - 1)

    def _seen(self) -> tuple[range, range]:
        """The rows and columns in sight."""
        assert self._values is not None
        found = []
        for size, corner, room in zip(
            self._values.shape,
            (self._corner.y(), self._corner.x()),
            (self.height(), self.width()),
            strict=True,
        ):
            first, last = int(-corner // self._zoom), int((room - corner) // self._zoom)
            found.append(range(min(max(first, 0), size), min(max(last + 1, 0), size)))
        return found[0], found[1]

    # --- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._values is None:
            return
        painter = QPainter(self)
        colors, area = theme.colors, self.area()
        if self._image is None:
            self._make_image(self._values)
        assert self._image is not None
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._zoom < 1)
        painter.drawImage(area, self._image)
        rows, columns = self._seen()
        painter.setPen(QPen(QColor(colors.border_soft), 0))
        if self._zoom >= theme.px(_LINES) and not self._grey:
            for row in rows:
                y = self._corner.y() + row * self._zoom
                painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            for column in columns:
                x = self._corner.x() + column * self._zoom
                painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.drawRect(area)
        if self._zoom >= theme.px(_NUMBERS):
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
        font = _font(min(round((self._zoom - 4) / (_LETTER * longest)), theme.px(_TALLEST)))
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
        """Red, and white around it, so that it shows on every colour."""
        grown = max(0.0, (theme.px(6) - place.width()) / 2)
        place = place.adjusted(-grown, -grown, grown, grown)
        for color, width in (("white", 3.0), (theme.colors.danger, 1.5)):
            painter.setPen(QPen(QColor(color), theme.px(width)))
            painter.drawRect(place)

    # --- pointing -----------------------------------------------------------------------------

    def _set_cell(self, cell: Cell | None) -> None:
        if cell == self._cell:
            return
        self._cell = cell
        self.update()
        if cell is None:
            self.setAccessibleDescription("")
            self.left.emit()
        else:
            self._tell()

    def _tell(self) -> None:
        assert self._values is not None
        assert self._cell is not None
        row, column = self._cell
        value = float(self._values[row, column])
        self.setAccessibleDescription(
            tr(
                "row {row}, column {column}: {value}",
                row=row,
                column=column,
                value=significant(value),
            )
        )
        self.hovered.emit(row, column, value)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in {Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton}:
            self._pressed, self._grabbed = event.position(), self._corner
            self._dragging = event.button() == Qt.MouseButton.MiddleButton

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            self._set_cell(self.cell_at(event.position()))
            return
        moved = event.position() - self._pressed
        if self._dragging or moved.manhattanLength() > _DRAG:
            self._dragging = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._corner = self._grabbed
            self.move_by(moved)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        self.unsetCursor()
        if pressed is None or self._dragging:
            return
        cell = self.cell_at(event.position())
        if cell is None:
            self.beside.emit()
        else:
            self._set_cell(cell)
            self.clicked.emit(*cell)

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if notches:
            self.zoom_by(_STEP**notches, event.position())
            self._set_cell(self.cell_at(event.position()))
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self._set_cell(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitted or self._values is None:
            self.fit()
        else:
            self._keep_in_sight()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        key = Qt.Key(event.key())
        if key in steps and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            down, right = steps[key]
            self.move_by(QPointF(-right, -down) * theme.px(40))
        elif key in steps:
            self._step(*steps[key])
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


def _font(pixels: int) -> QFont:
    font = theme.font("caption")
    font.setPixelSize(max(pixels, 1))
    return font
