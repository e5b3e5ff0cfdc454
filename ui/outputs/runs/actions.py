"""What can be done with the chosen runs, by menu, keys and buttons."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from cnnviz.message import Message
from cnnviz.runs import can_begin_again
from ui.able import allow
from ui.i18n import language, tr
from ui.outputs.runs.words import title_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from cnnviz.runs import KeptRun
    from ui.engine_client import EngineClient
    from ui.outputs.runs.again_dialog import AgainDialog
    from ui.outputs.runs.choice import RunChoice
    from ui.session import Session


class RunsMenu(QMenu):
    """Acts on the runs that were chosen last in any list; where there are none, on the newest."""

    told = Signal(object)
    """Message: what was done, or why not."""
    naming = Signal(str)
    """A run is to be called otherwise, by its id."""
    noting = Signal(str)
    """A note is to be written on a run, by its id."""

    def __init__(
        self,
        session: Session,
        engine: EngineClient,
        choice: RunChoice,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._session, self._engine, self._choice = session, engine, choice
        self._chosen: Sequence[str] = ()
        self._window = parent
        self.draw = self._action("", self._draw)
        self.draw.setCheckable(True)
        self.all = self._action("", partial(self._draw_all, True))
        self.none = self._action("", partial(self._draw_all, False))
        self.again = self._action("Ctrl+F5", self._again)
        self.changed = self._action("Ctrl+Shift+F5", self._ask)
        self.look = self._action("", lambda: self._of_one(engine.time.look_through))
        self.rename = self._action("", lambda: self._of_one(self.naming.emit))
        self.note = self._action("", lambda: self._of_one(self.noting.emit))
        self.delete = self._action("", self.delete_chosen)
        for group in (
            (self.again, self.changed),
            (self.draw, self.all, self.none, self.look),
            (self.rename, self.note),
            (self.delete,),
        ):
            self.addActions(group)
            self.addSeparator()
        session.runs.changed.connect(self.refresh)
        choice.changed.connect(self.refresh)
        engine.progress_changed.connect(self._follow_run)
        language.changed.connect(self.retranslate)
        self._state = ""
        self.retranslate()

    def retranslate(self) -> None:
        """Set all texts."""
        self.setTitle(tr("Runs"))
        self.again.setText(tr("Run again"))
        self.changed.setText(tr("Run again with one thing changed…"))
        self.draw.setText(tr("Draw the run"))
        self.all.setText(tr("Draw all runs"))
        self.none.setText(tr("Draw the present run alone"))
        self.look.setText(tr("Look through the run"))
        self.rename.setText(tr("Rename the run…"))
        self.note.setText(tr("Note on the run…"))
        self.delete.setText(tr("Delete the run"))
        self.refresh()

    def refresh(self) -> None:
        """Switch off what cannot be done, and say why."""
        runs = self._runs()
        none = Message("There is no run yet. Press Train.")
        for action in self.actions():
            allow(action, None if runs else none)
        if not runs:
            return
        ticked = {run.id for run in runs} <= self._choice.ticked
        self.draw.setChecked(ticked)
        for action in (self.again, self.changed):
            known = can_begin_again(runs[0])
            reason = Message("The weights that it began with are not kept")
            allow(action, None if known else reason)
        allow(self.look, self._engine.time.obstacle_of(runs[0]))
        deletable = any(run.over or run.state == "paused" for run in runs)
        allow(self.delete, None if deletable else Message("The run still goes on"))

    def choose(self, runs: Sequence[str]) -> None:
        """Act on these runs from now on, named by their ids; the first of them is the main one."""
        self._chosen = tuple(runs)
        self.refresh()

    def delete_chosen(self) -> None:
        """Delete the chosen runs; undo brings them back."""
        runs = self._runs()
        before = len(self._session.runs.all)
        self._session.delete_runs(*(run.id for run in runs))
        gone = before - len(self._session.runs.all)
        if gone == 1 and len(runs) == 1:
            name = title_of(runs[0])
            self.told.emit(Message("“{run}” is deleted. Undo brings it back.", run=name))
        elif gone:
            self.told.emit(Message("{n:,} runs are deleted. Undo brings them back.", n=gone))

    def begin_again(self, run: str, **changes: object) -> None:
        """Train as in a kept run, with changes, and draw both."""
        if self._engine.training or self._engine.paused:
            self._engine.stop()  # else the settings would change in the middle of the run that is
        if self._session.run_again(run, **changes):
            self._choice.tick([run], True)
            self._engine.train()

    # --- inside -------------------------------------------------------------------------------

    def _action(self, keys: str, do: Callable[[], None]) -> QAction:
        action = QAction(self)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _=False: do())
        return action

    def _runs(self) -> list[KeptRun]:
        """What is chosen, or the newest."""
        known = {run.id: run for run in self._session.runs.all}
        found = [known[run] for run in self._chosen if run in known]
        newest = self._session.runs.newest
        return found or ([newest] if newest is not None else [])

    def _of_one(self, do: Callable[[str], None]) -> None:
        runs = self._runs()
        if runs:
            do(runs[0].id)

    def _draw(self) -> None:
        self._choice.tick([run.id for run in self._runs()], self.draw.isChecked())

    def _draw_all(self, on: bool) -> None:
        runs = {run.id for run in self._session.runs.all}
        self._choice.tick(runs if on else runs - {self._choice.present}, on)

    def _again(self) -> None:
        self._of_one(self.begin_again)

    def _ask(self) -> None:
        from ui.outputs.runs.again_dialog import AgainDialog  # few need it, and not at the start

        runs = self._runs()
        if not runs:
            return
        dialog: AgainDialog = AgainDialog(runs[0], self._window)
        run = runs[0].id
        dialog.wanted.connect(lambda name, value: self.begin_again(run, **{name: value}))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _follow_run(self) -> None:
        """A run may be deleted when it is over; its state is told thirty times a second."""
        progress = self._engine.progress
        state = "" if progress is None else progress.state
        if state != self._state:
            self._state = state
            self.refresh()
