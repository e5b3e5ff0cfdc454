"""Panels side by side or one above the other, with a hairline between them that can be dragged."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QSplitter, QWidget


class Splitter(QSplitter):
    """A splitter that waits with laying its panels out until all of them have their new look.

    Qt's own lays everything below it out at once for each style that it is told of: that was half
    of what a change of theme took. What has another size asks for its room by itself.
    """

    def __init__(self, orientation: Qt.Orientation, parent: QWidget | None = None) -> None:
        super().__init__(orientation, parent)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(1)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() != QEvent.Type.StyleChange:
            super().changeEvent(event)
