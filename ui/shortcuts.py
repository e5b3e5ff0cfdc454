"""The sheet of all keys, read from the menus, so that it cannot say anything else than they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QMenu,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.finder.commands import plain
from ui.i18n import tr
from ui.theme import theme
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenuBar


class ShortcutSheet(QDialog):
    """Menu by menu, each action that has keys."""

    def __init__(self, bar: QMenuBar, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        sheet = QWidget()
        grid = QGridLayout(sheet)
        grid.setHorizontalSpacing(theme.px(24))
        for top in bar.actions():
            rows = _keys_of(top)
            if not rows:
                continue
            heading = Label(plain(top.text()), "heading")
            if not grid.isEmpty():
                heading.setContentsMargins(0, theme.px(10), 0, 0)
            grid.addWidget(heading, grid.rowCount(), 0)
            for words, keys in rows:
                row = grid.rowCount()
                grid.addWidget(Label(words), row, 0)
                grid.addWidget(Label(keys, "number"), row, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(sheet)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(area)
        column.addWidget(buttons)
        self.resize(theme.px(460), theme.px(560))
        self.finished.connect(self.deleteLater)


def _keys_of(action: QAction) -> list[tuple[str, str]]:
    """(text, keys) of an action, or of all actions in the menu that it opens."""
    menu = action.menu()
    if isinstance(menu, QMenu):
        return [row for inner in menu.actions() for row in _keys_of(inner)]
    if action.shortcut().isEmpty():
        return []
    return [
        (plain(action.text()), action.shortcut().toString(QKeySequence.SequenceFormat.NativeText))
    ]
