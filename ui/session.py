"""The session owns the present project and what follows from it: the only mutable state.

Views call its commands and listen to its signals; they keep no truth of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from cnnviz import edits
from cnnviz import runs as kept_runs
from cnnviz.analysis import analyze
from cnnviz.data.datasets import data_set
from cnnviz.layers import Branches, Conv2d, fields_of
from cnnviz.message import Message
from cnnviz.network import renamed
from cnnviz.project import LARGEST_SEED
from cnnviz.rearrange import outermost
from cnnviz.recipes import QUICK_START, project_of
from cnnviz.transfer import with_new_head
from ui.session_state import SessionState, first_of, with_network

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from cnnviz.data.datasets import Source
    from cnnviz.fixes import Fix
    from cnnviz.history import State
    from cnnviz.layers import Layer
    from cnnviz.network import Input, Network, Place
    from cnnviz.preparation import Preparation
    from cnnviz.project import Project, Weights
    from cnnviz.training import Training


class Session(SessionState):
    """The commands: each makes another project the present one and tells of it."""

    def apply(self, project: Project, label: Message, *, field: str = "") -> None:
        """Make a new project the present one, as one step that can be undone."""
        if project == self.project:
            return
        self._push(label, self._with_uids(project), edit=True, field=field)

    def edit(self, network: Network, label: Message, *, field: str = "") -> None:
        """The same for the network alone."""
        self.apply(with_network(self.project, network), label, field=field)

    def insert(
        self,
        layers: Sequence[Layer],
        place: Place | int | None = None,
        name: Message | None = None,
    ) -> None:
        """Put layers in at a place (None: at `place`) and select the last.

        name: what they are called together (None: as the first of them).
        """
        place = self.place if place is None else place
        self._take(edits.insert(self.network, layers, place, name, self._new_uid))

    def paste(self, network: Network) -> None:
        """Put the layers of a network in at `place`; where there are none yet, take over its input
        and name, too."""
        self._take(edits.paste(self.network, network, self.place, self._new_uid))

    def delete(self, *uids: str) -> None:
        """Remove layers; the one that moves into the place of the last is selected, or the branch
        that is empty now."""
        place = self.network.place(outermost(self.network, uids)[-1])
        self._take(edits.delete(self.network, uids))
        if self._selection == place.block:
            self.select_branch(place.block, place.branch)

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
        """Give a block one more branch, an empty one, into which the next layer goes."""
        self._take(edits.add_branch(self.network, uid))
        block = self.network.layer(uid)
        if isinstance(block, Branches):
            self.select_branch(uid, len(block.branches) - 1)

    def remove_branch(self, uid: str, number: int) -> None:
        """Remove a branch of a block, and what is in it."""
        self._take(edits.remove_branch(self.network, uid, number))

    def set_enabled(self, *uids: str, enabled: bool) -> None:
        """Disable layers, which keep what they have learned, or enable them again."""
        self._take(edits.set_enabled(self.network, uids, enabled=enabled))

    def freeze_filter(self, uid: str, number: int, *, frozen: bool) -> None:
        """Let a filter of a convolution keep what it has learned, or learn with the others."""
        layer = self.network.layer(uid)
        if not isinstance(layer, Conv2d):
            return
        others = [one for one in layer.frozen_filters if one != number and one < layer.filters]
        numbers = tuple(sorted([*others, number] if frozen else others))
        changed = msgspec.structs.replace(layer, frozen_filters=numbers)
        label = Message("Freeze a filter of {layer}", layer=layer.name)
        if not frozen:
            label = Message("Unfreeze a filter of {layer}", layer=layer.name)
        self.edit(self.network.replace(uid, changed), label)

    def set_field(self, uid: str, field: str, value: object) -> None:
        """Set one setting of a layer; keystrokes in the same field are one step.

        The value must be within the limits of the field (`cnnviz.layers.fields_of`).
        """
        layer = self.network.layer(uid)
        setting = next(f for f in fields_of(type(layer)) if f.name == field)
        changed = msgspec.structs.replace(layer, **{field: value})
        label = Message("Change {field} of {layer}", field=setting.title, layer=layer.name)
        if setting.kind == "text":  # its name would be that of a keystroke before
            label = Message("Rename the block")
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

    def set_preparation(self, preparation: Preparation, title: Message) -> None:
        """Change how the data are prepared; `title` names the setting."""
        project = msgspec.structs.replace(self.project, preparation=preparation)
        label = Message("Change {field}", field=title)
        self.apply(project, label, field=f"preparation.{title.template}")

    def set_dataset(self, source: Source) -> None:
        """Learn from other data; the network stays as it is, and says what does not fit."""
        title = data_set(source).title
        project = msgspec.structs.replace(self.project, dataset=source)
        self.apply(project, Message("Change the data set to {name}", name=title))

    def set_seed(self, seed: int) -> None:
        """Set where chance starts: for the initial weights of the next reset and the next run."""
        project = msgspec.structs.replace(self.project, seed=seed)
        self.apply(project, Message("Change {field}", field=Message("Seed")), field="seed")

    def begin_training(self) -> State:
        """A step of its own for a run, so that undo brings the weights before it back."""
        self._push(Message("Train"), self.project, edit=True)
        return self.state

    def reset_weights(self) -> None:
        """Back to the initial weights of the seed."""
        self._push(Message("Reset weights"), self.project, {})

    def renew_weights(self) -> None:
        """Other initial weights: those of the next seed."""
        seed = (self.project.seed + 1) % (LARGEST_SEED + 1)
        project = msgspec.structs.replace(self.project, seed=seed)
        self._push(Message("New initial weights"), project, {})

    def run_again(self, run: str, **changes: object) -> bool:
        """Make the network, data, settings and initial weights of a kept run the present ones.

        changes: what is to be another: settings of training by name, or `seed`. It is one step
        that can be undone; then train. Returns whether the initial weights are still known.
        """
        kept = self.runs.facts[run]
        if not kept_runs.can_begin_again(kept):
            return False
        project = self._with_uids(kept_runs.begun_again(kept, self.project, **changes))
        self._push(Message("Run again"), project, kept_runs.weights_again(kept))
        return True

    def rename_run(self, run: str, name: str) -> None:
        """Call a kept run otherwise; "" gives it its number again."""
        project = kept_runs.renamed(self.project, run, name)
        self.apply(project, Message("Rename the run"), field=f"{run}.name")

    def note_run(self, run: str, note: str) -> None:
        """Write a note on a kept run."""
        project = kept_runs.noted(self.project, run, note)
        self.apply(project, Message("Note on the run"), field=f"{run}.note")

    def delete_runs(self, *runs: str) -> None:
        """Delete kept runs; undo brings them back. One that goes on is left alone."""
        known = {run.id for run in self.runs.all if run.over or run.state == "paused"}
        wanted = [run for run in runs if run in known]
        label = (
            Message("Delete the run")
            if len(wanted) == 1
            else Message("Delete {n:,} runs", n=len(wanted))
        )
        self.apply(kept_runs.deleted(self.project, *wanted), label)

    def take_weights(self, project: Project, weights: Weights, label: Message) -> None:
        """Go on with weights from elsewhere, and a project that was made ready for them.

        One step that can be undone; what else has been learned stays.
        """
        self._push(label, self._with_uids(project), {**self.state.weights, **weights})

    def paint(self, weights: Weights, label: Message, *, on: bool = False) -> None:
        """Set weights by hand; one step that can be undone.

        on: the stroke that this belongs to has begun already, and is one step with it.
        """
        if not on:
            self.take_weights(self.project, weights, label)
            return
        old = self.state
        self._history.learned(old.revision, weights)
        self._tell(old, self._report, edit=False)

    def quick_start(self) -> None:
        """The network and the settings that learn the soonest, in the place of what there is."""
        recipe = project_of(QUICK_START)
        network, classes = recipe.network, len(self.dataset.classes)
        if analyze(network, classes).problem is not None:  # the recipe is for ten classes
            network = with_new_head(analyze(network), classes)
        network = network.with_layers(renamed(network.layers, self._new_uid))
        project = msgspec.structs.replace(
            self.project,
            network=network,
            training=recipe.training,
            preparation=recipe.preparation,
        )
        self._selection_after = (first_of(network),)
        self._push(Message("Quick start"), project, {})

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

    def learned(self, revision: int, tensors: Weights) -> None:
        """The engine tells what a state has learned."""
        self._history.learned(revision, tensors)
        self.file_changed.emit()

    # --- inside ---------------------------------------------------------------------------------

    def _push(
        self,
        label: Message,
        project: Project,
        weights: Weights | None = None,
        *,
        edit: bool = False,
        field: str = "",
    ) -> None:
        """Take a step and tell of it. weights: None goes on with the present ones; edit: as in
        `Change`."""
        old, old_report = self.state, self._report
        self._history.push(label, project, weights=weights, field=field)
        self._tell(old, old_report, edit=edit)

    def _take(self, step: edits.Step) -> None:
        """Take a step that rearranges layers."""
        if step.network != self.network:
            self._selection_after = step.selection
            self.edit(step.network, step.label)
