"""Files written away from the window, each with a small window that shows how far it is."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QProgressDialog

from ui.background import Background
from ui.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from cnnviz.message import Message, UserError

PATIENCE_MILLISECONDS = 500
"""How long a file may take before it shows that it is being written."""


class Job:
    """A file that is being written; what writes it looks here, and says how far it is."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self.share: float | None = None
        """How much has been done, 0 to 1; None where nobody knows."""

    @property
    def cancelled(self) -> bool:
        """Whether a person wants the file no more."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Want it no more."""
        self._cancelled.set()


class Writing(QObject):
    """Writes files one after another; each can be cancelled."""

    def __init__(
        self,
        window: QWidget,
        told: Callable[[Message], None],
        refused: Callable[[Message], None],
    ) -> None:
        """told: is called with what was written. refused: with why nothing was."""
        super().__init__(window)
        self._window, self._told, self._refused = window, told, refused
        self._background = Background(self)
        self._jobs: set[Job] = set()

    @property
    def busy(self) -> bool:
        """Whether a file is being written."""
        return self._background.busy

    def begin(self, words: str, work: Callable[[Job], Message | None]) -> None:
        """Do `work`, which must not change anything that the window reads.

        words: what is said meanwhile. work: tells what was written, or None where it was cancelled.
        """
        job = Job()
        self._jobs.add(job)
        progress = self._progress(words, job)

        def end() -> None:
            self._jobs.discard(job)
            progress.deleteLater()

        def done(message: Message | None) -> None:
            end()
            if message is not None:
                self._told(message)

        def failed(error: UserError) -> None:
            end()
            self._refused(error.message)

        self._background.run(lambda: work(job), done, failed)

    def close(self) -> None:
        """Give up what is under way."""
        for job in self._jobs:
            job.cancel()
        self._background.close()

    def _progress(self, words: str, job: Job) -> QProgressDialog:
        progress = QProgressDialog(self._window)
        progress.setWindowTitle(tr("Export"))
        progress.setLabelText(words)
        progress.setCancelButtonText(tr("Cancel"))
        progress.setRange(0, 0)
        progress.setAutoReset(False)
        progress.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        progress.reset()  # it would show itself after four seconds
        progress.canceled.connect(job.cancel)
        timer = QTimer(progress, interval=PATIENCE_MILLISECONDS)

        def look() -> None:
            if job.share is not None:
                progress.setRange(0, 100)
                progress.setValue(round(100 * job.share))
            if not job.cancelled:
                progress.show()

        timer.timeout.connect(look)
        timer.start()
        return progress
