"""What can be done with the sliding picture; there from the start, for the menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from cnnviz.message import Message
from ui import settings
from ui.able import allow
from ui.i18n import language, tr
from ui.inspector.speeds import Speeds

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


SPEEDS = (0.5, 1.0, 2.0, 4.0, 16.0)


class SlidingActions(QObject):
    """Whether the picture is shown, and the steps of its window."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.shown = QAction(self)
        self.shown.setCheckable(True)
        self.shown.setChecked(settings.sliding_picture())
        self.shown.toggled.connect(settings.set_sliding_picture)
        self.play, self.back, self.forward = QAction(self), QAction(self), QAction(self)
        self.play.setCheckable(True)
        self.speeds = Speeds(SPEEDS, parent)
        for action, keys in (
            (self.shown, "Ctrl+Alt+G"),
            (self.play, "Ctrl+Alt+P"),
            (self.back, "Ctrl+Alt+,"),
            (self.forward, "Ctrl+Alt+."),
        ):
            action.setShortcut(QKeySequence(keys))
            parent.addAction(action)
        self.set_enabled(False)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def all(self) -> list[QAction]:
        """All of them, in their order."""
        return [self.shown, self.play, self.back, self.forward, self.speeds.menuAction()]

    def set_enabled(self, enabled: bool) -> None:
        """Whether there is a window that can be moved."""
        reason = Message("Select a convolution or a pooling, and its settings")
        for action in (self.play, self.back, self.forward):
            allow(action, None if enabled else reason)
        if not enabled:
            self.play.setChecked(False)

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.shown.setText(tr("Sliding window"))
        self.play.setText(tr("Let the window slide"))
        self.back.setText(tr("Window one step back"))
        self.forward.setText(tr("Window one step on"))
        self.speeds.setTitle(tr("Speed of sliding"))
