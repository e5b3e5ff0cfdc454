"""The session owns the present project and what follows from it: the only mutable state.

Views call its commands and listen to its signals; they keep no truth of their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from PySide6.QtCore import QObject, Signal

from cnnviz import edits
from cnnviz.analysis import Report, analyze
from cnnviz.data.datasets import DATA_SETS, DataSet
from cnnviz.fixes import Fix
from cnnviz.history import History, State
from cnnviz.layers import Layer, fields_of
from cnnviz.message import Message
from cnnviz.network import INPUT_UID, Input, Network, Place, renamed
from cnnviz.project import LARGEST_SEED, Project, Weights
from cnnviz.recipes import QUICK_START, project_of
from cnnviz.training import Training

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


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


class Session(QObject):
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
        self._selection = _first(project.network)
        self._selected: tuple[str, ...] = (self._selection,)
        self._selection_after: tuple[str, ...] = ()

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
        return DATA_SETS[self.project.dataset]

    @property
    def selection(self) -> str:
        """The uid of the selected layer, or INPUT_UID."""
        return self._selection

    @property
    def selected(self) -> tuple[str, ...]:
        """The uids of all selected layers in the order of the network; none for the input."""
        return () if self._selection == INPUT_UID else self._selected

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
        return present.project is not self._saved[0] or present.weights is not self._saved[1]

    # --- commands -----------------------------------------------------------------------------

    def open(
        self, project: Project, weights: Weights, path: Path | None, *, saved: bool = True
    ) -> None:
        """Go on with another project; its history begins here.

        saved: whether the file holds it as it is.
        """
        old, old_report = self.state, self._report
        self._path = path
        project = self._with_uids(project)
        # Not only after the present state: what was undone may still be trained, and tell of it.
        self._opened_at = self._history.last_revision + 1
        self._history = History(Message("Open"), project, weights, self._opened_at)
        self._saved = (project, weights) if saved else (None, None)
        self._selection_after = (_first(project.network),)
        self._tell(old, old_report, edit=False, opened=True)

    def saved(self, path: Path, state: State) -> bool:
        """That state has been written to that file; whether it is one of the present project.

        A slow disk may be done when another project has been opened, which then keeps its own file.
        """
        if state.revision < self._opened_at:
            return False
        self._path = path
        self._saved = (state.project, state.weights)
        self.file_changed.emit()
        return True

    def apply(self, project: Project, label: Message, *, field: str = "") -> None:
        """Make a new project the present one, as one step that can be undone."""
        if project == self.project:
            return
        old, old_report = self.state, self._report
        self._history.push(label, self._with_uids(project), field=field)
        self._tell(old, old_report, edit=True)

    def edit(self, network: Network, label: Message, *, field: str = "") -> None:
        """The same for the network alone."""
        self.apply(_with_network(self.project, network), label, field=field)

    def insert(
        self,
        layers: Sequence[Layer],
        place: Place | int | None = None,
        name: Message | None = None,
    ) -> None:
        """Put layers in at a place (None: after the selection) and select the last.

        name: what they are called together (None: as the first of them).
        """
        place = self.place_after(self._selection) if place is None else place
        self._take(edits.insert(self.network, layers, place, name, self._new_uid))

    def paste(self, network: Network) -> None:
        """Put the layers of a network in after the selection; where there are none yet, take over
        its input and name, too."""
        self._take(edits.paste(self.network, network, self._selection, self._new_uid))

    def place_after(self, uid: str) -> Place:
        """The place behind a layer, in its chain; behind the input it is the first of all."""
        return edits.place_after(self.network, uid)

    def delete(self, *uids: str) -> None:
        """Remove layers; the one that moves into the place of the last is selected."""
        self._take(edits.delete(self.network, uids))

    def duplicate(self, *uids: str) -> None:
        """Put copies of layers after the last of them and select the copies."""
        self._take(edits.duplicate(self.network, uids, self._new_uid))

    def move(self, uids: str | Collection[str], place: Place | int) -> None:
        """Put layers before what stands at a place now."""
        uids = (uids,) if isinstance(uids, str) else uids
        self._take(edits.move(self.network, uids, place))

    def wrap(self, *uids: str) -> None:
        """Gather layers in a new block; where they keep the shape, with a shortcut around them."""
        self._take(edits.wrap(self.report, uids, self._new_uid))

    def unwrap(self, uid: str) -> None:
        """Put the layers of a block in its place."""
        self._take(edits.unwrap(self.network, uid))

    def add_branch(self, uid: str) -> None:
        """Give a block one more branch, an empty one."""
        self._take(edits.add_branch(self.network, uid))

    def remove_branch(self, uid: str, number: int) -> None:
        """Remove a branch of a block, and what is in it."""
        self._take(edits.remove_branch(self.network, uid, number))

    def set_field(self, uid: str, field: str, value: object) -> None:
        """Set one setting of a layer; keystrokes in the same field are one step.

        The value must be within the limits of the field (`cnnviz.layers.fields_of`).
        """
        layer = self.network.layer(uid)
        title = next(f.title for f in fields_of(type(layer)) if f.name == field)
        changed = msgspec.structs.replace(layer, **{field: value})
        label = Message("Change {field} of {layer}", field=title, layer=layer.name)
        self.edit(self.network.replace(uid, changed), label, field=f"{uid}.{field}")

    def set_input(self, image: Input) -> None:
        """Set the size of the image that the network takes."""
        label = Message("Change the input size")
        self.edit(self.network.with_input(image), label, field="input")

    def rename(self, name: str) -> None:
        """Name the network."""
        network = msgspec.structs.replace(self.network, name=name)
        self.edit(network, Message("Rename the network"), field="name")

    def fix(self, fix: Fix) -> None:
        """Apply a way out of a problem."""
        self.edit(fix.network, fix.label)

    def set_training(self, training: Training, title: Message) -> None:
        """Change how to train; `title` names the setting."""
        project = msgspec.structs.replace(self.project, training=training)
        label = Message("Change {field}", field=title)
        self.apply(project, label, field=f"training.{title.template}")

    def set_seed(self, seed: int) -> None:
        """Set where chance starts: for the initial weights of the next reset and the next run."""
        project = msgspec.structs.replace(self.project, seed=seed)
        self.apply(project, Message("Change {field}", field=Message("Seed")), field="seed")

    def begin_training(self) -> State:
        """A step of its own for a run, so that undo brings the weights before it back."""
        old, old_report = self.state, self._report
        self._history.push(Message("Train"), self.project)
        self._tell(old, old_report, edit=True)
        return self.state

    def reset_weights(self) -> None:
        """Back to the initial weights of the seed."""
        old, old_report = self.state, self._report
        self._history.push(Message("Reset weights"), self.project, weights={})
        self._tell(old, old_report, edit=False)

    def renew_weights(self) -> None:
        """Other initial weights: those of the next seed."""
        old, old_report = self.state, self._report
        seed = (self.project.seed + 1) % (LARGEST_SEED + 1)
        project = msgspec.structs.replace(self.project, seed=seed)
        self._history.push(Message("New initial weights"), project, weights={})
        self._tell(old, old_report, edit=False)

    def take_weights(self, project: Project, weights: Weights, label: Message) -> None:
        """Go on with weights from elsewhere, and a project that was made ready for them.

        One step that can be undone; what else has been learned stays.
        """
        old, old_report = self.state, self._report
        together = {**old.weights, **weights}
        self._history.push(label, self._with_uids(project), weights=together)
        self._tell(old, old_report, edit=False)

    def quick_start(self) -> None:
        """The network and the settings that learn the soonest, in the place of what there is."""
        old, old_report = self.state, self._report
        recipe = project_of(QUICK_START)
        network = recipe.network.with_layers(renamed(recipe.network.layers, self._new_uid))
        project = msgspec.structs.replace(self.project, network=network, training=recipe.training)
        self._history.push(Message("Quick start"), project, weights={})
        self._selection_after = (_first(network),)
        self._tell(old, old_report, edit=False)

    def undo(self) -> None:
        """Take the last step back, with what had been learned then."""
        old, old_report = self.state, self._report
        if self._history.undo() is not None:
            self._tell(old, old_report, edit=False)

    def redo(self) -> None:
        """Repeat the step that was taken back."""
        old, old_report = self.state, self._report
        if self._history.redo() is not None:
            self._tell(old, old_report, edit=False)

    def end_field(self) -> None:
        """The field has lost the focus: the next keystroke in it is a step of its own."""
        self._history.end_field()

    def select(self, uid: str, *others: str) -> None:
        """Select a layer, or the input, and show it; `others` belong to the selection, too."""
        if uid != INPUT_UID and not self._has(uid):
            return
        self._show(uid, others)

    def _show(self, uid: str, others: Collection[str]) -> None:
        wanted = {uid, *others}
        selected: tuple[str, ...] = (uid,)
        if len(wanted) > 1:
            walk = self.network.walk()
            selected = tuple(layer.uid for _, layer in walk if layer.uid in wanted)
        if (uid, selected) == (self._selection, self._selected):
            return
        moved = uid != self._selection
        self._selection, self._selected = uid, selected
        if moved:
            self._history.end_field()
            self.selection_changed.emit(uid)
        self.selected_changed.emit()

    def learned(self, revision: int, tensors: Weights) -> None:
        """The engine tells what a state has learned."""
        self._history.learned(revision, tensors)
        self.file_changed.emit()

    # --- inside -------------------------------------------------------------------------------

    def _take(self, step: edits.Step) -> None:
        """Take a step that rearranges layers."""
        if step.network != self.network:
            self._selection_after = step.selection
            self.edit(step.network, step.label)

    def _with_uids(self, project: Project) -> Project:
        """With a uid for every layer, and none given later that a layer of it has."""
        for _, layer in project.network.walk():
            number = layer.uid[1:]
            if layer.uid[:1] == "u" and number.isdecimal() and len(number) < LONGEST_NUMBER:
                self._uids = max(self._uids, int(number))
        return _with_network(project, project.network.named(self._new_uid))

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
            layers = self.network.layers
            selection = layers[-1].uid if layers else INPUT_UID
            selected = ()
        moved = selection != self._selection
        kept = tuple(uid for uid in selected if uid in there)
        told = self._selection, self._selected
        self._selection = selection
        self._selected = kept if selection in kept else (selection,)
        self.changed.emit(Change(old, new, old_report, self._report, edit, opened))
        if moved:
            self.selection_changed.emit(selection)
        if told != (self._selection, self._selected):
            self.selected_changed.emit()
        self.file_changed.emit()

    def _has(self, uid: str) -> bool:
        return self.network.has(uid)

    def _new_uid(self) -> str:
        """A uid that no layer of this session has ever had, so that learning is never mixed up."""
        self._uids += 1
        return f"u{self._uids}"


def _with_network(project: Project, network: Network) -> Project:
    return msgspec.structs.replace(project, network=network)


def _first(network: Network) -> str:
    return network.layers[0].uid if network.layers else INPUT_UID
