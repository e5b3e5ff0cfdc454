"""Where the values of a map lie that one zooms and moves."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF

from ui.theme import theme

LARGEST = 96
"""Pixels at scale 1 for a value."""
_MARGIN = 8


class ZoomedGrid:
    """A grid of values in a room, as large as all of it can be until it is zoomed or moved.

    zoom: pixels for a value. corner: of the first value, in pixels; it may lie beyond the room.
    fitted: whether all of it is shown, and is again in another room.
    """

    def __init__(self) -> None:
        self._height = self._width = 1
        self._room = QSizeF()
        self.zoom = 1.0
        self.corner = QPointF()
        self.fitted = True

    def hold(self, height: int, width: int) -> None:
        """So many values, all in sight."""
        self._height, self._width = height, width
        self.fit()

    def put_into(self, room: QSizeF) -> None:
        """Lie in a room of another size."""
        self._room = room
        if self.fitted:
            self.fit()
        else:
            self._keep_in_sight()

    def fit(self) -> None:
        """As large as all of it can be."""
        self.fitted = True
        self.zoom = self._fitting()
        self.corner = QPointF(
            (self._room.width() - self._width * self.zoom) / 2,
            (self._room.height() - self._height * self.zoom) / 2,
        )

    def zoom_by(self, factor: float, around: QPointF) -> None:
        """Zoom; what lies at a point stays there."""
        fitting = self._fitting()
        least, most = min(fitting, 1.0), max(float(theme.px(LARGEST)), fitting)
        zoom = min(max(self.zoom * factor, least), most)
        if zoom == fitting:
            self.fit()
            return
        self.corner = around + (self.corner - around) * (zoom / self.zoom)
        self.zoom, self.fitted = zoom, False
        self._keep_in_sight()

    def move_to(self, corner: QPointF) -> None:
        """Move, but not out of sight."""
        self.corner, self.fitted = corner, False
        self._keep_in_sight()

    def area(self) -> QRectF:
        """Where all of it lies, also beyond the room."""
        zoom = self.zoom
        return QRectF(self.corner.x(), self.corner.y(), self._width * zoom, self._height * zoom)

    def place_of(self, row: int, column: int) -> QRectF:
        """Where a value lies."""
        zoom = self.zoom
        return QRectF(self.corner.x() + column * zoom, self.corner.y() + row * zoom, zoom, zoom)

    def cell_at(self, point: QPointF) -> tuple[int, int] | None:
        """The (row, column) at a point; None beside the grid."""
        if not self.area().contains(point):
            return None
        row = int((point.y() - self.corner.y()) / self.zoom)
        column = int((point.x() - self.corner.x()) / self.zoom)
        return min(row, self._height - 1), min(column, self._width - 1)

    def seen(self) -> tuple[range, range]:
        """The rows and columns in sight."""

        def part(size: int, corner: float, room: float) -> range:
            first, last = int(-corner // self.zoom), int((room - corner) // self.zoom)
            return range(min(max(first, 0), size), min(max(last + 1, 0), size))

        return (
            part(self._height, self.corner.y(), self._room.height()),
            part(self._width, self.corner.x(), self._room.width()),
        )

    def _fitting(self) -> float:
        room = 2 * theme.px(_MARGIN)
        across = (self._room.width() - room) / self._width
        down = (self._room.height() - room) / self._height
        fitting: float = max(min(across, down, float(theme.px(LARGEST))), 0.01)
        return fitting

    def _keep_in_sight(self) -> None:
        """No edge of the grid goes beyond the middle of the room."""

        def kept(corner: float, size: float, room: float) -> float:
            return min(max(corner, room / 2 - size), room / 2)

        self.corner = QPointF(
            kept(self.corner.x(), self._width * self.zoom, self._room.width()),
            kept(self.corner.y(), self._height * self.zoom, self._room.height()),
        )
