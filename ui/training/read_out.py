"""Small things of the training bar: a value under its caption, and the line of progress."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from ui.theme import theme
from ui.widgets.labels import Label, LabelRole
from ui.widgets.style import set_property

LINE_STEPS = 1000


class Captioned(QWidget):
    """A caption with something below it, as narrow as both allow."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.caption = Label(role="caption")
        self.content = content
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(1))
        column.addWidget(self.caption)
        column.addWidget(content, alignment=Qt.AlignmentFlag.AlignLeft)


class ReadOut(Captioned):
    """A number or a word that changes often, in a place that never becomes narrower for it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._value = Label("–", "number")
        super().__init__(self._value, parent)
        self._room = ""
        self._help = ""
        theme.changed.connect(self._reserve)

    def set_caption(self, caption: str, room: str) -> None:
        """What it is; `room` is the longest text for which it keeps a place."""
        self.caption.setText(caption)
        self._room = room
        self._reserve()
        self._tell()

    def show_value(self, value: str, tip: str = "", role: LabelRole = "number") -> None:
        """Show a value, with more about it for the pointer and for screen readers."""
        if (value, tip) != (self._value.text(), self._help):
            self._value.setText(value)
            self._make_room(value)
            self._help = tip
            self._tell()
        self._value.set_role(role)

    def value(self) -> str:
        """The text on show."""
        return self._value.text()

    def _tell(self) -> None:
        self.setToolTip(self._help)
        self._value.setAccessibleName(f"{self.caption.text()}: {self._value.text()}")
        self._value.setAccessibleDescription(self._help)

    def _reserve(self) -> None:
        self._value.setMinimumWidth(0)
        self._make_room(self._room)

    def _make_room(self, text: str) -> None:
        """Never less than before: neighbours that move with every digit cannot be read."""
        width = theme.metrics("number").horizontalAdvance(text) + theme.px(2)
        self._value.setMinimumWidth(max(width, self._value.minimumWidth()))


class ProgressLine(QProgressBar):
    """A thin line across the bar; unseen while there is no run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(0, LINE_STEPS)
        self.setTextVisible(False)
        self.setProperty("run", "none")

    def show_run(self, part: float | None, kind: str = "") -> None:
        """Show a part from 0 to 1, None for no run; `kind` is "paused", "failed" or ""."""
        self.setValue(0 if part is None else round(part * LINE_STEPS))
        set_property(self, "run", "none" if part is None else kind)
