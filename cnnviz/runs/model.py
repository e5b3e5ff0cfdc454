"""A run of training as it is kept in a project: what it began with, what became of it.

Everything here is a frozen value. A run that goes on is replaced, again and again, by a longer one
with the same id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec import Struct

from cnnviz.analysis import analyze
from cnnviz.confusion import Examination
from cnnviz.message import Message
from cnnviz.project import Project, RunNote, Weights
from cnnviz.runs.curves import NO_POINTS, Changed, Curve, RunState
from cnnviz.runs.moments import (
    ALL_BYTES,
    Moment,
    bytes_of,
    is_scheduled,
    most_moments,
    thinned,
    total_bytes,
)
from cnnviz.training import Training


class KeptRun(Struct, frozen=True, eq=False):
    """One run of training.

    id: "r1", "r2", … in the order in which the runs of a project began; never given out twice.
    began: when, in seconds since 1970.
    project: what the run began with: network, data set, settings, seed, and whatever else a person
    decides about them. Its own `runs` are empty.
    from_seed: whether the initial weights were those of the seed, and not learned before.
    initial: the weights before its first step; empty where they are too large to be kept.
    device, threads: what computed it.
    state: how it stands; `explanation` says why it failed or finished before its last step.
    step, steps: how far it got, and how far it was to go.
    seconds: spent in training and evaluating.
    train, validation, test: its curves. changes: the settings that were changed on its way.
    examination: the answers to all test images after its last epoch.
    moments: weights after some of its steps, in their order, the last one the newest.
    name, note: what a person wrote; see `titled`.
    """

    id: str
    began: float
    project: Project
    from_seed: bool = True
    initial: Weights = MappingProxyType({})
    device: str = ""
    threads: int = 0
    state: RunState = "loading"
    explanation: Message | None = None
    step: int = 0
    steps: int = 0
    seconds: float = 0.0
    train: Curve = NO_POINTS
    validation: Curve = NO_POINTS
    test: Curve = NO_POINTS
    changes: tuple[Changed, ...] = ()
    examination: Examination | None = None
    moments: tuple[Moment, ...] = ()
    name: str = ""
    note: str = ""

    @property
    def number(self) -> int:
        """Which run of the project it is, from 1."""
        return number_of(self.id)

    @property
    def title(self) -> str | Message:
        """What to call it: its name, or "Run 3"."""
        return self.name or Message("Run {n}", n=self.number)

    @property
    def settings(self) -> Training:
        """The settings that it began with."""
        return self.project.training

    @property
    def over(self) -> bool:
        """Whether nothing will be added to it any more."""
        return self.state in {"finished", "stopped", "failed"}

    @property
    def kept_steps(self) -> tuple[int, ...]:
        """The steps of which there are weights, rising: what a time machine can show."""
        return tuple(moment.step for moment in self.moments)

    @property
    def too_large(self) -> bool:
        """Whether the network is too large for moments to be kept of it."""
        return most_moments(4 * _tensor_values(self.project)) < 1

    def moment(self, step: int) -> Moment:
        """The weights after that step. Raises KeyError: they are not kept."""
        for moment in self.moments:
            if moment.step == step:
                return moment
        raise KeyError(step)

    def with_moment(self, moment: Moment) -> KeptRun:
        """With newer weights, within the budget of a run.

        Those of a step that is not log-spaced are kept only while they are the newest.
        """
        kept = [one for one in self.moments if one.step < moment.step and is_scheduled(one.step)]
        most = most_moments(moment.bytes)
        initial = moment.weights if moment.step == 0 and most else self.initial
        moments = thinned([*kept, moment], most)
        return msgspec.structs.replace(self, moments=moments, initial=initial)

    def titled(self, note: RunNote | None) -> KeptRun:
        """With the name and the note that a person wrote."""
        if note is None:
            return self
        return msgspec.structs.replace(self, name=note.name, note=note.note)

    @property
    def bytes(self) -> int:
        """What its weights take."""
        return bytes_of(self.initial) + sum(moment.bytes for moment in self.moments)


def number_of(run: str) -> int:
    """The number in an id."""
    return int(run.removeprefix("r"))


def next_id(ids: Sequence[str]) -> str:
    """An id that no run of these has."""
    return f"r{max((number_of(one) for one in ids), default=0) + 1}"


def within_budget(runs: Mapping[str, KeptRun]) -> dict[str, KeptRun]:
    """The runs, with fewer moments of the oldest where all together take too much room.

    The newest run keeps what it has, and each its initial weights as long as anything else can go.
    """
    kept = dict(runs)
    order = sorted(kept, key=number_of)
    total = total_bytes(_weights_of(kept.values()))
    while total > ALL_BYTES:
        older = order[:-1]
        thick = [run for run in older if kept[run].moments]
        if thick:
            run = thick[0]
            fewer = thinned(kept[run].moments, len(kept[run].moments) // 2)
            kept[run] = msgspec.structs.replace(kept[run], moments=fewer)
        else:
            whole = [run for run in older if kept[run].initial]
            if not whole:
                break
            kept[whole[0]] = msgspec.structs.replace(kept[whole[0]], initial={})
        total = total_bytes(_weights_of(kept.values()))
    return kept


def _weights_of(runs: Iterable[KeptRun]) -> Iterator[Weights]:
    for run in runs:
        yield run.initial
        yield from (moment.weights for moment in run.moments)


# --- what a person writes --------------------------------------------------------------------


def renamed(project: Project, run: str, name: str) -> Project:
    """The project, with a run called otherwise; "" gives it its number again."""
    return _with_note(project, run, name=name)


def noted(project: Project, run: str, note: str) -> Project:
    """The project, with a note on a run."""
    return _with_note(project, run, note=note)


def deleted(project: Project, *runs: str) -> Project:
    """The project without some runs. The project before has them still: so it can be undone."""
    for run in runs:
        project = _with_note(project, run, deleted=True)
    return project


def present(project: Project, runs: Mapping[str, KeptRun]) -> tuple[KeptRun, ...]:
    """The runs that have not been deleted, with their names and notes, in their order."""
    notes = {note.run: note for note in project.runs}
    return tuple(
        run.titled(notes.get(run.id))
        for run in runs.values()
        if run.id not in notes or not notes[run.id].deleted
    )


def _with_note(project: Project, run: str, **changes: Any) -> Project:
    notes = {note.run: note for note in project.runs}
    notes[run] = msgspec.structs.replace(notes.get(run, RunNote(run)), **changes)
    said = tuple(notes[one] for one in sorted(notes, key=number_of) if notes[one] != RunNote(one))
    return msgspec.structs.replace(project, runs=said)


# --- once more -------------------------------------------------------------------------------


def begun_again(run: KeptRun, present_project: Project, **changes: object) -> Project:
    """What a run began with, with changes: its own network, data, settings and seed.

    changes: settings of training by name, or `seed`. The names and notes of runs are the present
    ones. Go on from `weights_again`, and the run begins with the same weights and goes through the
    images in the same order.
    """
    of_project = {name: value for name, value in changes.items() if name == "seed"}
    of_training = {name: value for name, value in changes.items() if name != "seed"}
    training = msgspec.structs.replace(run.settings, **of_training)
    return msgspec.structs.replace(
        run.project, training=training, runs=present_project.runs, **of_project
    )


def can_begin_again(run: KeptRun) -> bool:
    """Whether the weights that it began with are still known."""
    return bool(run.initial) or run.from_seed


def weights_again(run: KeptRun) -> Weights:
    """The weights that it began with; none where they are those of the seed.

    Raises:
        KeyError: they are not kept; ask `can_begin_again`.
    """
    if not can_begin_again(run):
        raise KeyError(run.id)
    return {} if run.from_seed else run.initial


def _tensor_values(project: Project) -> int:
    report = analyze(project.network)
    return report.parameters + report.buffers
