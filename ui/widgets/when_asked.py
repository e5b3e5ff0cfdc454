"""Descriptions that are worked out when a screen reader asks for them, and not when values come.

Qt keeps a description as text. Who shows thousands of values that change with every stroke would
look through all of them at every stroke, though hardly ever somebody listens; and where it is left
out until somebody does, what is read without the focus of the keyboard is old. So these widgets are
asked. What PySide wants of such interfaces is said in docs/decisions/0129.
"""
# PySide's annotations leave out that there may be none of what is asked for:
# mypy: disable-error-code="override"

from __future__ import annotations

import weakref
from functools import cache
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget
from shiboken6 import Shiboken


@runtime_checkable
class InWords(Protocol):
    """A widget that says what it shows; it calls `say_when_asked` as it is made."""

    def in_words(self) -> str:
        """What is shown now. It is heard after the accessible description, which says what is the
        same for all values: where they come from, or what they are."""


_heard: weakref.WeakSet[QWidget] = weakref.WeakSet()
"""Whose words have been asked for, and are as they were."""


@cache
def say_when_asked() -> None:
    """Have Qt ask here for the interfaces of all widgets that say what they show."""
    QAccessible.installFactory(_interface)


def words_changed(widget: QWidget) -> None:
    """Other words are to be said of a widget. Screen readers that keep what they have heard are
    told so once: not again before they have asked."""
    if widget in _heard:
        if QAccessible.isActive():
            event = QAccessibleEvent(widget, QAccessible.Event.DescriptionChanged)
            QAccessible.updateAccessibility(event)
        _heard.discard(widget)  # after the event, in which some platforms ask for the new words


def _interface(_class: str, thing: QObject) -> QAccessibleInterface | None:
    if isinstance(thing, QWidget) and isinstance(thing, InWords):
        return _Asked(thing)
    return None


class _Asked(QAccessibleWidget):
    """A picture of values. PySide keeps it until the program ends, so it holds no widget."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget, QAccessible.Role.Graphic)
        self._widget = weakref.ref(widget)

    def text(self, kind: QAccessible.Text) -> str:
        said = self._description() if kind == QAccessible.Text.Description else ""
        return said or super().text(kind)

    def _description(self) -> str:
        widget = self._widget()
        if widget is None or not Shiboken.isValid(widget) or not isinstance(widget, InWords):
            return ""
        _heard.add(widget)
        return "\n".join(filter(None, (widget.accessibleDescription(), widget.in_words())))
