"""A small grid of numbers that one paints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal

from ui.widgets.number_grid import NumberGrid

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent

    from ui.widgets.number_grid import Cell

STEP = 0.1
"""Of the strongest colour: what a key or a notch of the wheel adds."""
_NOTCH = 120


class PaintGrid(NumberGrid):
    """The left button paints blue, the right one orange, the middle one (or Shift) zero; the wheel,
    plus and minus change a value a little, 0 makes it zero."""

    painted = Signal(object, bool)
    """The values (height, width) as they are now; whether the stroke had begun before."""

    def __init__(self) -> None:
        super().__init__()
        self._on = False
        self._added: Cell | None = None
        """The cell whose value was changed a little by the newest action."""

    @property
    def values(self) -> np.ndarray:
        """What is shown."""
        return self._values

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._on = False
        self._paint(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if event.buttons():
            self._paint(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._on = False

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._added = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        cell = self._cell_at(event.position())
        if cell is None:
            super().wheelEvent(event)
            return
        self._add(cell, event.angleDelta().y() / _NOTCH)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        notches = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}
        key = Qt.Key(event.key())
        if self._pointed is not None and key in notches:
            self._add(self._pointed, notches[key])
        elif self._pointed is not None and key in {Qt.Key.Key_0, Qt.Key.Key_Delete}:
            self._on = False
            self._set(self._pointed, 0.0)
        else:
            super().keyPressEvent(event)

    def _paint(self, event: QMouseEvent) -> None:
        cell = self._cell_at(event.position())
        if cell is None:
            return
        buttons = event.buttons()
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if shift or buttons & Qt.MouseButton.MiddleButton:
            self._set(cell, 0.0)
        elif buttons & Qt.MouseButton.RightButton:
            self._set(cell, -self._limit)
        elif buttons & Qt.MouseButton.LeftButton:
            self._set(cell, self._limit)

    def contextMenuEvent(self, event: object) -> None:
        """The right button paints."""

    def _add(self, cell: Cell, notches: float) -> None:
        self._on = cell == self._added  # all notches of the wheel over a cell are one stroke
        value = float(self._values[cell]) + notches * STEP * self._limit
        self._set(cell, 0.0 if abs(value) < STEP * self._limit / 2 else value)
        self._added = cell

    def _set(self, cell: Cell, value: float) -> None:
        if self._values[cell] == np.float32(value):
            return
        self._added = None
        values = self._values.copy()
        values[cell] = value
        self.set_values(values, self._limit)
        self.point_at(cell)
        self.painted.emit(values, self._on)
        self._on = True
