"""The light that goes through the network in slow motion: a frame and a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsObject, QStyleOptionGraphicsItem

from ui.i18n import tr
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.canvas.layout import Box
    from ui.slow_motion import Phase

# At scale 1.
_AWAY = 4.0
_WIDTH = 3.0
_RADIUS = 10.0
_PADDING = 6.0
_LOWER = 4.0
"""So far into the card the word reaches."""
_IN_FRONT = 2.0**40


class Beacon(QGraphicsObject):
    """Stands in front of everything and is in nobody's way."""

    def __init__(self) -> None:
        super().__init__()
        self._phase: Phase = "forward"
        self._box = QRectF()
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(_IN_FRONT)
        self.hide()

    @property
    def phase(self) -> Phase:
        """What it says."""
        return self._phase

    def light(self, phase: Phase, box: Box) -> None:
        """Frame a card, or the whole row, and say what is going on there."""
        self.prepareGeometryChange()
        self._phase = phase
        self._box = QRectF(0, 0, box.width, box.height)
        self.setPos(box.left, box.top)
        self.show()
        self.update()

    def boundingRect(self) -> QRectF:
        px = theme.scale
        out = (_AWAY + _WIDTH) * px
        tag = self._tag()
        wide = max(self._box.width() + out, tag.right() + px)
        return QRectF(-out, tag.top() - px, wide + out, self._box.height() + out - tag.top() + px)

    def words(self) -> str:
        """What is going on, with the way that it goes."""
        return {
            "forward": tr("Forward →"),
            "loss": tr("Loss"),
            "backward": tr("← Backward"),
            "update": tr("Weights' update"),
        }[self._phase]

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        colors, px = theme.colors, theme.scale
        ink = QColor(
            {
                "forward": colors.accent_ink,
                "loss": colors.danger_ink,
                "backward": colors.warning_ink,
                "update": colors.ok,
            }[self._phase]
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(ink, _WIDTH * px)
        if self._phase == "backward":
            pen.setDashPattern([3, 1.5])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        out, radius = _AWAY * px, _RADIUS * px
        painter.drawRoundedRect(self._box.adjusted(-out, -out, out, out), radius, radius)
        tag = self._tag()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawRoundedRect(tag, 4 * px, 4 * px)
        painter.setPen(QColor(colors.surface))
        painter.setFont(theme.font("caption"))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, self.words())

    def _tag(self) -> QRectF:
        """On the upper edge of the frame, at its left end; below it the card's name begins, and
        above it there may be no room."""
        px = theme.scale
        metrics = QFontMetricsF(theme.font("caption"))
        width = metrics.horizontalAdvance(self.words()) + 2 * _PADDING * px
        height = metrics.height()
        return QRectF(-_AWAY * px, _LOWER * px - height, width, height)
