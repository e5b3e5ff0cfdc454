"""Actions that are possible, or say why they are not: in menus, on buttons and in the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction, QHelpEvent
from PySide6.QtWidgets import QMenu, QToolTip, QWidget

from ui.i18n import language, text

if TYPE_CHECKING:
    from cnnviz.message import Message

_NAME = "reason"


def allow(action: QAction, reason: Message | None) -> None:
    """Switch an action on, or off with the reason as its status tip, in the language of now.

    reason: None where it is possible.
    """
    if reason is None and action.isEnabled() and not action.statusTip():
        return  # as it was; most are, after each edit
    known = action.findChild(_Reason, _NAME)
    if known is None:
        if reason is None:
            action.setEnabled(True)
            return
        known = _Reason(action)
    known.set_message(reason)
    action.setEnabled(reason is None)


class _Reason(QObject):
    """Why an action is off; it is said anew when the language changes."""

    def __init__(self, action: QAction) -> None:
        super().__init__(action)
        self.setObjectName(_NAME)
        self._action = action
        self._message: Message | None = None
        language.changed.connect(self._say)

    def set_message(self, message: Message | None) -> None:
        if message != self._message:
            self._message = message
            self._say()

    def _say(self) -> None:
        self._action.setStatusTip("" if self._message is None else text(self._message))


def allow_widget(widget: QWidget, reason: Message | None, help_text: str = "") -> None:
    """The same for a button that belongs to no action; while it is on, its tool tip is the help.

    To be called again when the language changes, as all that sets texts.
    """
    said = "" if reason is None else text(reason)
    widget.setEnabled(reason is None)
    widget.setToolTip(said or help_text)
    widget.setAccessibleDescription(said or help_text)


def tell_reasons(menu: QMenu) -> None:
    """Let a menu, and all menus in it, show why a line is off."""
    if menu.findChild(_Teller) is None:
        _Teller(menu)
    for action in menu.actions():
        inner = action.menu()
        if isinstance(inner, QMenu):
            tell_reasons(inner)


class _Teller(QObject):
    """Qt has one tool tip for an action, be it on or off, and that says what it does.

    The keys pass over lines that are off; the command palette has them, with their reasons.
    """

    def __init__(self, menu: QMenu) -> None:
        super().__init__(menu)
        self._menu = menu
        menu.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            action = self._menu.actionAt(event.pos())
            if _is_off(action):
                line = self._menu.actionGeometry(action)
                QToolTip.showText(event.globalPos(), action.statusTip(), self._menu, line)
                return True
        return super().eventFilter(watched, event)


def _is_off(action: QAction | None) -> TypeGuard[QAction]:
    return action is not None and not action.isEnabled() and bool(action.statusTip())
