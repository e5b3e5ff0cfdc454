"""The feature maps of a card, as one image that is made when it is first painted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPaintEngine, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem

from cnnviz.layers import Maps
from ui.canvas.layout import enough
from ui.theme import theme
from ui.widgets.mosaic import mosaic
from ui.widgets.pixels import colour_image

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtWidgets import QWidget

    from cnnviz.explain import Seen
    from cnnviz.layers import Shape
    from ui.canvas.layout import Grid

    Values = NDArray[np.float32]

_FINEST_LINES = 5.0
"""On screen, in pixels: smaller cells are not outlined."""
_SMALLEST_MARK = 4.0
"""On screen, in pixels: a marked value is framed no smaller."""


class MapPicture(QGraphicsItem):
    """Values and how they look in a grid; its position is the grid's upper left corner.

    An item of its own on the card, so that new values repaint nothing but themselves. Values are
    float32, (channels, height, width) or (length,); what was made for another shape than the card's
    present one is not shown.
    """

    def __init__(self, parent: QGraphicsItem, *, grey: bool) -> None:
        super().__init__(parent)
        self._grey = grey
        self._grid: Grid | None = None
        self._shape: Shape | None = None
        self._values: Values | None = None
        self._limit, self._sent = 1.0, 1
        self._image: QImage | None = None
        self._step = 1
        self._cells: list[QRectF] = []
        self._bounds = QRectF()
        self._mark: tuple[int, int] | None = None
        self._window: Seen | None = None

    def set_values(self, values: Values | None, limit: float, sent: int = 1) -> None:
        """Take the newest values and the magnitude that their colours end at.

        sent: maps are here with every so-manyth value of each row and column; 0: not at all.
        """
        values = values if sent else None
        if values is not self._values or limit != self._limit:
            self._values, self._limit, self._sent = values, limit, sent
            self._image = None
            self.update()

    def set_spot(self, mark: tuple[int, int] | None, window: Seen | None = None) -> None:
        """Mark the value at (row, column) in every map, and frame a window."""
        if (mark, window) != (self._mark, self._window):
            self._mark, self._window = mark, window
            self.update()

    @property
    def spot(self) -> tuple[tuple[int, int] | None, Seen | None]:
        """What is marked and what is framed."""
        return self._mark, self._window

    def set_grid(self, grid: Grid | None, shape: Shape | None) -> None:
        """How values of that shape are laid out from now on, in the present colours."""
        self.prepareGeometryChange()
        self._grid, self._shape = grid, shape
        self._cells = [QRectF(*cell) for cell in grid.cells()] if grid else []
        self._bounds = QRectF(-1, -1, grid.width + 2, grid.height + 2) if grid else QRectF()
        self._image = None
        self.update()

    @property
    def ready(self) -> bool:
        """Whether the image of the present values has been made."""
        return self._image is not None

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        grid = self._grid
        if grid is None:
            return
        values = self._fitting(grid)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if values is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.colors.hover))
            painter.drawRects(self._cells)
            return
        cells = self._cells[: 1 if self._coloured(values) else len(values)]
        pixels = painter.deviceTransform().m11()  # of the screen for a unit
        if grid.vector:
            self._paint_vector(painter, grid, values)
        else:
            self._paint_maps(painter, grid, values, cells, pixels)
        if grid.cell_width * pixels >= _FINEST_LINES:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.colors.border_soft), 0))
            painter.drawRects(cells)
        if self._mark is not None and isinstance(self._shape, Maps):
            self._paint_spot(painter, self._shape, cells, pixels)

    def _paint_spot(
        self, painter: QPainter, shape: Maps, cells: list[QRectF], pixels: float
    ) -> None:
        """Red, and white around it, so that it shows on every colour."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        frames = []
        least = _SMALLEST_MARK / pixels
        for cell in cells:
            wide, tall = cell.width() / shape.width, cell.height() / shape.height
            if self._mark is not None:
                row, column = self._mark
                middle = QPointF(
                    cell.left() + (column + 0.5) * wide, cell.top() + (row + 0.5) * tall
                )
                frame = QRectF(0, 0, max(wide, least), max(tall, least))
                frame.moveCenter(middle)
                frames.append(frame)
            if self._window is not None:
                seen = self._window.inside(shape.height, shape.width)
                rows, columns = seen.bottom - seen.top + 1, seen.right - seen.left + 1
                if rows > 0 and columns > 0:
                    left, top = cell.left() + seen.left * wide, cell.top() + seen.top * tall
                    frames.append(QRectF(left, top, columns * wide, rows * tall))
        for color, width in (("white", 3.0), (theme.colors.danger, 1.5)):
            painter.setPen(QPen(QColor(color), width / pixels))
            painter.drawRects(frames)

    def _paint_vector(self, painter: QPainter, grid: Grid, values: Values) -> None:
        if self._image is None:
            filled = np.zeros(grid.columns * grid.rows, np.float32)
            filled[: len(values)] = values
            columns = filled.reshape(1, grid.columns, grid.rows)
            self._image = mosaic(columns.swapaxes(1, 2), 1, self._limit, gap=0)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(QRectF(0, 0, grid.width, grid.height), self._image)

    def _paint_maps(
        self, painter: QPainter, grid: Grid, values: Values, cells: list[QRectF], pixels: float
    ) -> None:
        """Stretch each map of the image to its cell; very large ones are thinned out before."""
        _, height, width = values.shape
        step = max(1, int(width / enough(grid.cell_width * pixels)))
        if self._image is None or step != self._step:
            self._step = step
            thinned = values[:, ::step, ::step]
            if self._coloured(values):
                self._image = colour_image(thinned)
            else:
                self._image = mosaic(thinned, grid.columns, self._limit, gap=0, grey=self._grey)
        tall, wide = -(-height // step), -(-width // step)
        smooth = grid.cell_width * pixels < wide
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        into_svg = painter.paintEngine().type() == QPaintEngine.Type.SVG
        for n, cell in enumerate(cells):
            row, column = divmod(n, grid.columns)
            part = QRect(column * wide, row * tall, wide, tall)
            if into_svg:  # Qt would write the whole image there, whichever part is asked for
                painter.drawImage(cell, self._image.copy(part))
            else:
                painter.drawImage(cell, self._image, QRectF(part))

    def _fitting(self, grid: Grid) -> Values | None:
        values, shape = self._values, self._shape
        if values is None or shape is None:
            return None
        if grid.vector:
            return values.reshape(-1)[: grid.shown] if values.size <= shape.size else None
        if not isinstance(shape, Maps):
            return None
        if values.shape[1:] != (-(-shape.height // self._sent), -(-shape.width // self._sent)):
            return None
        return values if self._coloured(values) else values[: grid.shown]

    def _coloured(self, values: Values) -> bool:
        """Whether these are the red, green and blue of one picture: only an image is so."""
        return self._grey and values.ndim == 3 and len(values) == 3
