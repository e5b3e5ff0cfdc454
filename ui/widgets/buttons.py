"""Buttons whose icons keep to the colours and the scale of the theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QKeySequence
from PySide6.QtWidgets import QPushButton, QToolButton

from ui.icons import icon
from ui.theme import theme
from ui.widgets.style import set_property

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu, QWidget


class Button(QPushButton):
    """A button with a text, an icon, or both; at most one `primary` button stands in a view."""

    def __init__(
        self,
        text: str = "",
        icon: str = "",
        *,
        primary: bool = False,
        quiet: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._icon_name = icon
        self.setProperty("primary", primary)
        self.setProperty("quiet", quiet)
        theme.changed.connect(self._redraw_icon)
        self._redraw_icon()

    def set_icon(self, name: str) -> None:
        """Show another icon; none where the name is empty."""
        if name != self._icon_name:  # each icon that is set has the row laid out anew
            self._icon_name = name
            self._redraw_icon()

    def setMenu(self, menu: QMenu | None) -> None:
        """Open a menu when pressed, and leave room for its arrow."""
        super().setMenu(menu)  # type: ignore[arg-type]  # the stubs forget that None takes it away
        set_property(self, "menu", menu is not None)

    def _redraw_icon(self) -> None:
        if not self._icon_name:
            self.setIcon(QIcon())
            return
        colors = theme.colors
        color = colors.accent_text if self.property("primary") else colors.text
        self.setIcon(icon(self._icon_name, color))
        self.setIconSize(QSize(theme.px(16), theme.px(16)))


class IconButton(QToolButton):
    """A button that is only an icon; `set_tip` says in words what it does."""

    def __init__(
        self, icon: str = "", *, quiet: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon
        self.setProperty("quiet", quiet)
        theme.changed.connect(self._redraw_icon)
        self._redraw_icon()

    def set_icon(self, name: str) -> None:
        """Show another icon."""
        if name != self._icon_name:  # each icon that is set has the row laid out anew
            self._icon_name = name
            self._redraw_icon()

    def set_tip(self, text: str, shortcut: QKeySequence | None = None, reason: str = "") -> None:
        """What the button does, for the tool tip (with the keys) and for screen readers.

        reason: why it cannot do it now.
        """
        self.setAccessibleName(text)
        self.setAccessibleDescription(reason)
        keys = shortcut.toString(QKeySequence.SequenceFormat.NativeText) if shortcut else ""
        tip = f"{text} ({keys})" if keys else text
        self.setToolTip(f"{tip}\n{reason}" if reason else tip)

    def _redraw_icon(self) -> None:
        if not self._icon_name:
            return
        colors = theme.colors
        color = colors.text_muted if self.property("quiet") else colors.text
        size = 15 if self.property("quiet") else 16
        self.setIcon(icon(self._icon_name, color, size))
        self.setIconSize(QSize(theme.px(size), theme.px(size)))
