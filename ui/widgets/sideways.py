"""What stands beside each other, and scrolls sideways where there is too little room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent


class Sideways(QScrollArea):
    """A row of pictures and numbers that is never narrower than it can be read.

    Its height is what there is: only sideways there may be more than is seen.
    """

    room_changed = Signal(int)
    """So many pixels are seen beside each other."""

    def __init__(self, row: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidget(_Holder(row))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.room_changed.emit(self.viewport().width())
        super().resizeEvent(event)


class _Holder(QWidget):
    """Keeps from the area how high the row would like to be: it would make it so high."""

    def __init__(self, row: QWidget) -> None:
        super().__init__()
        self._row = row
        row.setParent(self)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._row.minimumSizeHint().width(), 0)

    def sizeHint(self) -> QSize:
        return self._row.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._row.setGeometry(self.rect())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # the row needs another width
            self.updateGeometry()
        return super().event(event)
