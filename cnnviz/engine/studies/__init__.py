"""Studies: what is looked into at leisure, in slices between the steps of a run.

Each is a generator over what it has found by now. It draws no random number of the training,
leaves the model as it was, and finds the weights of the present step at each of its slices.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from cnnviz.engine.protocol import Studied, Study, Text
from cnnviz.engine.protocol.studies import (
    Average,
    Backward,
    BackwardInTraining,
    Beside,
    Dream,
    Embed,
    Examine,
    Exciting,
    Lesson,
    Muted,
    Nearest,
    Outlook,
    Pictures,
    RangeTest,
    Starts,
)
from cnnviz.engine.studies.ablation import without
from cnnviz.engine.studies.averages import average
from cnnviz.engine.studies.backward import go_back
from cnnviz.engine.studies.backward_in_training import go_back_in_training
from cnnviz.engine.studies.beside import beside
from cnnviz.engine.studies.embedding import embed
from cnnviz.engine.studies.examination import examine
from cnnviz.engine.studies.favourites import dream, exciting
from cnnviz.engine.studies.lesson import learned
from cnnviz.engine.studies.neighbours import nearest, pictures
from cnnviz.engine.studies.outlook import foresee
from cnnviz.engine.studies.range_test import sweep
from cnnviz.engine.studies.starts import starts
from cnnviz.engine.trouble import explain
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz.engine.bench import Bench
    from cnnviz.engine.protocol import Finding
    from cnnviz.engine.runner import Runner
    from cnnviz.engine.studies.found import Work
    from cnnviz.engine.train import Run

SHARE = 0.25
"""Of the time, where a run goes on beside."""

_STUDIES: dict[type, Callable[[Any, Bench], Work]] = {
    Average: average,
    Backward: go_back,
    BackwardInTraining: go_back_in_training,
    Beside: beside,
    Dream: dream,
    Examine: examine,
    Exciting: exciting,
    Muted: without,
    Nearest: nearest,
    Pictures: pictures,
    Embed: embed,
    Outlook: foresee,
    RangeTest: sweep,
    Starts: starts,
}

_OF_RUN: dict[type, Callable[[Any, Bench, Run | None], Work]] = {Lesson: learned}
"""What is looked into of the present run."""

_OF_DATA = (Outlook,)
"""What is looked into of the data, whether or not the network works."""


class Studies:
    """The studies under way, one a slot, each in its turn."""

    def __init__(self, bench: Bench, runner: Runner) -> None:
        self._bench, self._runner = bench, runner
        self._under_way: dict[str, tuple[Study, Work]] = {}
        self._at_leisure: set[str] = set()
        """The slots of those that come after the others."""
        self._due = 0.0

    @property
    def busy(self) -> bool:
        """Whether there is one to go on with."""
        return bool(self._under_way)

    def begin(self, study: Study) -> None:
        """Begin a study; the one before it in its slot ends."""
        self.forget(study.slot)
        model = self._bench.model
        of_data = isinstance(study.subject, _OF_DATA) and self._bench.loaded is not None
        if not of_data and (model is None or not model.complete):
            waits = Message("This waits until the problem in the network is fixed.")
            self._send(study, note=Text.of(waits))
            return
        subject, kind = study.subject, type(study.subject)
        if kind in _OF_RUN:
            work = _OF_RUN[kind](subject, self._bench, self._runner.run)
        else:
            work = _STUDIES[kind](subject, self._bench)
        self._under_way[study.slot] = (study, work)

    def forget(self, slot: str) -> None:
        """End the study of a slot."""
        self._under_way.pop(slot, None)
        self._at_leisure.discard(slot)

    def forget_all(self) -> None:
        """End all of them."""
        self._under_way.clear()
        self._at_leisure.clear()

    def advance(self) -> None:
        """Do the next slice of the study whose turn it is."""
        started = time.perf_counter()
        if not self._under_way or (self._runner.busy and started < self._due):
            return
        slot = next((s for s in self._under_way if s not in self._at_leisure), None)
        slot = next(iter(self._under_way)) if slot is None else slot
        study, work = self._under_way.pop(slot)
        self._at_leisure.discard(slot)
        try:
            found = next(work)
        except StopIteration:  # it has told all that there is
            return
        except Exception as error:  # whatever happens, the engine lives and tells
            self._send(study, note=Text.of(explain(error, self._bench.device)))
            return
        if found is not None:
            self._send(study, found.finding, found.done, found.note)
        if found is None or found.done < 1:
            self._under_way[slot] = (study, work)  # behind the others
            if found is not None and found.leisure:
                self._at_leisure.add(slot)
        now = time.perf_counter()
        self._due = now + (now - started) * (1 / SHARE - 1)

    def _send(
        self,
        study: Study,
        finding: Finding | None = None,
        done: float = 1.0,
        note: Text | None = None,
    ) -> None:
        revision, step = self._bench.revision, self._runner.step
        self._bench.send(Studied(study.id, study.slot, revision, step, finding, done, note))
