"""The sheet of all keys: those of the menus, read from them, so that it cannot say anything else
than they do, and those that mean something only where the keyboard is."""

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
from ui.widgets import screen_room
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenuBar


class ShortcutSheet(QDialog):
    """Menu by menu, each action that has keys; then place by place."""

    def __init__(self, bar: QMenuBar, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        sheet = QWidget()
        grid = QGridLayout(sheet)
        grid.setHorizontalSpacing(theme.px(24))
        sections = [(plain(top.text()), _keys_of(top)) for top in bar.actions()]
        for title, rows in (*sections, *_in_place()):
            if not rows:
                continue
            heading = Label(title, "heading")
            heading.setContentsMargins(0, theme.px(8), 0, 0)
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
        room = sheet.sizeHint().width() + area.verticalScrollBar().sizeHint().width()
        area.setMinimumWidth(min(room, theme.px(620)) + 2 * area.frameWidth())
        screen = screen_room.of(self)
        self.resize(min(theme.px(460), screen.width()), min(theme.px(560), screen.height()))
        self.finished.connect(self.deleteLater)


Rows = list[tuple[str, str]]
"""What is done, and by which keys."""


def _keys_of(action: QAction) -> Rows:
    """(text, keys) of an action, or of all actions in the menu that it opens."""
    menu = action.menu()
    if isinstance(menu, QMenu):
        return [row for inner in menu.actions() for row in _keys_of(inner)]
    known = [key for key in action.shortcuts() if not key.isEmpty()]
    if not known:
        return []
    keys = ", ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in known)
    return [(plain(action.text()), keys)]


_ARROWS = "← → ↑ ↓"


def _in_place() -> tuple[tuple[str, Rows], ...]:
    """The keys that are no actions, by what has the keyboard."""
    return (
        (
            tr("In the network"),
            [
                (tr("Select the next layer, or one of another branch"), _ARROWS),
                (tr("Select more or fewer layers"), f"Shift+{_ARROWS}"),
                (tr("Select the input, the last layer"), "Home, End"),
                (tr("Select the block around it"), "Esc"),
                (tr("Settings of the layer"), "Enter"),
                (tr("Menu of the layer"), "Shift+F10"),
                (tr("While dragging: copy"), "Ctrl"),
                (tr("While dragging: leave it as it was"), "Esc"),
                (tr("Zoom to the pointer"), tr("Ctrl+wheel")),
            ],
        ),
        (
            tr("In the drawing"),
            [
                (tr("Move the pen, in small steps"), f"{_ARROWS}, Shift+{_ARROWS}"),
                (tr("Hold the pen down"), tr("Space")),
            ],
        ),
        (
            tr("In maps, kernels and windows"),
            [
                (tr("Go from value to value; move the window"), _ARROWS),
                (tr("Go to another map"), "Ctrl+← →, PgUp, PgDown"),
                (tr("Let the window slide, or hold it"), tr("Space")),
                (tr("To the first or the last position"), "Home, End"),
                (tr("One pixel, worked out"), "Enter"),
                (tr("Open the map large"), "Z"),
                (tr("Zoom in, out, show all of it"), "+, −, 0"),
                (tr("Close it"), "Esc"),
            ],
        ),
        (
            tr("In the curves"),
            [
                (tr("Read the values of a step, further away"), "← →, Ctrl+← →"),
                (tr("To the first or the last step"), "Home, End"),
                (tr("Zoom in, out, show all of it"), "+, −, 0"),
                (tr("Move along"), "PgUp, PgDown"),
                (tr("Switch a line on or off"), "1–9"),
            ],
        ),
    )
