"""What the engine holds, tensor by tensor: an edit keeps what was learned a moment ago, and undo
sends only what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.engine.protocol import Load, Tensor

if TYPE_CHECKING:
    import numpy as np

    from cnnviz.analysis import Report, TensorKey
    from cnnviz.history import State
    from cnnviz.project import Project, Weights


def same_network(one: Project, other: Project) -> bool:
    """Whether two projects are the same to the engine, which does not care for a name."""
    mine, theirs = one.network, other.network
    return (mine.input, mine.layers, one.dataset) == (theirs.input, theirs.layers, other.dataset)


class Holdings:
    """What an engine was given and has told since; None stands for what starts from the seed."""

    def __init__(self) -> None:
        self._project: Project | None = None
        self._tensors: dict[TensorKey, np.ndarray | None] = {}
        self._live: set[TensorKey] = set()
        """What it may know better than it has told: trained since it was given."""

    def load(self, state: State, report: Report, *, edit: bool) -> Load | None:
        """What to tell the engine so that it holds this state; None where it does.

        edit: the state goes on with what the engine has learned; otherwise it brings its own.
        """
        project, last = state.project, self._project
        same_seed = last is not None and last.seed == project.seed
        keep: list[TensorKey] = []
        tensors: list[Tensor] = []
        held: dict[TensorKey, np.ndarray | None] = {}
        keys = report.tensor_keys()
        incomplete = {key[0] for key in keys if key not in self._tensors}
        for key in keys:
            value = state.weights.get(key)
            # Where a layer starts depends on its inputs too, and so on the shape of its weights.
            same_start = same_seed and key[0] not in incomplete
            if key in self._tensors and self._stays(key, value, edit=edit, same_start=same_start):
                keep.append(key)
                held[key] = self._tensors[key]
                continue
            if value is not None:
                tensors.append(Tensor.of(key[0], key[1], value))
            held[key] = value
        same = same_seed and last is not None and same_network(project, last)
        if edit and same and not tensors:
            return None
        self._project, self._tensors = project, held
        self._live.intersection_update(keep)
        return Load(
            state.revision,
            project.network,
            project.dataset,
            project.seed,
            keep,
            tensors,
            project.preparation,
        )

    @property
    def learning(self) -> bool:
        """Whether the engine may know something better than it has told."""
        return bool(self._live)

    def train(self) -> None:
        """The engine is told to train all that it holds."""
        self._live = set(self._tensors)

    def learned(self, weights: Weights, state: State) -> bool:
        """The engine has told what it had learned; whether it must be given some of it again.

        It must where what was learned came too late: a number that is typed back during a training
        step asks for weights that are on their way here, and the engine was given older ones.
        """
        told = {key: value for key, value in weights.items() if key in self._live}
        self._tensors = {**self._tensors, **told}
        return any(
            state.weights.get(key) is not value
            for key, value in self._tensors.items()
            if key not in self._live
        )

    def _stays(
        self, key: TensorKey, value: np.ndarray | None, *, edit: bool, same_start: bool
    ) -> bool:
        if key in self._live:
            return edit
        held = self._tensors[key]
        return same_start if held is value is None else held is value
