"""Which runs the charts draw, and how each is known by colour and shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal

from ui.charts.curve import Line
from ui.charts.shapes import COLORS, SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnnviz.runs import Curve, KeptRun
    from ui.engine_client import EngineClient
    from ui.session import Session
    from ui.session_state import Change


class Look(NamedTuple):
    """A place in the theme's colours of series, and one of `SHAPES`."""

    color: int
    shape: str


def look_of(run: KeptRun) -> Look:
    """How a run is drawn, wherever it is: twenty runs in a row look each like no other."""
    return Look((run.number - 1) % COLORS, SHAPES[(run.number - 1) % len(SHAPES)])


class RunChoice(QObject):
    """The runs with a tick. Where that is the present one alone, or none, nothing is compared."""

    changed = Signal()
    """Others have a tick, or one of them is called otherwise or has become longer."""

    def __init__(self, session: Session, engine: EngineClient, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._engine = session, engine
        self._ticked: frozenset[str] = frozenset()
        self._present = ""
        self._lines: dict[tuple[str, str, str], tuple[Curve, Line]] = {}
        session.runs.changed.connect(self._follow)
        session.runs.grown.connect(self._grow)
        engine.curves_cleared.connect(self._follow)
        engine.progress_changed.connect(self._look)
        session.changed.connect(self._open)
        self._follow()

    @property
    def present(self) -> str:
        """The id of the run whose curves the engine tells; "" where there is none."""
        runs = self._session.runs
        if runs.standing is not None and runs.get(runs.standing.run) is not None:
            return runs.standing.run
        newest = runs.newest
        return newest.id if newest is not None and self._engine.progress is not None else ""

    @property
    def ticked(self) -> frozenset[str]:
        """The ids of the runs with a tick."""
        return self._ticked

    @property
    def compared(self) -> tuple[KeptRun, ...]:
        """The runs to draw beside each other, the oldest first; none where there is but the
        present one."""
        runs = tuple(run for run in self._session.runs.all if run.id in self._ticked)
        return () if {run.id for run in runs} <= {self.present} else runs

    def tick(self, runs: Iterable[str], on: bool) -> None:
        """Draw these runs, too, or no longer."""
        self._tick(self._ticked | set(runs) if on else self._ticked - set(runs))

    def line(self, run: KeptRun, split: str, measured: str) -> Line:
        """What was measured of a run: a line of the engine's for the present one."""
        if run.id == self.present and split in self._engine.curves:
            return self._engine.curves[split].lines[measured]
        curve: Curve = getattr(run, split)
        known = self._lines.get((run.id, split, measured))
        if known is None or known[0] is not curve:
            means = getattr(curve, f"mean_{measured}")
            known = curve, Line.of(curve.steps, getattr(curve, measured), means)
            self._lines[run.id, split, measured] = known
        return known[1]

    # --- inside -------------------------------------------------------------------------------

    def _tick(self, ticked: frozenset[str]) -> None:
        if ticked != self._ticked:
            self._ticked = ticked
            self.changed.emit()

    def _follow(self) -> None:
        """A run that begins is drawn, beside what it was to be compared with; alone it takes the
        place of the one before it."""
        present = self.present
        known = {run.id for run in self._session.runs.all}
        ticked = self._ticked & known
        if present != self._present:
            alone = ticked == {self._present}
            ticked = (frozenset() if alone else ticked) | ({present} if present else set())
        self._present = present
        self._lines = {key: line for key, line in self._lines.items() if key[0] in known}
        self._ticked = ticked
        self.changed.emit()

    def _look(self) -> None:
        """What the engine tells may be of another run than before."""
        if self.present != self._present:
            self._follow()

    def _open(self, change: Change) -> None:
        """Of another project the newest run is drawn."""
        newest = self._session.runs.newest
        if change.opened:
            self._lines.clear()
            self._tick(frozenset() if newest is None else frozenset({newest.id}))

    def _grow(self, run: str) -> None:
        """Curves of the present run grow by themselves; whatever else grows is drawn anew."""
        if run in self._ticked and run != self.present:
            self.changed.emit()
