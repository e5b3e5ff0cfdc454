"""The runs of the present project: what training has come to, and what a person says of it.

That a run took place is a fact, which no undo takes back. What it is called, a note on it and that
it is not wanted any more are said in the project, as steps that can be undone.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cnnviz import runs as rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cnnviz.project import Project
    from cnnviz.runs import KeptRun, Standing


class KeptRuns(QObject):
    """`session.runs`: views read `all` and listen to `changed` and `grown`.

    The engine client tells what happens with `begin` and `replace`. What a person says goes through
    the session: `rename_run`, `note_run`, `delete_runs`, `run_again`.
    """

    changed = Signal()
    """There are other runs than before, or one is called otherwise."""
    grown = Signal(str)
    """The run of this id has more points or weights, or is in another state; at most some thirty
    times a second."""

    def __init__(self, project: Project, parent: QObject) -> None:
        super().__init__(parent)
        self._project = project
        self._facts: Mapping[str, KeptRun] = MappingProxyType({})
        self._all: tuple[KeptRun, ...] = ()
        self._standing: Standing | None = None

    # --- what is ------------------------------------------------------------------------------

    @property
    def all(self) -> tuple[KeptRun, ...]:
        """The runs, the oldest first, under the names that a person gave; without deleted ones."""
        return self._all

    @property
    def facts(self) -> Mapping[str, KeptRun]:
        """All runs by their ids, those that were deleted too. Another object after each change."""
        return self._facts

    @property
    def wanted(self) -> tuple[KeptRun, ...]:
        """The runs that belong in a file, as they took place; each the same object until it has
        changed."""
        return tuple(self._facts[run.id] for run in self._all)

    def get(self, run: str) -> KeptRun | None:
        """The run of that id, under the name that a person gave; None where there is none."""
        return next((one for one in self._all if one.id == run), None)

    @property
    def newest(self) -> KeptRun | None:
        """The last run that has begun and is not deleted."""
        return self._all[-1] if self._all else None

    @property
    def standing(self) -> Standing | None:
        """How a run stands that has begun and is not over; it belongs to the present weights. None
        where there is none, or it is not wanted any more."""
        standing = self._standing
        return standing if standing is not None and self.get(standing.run) is not None else None

    # --- what happens -------------------------------------------------------------------------

    def open(
        self, project: Project, runs: Iterable[KeptRun], standing: Standing | None = None
    ) -> None:
        """The runs of another project, and how one of them stands."""
        self._project, self._standing = project, standing
        self._facts = MappingProxyType({run.id: run for run in runs})
        self._gather()
        self.changed.emit()

    def new_id(self) -> str:
        """An id that no run of this project has ever had."""
        return rules.next_id([*self._facts, *(note.run for note in self._project.runs)])

    def begin(self, run: KeptRun) -> None:
        """A run begins."""
        self._facts = MappingProxyType({**self._facts, run.id: run})
        self._gather()
        self.changed.emit()

    def replace(self, run: KeptRun) -> None:
        """The same run, longer or in another state."""
        before = self._facts[run.id]
        facts = {**self._facts, run.id: run}
        if run.moments is not before.moments:
            facts = rules.within_budget(facts)
        self._facts = MappingProxyType(facts)
        self._gather()
        self.grown.emit(run.id)

    def stand(self, standing: Standing | None) -> None:
        """The run stands so by now; None: no run can be gone on with."""
        self._standing = standing

    def hold(self, standing: Standing) -> None:
        """What came after that is lost: the run is paused where it stands."""
        self.replace(rules.resumed(self._facts[standing.run], standing))

    def follow(self, project: Project) -> None:
        """Another state of the project is the present one: runs may be called otherwise in it."""
        before, self._project = self._project, project
        if project.runs != before.runs:
            self._gather()
            self.changed.emit()

    # --- inside -------------------------------------------------------------------------------

    def _gather(self) -> None:
        self._all = rules.present(self._project, self._facts)
