"""What autograd makes of a layer and a δ, and every δ and gradient of it worked out beside."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnviz.arithmetic import Reading
from cnnviz.arithmetic.backward import Flow, Return, hand_back, learn
from cnnviz.arithmetic.sources import sources_of
from cnnviz.arithmetic.text import as_table, as_text
from cnnviz.engine import modules
from cnnviz.engine.build import build
from cnnviz.engine.probe import look
from cnnviz.engine.protocol import Probe
from cnnviz.explain import maps_behind
from cnnviz.layers import Branches
from tests.arithmetic.seen import IMAGE, TOLERANCE

if TYPE_CHECKING:
    from cnnviz.analysis import Report


class Returned:
    """One layer of a network, what it received, a δ by chance, and PyTorch's answer to it.

    deltas: δ of each source as this layer hands it back. gradients: of its parameters.
    """

    def __init__(self, report: Report, uid: str = "it", seed: int = 0) -> None:
        self.report, self.uid = report, uid
        self.row = report.row(uid)
        model = build(report, {}, seed)
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for (_, name, _), tensor in model.tensors():
                chance = torch.randn(tensor.shape, generator=generator)
                tensor.copy_(chance.abs() + 0.1 if name == "running_var" else chance)
        probe = Probe(1, IMAGE.tobytes(), 28, 28, 1, uid, 10_000)
        seen = look(model, probe, revision=0, step=0, device="cpu")
        maps = {layer.uid: layer.array() for layer in seen.layers}
        self.sources = [maps[source.uid] for source in sources_of(report, uid)]
        self.tensors = {tensor.name: tensor.array() for tensor in seen.weights}
        inputs = [_leaf(values) for values in self.sources]
        parameters: dict[str, torch.Tensor] = {}
        if isinstance(self.row.layer, Branches):
            y = getattr(modules, self.row.layer.module).merge(inputs)
        else:
            place = [row.layer.uid for row in model.layers].index(uid)
            block = model.blocks[place].requires_grad_()
            parameters = {name: getattr(block[-1], name) for name in self.row.parameters}
            y = block(inputs[0])
        delta = torch.randn(y.shape, generator=generator)
        found = torch.autograd.grad(y, [*inputs, *parameters.values()], delta)
        self.delta = delta[0].numpy()
        self.deltas = [gradient[0].numpy() for gradient in found[: len(inputs)]]
        learned = found[len(inputs) :]
        self.gradients = {n: g.numpy() for n, g in zip(parameters, learned, strict=True)}

    def back(self, place: tuple[int, ...], which: int = 0, name: str = "") -> Return:
        """What the layer is given on the way back."""
        shapes = [source.shape for source in sources_of(self.report, self.uid)]
        behind = maps_behind(self.report, self.uid)
        reading = Reading(self.row, self.sources, shapes, self.tensors, place, behind)
        return Return(reading, self.delta, which, name)


def _leaf(values: np.ndarray) -> torch.Tensor:
    x = torch.from_numpy(values.copy())[None]
    if x.ndim == 4:
        x = x.contiguous(memory_format=torch.channels_last)
    return x.requires_grad_()


def some(shape: tuple[int, ...], most: int = 40) -> list[tuple[int, ...]]:
    """The corners, and some in between."""
    every = list(np.ndindex(shape))
    return every if len(every) < most else every[:6] + every[:: len(every) // most] + every[-6:]


def agree(returned: Returned, most: int = 40) -> None:
    """Every δ and every gradient is autograd's, and can be told as text and as a table."""
    for which, expected in enumerate(returned.deltas):
        for place in some(expected.shape, most):
            _same(hand_back(returned.back(place, which)), float(expected[place]), place)
    for name, expected in returned.gradients.items():
        for place in some(expected.shape, most):
            _same(learn(returned.back(place, name=name)), float(expected[place]), (name, place))


def _same(flow: object, computed: float, where: object) -> None:
    assert isinstance(flow, Flow), flow
    if not isfinite(computed):
        assert not isfinite(flow.value) or abs(flow.value) > 1e37, (where, flow.value)
        return
    bound = TOLERANCE * max(flow.absolute, 1e-30)
    assert abs(flow.value - computed) <= bound, (where, flow.value, computed, flow.absolute)
    assert flow.steps[-1].result == flow.value
    assert as_text(flow, computed).count("\n") == len(flow.steps)
    assert len(as_table(flow)) > 1
