"""A table as a picture, drawn with the fonts of the system."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from cnnviz.export.tables import Tabled, table_svg

_SHARPNESS = 2
"""Pixels for a unit of the drawing."""


def table_png(table: Tabled) -> bytes:
    """The drawing of a table as PNG."""
    renderer = QSvgRenderer(table_svg(table))
    image = QImage(renderer.defaultSize() * _SHARPNESS, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs want bytes, which raise
    return bytes(buffer.data().data())
