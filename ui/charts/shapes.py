"""Colours and shapes by which lines are told apart, also without the colours."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPolygonF

from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

_CORNERS: dict[str, tuple[int, float]] = {
    "triangle": (3, 0.0),
    "square": (4, 45.0),
    "diamond": (4, 0.0),
    "pentagon": (5, 0.0),
}
"""How many, and by how many degrees the first is turned from the top."""
COLORS = 4
SHAPES = ("disc", *_CORNERS)
"""Five beside four colours: twenty lines look each like no other."""


def ink_of(color: int) -> QColor:
    """A colour of series in the present theme."""
    series = theme.colors.series
    return QColor(series[color % len(series)])


def paint_shape(painter: QPainter, shape: str, middle: QPointF, radius: float, ink: QColor) -> None:
    """Paint one of `SHAPES`, with a seam against what is behind it."""
    painter.setPen(QColor(theme.colors.surface))
    painter.setBrush(ink)
    if shape in _CORNERS:
        painter.drawPolygon(QPolygonF(_corners(*_CORNERS[shape], middle, radius * 1.2)))
    else:
        painter.drawEllipse(middle, radius, radius)


def swatch(color: int, shape: str, side: int = 12) -> QIcon:
    """A colour and a shape as an icon, `side` pixels wide at scale 1."""
    size = theme.px(side)
    ratio = 2
    picture = QPixmap(QSize(size, size) * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle = QRectF(0, 0, size, size).center()
    paint_shape(painter, shape, middle, size * 0.4, ink_of(color))
    painter.end()
    found = QIcon(picture)
    found.addPixmap(picture, QIcon.Mode.Selected)  # else it is tinted in a chosen row
    return found


def _corners(count: int, turned: float, middle: QPointF, radius: float) -> Sequence[QPointF]:
    angles = [math.radians(turned + 360 * corner / count) for corner in range(count)]
    return [
        QPointF(middle.x() + radius * math.sin(angle), middle.y() - radius * math.cos(angle))
        for angle in angles
    ]
