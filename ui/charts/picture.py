"""Charts as a picture of their own, as large as they are on the screen, in the present colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter

from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.charts.table import Painted

SHARPNESS = 3
"""Pixels of a PNG for one of the screen, on each axis."""
_MARGIN, _GAP = 12, 14


def as_png(image: QImage) -> bytes:
    """An image as a PNG; any thread may do it."""
    buffer = _open()
    # The stubs want bytes, which raise.
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def as_image(paintings: Sequence[Painted]) -> QImage:
    """Charts below each other as an image, `SHARPNESS` times as wide as on the screen."""
    image = QImage(_size(paintings) * SHARPNESS, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.scale(SHARPNESS, SHARPNESS)
    _paint(painter, paintings)
    painter.end()
    return image


def as_svg(paintings: Sequence[Painted]) -> bytes:
    """The same as an SVG, its texts as texts."""
    from PySide6.QtSvg import QSvgGenerator  # few need it

    buffer, size = _open(), _size(paintings)
    drawing = QSvgGenerator()
    drawing.setOutputDevice(buffer)
    drawing.setSize(size)
    drawing.setViewBox(QRectF(0, 0, size.width(), size.height()))
    drawing.setTitle(", ".join(painting.content.title for painting in paintings))
    painter = QPainter(drawing)
    _paint(painter, paintings)
    painter.end()
    return bytes(buffer.data().data())


def _open() -> QBuffer:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer


def _size(paintings: Sequence[Painted]) -> QSize:
    px = theme.px
    width = max(painting.size.width() for painting in paintings)
    height = sum(painting.size.height() + px(_GAP) for painting in paintings) - px(_GAP)
    return QSize(round(width) + 2 * px(_MARGIN), round(height) + 2 * px(_MARGIN))


def _paint(painter: QPainter, paintings: Sequence[Painted]) -> None:
    size = _size(paintings)
    painter.fillRect(QRectF(0, 0, size.width(), size.height()), QColor(theme.colors.surface))
    painter.translate(theme.px(_MARGIN), theme.px(_MARGIN))
    for painting in paintings:
        painter.save()
        painting.paint(painter)
        painter.restore()
        painter.translate(0, painting.size.height() + theme.px(_GAP))
