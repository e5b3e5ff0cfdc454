"""Two small arrows that step a number, as a spin box has them, for fields that are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.icons import pixmap
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QPaintEvent

_FIRST_MILLISECONDS, _NEXT_MILLISECONDS = 400, 120
"""Until a held arrow steps again, and then from step to step."""


class Arrows(QWidget):
    """Steps by mouse; by keyboard the fields beside them step themselves."""

    stepped = Signal(int)
    """+1 or −1."""
    hovered = Signal(int)
    """The arrow under the pointer, likewise; 0 where there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hovered = 0
        self._held = QTimer(self)
        self._held.timeout.connect(self._again)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(18), theme.px(8))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        side = theme.px(9)
        for step, name in ((1, "control-up"), (-1, "control-down")):
            place = QRect(0, 0, side, side)
            place.moveCenter(self._half(step).center())
            shown = theme.colors.text if step == self._hovered else theme.colors.arrow
            painter.drawPixmap(place, pixmap(name, side, shown, self.devicePixelRatioF()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._step_at(event.position().toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._held.start(_FIRST_MILLISECONDS)
            self.stepped.emit(self._step_at(event.position().toPoint()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held.stop()

    def leaveEvent(self, event: QEvent) -> None:
        self._held.stop()
        self._hover(0)

    def _again(self) -> None:
        self._held.setInterval(_NEXT_MILLISECONDS)
        if self._hovered:
            self.stepped.emit(self._hovered)

    def _hover(self, step: int) -> None:
        if step != self._hovered:
            self._hovered = step
            self.update()
            self.hovered.emit(step)

    def _step_at(self, place: QPoint) -> int:
        return 1 if place.y() < self.height() / 2 else -1

    def _half(self, step: int) -> QRect:
        height = self.height() // 2
        return QRect(0, 0 if step > 0 else self.height() - height, self.width(), height)
