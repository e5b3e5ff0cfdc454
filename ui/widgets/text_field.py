"""A line of text in a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit

from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class TextField(QLineEdit):
    """What is typed counts at once; taking it back is the business of the whole program."""

    def __init__(self, longest: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMaxLength(longest)
        theme.changed.connect(self._restyle)
        self._restyle()

    def value(self) -> str:
        """What stands in it."""
        return self.text()

    def set_value(self, value: str) -> None:
        """Show another text; the cursor stays where it is the same. Never emits `textEdited`."""
        if value != self.text():
            self.setText(value)

    def set_help(self, text: str) -> None:
        """What the text is for, as a tool tip."""
        self.setToolTip(text)
        self.setAccessibleDescription(text)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and _takes_back(event):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _takes_back(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _restyle(self) -> None:
        self.setMinimumWidth(theme.px(120))


def _takes_back(event: QEvent) -> bool:
    keys = QKeySequence.StandardKey
    return isinstance(event, QKeyEvent) and (event.matches(keys.Undo) or event.matches(keys.Redo))
