"""What can be done with one map that is shown large; there from the start, for the menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from cnnviz.message import Message
from ui.able import allow
from ui.i18n import language, tr

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class LargeActions(QObject):
    """Open and close it, and how near one looks."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.large = QAction(self)
        self.large.setCheckable(True)
        self.larger, self.smaller, self.fit = QAction(self), QAction(self), QAction(self)
        self.large.setShortcut(QKeySequence("Ctrl+Alt+M"))
        for action in self.all():
            parent.addAction(action)
        self.set_enabled(False)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def all(self) -> list[QAction]:
        """All of them, in their order."""
        return [self.large, self.larger, self.smaller, self.fit]

    def set_enabled(self, enabled: bool) -> None:
        """Whether there are maps one of which can be shown large."""
        opened = enabled and self.large.isChecked()
        reason = Message("Open a map on the page of feature maps first")
        for action in self.all():
            able = enabled if action is self.large else opened
            allow(action, None if able else reason)

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.large.setText(tr("One map, large"))
        self.larger.setText(tr("Zoom into the map"))
        self.smaller.setText(tr("Zoom out of the map"))
        self.fit.setText(tr("The whole map"))
