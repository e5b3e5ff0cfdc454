"""Random networks: PyTorch agrees on every shape, count and refusal, and trains them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from torch.nn import functional as F

from cnnviz.analysis import Report, Row, analyze
from cnnviz.engine.build import build
from cnnviz.layers import KINDS, Branches, Dense, GroupNorm, Layer, Maps
from tests.layers.modules import images_of, stack_of
from tests.layers.refusals import padded_like_pytorch, refuses, shape_of
from tests.support.networks import wants_only_maps, working_networks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.network import Network

NO_WATCH = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)


class Oracle:
    """Runs a network on the meta device, from its layers alone, and holds every row against it."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.parameters = 0

    def chain(self, layers: Sequence[Layer], x: torch.Tensor | None) -> torch.Tensor | None:
        """The output of a chain; None behind a problem."""
        for layer in layers:
            row = self.report.row(layer.uid)
            if isinstance(layer, Branches):
                x = self.block(layer, row, x)
            elif x is None:
                assert row.waiting
            elif row.problem is not None:
                assert refused(layer, row)
                x = None
            else:
                x = self.layer(layer, row, x)
        return x

    def layer(self, layer: Layer, row: Row, x: torch.Tensor) -> torch.Tensor:
        assert shape_of(x) == row.input
        with torch.device("meta"):
            module = stack_of(layer, shape_of(x))
            y = module(x)
        assert isinstance(y, torch.Tensor)
        assert shape_of(y) == row.output
        count = sum(weight.numel() for weight in module.parameters())
        assert count == row.parameter_count
        self.parameters += count
        return y

    def block(self, block: Branches, row: Row, x: torch.Tensor | None) -> torch.Tensor | None:
        ends = [self.chain(branch, x) for branch in block.branches]
        known = [end for end in ends if end is not None]
        if len(known) < len(ends):
            assert row.waiting
            return None
        y = merged(block, known)
        if row.problem is not None:
            assert y is None
            return None
        assert y is not None
        assert shape_of(y) == row.output
        return y


def merged(block: Branches, ends: list[torch.Tensor]) -> torch.Tensor | None:
    """What PyTorch makes of the ends; None where it refuses them.

    Exceptions: adding and multiplying broadcast in PyTorch wherever a size is 1. Here only maps of
    1×1 do, and only in a product.
    """
    if block.merge == "concat":
        try:
            return torch.cat(ends, dim=1)
        except RuntimeError:
            return None
    shapes = {tuple(end.shape) for end in ends}
    largest = max(shapes, key=lambda shape: shape[2:])
    allowed = {largest, (*largest[:2], *(1 for _ in largest[2:]))}
    if not shapes <= (allowed if block.merge == "multiply" else {largest}):
        return None
    y = ends[0]
    for end in ends[1:]:
        y = y * end if block.merge == "multiply" else y + end
    return y


def refused(layer: Layer, row: Row) -> bool:
    """Whether PyTorch refuses a layer, too; the exceptions are those of tests/layers/test_torch."""
    x = row.input
    assert x is not None
    special = layer.initialisation.recipe == "by_hand" or bool(getattr(layer, "connections", ()))
    strange = (wants_only_maps(layer) and not isinstance(x, Maps)) or (
        isinstance(layer, Dense) and isinstance(x, Maps)
    )
    single = isinstance(layer, GroupNorm) and x.size == layer.groups
    return special or strange or single or not padded_like_pytorch(layer) or refuses(layer, x)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_pytorch_agrees_on_every_shape_count_and_refusal() -> None:
    met: Counter[str] = Counter()

    @settings(max_examples=2000, suppress_health_check=NO_WATCH)
    @given(network=working_networks())
    def agrees(network: Network) -> None:
        report = analyze(network)
        oracle = Oracle(report)
        y = oracle.chain(network.layers, images_of(network.input.shape, 1, "meta"))
        assert oracle.parameters == report.parameters
        assert (y is None) == (report.problem is not None)
        assert (None if y is None else shape_of(y)) == report.output
        met.update({"networks": 1, "working": report.problem is None})
        met.update(f"depth {row.path.count('/') // 2}" for row in report.rows)
        met.update(str(row.layer.name) for row in report.rows if row.output is not None)
        met.update(row.layer.kind for row in report.rows if row.output is not None)
        met.update(f"refused {row.layer.kind}" for row in report.rows if row.problem is not None)

    agrees()
    assert met.keys() >= {kind.__struct_config__.tag for kind in KINDS}
    assert met.keys() >= {"Add", "Concat", "Multiply", "depth 2", "refused branches"}
    assert 0.6 < met["working"] / met["networks"] < 0.97


@settings(max_examples=200, suppress_health_check=NO_WATCH)
@given(network=working_networks(classes=3))
def test_a_step_forwards_and_backwards_leaves_finite_gradients(network: Network) -> None:
    report = analyze(network, 3)
    assert report.problem is None
    model = build(report, {}, 0).train()
    x = images_of(network.input.shape, 2)
    logits = model(x)
    assert logits.shape == (2, 3)
    assert logits.isfinite().all()
    F.cross_entropy(logits, torch.tensor([0, 2])).backward()
    for row, block in zip(model.layers, model.blocks, strict=True):
        for name, weight in block.named_parameters():
            assert (weight.grad is None) == row.layer.frozen, name
            if weight.grad is not None:
                assert weight.grad.isfinite().all(), (row.path, row.layer)
