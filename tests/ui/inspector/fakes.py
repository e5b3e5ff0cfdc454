"""An engine that answers at once: what a picture of random weights looks like, without torch."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from cnnviz.layers import Maps
from cnnviz.network import INPUT_UID
from ui.engine_client import Picture
from ui.session import Session


class FakeEngine(QObject):
    """The part of `EngineClient` that the inspector listens to."""

    probed = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.picture: Picture | None = None

    def draw(self, seed: int = 0) -> Picture:
        """Make a picture of the present network with values from a seed, and announce it."""
        chance = np.random.default_rng(seed)
        report = self._session.report
        image = report.network.input
        maps = {INPUT_UID: _values(chance.random((image.channels, image.height, image.width)))}
        for row in report.rows:
            if isinstance(row.output, Maps):
                shape: tuple[int, ...] = (
                    row.output.channels,
                    row.output.height,
                    row.output.width,
                )
            elif row.output is not None:
                shape = (row.output.length,)
            else:
                break
            maps[row.layer.uid] = _values(chance.normal(size=shape))
        weights = {}
        if self._session.selection != INPUT_UID:
            row = report.row(self._session.selection)
            weights[row.layer.uid] = {
                name: _values(chance.normal(size=shape)) for name, shape in row.tensors.items()
            }
        self.picture = Picture(
            0,
            0,
            maps,
            {uid: len(values) for uid, values in maps.items()},
            {uid: float(np.abs(values).max()) for uid, values in maps.items()},
            [],
            weights,
        )
        self.probed.emit(self.picture)
        return self.picture


def _values(values: np.ndarray) -> np.ndarray:
    made = values.astype(np.float32)
    made.flags.writeable = False
    return made
