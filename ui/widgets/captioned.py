"""Something with a line or two beside it that say what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.theme import theme
from ui.widgets.labels import ShortLabel

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent, QShowEvent

MOST_LINES = 2


class _Caption(ShortLabel):
    """Tells of every new text."""

    said = Signal()

    def __init__(self) -> None:
        super().__init__("", "caption", lines=MOST_LINES)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)

    def choose(self, text: str, *shorter: str) -> None:
        if text != self.text() or shorter != self._shorter:
            super().choose(text, *shorter)
            self.said.emit()


class Captioned(QWidget):
    """A widget with a caption below or above it, on two lines where one is too short.

    What has taken a second line keeps it until the width is another one or it starts over: captions
    say what is pointed at, and nothing may jump under the pointer.
    """

    def __init__(
        self, inner: QWidget, parent: QWidget | None = None, *, above: bool = False
    ) -> None:
        super().__init__(parent)
        self.caption = _Caption()
        self._row: tuple[Captioned, ...] = (self,)
        self._lines = 0
        self._longest = ""
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(inner, 1)
        column.insertWidget(0 if above else 1, self.caption)
        if above:  # as a heading is
            self.caption.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.caption.said.connect(self._grow)
        theme.changed.connect(self._measure)
        self._measure()

    @staticmethod
    def in_a_row(*boxes: Captioned) -> None:
        """Let the captions of boxes beside each other be equally high, and what they are of be in
        line."""
        for box in boxes:
            box._row = boxes

    def make_room_for(self, text: str) -> None:
        """Have the lines that a text needs which may come, so that nothing jumps when it does."""
        if text != self._longest:
            self._longest = text
            self._grow()

    def start_over(self, text: str) -> None:
        """Say this on as few lines as it needs, because it is about something else than what was
        said before; what it is of has its new height when this returns."""
        self.caption.choose(text)
        self._measure()
        self._column.activate()

    def _needed(self) -> int:
        if not self.isVisible():
            return 1
        return max(len(self.caption.broken(self.width(), text)) for text in (None, self._longest))

    def _grow(self) -> None:
        lines = self._needed()
        if lines > self._lines:
            for box in self._row:
                box._set_lines(lines)

    def _measure(self) -> None:
        """As high as the longest of the row needs, now that something is wider or larger."""
        lines = max(1, *(box._needed() for box in self._row))
        for box in self._row:
            box._set_lines(lines)

    def _set_lines(self, lines: int) -> None:
        self._lines = lines
        self.caption.setFixedHeight(lines * self.caption.fontMetrics().lineSpacing())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._measure()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._grow()
