"""Quicker ways to the same result: the same to the last bit, or the same chances."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from cnnviz.analysis import analyze
from cnnviz.engine.build import build
from cnnviz.engine.quick import keep_memory, pools_first
from cnnviz.layers import (
    Activation,
    AvgPool,
    BatchNorm,
    Branches,
    Conv2d,
    Dense,
    Flatten,
    Layer,
    MaxPool,
    Size,
)
from cnnviz.network import Network
from tests.engine.desk import RESTLESS
from tests.engine.runs import finish, identical, run_of, state

SIZE = Size(3, 3)


def plain(network: Network) -> Network:
    """With a uid for each layer."""
    uids = iter(range(1000))
    return network.named(lambda: f"n{next(uids)}")


def gradients(network: Network, *, quick: bool) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """What comes out for 16 images of few values, with many ties, and every gradient."""
    model = build(analyze(network), {}, 0)
    model.train()
    chance = torch.Generator().manual_seed(1)
    x = torch.randint(0, 3, (16, 1, 28, 28), generator=chance).float() - 1
    y = model(x) if quick else model.look(x, lambda uid, seen: None)
    assert y is not None
    y.square().sum().backward()
    return y.detach(), [weight.grad for weight in model.parameters() if weight.grad is not None]


STACKS: list[tuple[Layer, ...]] = [
    (Conv2d(filters=4), Activation(), MaxPool()),
    (Conv2d(filters=4), BatchNorm(), Activation(), MaxPool(kernel=SIZE, stride=Size(2, 2))),
    (Conv2d(filters=4), Activation(function="relu6"), MaxPool(rounding="ceil")),
    (Conv2d(filters=4), Activation(function="leaky_relu"), MaxPool(kernel=SIZE, padding="same")),
    (Activation(), MaxPool(), Activation(), MaxPool()),
    (Conv2d(filters=2), Activation(function="tanh"), MaxPool()),
    (Conv2d(filters=2), Activation(), AvgPool()),
    (
        Branches(
            branches=((Conv2d(filters=3), Activation(), MaxPool()), (Conv2d(filters=3), MaxPool())),
            merge="concat",
        ),
        Activation(),
        MaxPool(),
    ),
]  # fmt: skip


@pytest.mark.parametrize("stack", STACKS)
def test_pooling_first_is_the_same_to_the_last_bit(stack: tuple[Layer, ...]) -> None:
    network = plain(Network().with_layers([*stack, Flatten(), Dense(units=5)]))
    slow, quick = gradients(network, quick=False), gradients(network, quick=True)
    assert torch.equal(slow[0], quick[0])
    assert len(slow[1]) == len(quick[1]) > 0
    assert all(torch.equal(one, other) for one, other in zip(slow[1], quick[1], strict=True))


def test_what_comes_first() -> None:
    blocks = [nn.Sequential(part) for part in (
        nn.Conv2d(1, 1, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Tanh(), nn.MaxPool2d(2),
        nn.LeakyReLU(-0.5), nn.MaxPool2d(2), nn.ReLU(), nn.AvgPool2d(2),
    )]  # fmt: skip
    assert pools_first(blocks) == [0, 2, 1, 3, 4, 5, 6, 7, 8]
    assert pools_first([nn.Sequential(nn.ReLU(), nn.Identity()), blocks[2]]) == [0, 1]


def test_a_look_sees_every_layer_in_its_place() -> None:
    network = plain(Network(layers=(Conv2d(filters=2), Activation(), MaxPool())))
    model = build(analyze(network), {}, 0)
    seen: list[tuple[int, ...]] = []
    model.look(torch.rand(1, 1, 28, 28), lambda uid, x: seen.append(tuple(x.shape[2:])))
    assert seen == [(26, 26), (26, 26), (13, 13)]


def test_kept_memory_changes_no_weight() -> None:
    first = run_of(RESTLESS)
    finish(first)
    keep_memory()
    again = run_of(RESTLESS)
    finish(again)
    assert identical(state(first.model), state(again.model))
