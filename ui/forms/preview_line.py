"""One line that floats below a field, or above it while a list of choices is open below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel

from ui.theme import theme
from ui.widgets.speech import announce
from ui.widgets.style import set_property

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class PreviewLine(QLabel):
    """Takes no room and no clicks, so that nothing moves away from under the pointer."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("preview")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_at(self, field: QWidget, words: str, *, works: bool, above: bool) -> None:
        """Say something about a field."""
        window = field.window()
        if self.parent() is not window:
            self.setParent(window)
        set_property(self, "problem", not works)
        self.setText(words)
        self.setMaximumWidth(window.width())
        self.adjustSize()
        gap = theme.px(3)
        corner = field.mapTo(window, QPoint(0, 0))
        left = min(corner.x(), window.width() - self.width())
        top = corner.y() + field.height() + gap
        if above or top + self.height() > window.height():
            top = corner.y() - self.height() - gap
        self.move(max(left, 0), top)
        self.show()
        self.raise_()
        announce(self, words)
