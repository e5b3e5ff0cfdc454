"""What the session owns and tells of: the present project, what follows from it, the selection and
the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from PySide6.QtCore import QObject, Signal

from cnnviz import edits
from cnnviz.analysis import Report, analyze
from cnnviz.data.catalogue import DataSet
from cnnviz.data.datasets import data_set
from cnnviz.history import History, State
from cnnviz.layers import Branches
from cnnviz.message import Message
from cnnviz.network import INPUT_UID, Network, Place
from ui.kept_runs import KeptRuns
from ui.muted import Muted
from ui.spot import Spot

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from cnnviz.layers import Layer
    from cnnviz.project import Project, Weights
    from cnnviz.runs import KeptRun, Standing


LONGEST_NUMBER = 16
"""Digits of a uid that nobody counts up to: those of a file may be anything."""


class Change(Struct, frozen=True):
    """A step from one state to another: by a command, undo, redo or opening a file."""

    old: State
    new: State
    old_report: Report
    report: Report
    edit: bool
    """Whether learning carries over live (an edit), or the new state brings its own weights."""
    opened: bool = False
    """Whether another project was opened, of which nothing before tells anything."""


class SessionState(QObject):
    """The present project, its report, the selection, the history and the file it belongs to."""

    changed = Signal(object)
    """Change: the project or what it learned is another one now."""
    selection_changed = Signal(str)
    """The uid of the selected layer, or INPUT_UID."""
    selected_changed = Signal()
    """Other layers belong to the selection, or another one of them is the one to show."""
    file_changed = Signal()
    """The path or whether something is unsaved."""

    def __init__(self, project: Project, weights: Weights) -> None:
        super().__init__()
        self._uids = 0
        self._path: Path | None = None
        project = self._with_uids(project)
        self._history = History(Message("Open"), project, weights)
        self._opened_at = 0
        self._saved: tuple[Project | None, Weights | None] = (project, weights)
        self._report = analyze(project.network, len(self.dataset.classes))
        self._selection = first_of(project.network)
        self._selected: tuple[str, ...] = (self._selection,)
        self._selection_after: tuple[str, ...] = ()
        self._empty_branch: Place | None = None
        self.runs = KeptRuns(project, self)
        """The runs of the project."""
        self.spot = Spot(self)
        """The value that somebody points at."""
        self.muted = Muted(self)
        """The maps that are taken out to see what the network is without them."""
        self._saved_runs: object = self.runs.facts

    # --- what is ------------------------------------------------------------------------------

    @property
    def project(self) -> Project:
        """The present project."""
        return self._history.present.project

    @property
    def network(self) -> Network:
        """Its network."""
        return self.project.network

    @property
    def state(self) -> State:
        """The present state of the history: revision, project and weights."""
        return self._history.present

    @property
    def report(self) -> Report:
        """What follows from the present network."""
        return self._report

    @property
    def dataset(self) -> DataSet:
        """The data set that the project is for."""
        return data_set(self.project.dataset)

    @property
    def selection(self) -> str:
        """The uid of the selected layer, or INPUT_UID."""
        return self._selection

    @property
    def selected(self) -> tuple[str, ...]:
        """The uids of all selected layers in the order of the network; none for the input."""
        return () if self._selection == INPUT_UID else self._selected

    @property
    def empty_branch(self) -> Place | None:
        """The empty branch that is chosen in the place of a layer; `selection` is its block."""
        return self._empty_branch

    @property
    def place(self) -> Place:
        """Where the next layer goes: into the empty branch, or behind the selection."""
        return self._empty_branch or edits.place_after(self.network, self._selection)

    @property
    def selected_layer(self) -> Layer | None:
        """The selected layer; None while the input is selected."""
        return None if self._selection == INPUT_UID else self.network.layer(self._selection)

    @property
    def undo_label(self) -> Message | None:
        """The step that undo takes back."""
        return self._history.undo_label

    @property
    def redo_label(self) -> Message | None:
        """The step that redo repeats."""
        return self._history.redo_label

    @property
    def steps(self) -> tuple[tuple[Message, State], ...]:
        """Each step up to the present one, with the state before it."""
        return self._history.steps

    @property
    def path(self) -> Path | None:
        """The file that saving writes to."""
        return self._path

    @property
    def modified(self) -> bool:
        """Whether there is something that the file does not hold."""
        present = self._history.present
        return (
            present.project is not self._saved[0]
            or present.weights is not self._saved[1]
            or self.runs.facts is not self._saved_runs
        )

    # --- the file -------------------------------------------------------------------------------

    def open(
        self,
        project: Project,
        weights: Weights,
        path: Path | None,
        *,
        saved: bool = True,
        runs: Iterable[KeptRun] = (),
        standing: Standing | None = None,
    ) -> None:
        """Go on with another project; its history begins here.

        saved: whether the file holds it as it is. runs: those that are kept; standing: how one of
        them stands.
        """
        old, old_report = self.state, self._report
        self._path = path
        project = self._with_uids(project)
        # Not only after the present state: what was undone may still be trained, and tell of it.
        self._opened_at = self._history.last_revision + 1
        self._history = History(Message("Open"), project, weights, self._opened_at)
        self._saved = (project, weights) if saved else (None, None)
        self._selection_after = (first_of(project.network),)
        self.runs.open(project, runs, standing)
        self._saved_runs = self.runs.facts
        self._tell(old, old_report, edit=False, opened=True)

    def saved(self, path: Path, state: State, runs: Mapping[str, KeptRun] | None = None) -> bool:
        """That state has been written to that file; whether it is one of the present project.

        runs: `runs.facts` as they were written with it; None for those of now.

        A slow disk may be done when another project has been opened, which then keeps its own file.
        """
        if state.revision < self._opened_at:
            return False
        self._path = path
        self._saved = (state.project, state.weights)
        self._saved_runs = self.runs.facts if runs is None else runs
        self.file_changed.emit()
        return True

    # --- the selection --------------------------------------------------------------------------

    def select(self, uid: str, *others: str) -> None:
        """Select a layer, or the input, and show it; `others` belong to the selection, too."""
        if uid != INPUT_UID and not self.network.has(uid):
            return
        self._show(uid, others)

    def select_branch(self, block: str, branch: int) -> None:
        """Choose an empty branch, into which the next layer goes. Raises KeyError, IndexError."""
        if not self.network.chain(block, branch):
            self._show(block, (), Place(0, block, branch))

    def _show(self, uid: str, others: Collection[str], branch: Place | None = None) -> None:
        wanted = {uid, *others}
        selected: tuple[str, ...] = (uid,)
        if len(wanted) > 1:
            walk = self.network.walk()
            selected = tuple(layer.uid for _, layer in walk if layer.uid in wanted)
        if (uid, selected, branch) == (self._selection, self._selected, self._empty_branch):
            return
        moved = uid != self._selection
        self._selection, self._selected, self._empty_branch = uid, selected, branch
        if moved:
            self._history.end_field()
            self.selection_changed.emit(uid)
        self.selected_changed.emit()

    # --- inside ---------------------------------------------------------------------------------

    def _with_uids(self, project: Project) -> Project:
        """With a uid for every layer, and none given later that a layer of it has."""
        for _, layer in project.network.walk():
            number = layer.uid[1:]
            if layer.uid[:1] == "u" and number.isdecimal() and len(number) < LONGEST_NUMBER:
                self._uids = max(self._uids, int(number))
        return with_network(project, project.network.named(self._new_uid))

    def _tell(self, old: State, old_report: Report, *, edit: bool, opened: bool = False) -> None:
        new = self.state
        if (
            new.project.network is not old.project.network
            or new.project.dataset != old.project.dataset
        ):
            self._report = analyze(new.project.network, len(self.dataset.classes))
        there = self._report.places
        selected = self._selection_after or self._selected
        selection = self._selection_after[-1] if self._selection_after else self._selection
        self._selection_after = ()
        if selection != INPUT_UID and selection not in there:
            selection, selected = _nearest(old.project.network, selection, self.network), ()
        moved = selection != self._selection
        kept = tuple(uid for uid in selected if uid in there)
        told = self._selection, self._selected, self._empty_branch
        self._selection = selection
        branch = self._empty_branch
        if branch is not None and (moved or not _is_empty(self.network, branch)):
            self._empty_branch = None
        self._selected = kept if selection in kept else (selection,)
        self.runs.follow(new.project)
        self.muted.keep(there)
        self.spot.leave()  # the same place may be another value now, or none
        self.changed.emit(Change(old, new, old_report, self._report, edit, opened))
        if moved:
            self.selection_changed.emit(selection)
        if told != (self._selection, self._selected, self._empty_branch):
            self.selected_changed.emit()
        self.file_changed.emit()

    def _new_uid(self) -> str:
        """A uid that no layer of this session has ever had, so that learning is never mixed up."""
        self._uids += 1
        return f"u{self._uids}"


def _is_empty(network: Network, place: Place) -> bool:
    """Whether there is such a branch, without layers."""
    block = network.layer(place.block)
    branches = block.branches if isinstance(block, Branches) else ()
    return place.branch < len(branches) and not branches[place.branch]


def _nearest(old: Network, uid: str, network: Network) -> str:
    """The layer nearest to one that is gone, best before it; the last where all are gone."""
    walk = [layer.uid for _, layer in old.walk()]
    at = walk.index(uid) if uid in walk else 0
    left = (one for one in (*reversed(walk[:at]), *walk[at:]) if network.has(one))
    last = network.layers[-1].uid if network.layers else INPUT_UID
    return next(left, last)


def with_network(project: Project, network: Network) -> Project:
    """The project with another network."""
    return msgspec.structs.replace(project, network=network)


def first_of(network: Network) -> str:
    """The uid of the first layer, or INPUT_UID where there is none."""
    return network.layers[0].uid if network.layers else INPUT_UID
