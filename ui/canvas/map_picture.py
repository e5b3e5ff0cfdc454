"""The feature maps of a card, as one image that is made when it is first painted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from cnnviz.layers import Maps
from ui.theme import theme
from ui.widgets.mosaic import mosaic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnnviz.layers import Shape
    from ui.canvas.layout import Grid

    Values = NDArray[np.float32]

_FINEST_LINES = 5.0
"""On screen, in pixels: smaller cells of a vector are not outlined."""


class MapPicture:
    """Values and how they look in a grid.

    Values are float32, (channels, height, width) or (length,); what was made for another shape than
    the card's present one is not shown.
    """

    def __init__(self) -> None:
        self._values: Values | None = None
        self._limit = 1.0
        self._grey = False
        self._image: QImage | None = None
        self._step = 1

    def set_values(self, values: Values | None, limit: float, *, grey: bool) -> bool:
        """Take the newest values; returns whether they are not the ones already there."""
        if values is self._values and limit == self._limit:
            return False
        self._values, self._limit, self._grey = values, limit, grey
        self._image = None
        return True

    def forget(self) -> None:
        """The image has to be made again: the colours or the grid are others now."""
        self._image = None

    @property
    def ready(self) -> bool:
        """Whether the image of the present values has been made."""
        return self._image is not None

    def paint(
        self, painter: QPainter, place: QPointF, grid: Grid, shape: Shape, zoom: float
    ) -> None:
        """Paint at a place in scene units; `zoom` is screen pixels a unit."""
        values = self._fitting(grid, shape)
        rects = [QRectF(*cell).translated(place) for cell in grid.cells()]
        if values is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.colors.hover))
            painter.drawRects(rects)
            return
        rects = rects[: values.size if grid.vector else len(values)]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if grid.vector:
            image = self._image_of(values, grid, 1)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawImage(QRectF(place.x(), place.y(), grid.width, grid.height), image)
        else:
            _, height, width = values.shape
            step = max(1, int(width / (2 * grid.cell_width * zoom)))
            image = self._image_of(values, grid, step)
            tall, wide = -(-height // step), -(-width // step)
            painter.setRenderHint(
                QPainter.RenderHint.SmoothPixmapTransform, grid.cell_width * zoom < wide
            )
            for n, rect in enumerate(rects):
                row, column = divmod(n, grid.columns)
                painter.drawImage(rect, image, QRectF(column * wide, row * tall, wide, tall))
        if grid.cell_width * zoom >= _FINEST_LINES:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.colors.border_soft), 0))
            painter.drawRects(rects)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _fitting(self, grid: Grid, shape: Shape) -> Values | None:
        values = self._values
        if values is None:
            return None
        if grid.vector:
            return values.reshape(-1)[: grid.shown] if values.size <= shape.size else None
        if not isinstance(shape, Maps) or values.shape[1:] != (shape.height, shape.width):
            return None
        return values[: grid.shown]

    def _image_of(self, values: Values, grid: Grid, step: int) -> QImage:
        """One pixel a value; of very large maps every `step`th row and column."""
        if self._image is None or step != self._step:
            self._step = step
            if grid.vector:
                cells = np.zeros(grid.columns * grid.rows, np.float32)
                cells[: len(values)] = values
                maps, columns = cells.reshape(1, grid.columns, grid.rows).swapaxes(1, 2), 1
            else:
                maps, columns = values[:, ::step, ::step], grid.columns
            self._image = mosaic(maps, columns, self._limit, gap=0, grey=self._grey)
        return self._image
