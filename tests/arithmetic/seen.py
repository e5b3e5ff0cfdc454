"""What the engine makes of an image, and every value of it worked out beside."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import torch

from cnnviz.arithmetic import Account, Reading, work_out
from cnnviz.arithmetic.sources import sources_of
from cnnviz.arithmetic.text import as_table, as_text
from cnnviz.engine.build import build
from cnnviz.engine.probe import look
from cnnviz.engine.protocol import Probe
from cnnviz.explain import maps_behind
from cnnviz.layers import Conv2d, Dense, Flatten, Layer, Maps, Shape, Size
from cnnviz.network import Input, Network

if TYPE_CHECKING:
    from cnnviz.analysis import Report

TOLERANCE = 1e-5
IMAGE = np.random.default_rng(5).integers(0, 256, (28, 28), np.uint8)


def network_of(layer: Layer, x: Shape) -> Network:
    """The layer behind one that gives it negative values, too; of a vector behind a flatten."""
    if isinstance(x, Maps):
        before: list[Layer] = [Conv2d(uid="before", filters=x.channels, kernel=Size(1, 1))]
        image = Input(x.height, x.width, 3)
    else:
        before = [Flatten(uid="flat"), Dense(uid="before", units=x.length)]
        image = Input(5, 4, 1)
    named = msgspec.structs.replace(layer, uid="it")
    return Network(input=image).with_layers([*before, named])


class Seen:
    """What the engine makes of an image, as the window has it."""

    def __init__(self, report: Report, uid: str, seed: int = 0) -> None:
        self.report, self.uid = report, uid
        model = build(report, {}, seed)
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for (_, name, _), tensor in model.tensors():
                chance = torch.randn(tensor.shape, generator=generator)
                tensor.copy_(chance.abs() + 0.1 if name == "running_var" else chance)
        probe = Probe(1, IMAGE.tobytes(), 28, 28, 1, uid, 10_000)
        seen = look(model, probe, revision=0, step=0, device="cpu")
        self.maps = {layer.uid: layer.array() for layer in seen.layers}
        self.tensors = {tensor.name: tensor.array() for tensor in seen.weights}
        self.output = self.maps[uid]

    def work_out(self, place: tuple[int, ...]) -> Account:
        """The arithmetic of one value."""
        sources = sources_of(self.report, self.uid)
        reading = Reading(
            self.report.row(self.uid),
            [self.maps[source.uid] for source in sources],
            [source.shape for source in sources],
            self.tensors,
            place,
            maps_behind(self.report, self.uid),
        )
        account = work_out(reading)
        assert isinstance(account, Account), account
        return account

    def places(self) -> list[tuple[int, ...]]:
        """The corners, and some in between."""
        every = list(np.ndindex(self.output.shape))
        return every if len(every) < 60 else every[:8] + every[:: len(every) // 40] + every[-8:]


def agree(seen: Seen) -> None:
    """Every value is PyTorch's, and can be told as text and as a table."""
    for place in seen.places():
        account, computed = seen.work_out(place), float(seen.output[place])
        if not isfinite(computed):
            assert not isfinite(account.value) or abs(account.value) > 1e38
            continue
        bound = TOLERANCE * max(account.absolute, 1e-30)
        assert abs(account.value - computed) <= bound, (place, account.value, computed)
        assert account.steps[-1].result == account.value
        assert as_text(account, computed).count("\n") == len(account.steps)
        assert len(as_table(account)) > 1
