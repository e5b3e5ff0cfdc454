"""One feature map, a vector or a matrix as a picture, with a window and a pixel marked in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEasingCurve,
    QEvent,
    QPointF,
    QRectF,
    QSize,
    Qt,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import QBrush, QColor, QHelpEvent, QImage, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.numerals import significant
from ui.theme import theme
from ui.widgets.arrow_keys import ARROW_STEPS
from ui.widgets.map_speech import plane
from ui.widgets.marks import outline
from ui.widgets.mosaic import mosaic
from ui.widgets.motion import duration
from ui.widgets.unchanged import unchanged
from ui.widgets.when_asked import say_when_asked, words_changed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

    from ui.colors import Floats

Sides = tuple[int, int, int, int]
"""Above, below, left, right."""

SIDE = 150
LARGEST_CELL = 30
_MOST_SPREAD = 2_000
"""So many cells of a window with gaps are outlined one by one."""
_FINEST_LINES = 7.0
"""Cells that are smaller on screen, in pixels, are not outlined."""


class PixelMap(QWidget):
    """Values (height, width) one cell each. Pressing or dragging chooses a cell, arrow keys ask for
    its neighbours; a window may lie over some cells, and reach into the padding around them."""

    chosen = Signal(int, int)
    """Row and column that was pressed or dragged to."""
    entered = Signal(int, int)
    """Row and column that was clicked twice."""
    moved = Signal(int, int)
    """Rows down and columns to the right that a key asks for."""
    pointed = Signal(object)
    """(row, column) of another value that is under the pointer now, None: of none any more. Who
    drags chooses, and asks about no value."""
    maps_moved = Signal(int)
    """How many maps further a key asks for."""

    def __init__(self, parent: QWidget | None = None, *, stretched: bool = False) -> None:
        """stretched: cells need not be square, so that a matrix fills its room."""
        super().__init__(parent)
        self._stretched = stretched
        self._values: Floats | None = None
        self._limit, self._grey = 1.0, False
        self._count = 0
        self._image: QImage | None = None
        self._border: Sides = (0, 0, 0, 0)
        self._rows: Sequence[int] = ()
        self._columns: Sequence[int] = ()
        self._mark: tuple[int, int] | None = None
        self._pointed: tuple[int, int] | None = None
        self._under: tuple[int, int] | None = None
        self._frame = QRectF()
        say_when_asked()
        self._glide = QVariantAnimation(self)
        self._glide.setEasingCurve(QEasingCurve.Type.InOutQuad)
        self._glide.valueChanged.connect(self._move_frame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self._restyle)

    # --- what is shown ------------------------------------------------------------------------

    @property
    def values(self) -> Floats | None:
        """The values (height, width) on show."""
        return self._values

    def set_values(
        self,
        values: Floats | None,
        limit: float = 1.0,
        *,
        grey: bool = False,
        border: Sides = (0, 0, 0, 0),
        count: int | None = None,
    ) -> None:
        """Show values (height, width), finite or not; None shows an empty frame.

        limit: the value of the strongest colour. border: cells of padding around them. count: only
        so many cells are there, row by row.
        """
        count = values.size if values is not None and count is None else count or 0
        look = limit, grey, border, count
        if look == self._look() and unchanged(self._values, values):
            return
        before = self.sizeHint()
        self._values, self._count = values, count
        self._limit, self._grey, self._border = limit, grey, border
        self._image = None
        if self.sizeHint() != before:
            self.updateGeometry()
        words_changed(self)
        self.update()

    def in_words(self) -> str:
        """For screen readers: between which values all lie, and where."""
        return plane(self._values, self._count) if self._count and self._values is not None else ""

    def _look(self) -> tuple[float, bool, Sides, int]:
        """What the picture of the values depends on, besides themselves."""
        return self._limit, self._grey, self._border, self._count

    def set_window(
        self, rows: Sequence[int], columns: Sequence[int], milliseconds: int = 0
    ) -> None:
        """Frame these rows and columns (none: no frame); the frame glides there in so long."""
        before = self._rows, self._columns
        self._rows, self._columns = rows, columns
        if before == (rows, columns):
            return  # there, or on its way there; values that come meanwhile do not stop it
        self._glide.stop()
        if not rows or not columns:
            self._frame = QRectF()
            self.update()
            return
        (top, bottom), (left, right) = _ends(rows), _ends(columns)
        target = QRectF(left, top, right - left + 1, bottom - top + 1)
        time = duration(milliseconds)
        if time and not self._frame.isEmpty() and self._frame.size() == target.size():
            self._glide.setStartValue(QRectF(self._frame))
            self._glide.setEndValue(target)
            self._glide.setDuration(time)
            self._glide.start()
        else:
            self._move_frame(target)

    def set_mark(self, cell: tuple[int, int] | None) -> None:
        """Mark one cell."""
        if cell != self._mark:
            self._mark = cell
            self.update()

    def point_at(self, cell: tuple[int, int] | None) -> None:
        """Frame one cell finely, also in the padding."""
        if cell != self._pointed:
            self._pointed = cell
            self.update()

    def mark(self) -> tuple[int, int] | None:
        """The (row, column) that is marked."""
        return self._mark

    def _move_frame(self, frame: QRectF) -> None:
        self._frame = frame
        self.update()

    def _restyle(self) -> None:
        self._image = None
        self.updateGeometry()
        self.update()

    # --- places -------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        side = theme.px(SIDE)
        if self._values is None:
            return QSize(side, side)
        height, width = self._cells()
        zoom = min(side / max(height, width), theme.px(LARGEST_CELL))
        return QSize(max(round(width * zoom), theme.px(24)) + 2, side)

    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return QSize(min(hint.width(), theme.px(60)), theme.px(60))

    def _cells(self) -> tuple[int, int]:
        """Height and width in cells, with the padding."""
        assert self._values is not None
        height, width = self._values.shape
        above, below, left, right = self._border
        return height + above + below, width + left + right

    def _zoom(self) -> tuple[float, float]:
        """Pixels for a cell, to the right and down."""
        height, width = self._cells()
        largest = theme.px(LARGEST_CELL)
        across = min(max((self.width() - 2) / width, 0.01), largest)
        down = min(max((self.height() - 2) / height, 0.01), largest)
        return (across, down) if self._stretched else (min(across, down),) * 2

    def area(self) -> QRectF:
        """Where the values lie, without the padding."""
        if self._values is None:
            return QRectF()
        height, width = self._cells()
        across, down = self._zoom()
        left = (self.width() - width * across) / 2 + self._border[2] * across
        top = (self.height() - height * down) / 2 + self._border[0] * down
        rows, columns = self._values.shape
        return QRectF(left, top, columns * across, rows * down)

    def _outer(self) -> QRectF:
        """The same with the padding."""
        above, below, left, right = self._border
        across, down = self._zoom()
        return self.area().adjusted(-left * across, -above * down, right * across, below * down)

    def cell_center(self, row: int, column: int) -> QPointF:
        """Where the middle of a cell is."""
        return self._place(QRectF(column, row, 1, 1)).center()

    def cell_at(self, point: QPointF) -> tuple[int, int] | None:
        """The (row, column) of the nearest value; None where there are no values."""
        area = self.area()
        if self._values is None or area.isEmpty():
            return None
        rows, columns = self._values.shape
        row = int((point.y() - area.top()) / area.height() * rows // 1)
        column = int((point.x() - area.left()) / area.width() * columns // 1)
        return min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)

    def _value_at(self, point: QPointF) -> tuple[int, int] | None:
        """The (row, column) of the value under a point; None beside the values."""
        return self.cell_at(point) if self.area().contains(point) else None

    def _place(self, cells: QRectF) -> QRectF:
        """A rectangle in cells as one in pixels."""
        area, (across, down) = self.area(), self._zoom()
        return QRectF(
            area.left() + cells.left() * across,
            area.top() + cells.top() * down,
            cells.width() * across,
            cells.height() * down,
        )

    # --- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._values is None:
            return
        painter = QPainter(self)
        area, colors, (across, down) = self.area(), theme.colors, self._zoom()
        if any(self._border):
            self._paint_border(painter)
        if self._image is None:
            self._image = self._picture(self._values)
        shrunk = min(across, down) < 1
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrunk)
        painter.drawImage(area, self._image)
        painter.setPen(QPen(QColor(colors.border_soft), 0))
        rows, columns = self._values.shape
        if min(across, down) >= theme.px(_FINEST_LINES) and not self._grey:
            ys = (area.top() + row * down for row in range(1, rows))
            xs = (area.left() + column * across for column in range(1, columns))
            for y in ys:
                painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            for x in xs:
                painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.drawRect(area)
        last, rest = divmod(self._count, columns)
        if last < rows:  # places without a value in the last row
            empty = self._place(QRectF(rest, last, columns - rest, 1))
            painter.fillRect(empty.adjusted(0.5, 0.5, 1, 1), QColor(colors.surface))
        self._paint_marks(painter)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colors.accent), 1))
            painter.drawRect(area.adjusted(-1, -1, 1, 1))

    def _paint_border(self, painter: QPainter) -> None:
        """The ground of the padding."""
        outer = self._outer()
        painter.fillRect(outer, QColor(theme.colors.hover))
        painter.fillRect(outer, QBrush(QColor(theme.colors.border), Qt.BrushStyle.BDiagPattern))

    def _picture(self, values: Floats) -> QImage:
        """The values in colour, one pixel each."""
        return mosaic(values[None], 1, self._limit, gap=0, grey=self._grey)

    def _paint_marks(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if not self._frame.isEmpty():
            outline(painter, self._place(self._frame))
            spread = len(self._rows) < self._frame.height() or (
                len(self._columns) < self._frame.width()
            )
            few = len(self._rows) * len(self._columns) <= _MOST_SPREAD
            if spread and few and self._glide.state() != QVariantAnimation.State.Running:
                self._paint_spread(painter)
        if self._pointed is not None:
            row, column = self._pointed
            painter.setPen(QPen(QColor(theme.colors.accent), theme.px(2)))
            painter.drawRect(self._place(QRectF(column, row, 1, 1)))
        if self._mark is not None:
            row, column = self._mark
            place = self._place(QRectF(column, row, 1, 1))
            grown = max(0.0, (theme.px(5) - place.width()) / 2)
            outline(painter, place.adjusted(-grown, -grown, grown, grown))

    def _paint_spread(self, painter: QPainter) -> None:
        """With dilation, the cells that are read within the frame."""
        painter.setPen(QPen(QColor(theme.colors.danger), 1))
        for row in self._rows:
            for column in self._columns:
                painter.drawRect(self._place(QRectF(column, row, 1, 1)).adjusted(1, 1, -1, -1))

    # --- mouse and keyboard -------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._near(event.position()):
            self._choose(event.position())
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        under = self._value_at(event.position())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(event.position())
            self._under = under
        else:
            self._look_at(under)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._look_at(None)

    def _look_at(self, cell: tuple[int, int] | None) -> None:
        if cell != self._under:
            self._under = cell
            self.pointed.emit(cell)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and cell is not None:
            self.entered.emit(*cell)

    def _near(self, point: QPointF) -> bool:
        """Whether a point is on the values or the padding; beside them is beside the widget."""
        if self._values is None:
            return False
        return self._outer().adjusted(-2, -2, 2, 2).contains(point)

    def _choose(self, point: QPointF) -> None:
        cell = self.cell_at(point)
        if cell is not None and cell[0] * self._width() + cell[1] < self._count:
            self.chosen.emit(*cell)

    def _width(self) -> int:
        return 0 if self._values is None else int(self._values.shape[1])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in ARROW_STEPS:
            self.moved.emit(*ARROW_STEPS[key])
        elif key in {Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}:
            self.maps_moved.emit(1 if key == Qt.Key.Key_PageDown else -1)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._mark is not None:
            self.entered.emit(*self._mark)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cell = self._value_at(QPointF(event.pos()))
            if cell is None or self._values is None:
                QToolTip.hideText()
            else:
                value = significant(float(self._values[cell]))
                QToolTip.showText(event.globalPos(), f"{cell[0]}, {cell[1]}: {value}", self)
            return True
        return super().event(event)


def _ends(places: Sequence[int]) -> tuple[int, int]:
    """The first and the last, without looking at all of a long range."""
    if isinstance(places, range):
        return min(places[0], places[-1]), max(places[0], places[-1])
    return min(places), max(places)
