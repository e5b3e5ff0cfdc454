"""One calm line across the top of the window, with what can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy

from ui.i18n import language, tr
from ui.icons import pixmap
from ui.theme import theme
from ui.widgets.buttons import Button, IconButton
from ui.widgets.speech import announce
from ui.widgets.style import set_property

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

Level = Literal["info", "warning", "error"]


class Banner(QFrame):
    """A message that does not interrupt; hidden while there is none."""

    closed = Signal()
    """A person has closed the message."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._level: Level = "info"
        self._buttons: list[Button] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._close = IconButton("close", quiet=True)
        self._close.clicked.connect(self._closed)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._icon)
        self._row.addWidget(self._text, 1)
        self._row.addWidget(self._close)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()
        self.hide()

    def show_message(
        self,
        text: str,
        level: Level = "info",
        actions: Sequence[tuple[str, Callable[[], object]]] = (),
        *,
        closable: bool = True,
    ) -> None:
        """Show a sentence instead of the one before, with a button for each (label, action)."""
        self._level = level
        self._text.setText(text)
        self.setAccessibleName(text)
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
        for place, (label, action) in enumerate(actions, start=2):
            button = Button(label)
            button.clicked.connect(lambda _=False, action=action: action())
            self._row.insertWidget(place, button)
            self._buttons.append(button)
        self._close.setVisible(closable)
        set_property(self, "banner", level)
        self._restyle()
        self.show()
        announce(self, text, urgent=level == "error")

    def text(self) -> str:
        """The sentence that is shown, empty where the banner is hidden."""
        return "" if self.isHidden() else self._text.text()

    def clear(self) -> None:
        """Hide the message."""
        self.hide()

    def retranslate(self) -> None:
        """Name the button in the present language."""
        self._close.set_tip(tr("Close"))

    def _closed(self) -> None:
        self.hide()
        self.closed.emit()

    def _restyle(self) -> None:
        colors = theme.colors
        inks = {
            "info": colors.accent_ink,
            "warning": colors.warning_ink,
            "error": colors.danger_ink,
        }
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(pixmap(self._level, theme.px(16), inks[self._level], ratio))
        for label in self.findChildren(QLabel):  # the rule of the banner's level colours them
            label.style().unpolish(label)
            label.style().polish(label)
        self._row.setContentsMargins(theme.px(14), theme.px(5), theme.px(8), theme.px(5))
        self._row.setSpacing(theme.px(8))
