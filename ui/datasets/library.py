"""Which data sets are on this machine, and those that are on their way here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cnnviz.data.catalogue import DATA_SETS
from cnnviz.data.fetching import add_steps, fetch_steps
from cnnviz.data.published import PACKAGES, is_here
from cnnviz.message import Message
from ui.background import Background
from ui.datasets.job import Job

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from cnnviz.data.fetching import Step


class Library(QObject):
    """Fetches and adds when it is asked to, beside the window; nothing begins by itself."""

    changed = Signal()
    """Something is here, or on its way, or not any more."""
    stepped = Signal(str)
    """The package whose `step` is another one."""
    arrived = Signal(str)
    """The package that is here now."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._jobs: dict[str, Job] = {}
        self._steps: dict[str, Step] = {}
        self._troubles: dict[str, Message] = {}
        self._here = frozenset(name for name, known in DATA_SETS.items() if not known.package)

    def is_here(self, data_set: str) -> bool:
        """Whether a data set can be learned from."""
        return data_set in self._here

    def is_coming(self, package: str) -> bool:
        """Whether a package is on its way."""
        return package in self._jobs

    def is_stopping(self, package: str) -> bool:
        """Whether it has been given up, and the answer of a server is still waited for."""
        return package in self._jobs and self._jobs[package].cancelled

    def step(self, package: str) -> Step | None:
        """How far a package is."""
        return self._steps.get(package)

    def trouble(self, package: str) -> Message | None:
        """Why a package did not come, the last time."""
        return self._troubles.get(package)

    def look_around(self) -> None:
        """Find out what is here."""
        self._background.run(
            lambda: frozenset(name for name in DATA_SETS if is_here(name)),
            self._found,
            lambda error: None,
        )

    def fetch(self, package: str) -> None:
        """Get a package from the network."""
        self._begin(package, lambda: fetch_steps(PACKAGES[package]))

    def add(self, package: str, path: Path) -> None:
        """Take a package from a file or a folder."""
        self._begin(package, lambda: add_steps(PACKAGES[package], path))

    def cancel(self, package: str) -> None:
        """Give up a package that is on its way; what has been fetched is kept for the next time."""
        if package in self._jobs:
            self._jobs[package].cancel()
            self.changed.emit()

    def close(self) -> None:
        """The program ends."""
        for job in self._jobs.values():
            job.close()
        self._background.close()

    def _begin(self, package: str, steps: Callable[[], Generator[Step, None, None]]) -> None:
        if package in self._jobs:
            return
        job = self._jobs[package] = Job(steps, self)
        self._troubles.pop(package, None)
        self._steps.pop(package, None)
        job.stepped.connect(lambda step: self._step(package, step))
        job.done.connect(lambda _: self._arrive(package))
        job.failed.connect(lambda message: self._fail(package, message))
        job.ended.connect(lambda: self._end(package))
        job.start()
        self.changed.emit()

    def _step(self, package: str, step: Step) -> None:
        self._steps[package] = step
        self.stepped.emit(package)

    def _arrive(self, package: str) -> None:
        self._here |= {kept.data_set for kept in PACKAGES[package].kept}
        self.arrived.emit(package)

    def _fail(self, package: str, message: Message) -> None:
        self._troubles[package] = message

    def _end(self, package: str) -> None:
        self._jobs.pop(package).deleteLater()
        self._steps.pop(package, None)
        self.changed.emit()

    def _found(self, here: frozenset[str]) -> None:
        self._here = here
        self.changed.emit()
