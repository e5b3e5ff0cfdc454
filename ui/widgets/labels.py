"""Text in one of the few looks that the window has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QLabel, QSizePolicy

from ui.widgets.style import set_property

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QWidget

LabelRole = Literal[
    "body", "caption", "muted", "label", "heading", "number", "title", "danger", "warning", "ok"
]


class Label(QLabel):
    """A label whose look follows its role and the theme."""

    def __init__(
        self, text: str = "", role: LabelRole = "body", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self.setProperty("role", role)

    def set_role(self, role: LabelRole) -> None:
        """Change the look."""
        set_property(self, "role", role)

    # A QLabel remembers its size hint with the least size that it had then.

    def setMinimumWidth(self, width: int) -> None:
        if width == self.minimumWidth():
            return
        super().setMinimumWidth(width)
        self._measure_anew()

    def setMinimumHeight(self, height: int) -> None:
        if height == self.minimumHeight():
            return
        super().setMinimumHeight(height)
        self._measure_anew()

    def _measure_anew(self) -> None:
        text = self.text()
        self.clear()
        self.setText(text)


class ShortLabel(Label):
    """One line that ends in … where it is too long for its room; the tool tip has all of it."""

    def __init__(
        self, text: str = "", role: LabelRole = "body", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, role, parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        words = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width()
        )
        self.setToolTip(self.text() if words != self.text() else "")
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), self.alignment(), words)
