"""What follows the pointer in a drag: a translucent card or block, and how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from ui.theme import theme

if TYPE_CHECKING:
    from ui.canvas.canvas import Canvas

_LARGEST = 420
"""Pixels; larger blocks are drawn smaller."""
_BADGE = 20


def picture_of(canvas: Canvas, uid: str, grip: QPoint, count: int) -> tuple[QPixmap, QPoint]:
    """A picture of a card, or of a block with all that is in it, and where in it `grip` is.

    grip: a point of the view. count: how many layers are dragged.
    """
    frame = canvas.arrangement.frames.get(uid)
    box = frame.box if frame is not None else canvas.arrangement.boxes[uid]
    corner = canvas.mapFromScene(QPointF(box.left, box.top))
    width, height = box.width * canvas.zoom, box.height * canvas.zoom
    shrink = min(1.0, _LARGEST / max(width, height))
    size = QSizeF(width * shrink, height * shrink)
    ratio = canvas.devicePixelRatioF()
    picture = QPixmap((size * ratio).toSize())
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setOpacity(0.8)
    if frame is None:
        painter.scale(canvas.zoom * shrink, canvas.zoom * shrink)
        canvas.card(uid).paint_alone(painter)
    else:
        canvas.scene().render(painter, QRectF(QPointF(), size), QRectF(*box))
    painter.end()
    if count > 1:
        _badge(picture, size, count)
    return picture, (grip - corner) * shrink


def _badge(picture: QPixmap, size: QSizeF, count: int) -> None:
    """The number in the upper right corner."""
    side = theme.px(_BADGE)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    badge = QRectF(size.width() - side, 0, side, side)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.colors.accent))
    painter.drawEllipse(badge)
    painter.setPen(QColor(theme.colors.accent_text))
    painter.setFont(theme.font("number"))
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, f"{count:,}")
    painter.end()
