"""A paragraph that opens beside what it is about, and goes with Esc or a click anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ui.theme import theme
from ui.widgets import screen_room
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

_WIDTH = 400
_CLOSING = {Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}


class Note(QFrame):
    """A heading and a paragraph; the keyboard goes back to where it was when it closes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("note")
        self._owner = parent
        self._heading, self._words = Label("", "heading"), Label()
        self._words.setWordWrap(True)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._heading)
        self._column.addWidget(self._words)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.changed.connect(self.hide)

    def show_beside(self, place: QRect, heading: str, words: str) -> None:
        """Open below a place of the screen, or above it where there is more room."""
        self._heading.setText(heading)
        self._words.setText(words)
        self.setAccessibleName(heading)
        self.setAccessibleDescription(words)
        pad = theme.px(14)
        self._column.setContentsMargins(pad, theme.px(10), pad, theme.px(12))
        self._column.setSpacing(theme.px(5))
        room = screen_room.of(self)
        width = min(theme.px(_WIDTH), room.width())
        self.setFixedWidth(width)
        height = self.heightForWidth(width)
        gap = theme.px(3)
        top = place.bottom() + gap
        if top + height > room.bottom():
            top = max(place.top() - gap - height, room.top())
        self.setFixedHeight(height)
        corner = QPoint(place.left() - pad, top)
        self.move(screen_room.place_over(corner, self.size(), self._owner))
        self.show()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _CLOSING:
            self.hide()
        else:
            super().keyPressEvent(event)
