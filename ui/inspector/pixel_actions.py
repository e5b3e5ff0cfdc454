"""What can be done with one value; there from the start, long before its page is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from cnnviz.message import Message
from ui.able import allow
from ui.i18n import language, tr
from ui.inspector.speeds import Speeds

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


SPEEDS = (0.5, 1.0, 2.0, 4.0)


class PixelActions(QObject):
    """What can be done with one value, for the menu and for the line of buttons."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.slide, self.step = QAction(self), QAction(self)
        self.copy, self.save = QAction(self), QAction(self)
        self.backward = QAction(self)
        """Whether the way back is shown; can be chosen at any time."""
        self.speeds = Speeds(SPEEDS, parent)
        for action in (self.slide, self.backward):
            action.setCheckable(True)
        self.backward.setShortcut(QKeySequence("B"))
        parent.addAction(self.backward)
        for action, keys in (
            (self.slide, "P"),
            (self.step, "N"),
            (self.copy, "Ctrl+Alt+C"),
            (self.save, ""),
        ):
            if keys:
                action.setShortcut(QKeySequence(keys))
            parent.addAction(action)
        self.set_enabled(False)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def all(self) -> list[QAction]:
        """All of them, in their order."""
        return [self.backward, *self._of_one_value(), self.speeds.menuAction()]

    def _of_one_value(self) -> list[QAction]:
        return [self.slide, self.step, self.copy, self.save]

    def set_enabled(self, enabled: bool) -> None:
        """Whether there is a value to do something with."""
        for action in self._of_one_value():
            allow(action, None if enabled else Message("Choose a value of a feature map first"))
        if not enabled:
            self.slide.setChecked(False)

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.backward.setText(tr("One value on the way back"))
        self.slide.setText(tr("Slide over the map"))
        self.step.setText(tr("Next position"))
        self.speeds.setTitle(tr("Speed over the map"))
        self.copy.setText(tr("Copy the arithmetic as text"))
        self.save.setText(tr("Save the numbers of this value…"))
