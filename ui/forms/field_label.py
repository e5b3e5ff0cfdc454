"""The title of a setting, which can be dragged as a slider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen

from cnnviz.layers import Border, Size
from ui.theme import theme
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QPaintEvent
    from PySide6.QtWidgets import QWidget

DRAG = 10
"""Pixels at scale 1 from one value to the next while a title is dragged."""


class FieldLabel(Label):
    """The title of a setting, on a soft ground while its numbers are pointed at.

    Where it can be dragged it is a slider without an end, which takes no room. Some show a groove
    with a knob, which stays at the end of it for what is beyond.
    """

    dragged = Signal(int)
    """Up or down by so many steps."""
    released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", "label", parent)
        self._highlighted = False
        self._draggable = False
        self._from: float | None = None
        self._slider: tuple[str, int, int] | None = None
        self._number: int | None = None

    def set_highlighted(self, highlighted: bool) -> None:
        """Show the soft ground, or do not."""
        if highlighted != self._highlighted:
            self._highlighted = highlighted
            self.update()

    def set_draggable(self, draggable: bool) -> None:
        """Let it be dragged to the left and to the right, or not."""
        self._draggable = draggable
        self.setCursor(Qt.CursorShape.SizeHorCursor if draggable else Qt.CursorShape.ArrowCursor)

    def show_slider(self, color: str, least: int, most: int) -> None:
        """Show a groove between two numbers. color: as which part of a formula."""
        self._slider = color, least, most

    def set_value(self, value: Any) -> None:
        """Put the knob where the value is; away where that is no number."""
        if isinstance(value, Size | Border):
            number: int | None = max(value.pair)
        else:
            number = 0 if value == "valid" else None
        if number != self._number:
            self._number = number
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._draggable and event.button() == Qt.MouseButton.LeftButton:
            self._from = event.position().x()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is None:
            return
        steps = int((event.position().x() - self._from) / theme.px(DRAG))
        if steps:
            self._from += steps * theme.px(DRAG)
            self.dragged.emit(steps)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._from is not None:
            self._from = None
            self.released.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._highlighted:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(theme.colors.accent))
            painter.setBrush(QColor(theme.colors.accent_soft))
            ground = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(ground, theme.px(4), theme.px(4))
            painter.end()
        super().paintEvent(event)
        if self._slider is not None:
            self._paint_slider(*self._slider)

    def _paint_slider(self, color: str, least: int, most: int) -> None:
        """As wide as the way of the pointer from end to end, so that the knob stays below it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        y, left = self.height() - theme.px(3), theme.px(7)
        right = left + (most - least) * theme.px(DRAG)
        ink = QColor(theme.colors.formula[color])
        painter.setPen(QPen(QColor(theme.colors.border), theme.px(2)))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        if self._number is not None:
            number = min(max(self._number, least), most)
            at = QPointF(left + (number - least) * theme.px(DRAG), y)
            painter.setPen(QPen(ink, theme.px(2)))
            painter.drawLine(QPointF(left, y), at)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            painter.drawEllipse(at, theme.px(3), theme.px(3))
        painter.end()
