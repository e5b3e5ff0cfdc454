"""Files: new, open, save, recent ones, and what was not saved when the program died."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from cnnviz.files import SUFFIX, Opened, open_any, save_network, save_project
from cnnviz.message import UserError
from cnnviz.network import Network
from cnnviz.presets import FIRST_START, first_start
from cnnviz.project import Project
from cnnviz.recipes import project_of
from cnnviz.recovery import Orphan, Recovery
from ui import settings
from ui.background import Background
from ui.crash import data_folder
from ui.exports import Exports
from ui.file_dialog import file_dialog
from ui.i18n import network_name, tr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cnnviz.history import State
    from cnnviz.runs import KeptRun
    from ui.session import Session

T = TypeVar("T")

AUTOSAVE_MILLISECONDS = 10_000


class Documents(QObject):
    """Everything that reads or writes files for the session. Nothing unsaved is ever lost."""

    told = Signal(object)
    """Message: something a person should know, such as where a file was written."""
    refused = Signal(object)
    """Message: why a file could not be read or written."""
    found = Signal(object)
    """Orphan: work that a program left behind when it died; answer with `recover` or `forget`."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self._background = Background(self)
        self._recovery = Recovery(data_folder() / "recovery")
        self.exports = Exports(session, window)
        self.exports.told.connect(self.told)
        self.exports.refused.connect(self.refused)
        self._kept: tuple[State, Mapping[str, KeptRun]] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(AUTOSAVE_MILLISECONDS)
        self._timer.timeout.connect(self.autosave)
        self._timer.start()

    # --- reading ------------------------------------------------------------------------------

    def look_for_lost_work(self) -> None:
        """Emit `found` for the newest autosave of a program that died, if there is one."""
        self._background.run(self._recovery.orphans, self._found, self._refuse)

    def new(self) -> None:
        """An empty network, after asking about unsaved work."""
        self._when_safe(lambda: self._go_on_with(Opened(Project(Network()), {}), None))

    def new_from(self, name: str) -> None:
        """A preset, after asking about unsaved work."""

        def go_on() -> None:
            try:
                project, weights = first_start() if name == FIRST_START else (project_of(name), {})
            except UserError as error:
                self._refuse(error)
                return
            self._go_on_with(Opened(project, weights), None)

        self._when_safe(go_on)

    def open(self, path: Path | None = None) -> None:
        """A file, chosen by a person where none is given, after asking about unsaved work."""
        self._when_safe(lambda: self._choose() if path is None else self.read(path))

    def read(self, path: Path) -> None:
        """Read a file without asking; what was there stays if it cannot be read."""

        def done(opened: Opened) -> None:
            is_project = path.suffix == SUFFIX
            self._go_on_with(opened, path if is_project else None)
            settings.add_recent(path)
            if opened.note is not None:
                self.told.emit(opened.note)

        self._background.run(lambda: open_any(path), done, self._refuse)

    def look_into(self, then: Callable[[Path, Opened], None]) -> None:
        """Ask for a file and hand over what is in it; the session stays as it is."""

        def chosen(name: str) -> None:
            path = Path(name)
            self.in_background(lambda: open_any(path), lambda opened: then(path, opened))

        self._ask_for_file(chosen)

    def in_background(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[], object] = lambda: None,
    ) -> None:
        """Read something in the thread for files; where it cannot be read, say so."""

        def refuse(error: UserError) -> None:
            failed()
            self._refuse(error)

        self._background.run(work, done, refuse)

    def recover(self, orphan: Orphan) -> None:
        """Go on with work that was left behind."""

        def done(opened: Opened) -> None:
            self._session.open(
                opened.project,
                opened.weights,
                orphan.original,
                saved=False,
                runs=opened.runs,
                standing=opened.standing,
            )

        self._background.run(lambda: self._recovery.open(orphan), done, self._refuse)

    def forget(self, orphan: Orphan) -> None:
        """Remove work that was left behind."""
        self._background.run(lambda: self._recovery.delete(orphan), lambda _: None, self._refuse)

    # --- writing ------------------------------------------------------------------------------

    def save(self, then: Callable[[], None] | None = None) -> None:
        """Write the project to its file, asking for one where it has none."""
        if self._session.path is None:
            self.save_as(then)
        else:
            self._write(self._session.path, then)

    def save_as(self, then: Callable[[], None] | None = None) -> None:
        """Ask for a file and write the project to it; `.json` holds the network alone."""
        project, network = tr("CNNviz project"), tr("Network without weights")
        dialog = self._dialog(tr("Save as"), [f"{project} (*{SUFFIX})", f"{network} (*.json)"])
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SUFFIX.removeprefix("."))
        dialog.selectFile(self._session.network.name or tr("network"))

        def chosen(name: str) -> None:
            path = Path(name)
            if not path.suffix:
                json = dialog.selectedNameFilter().startswith(network)
                path = path.with_suffix(".json" if json else SUFFIX)
            self._write(path, then)

        dialog.fileSelected.connect(chosen)
        dialog.open()

    def autosave(self) -> None:
        """Keep what is not in a file, in case the program dies."""
        state, facts = self._session.state, self._session.runs.facts
        known = self._kept is not None and self._kept[0] is state and self._kept[1] is facts
        if not self._session.modified or self._background.busy or known:
            return
        self._kept = state, facts
        path = self._session.path
        runs, standing = self._session.runs.wanted, self._session.runs.standing
        self._background.run(
            lambda: self._recovery.write(state.project, state.weights, path, runs, standing),
            lambda _: None,
            self._refuse,
        )

    def close(self) -> None:
        """The program ends in good order: nothing is left to recover."""
        self._timer.stop()
        self.exports.close()
        self._background.close()
        self._recovery.discard()

    def ask(self, then: Callable[[], None]) -> None:
        """Ask about unsaved work, then go on, unless the person would rather stay."""
        self._when_safe(then)

    # --- inside -------------------------------------------------------------------------------

    def _write(self, path: Path, then: Callable[[], None] | None) -> None:
        state, kept = self._session.state, self._session.runs
        facts, runs, standing = kept.facts, kept.wanted, kept.standing
        alone = path.suffix == ".json"

        def work() -> None:
            if alone:
                save_network(path, state.project.network)
            else:
                save_project(path, state.project, state.weights, runs=runs, standing=standing)

        def done(_: None) -> None:
            if not alone and self._session.saved(path, state, facts):
                self._drop_autosave()
            settings.add_recent(path)
            if then is not None:
                then()

        self._background.run(work, done, self._refuse)

    def _go_on_with(self, opened: Opened, path: Path | None) -> None:
        self._session.open(
            opened.project, opened.weights, path, runs=opened.runs, standing=opened.standing
        )
        self._drop_autosave()

    def _drop_autosave(self) -> None:
        """What it held is in a file now, or has been given up by a person."""
        self._kept = None
        self._background.run(self._recovery.discard, lambda _: None, self._refuse)

    def _choose(self) -> None:
        self._ask_for_file(lambda name: self.read(Path(name)))

    def _ask_for_file(self, chosen: Callable[[str], None]) -> None:
        known = f"*{SUFFIX} *.json"
        dialog = self._dialog(tr("Open"), [tr("Projects and networks") + f" ({known})"])
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(chosen)
        dialog.open()

    def _dialog(self, title: str, filters: list[str]) -> QFileDialog:
        dialog = file_dialog(self._window, title)
        dialog.setNameFilters(filters)
        if self._session.path is not None:
            dialog.setDirectory(str(self._session.path.parent))
        return dialog

    def _when_safe(self, then: Callable[[], None]) -> None:
        if not self._session.modified:
            then()
            return
        buttons = QMessageBox.StandardButton
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(tr("Unsaved changes"))
        path, network = self._session.path, self._session.network
        name = path.name if path else network_name(network.name)
        box.setText(
            tr("Save the changes to {name}?", name=name)
            if name
            else tr("Save the changes to this network?")
        )
        box.setInformativeText(tr("What was learned is saved with it."))
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)
        box.setWindowModality(box.windowModality().WindowModal)

        def answered(button: int) -> None:
            box.deleteLater()
            if button == buttons.Save:
                self.save(then)
            elif button == buttons.Discard:
                then()

        box.finished.connect(answered)
        box.open()

    def _found(self, orphans: tuple[Orphan, ...]) -> None:
        if orphans:
            self.found.emit(orphans[0])

    def _refuse(self, error: UserError) -> None:
        self.refused.emit(error.message)


def time_of(orphan: Orphan) -> str:
    """When the work was kept, as a clock shows it."""
    return datetime.fromtimestamp(orphan.time).astimezone().strftime("%Y-%m-%d %H:%M")
