"""A kernel that was painted a moment ago, which the engine's newest picture may not have yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from cnnviz.analysis import TensorKey
    from ui.session import Session


class Painted:
    """Until a picture has what was painted, it stands in its place: the next cell of a quick stroke
    would else take back the ones before it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._newest: tuple[TensorKey, np.ndarray] | None = None

    def set(self, key: TensorKey, values: np.ndarray) -> None:
        """The session is about to be given these weights of a layer, as they are."""
        self._newest = key, values

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
