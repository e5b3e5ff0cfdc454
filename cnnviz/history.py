"""Undo and redo: a list of states, each a project and what it had learned. No inverse commands."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

if TYPE_CHECKING:
    from cnnviz.message import Message
    from cnnviz.project import Project, Weights

MAX_STATES = 300


class State(Struct, frozen=True):
    """The program after one step; `label` names the step that led here.

    `carries` says that it went on with the weights of the state before it, as an edit does and a
    reset does not.
    """

    revision: int
    label: Message
    project: Project
    weights: Weights
    carries: bool = True
    field: str = ""


class History:
    """The states in their order, and which one is present."""

    def __init__(
        self, label: Message, project: Project, weights: Weights, first_revision: int = 0
    ) -> None:
        self._last_revision = first_revision
        self._states = [State(first_revision, label, project, weights, carries=False)]
        self._at = 0

    @property
    def present(self) -> State:
        """The state that the program is in."""
        return self._states[self._at]

    @property
    def last_revision(self) -> int:
        """The highest number that a state of it has ever had."""
        return self._last_revision

    @property
    def undo_label(self) -> Message | None:
        """The step that undo would take back."""
        return self.present.label if self._at > 0 else None

    @property
    def redo_label(self) -> Message | None:
        """The step that redo would repeat."""
        following = self._at + 1
        return self._states[following].label if following < len(self._states) else None

    @property
    def labels(self) -> tuple[tuple[Message, ...], int]:
        """All steps and the place of the present one."""
        return tuple(state.label for state in self._states), self._at

    @property
    def steps(self) -> tuple[tuple[Message, State], ...]:
        """Each step up to the present one, with the state before it."""
        done = self._states[: self._at + 1]
        return tuple((after.label, before) for before, after in pairwise(done))

    def push(
        self,
        label: Message,
        project: Project,
        *,
        weights: Weights | None = None,
        field: str = "",
    ) -> State:
        """Add a step. Without `weights` it goes on with the present ones.

        Steps with the same non-empty `field` in a row become one, so that keystrokes in a field
        are undone together. The states that could have been redone are dropped.
        """
        present = self.present
        merges = bool(field) and present.field == field and self._at > 0 and weights is None
        self._last_revision += 1
        state = State(
            self._last_revision,
            label,
            project,
            present.weights if weights is None else weights,
            carries=present.carries if merges else weights is None,
            field=field,
        )
        del self._states[self._at if merges else self._at + 1 :]
        self._states.append(state)
        if len(self._states) > MAX_STATES:
            del self._states[0]
        self._at = len(self._states) - 1
        return state

    def undo(self) -> State | None:
        """Go one step back; None at the beginning."""
        if self._at == 0:
            return None
        self._at -= 1
        return self.present

    def redo(self) -> State | None:
        """Go one step forward; None at the end."""
        if self._at + 1 >= len(self._states):
            return None
        self._at += 1
        return self.present

    def end_field(self) -> None:
        """From now on keystrokes in the same field are a step of their own."""
        self._states[self._at] = msgspec.structs.replace(self.present, field="")

    def learned(self, revision: int, tensors: Weights) -> bool:
        """Take in what the state of that revision has learned; False where it is gone.

        States that carried on from it share what they have not changed themselves.
        """
        places = [i for i, state in enumerate(self._states) if state.revision == revision]
        if not places:
            return False
        start = places[0]
        before = self._states[start].weights
        for index in range(start, len(self._states)):
            state = self._states[index]
            if index > start and not state.carries:
                break
            shared = {
                key: value
                for key, value in tensors.items()
                if index == start or state.weights.get(key) is before.get(key)
            }
            weights = {**state.weights, **shared}
            self._states[index] = msgspec.structs.replace(state, weights=weights)
        return True
