"""A kernel that was painted a moment ago, which the engine's newest picture may not have yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from cnnviz.analysis import TensorKey
    from cnnviz.message import Message
    from ui.session import Session


class Painted:
    """Until a picture has what was painted, it stands in its place: the next cell of a quick stroke
    would else take back the ones before it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._newest: tuple[TensorKey, np.ndarray] | None = None
        self._stroke = -1
        """The revision of the step that the newest stroke is."""

    def paint(self, uid: str, tensors: dict[str, np.ndarray], label: Message, *, on: bool) -> None:
        """Give the session these tensors of a layer, of which "weight" was painted.

        on: it goes on with the stroke before, and is one step with it unless undo came between.
        """
        weights = {(uid, name, values.shape): values for name, values in tensors.items()}
        changed = tensors["weight"]
        self._newest = (uid, "weight", changed.shape), changed
        same = on and self._stroke == self._session.state.revision
        self._session.paint(weights, label, on=same)
        self._stroke = self._session.state.revision

    def over(self, uid: str, weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The weights of a layer in the newest picture, with what was painted since."""
        if self._newest is None:
            return weights
        key, values = self._newest
        name = key[1]
        undone = self._session.state.weights.get(key) is not values
        arrived = key[0] == uid and np.array_equal(weights.get(name, values[:0]), values)
        if undone or arrived:
            self._newest = None
        elif key[0] == uid and weights:
            return {**weights, name: values}
        return weights
