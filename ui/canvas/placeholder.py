"""A dashed outline where a card is going to be: the open gap, and the invitation when empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsObject, QStyleOptionGraphicsItem

from ui.canvas.card_face import rounded_path
from ui.canvas.layout import MARGIN, SPACING
from ui.i18n import tr
from ui.theme import theme
from ui.widgets.line_ends import folded

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_INVITATION = (150, 96)
"""Narrow, so that it is seen beside the input where the canvas is narrow for its type."""


class Placeholder(QGraphicsObject):
    """The outline, with a text in it or none; `strong` while something is about to land."""

    def __init__(self) -> None:
        super().__init__()
        self._width = self._height = 0.0
        self._text = ""
        self._strong = False
        self.setVisible(False)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(-1)

    def show_as(self, width: float, height: float, text: str, *, strong: bool) -> None:
        """Its size in scene units, and what it says."""
        self.prepareGeometryChange()
        self._width, self._height, self._text, self._strong = width, height, text, strong
        self.setVisible(True)
        self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(-2, -2, self._width + 4, self._height + 4)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        colors, px = theme.colors, theme.scale
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(colors.accent if self._strong else colors.arrow), 1.5 * px)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        fill = QColor(colors.accent_soft if self._strong else colors.surface)
        fill.setAlphaF(0.6)
        painter.setBrush(fill)
        box = QRectF(0, 0, self._width, self._height)
        painter.drawPath(rounded_path(box))
        if self._text:
            painter.setFont(theme.font("body"))
            painter.setPen(QColor(colors.text_muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            room, metrics = box.adjusted(10 * px, 6 * px, -10 * px, -6 * px), theme.metrics("body")
            words = folded(self._text, lambda line: metrics.horizontalAdvance(line) <= room.width())
            painter.drawText(room, flags, words)


class Invitation(Placeholder):
    """Says in an empty network what to do."""

    def __init__(self) -> None:
        super().__init__()
        self.palette_seen = True
        """Whether there are layers above, to be dragged here."""

    def invite(self, end: float) -> float:
        """Stand behind the row, which ends there; returns where it ends then."""
        width, height = (theme.px(side) for side in _INVITATION)
        left = end + (SPACING - MARGIN) * theme.scale
        self.setPos(left, -height / 2)
        words = tr("Choose a layer in the Insert menu")
        if self.palette_seen:
            words = tr("Drag a layer here or double-click one above")
        self.show_as(width, height, words, strong=False)
        return left + width + MARGIN * theme.scale
