"""The command palette: a line to type into, over the window, and below it what is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QStringListModel, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QLineEdit, QListView, QVBoxLayout, QWidget
from shiboken6 import isValid

from ui.finder.commands import Command
from ui.finder.line import Line, row_height
from ui.finder.matching import rank
from ui.i18n import language, tr
from ui.icons import icon
from ui.theme import theme
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 200
"""Nobody reads more; who looks for something types on."""
_ROWS = 11
_STEPS = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -_ROWS,
    Qt.Key.Key_PageDown: _ROWS,
}


class Finder(QFrame):
    """Lies over the window until something is chosen, Esc is pressed or something else gets the
    keyboard. Made anew each time that it is opened, because commands change."""

    def __init__(self, commands: Sequence[Command], window: QWidget) -> None:
        super().__init__(window)
        self._commands = tuple(commands)
        self._found: list[Command] = []
        self._had = QApplication.focusWidget()
        self.setObjectName("finder")
        self._line, self._none = QLineEdit(), Label("", "muted")
        self._search = QAction(self)
        self._line.addAction(self._search, QLineEdit.ActionPosition.LeadingPosition)
        self._model = QStringListModel(self)
        self._list = QListView()
        self._list.setModel(self._model)
        self._list.setItemDelegate(Line(self.command_at, self._list))
        self._list.setUniformItemSizes(True)
        self._list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # typing goes on while one looks
        self._column = QVBoxLayout(self)
        for widget in (self._line, self._none, self._list):
            self._column.addWidget(widget)
        self._line.textChanged.connect(self._search_anew)
        self._line.installEventFilter(self)
        window.installEventFilter(self)
        self._list.clicked.connect(self._choose)
        self._list.selectionModel().currentChanged.connect(self._say_current)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._focus_moved)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.leave)
        self._retranslate()
        self._restyle()
        self._search_anew("")
        self.show()
        self.raise_()
        self._line.setFocus()

    def command_at(self, row: int) -> Command:
        """What stands in a row of the list."""
        return self._found[row]

    def found(self) -> list[Command]:
        """What is found now, the best first."""
        return list(self._found)

    # --- inside -------------------------------------------------------------------------------

    def _retranslate(self) -> None:
        self.setAccessibleName(tr("Command palette"))
        self._line.setAccessibleName(tr("Find a command or a layer"))
        self._line.setPlaceholderText(tr("Find a command or a layer"))
        self._list.setAccessibleName(tr("What was found"))
        self._none.setText(tr("No command or layer has that name."))

    def _search_anew(self, typed: str) -> None:
        if typed.strip():
            ranked = []
            for place, command in enumerate(self._commands):
                ranks = [found for name in command.known_as if (found := rank(typed, name))]
                if ranks:
                    well, length = min(ranks)
                    ranked.append((well, bool(command.reason), length, place))
            self._found = [self._commands[place] for *_, place in sorted(ranked)[:MOST]]
        else:
            self._found = list(self._commands[:MOST])
        self._model.setStringList([_spoken(command) for command in self._found])
        self._none.setVisible(not self._found)
        self._list.setVisible(bool(self._found))
        self._place()
        self._list.setCurrentIndex(self._model.index(0, 0))
        self._say_current()

    def _say_current(self) -> None:
        """Screen readers hear it as the description of the line that has the keyboard."""
        index = self._list.currentIndex()
        said = _spoken(self._found[index.row()]) if index.isValid() else self._none.text()
        self._line.setAccessibleDescription(said)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.parent() and event.type() == QEvent.Type.Resize:
            self._place()
        if watched is self._line and isinstance(event, QKeyEvent):
            return self._key(event)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        mine = key in _STEPS or key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape}
        if not mine:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # else it would be a command of the window behind
        elif event.type() == QEvent.Type.KeyPress:
            if key in _STEPS:
                last = self._model.rowCount() - 1
                row = self._list.currentIndex().row() + _STEPS[key]
                self._list.setCurrentIndex(self._model.index(min(max(row, 0), last), 0))
            elif key == Qt.Key.Key_Escape:
                self.leave()
            else:
                self._choose(self._list.currentIndex())
        return True

    def _choose(self, index: QModelIndex) -> None:
        if not index.isValid() or self._found[index.row()].reason:
            return
        run = self._found[index.row()].run
        self.leave()
        run()

    def _focus_moved(self, _: QWidget | None, new: QWidget | None) -> None:
        if new is not None and not self.isAncestorOf(new):
            self._had = None  # it was taken, so it is not given back
            self.leave()

    def leave(self) -> None:
        """Give the keyboard back to what had it, and go."""
        if self.isHidden():
            return
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.disconnect(self._focus_moved)
        had = self._had
        self.hide()
        if had is not None and isValid(had):
            had.setFocus()
        self.deleteLater()

    def _restyle(self) -> None:
        pad = theme.px(8)
        self._column.setContentsMargins(pad, pad, pad, pad)
        self._column.setSpacing(theme.px(6))
        self._none.setContentsMargins(theme.px(8), theme.px(4), 0, theme.px(8))
        self._search.setIcon(icon("search", theme.colors.text_muted))
        self._place()

    def _place(self) -> None:
        window = self.parent()
        assert isinstance(window, QWidget)
        margin = theme.px(16)
        width = min(theme.px(620), window.width() - 2 * margin)
        rows = row_height() * min(_ROWS, len(self._found)) + 2
        self._list.setFixedHeight(min(rows, window.height() * 2 // 3))
        self.resize(width, self._column.totalSizeHint().height())
        self.move(QPoint((window.width() - width) // 2, theme.px(60)))


def _spoken(command: Command) -> str:
    """A command in one line, for screen readers."""
    state = tr("chosen") if command.checked else ""
    parts = (command.words, state, command.keys, command.place, command.reason)
    return ", ".join(part for part in parts if part)
