"""The tools of the input: what one draws, opens and experiments with, as actions and as buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from cnnviz.message import Message
from ui.able import allow
from ui.i18n import tr
from ui.widgets.buttons import Button, IconButton
from ui.widgets.flow_layout import FlowLayout

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class Tools(QObject):
    """Each tool is an action of the widget that owns them; what it does is connected there."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self.pen, self.eraser = self._action(owner, "D"), self._action(owner, "E")
        self.clear = self._action(owner, "Ctrl+Backspace")
        self.undo = self._action(owner, "Ctrl+Alt+Z")
        self.random, self.open = self._action(owner, "R"), self._action(owner, "Ctrl+I")
        self.experiments = self._action(owner, "X")
        self.as_trained = self._action(owner, "Shift+X")
        self.again = self._action(owner, "Ctrl+Alt+X")
        for action in (self.pen, self.eraser, self.experiments, self.as_trained):
            action.setCheckable(True)
        one_of = QActionGroup(self)
        one_of.addAction(self.pen)
        one_of.addAction(self.eraser)
        self.pen.setChecked(True)
        self._buttons: dict[Button | IconButton, QAction] = {
            Button(icon="pen"): self.pen,
            IconButton("eraser"): self.eraser,
            Button(): self.clear,
            Button(icon="dice"): self.random,
            Button(icon="image"): self.open,
            IconButton("undo"): self.undo,
            IconButton("flask"): self.experiments,
        }
        for button, action in self._buttons.items():
            button.clicked.connect(action.trigger)
            if action in {self.eraser, self.experiments}:
                button.setCheckable(True)
                action.toggled.connect(button.setChecked)
            if action is self.undo:
                action.changed.connect(self._show_undo)
        self.allow_undo(False)

    def row(self) -> FlowLayout:
        """The buttons in rows."""
        row = FlowLayout()
        for button in self._buttons:
            row.addWidget(button)
        return row

    def allow_undo(self, allowed: bool) -> None:
        """Of the drawing, not of the project."""
        allow(self.undo, None if allowed else Message("Nothing has been drawn yet"))

    def allow_again(self, allowed: bool) -> None:
        """Whether dropout and batch norm do what they do in training, and can do so again."""
        reason = Message("Look at the network as in training first")
        allow(self.again, None if allowed else reason)

    def retranslate(self) -> None:
        """Set all texts."""
        for action, title in (
            (self.pen, tr("Draw")),
            (self.eraser, tr("Eraser")),
            (self.clear, tr("Clear")),
            (self.undo, tr("Undo stroke")),
            (self.random, tr("Random test image")),
            (self.open, tr("Image…")),
            (self.experiments, tr("Experiments")),
            (self.as_trained, tr("Network as in training")),
            (self.again, tr("Draw dropout and batch again")),
        ):
            action.setText(title)
        for button, action in self._buttons.items():
            if isinstance(button, IconButton):
                button.set_tip(action.text(), action.shortcut(), action.statusTip())
            else:
                button.setText(action.text())
                keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
                button.setToolTip(tr("{action} ({keys})", action=action.text(), keys=keys))

    def _show_undo(self) -> None:
        button = next(button for button, action in self._buttons.items() if action is self.undo)
        button.setEnabled(self.undo.isEnabled())
        if isinstance(button, IconButton):
            button.set_tip(self.undo.text(), self.undo.shortcut(), self.undo.statusTip())

    def _action(self, owner: QWidget, keys: str) -> QAction:
        action = QAction(owner)
        action.setShortcut(QKeySequence(keys))
        owner.addAction(action)
        return action
