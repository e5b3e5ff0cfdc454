"""An engine that draws at once: a picture of random values, without torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnviz.layers import Maps
from cnnviz.network import INPUT_UID
from tests.support.fake_engine import FakeEngine
from ui.picture import Picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


class DrawingEngine(FakeEngine):
    """Makes pictures with maps of every layer and the weights of the selected one."""

    def draw(self, seed: int = 0) -> Picture:
        """Announce a picture of the present network with values from a seed."""
        chance = np.random.default_rng(seed)
        report = self._session.report
        image = report.network.input
        maps = {INPUT_UID: _values(chance.random((image.channels, image.height, image.width)))}
        for row in report.rows:
            y = row.output
            if y is None:
                break
            shape = (y.channels, y.height, y.width) if isinstance(y, Maps) else (y.length,)
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


def _values(values: np.ndarray) -> Floats:
    made = values.astype(np.float32)
    made.flags.writeable = False
    return made
