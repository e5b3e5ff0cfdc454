"""All runs of the project, and what differed between those that are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from ui.i18n import language, tr
from ui.outputs.runs.differences_table import DifferencesTable
from ui.outputs.runs.run_list import RunList
from ui.outputs.runs.words import title_of
from ui.theme import theme
from ui.widgets.buttons import IconButton
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from PySide6.QtGui import QContextMenuEvent

    from ui.outputs.runs.actions import RunsMenu
    from ui.outputs.runs.choice import RunChoice
    from ui.session import Session

_PACE = 500
"""Milliseconds between two looks at a run that goes on."""


class RunsPage(QWidget):
    """The list, a line for a note on the present run, and the table of what differed."""

    def __init__(self, session: Session, choice: RunChoice, menu: RunsMenu) -> None:
        super().__init__()
        self._session, self._choice, self._menu = session, choice, menu
        self._empty = Label(role="muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.list = RunList()
        self.note = QLineEdit()
        self.note.textEdited.connect(self._write_note)
        self.note.editingFinished.connect(session.end_field)
        self.differences = DifferencesTable()
        self._buttons = [IconButton(icon) for icon in ("reset", "settings", "trash")]
        row = QHBoxLayout()
        row.addWidget(self.note, 1)
        for button in self._buttons:
            row.addWidget(button)
        upper = QWidget()
        self._upper = QVBoxLayout(upper)
        self._upper.setContentsMargins(0, 0, 0, 0)
        self._upper.addWidget(self.list, 1)
        self._upper.addLayout(row)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.addWidget(upper)
        self._split.addWidget(self.differences)
        self._split.setChildrenCollapsible(False)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._empty)
        self._column.addWidget(self._split, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._actions = (menu.again, menu.changed, menu.delete)
        for button, action in zip(self._buttons, self._actions, strict=True):
            button.clicked.connect(action.trigger)
            action.changed.connect(self._show_buttons)
        self.list.deleting.connect(menu.delete.trigger)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_PACE)
        self._later.timeout.connect(self.refresh)
        self.list.ticked.connect(choice.tick)
        self.list.renamed.connect(session.rename_run)
        self.list.chosen.connect(self._show_chosen)
        session.runs.changed.connect(self.refresh)
        session.runs.grown.connect(self._grow)
        choice.changed.connect(self.refresh)
        language.changed.connect(self.retranslate)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.retranslate()
        self._show_buttons()

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self._empty.setText(
            tr(
                "Every run of training is kept here, with its settings, its curves and its "
                "weights. Press Train to begin one."
            )
        )
        self.refresh()

    def refresh(self) -> None:
        """Show all runs as they are now."""
        runs = self._session.runs.all
        self._empty.setVisible(not runs)
        self._split.setVisible(bool(runs))
        if not self.isVisible():
            return
        self.list.set_runs(runs, self._choice.ticked)
        if runs and not self.list.current():
            self.list.choose(runs[-1].id)
        compared = self._choice.compared
        self.differences.set_runs(compared if len(compared) > 1 else runs)
        self._show_note()

    def edit_name(self, run: str) -> None:
        """Let a run be called otherwise, where it stands in the list."""
        self.list.choose(run)
        self.list.edit_name()

    def edit_note(self, run: str) -> None:
        """Let a note be written on a run."""
        self.list.choose(run)
        self.note.setFocus()

    def showEvent(self, event: object) -> None:
        self.refresh()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.list.underMouse() or self.list.hasFocus():
            self._menu.popup(event.globalPos())

    # --- inside -------------------------------------------------------------------------------

    def _grow(self) -> None:
        if self.isVisible() and not self._later.isActive():
            self._later.start()

    def _show_chosen(self) -> None:
        self._menu.choose(self.list.selected())
        self._show_note()

    def _show_note(self) -> None:
        run = self._session.runs.get(self.list.current())
        self.note.setEnabled(run is not None)
        name = "" if run is None else title_of(run)
        self.note.setPlaceholderText(tr("Note on “{run}”", run=name) if run is not None else "")
        self.note.setAccessibleName(self.note.placeholderText())
        words = "" if run is None else run.note
        if self.note.text() != words:
            self.note.setText(words)

    def _write_note(self, words: str) -> None:
        if self.list.current():
            self._session.note_run(self.list.current(), words)

    def _show_buttons(self) -> None:
        for button, action in zip(self._buttons, self._actions, strict=True):
            button.set_tip(action.text().rstrip("…"), action.shortcut(), action.statusTip())
            button.setEnabled(action.isEnabled())

    def _restyle(self) -> None:
        self._column.setSpacing(theme.px(6))
        self._upper.setSpacing(theme.px(4))
        self.list.setMinimumHeight(theme.px(104))
        self.differences.setMinimumHeight(theme.px(130))
