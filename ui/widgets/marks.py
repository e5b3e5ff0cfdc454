"""How a place in a map is marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QPen

from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QPainter


def outline(painter: QPainter, place: QRectF) -> None:
    """Red, and white around it, so that it shows on every colour."""
    for color, width in (("white", 3.0), (theme.colors.danger, 1.5)):
        painter.setPen(QPen(QColor(color), theme.px(width)))
        painter.drawRect(place)
