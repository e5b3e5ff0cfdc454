"""A person at a form: finds a field by its name, types into it, chooses from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from ui.forms import SettingsForm

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def field(form: SettingsForm, name: str) -> QWidget:
    """The widget with that name for screen readers."""
    found = [
        widget
        for widget in form.findChildren(QWidget)
        if widget.accessibleName() == name and widget.focusProxy() is None and widget.isVisible()
    ]
    assert len(found) == 1, name
    return found[0]


def replace_text(qtbot: QtBot, form: SettingsForm, name: str, typed: str) -> QWidget:
    widget = field(form, name)
    widget.setFocus()
    line = widget.findChild(QLineEdit)
    assert line is not None
    line.selectAll()
    qtbot.keyClicks(widget, typed)
    return widget


def choose(qtbot: QtBot, form: SettingsForm, name: str, choice: str) -> None:
    """As a person does with the keys: the first letters, then Enter."""
    widget = field(form, name)
    assert isinstance(widget, QComboBox)
    pick(qtbot, widget, choice)


def pick(qtbot: QtBot, widget: QComboBox, choice: str) -> None:
    """The same in a field of its own."""
    widget.setFocus()
    widget.showPopup()
    view = widget.view()
    view.setCurrentIndex(widget.model().index(widget.findText(choice), 0))
    qtbot.keyClick(view, Qt.Key.Key_Return)
