"""From a file of weights to a step of the history, away from the window's thread."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz.importing.matching import match
from cnnviz.importing.tensor_file import open_tensors
from cnnviz.message import Message
from cnnviz.transfer import body, with_frozen, with_new_head, with_normaliser
from ui.file_dialog import file_dialog
from ui.i18n import tr
from ui.importing.dialog import ImportDialog, outcome

if TYPE_CHECKING:
    import numpy as np

    from cnnviz.analysis import TensorKey
    from cnnviz.importing.matching import Matching
    from cnnviz.project import Project, Weights
    from ui.documents import Documents
    from ui.session import Session

_TICK_MILLISECONDS = 50


class _Reading:
    """What the thread that reads tells the window: a number, and what the window tells it."""

    def __init__(self) -> None:
        self.values = 0
        self.cancelled = threading.Event()

    def read(self, matching: Matching) -> dict[TensorKey, np.ndarray] | None:
        """All tensors; None where the person has had enough."""
        taken = {}
        for key, values in matching.read():
            if self.cancelled.is_set():
                return None
            taken[key] = values
            self.values += values.size
        return taken


class Importer(QObject):
    """Asks for a file, shows what fits, and takes it over as one step that can be undone."""

    told = Signal(object)
    """Message: what has been done."""

    def __init__(self, session: Session, documents: Documents, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._documents, self._window = session, documents, window

    def ask(self) -> None:
        """Let the person choose a file."""
        dialog = file_dialog(self._window, tr("Import weights"))
        dialog.setNameFilters([tr("Weights") + " (*.safetensors)", tr("All files") + " (*)"])
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.look(Path(name)))
        dialog.open()

    def look(self, path: Path) -> None:
        """Find out what of a file fits, and show it."""
        report = self._session.report
        self._documents.in_background(lambda: match(report, open_tensors(path)), self._show)

    def _show(self, matching: Matching) -> None:
        state = self._session.state
        dialog = ImportDialog(self._session, matching, self._window)
        reading = _Reading()
        timer = QTimer(dialog)
        timer.setInterval(_TICK_MILLISECONDS)
        timer.timeout.connect(lambda: dialog.show_progress(reading.values / matching.values))

        def done(taken: dict[TensorKey, np.ndarray] | None) -> None:
            if taken is None or reading.cancelled.is_set():
                return  # and the dialog has gone
            timer.stop()
            project, normalising = self._changed(dialog)
            dialog.accept()
            if self._session.state.project is not state.project:
                # It was for another network; what was looked at is not there any more.
                return
            everything = {**taken, **normalising}
            self._session.take_weights(project, everything, Message("Import weights"))
            self.told.emit(outcome(matching))

        def failed() -> None:
            if not reading.cancelled.is_set():
                dialog.reject()

        def begin() -> None:
            timer.start()
            self._documents.in_background(lambda: reading.read(matching), done, failed)

        dialog.wanted.connect(begin)
        dialog.given_up.connect(reading.cancelled.set)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _changed(self, dialog: ImportDialog) -> tuple[Project, Weights]:
        """The project with a normaliser, a new head and frozen layers, where they were asked for;
        and what the normaliser has to know."""
        session, report = self._session, self._session.report
        network = session.network
        if dialog.new_head.isChecked():
            network = with_new_head(report, len(session.dataset.classes))
        if dialog.freeze.isChecked():
            network = with_frozen(network, body(report), frozen=True)
        known: Weights = {}
        if dialog.normalise.isChecked():
            network, known = with_normaliser(network)
        return msgspec.structs.replace(session.project, network=network), known
