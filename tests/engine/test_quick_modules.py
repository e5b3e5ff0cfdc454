"""Modules that are quicker in training do what those that they stand in for do."""

from __future__ import annotations

import math
from unittest.mock import patch

import pytest
import torch
from torch import nn

from cnnviz.analysis import analyze
from cnnviz.engine import modules
from cnnviz.engine.build import build
from cnnviz.engine.optimizing import lay_out
from cnnviz.engine.quick_modules import (
    QUICK,
    Quick,
    QuickAvgPool2d,
    QuickConv2d,
    QuickDropout,
    QuickScaledTanh,
    QuickSubsampling2d,
    SquashedSubsampling,
)
from cnnviz.presets import preset
from cnnviz.training import Training

SUBSAMPLED = SquashedSubsampling(
    nn.Sequential(QuickScaledTanh()), nn.Sequential(QuickSubsampling2d(3, (2, 3), (2, 3)))
)
PAIRS: list[tuple[nn.Module, nn.Module, tuple[int, ...]]] = [
    (QuickConv2d(3, 7, (5, 4)), nn.Conv2d(3, 7, (5, 4)), (6, 3, 5, 4)),
    (QuickConv2d(3, 7, 5, bias=False), nn.Conv2d(3, 7, 5, bias=False), (6, 3, 5, 5)),
    (QuickConv2d(3, 7, 5, stride=2), nn.Conv2d(3, 7, 5, stride=2), (6, 3, 5, 5)),
    (QuickConv2d(3, 7, 5), nn.Conv2d(3, 7, 5), (6, 3, 5, 6)),
    (QuickConv2d(3, 7, 5, padding=1), nn.Conv2d(3, 7, 5, padding=1), (6, 3, 5, 5)),
    (QuickConv2d(4, 6, 5, groups=2), nn.Conv2d(4, 6, 5, groups=2), (6, 4, 5, 5)),
    (QuickConv2d(3, 7, 2, dilation=2), nn.Conv2d(3, 7, 2, dilation=2), (6, 3, 3, 3)),
    (QuickScaledTanh(), modules.ScaledTanh(), (6, 5, 7, 3)),
    (QuickScaledTanh(), modules.ScaledTanh(), (6, 5)),
    (
        QuickSubsampling2d(3, (2, 3), (2, 3)),
        modules.Subsampling2d(3, (2, 3), (2, 3)),
        (6, 3, 5, 6),
    ),
    (
        QuickSubsampling2d(3, (3, 3), (2, 2)),
        modules.Subsampling2d(3, (3, 3), (2, 2)),
        (6, 3, 7, 7),
    ),
    (
        SUBSAMPLED,
        nn.Sequential(modules.ScaledTanh(), modules.Subsampling2d(3, (2, 3), (2, 3))),
        (6, 3, 4, 6),
    ),
    (
        SUBSAMPLED,
        nn.Sequential(modules.ScaledTanh(), modules.Subsampling2d(3, (2, 3), (2, 3))),
        (6, 3, 5, 6),
    ),
    (QuickAvgPool2d((3, 1)), nn.AvgPool2d((3, 1)), (6, 5, 6, 7)),
    (QuickAvgPool2d(2), nn.AvgPool2d(2), (6, 5, 6, 8)),
    (QuickAvgPool2d(2), nn.AvgPool2d(2), (6, 5, 7, 8)),
    (QuickAvgPool2d(2), nn.AvgPool2d(2), (2, 17, 6, 8)),
    (QuickAvgPool2d(2, padding=1), nn.AvgPool2d(2, padding=1), (6, 5, 6, 8)),
    (QuickAvgPool2d(3, 2), nn.AvgPool2d(3, 2), (6, 5, 6, 9)),
]


def through(module: nn.Module, x: torch.Tensor) -> list[torch.Tensor]:
    """What comes out of a module, and the gradients of its input and its weights."""
    x = x.detach().clone(memory_format=torch.preserve_format).requires_grad_()
    module.zero_grad()
    y = module(x)
    weight = torch.linspace(-1, 1, y.numel(), dtype=y.dtype).view(y.shape)
    (y * weight).sum().backward()
    found = [x.grad, *(parameter.grad for parameter in module.parameters())]
    assert all(one is not None for one in found)
    return [y.detach(), *(one for one in found if one is not None)]


def agree(one: list[torch.Tensor], other: list[torch.Tensor]) -> None:
    """Whether the two are the same but for rounding, in double precision."""
    assert len(one) == len(other)
    for mine, theirs in zip(one, other, strict=True):
        assert mine.shape == theirs.shape
        torch.testing.assert_close(mine, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("order", [torch.channels_last, torch.contiguous_format])
@pytest.mark.parametrize(
    ("quick", "plain", "shape"), PAIRS, ids=[f"{pair[0]} {pair[2]}" for pair in PAIRS]
)
def test_the_same_forward_and_back(
    quick: nn.Module, plain: nn.Module, shape: tuple[int, ...], order: torch.memory_format
) -> None:
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0)).double()
    if x.ndim == 4:
        x = x.contiguous(memory_format=order)
    quick, plain = quick.double().to(memory_format=order), plain.double()  # type: ignore[call-overload]
    for mine, theirs in zip(quick.parameters(), plain.parameters(), strict=True):
        theirs.data.copy_(mine.data)
    agree(through(quick.train(), x), through(plain.train(), x))
    assert torch.equal(quick.eval()(x), plain.eval()(x))


@pytest.mark.parametrize(
    ("module", "operation", "shape"),
    [
        (QuickConv2d(3, 7, 5), "linear", (2, 3, 5, 5)),
        (QuickScaledTanh(), "tanh_", (2, 3)),
        (QuickSubsampling2d(3, (2, 2), (2, 2)), "addcmul", (2, 3, 4, 4)),
        (QuickAvgPool2d(2), "unfold", (2, 3, 4, 4)),
        (SUBSAMPLED, "unfold", (2, 3, 4, 6)),
    ],
)
def test_the_quick_way_is_gone_in_training_alone_and_not_for_a_reference(
    module: nn.Module, operation: str, shape: tuple[int, ...]
) -> None:
    x = torch.randn(shape, requires_grad=True)
    if x.ndim == 4:
        x = x.contiguous(memory_format=torch.channels_last)

    def quick() -> bool:
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as found:
            module(x)
        return f"aten::{operation}" in {event.name for event in found.events() or ()}

    module.train()
    assert quick()
    parts = [part for part in module.modules() if isinstance(part, Quick)]
    for part in parts:
        part.standard = True
    assert not quick()
    for part in parts:
        part.standard = False
    module.eval()
    assert not quick()


def test_lenet_5_is_built_of_them_and_a_reference_goes_the_ordinary_way() -> None:
    model = build(analyze(preset("lenet-5")), {}, 0)
    found = [module for module in model.modules() if isinstance(module, Quick)]
    assert {type(module) for module in found} == {QuickConv2d, QuickScaledTanh, QuickSubsampling2d}
    assert not any(module.standard for module in found)
    lay_out(model, Training(precision="reference"))
    assert all(module.standard for module in found)
    lay_out(model, Training())
    assert not any(module.standard for module in found)


def test_lenet_5_learns_what_it_would_learn_layer_by_layer() -> None:
    model = build(analyze(preset("lenet-5")), {}, 0).double().train()
    x = torch.rand(4, 1, 32, 32, generator=torch.Generator().manual_seed(0)).double()
    x = x.contiguous(memory_format=torch.channels_last)

    def learned() -> list[torch.Tensor]:
        model.zero_grad(set_to_none=True)
        y = model(x)
        y.square().sum().backward()
        gradients = [weight.grad for weight in model.parameters() if weight.grad is not None]
        assert len(gradients) == len(list(model.parameters()))
        return [y.detach(), *gradients]

    quick = learned()
    lay_out(model, Training(precision="reference"))
    agree(quick, learned())


def test_lenet_5_squashes_and_subsamples_at_once_where_it_learns() -> None:
    model = build(analyze(preset("lenet-5")), {}, 0)
    x = torch.rand(2, 1, 32, 32).contiguous(memory_format=torch.channels_last)
    with patch.object(SquashedSubsampling, "forward", side_effect=RuntimeError("gone through")):
        with pytest.raises(RuntimeError, match="gone through"):
            model.train()(x)
        model.look(x, lambda uid, seen: None)


def test_each_stands_in_for_what_it_derives_from() -> None:
    for name, kind in QUICK.items():
        room: object = nn if name.startswith("nn.") else modules
        original: type[nn.Module] = getattr(room, name.removeprefix("nn."))
        assert issubclass(kind, original)
        assert issubclass(kind, Quick)


@pytest.mark.parametrize("rate", [0.5, 0.25, 0.1, 1 / 3, 0.9, 0.001])
def test_dropout_drops_its_share_and_keeps_the_mean(rate: float) -> None:
    torch.manual_seed(0)
    drop, count = QuickDropout(rate), 1 << 20
    y = drop(torch.ones(count))
    lost = float((y == 0).float().mean())
    assert lost == pytest.approx(rate, abs=5 * math.sqrt(rate * (1 - rate) / count))
    assert sorted(y.unique().tolist()) == pytest.approx([0, 1 / (1 - rate)], rel=1e-4)
    assert torch.equal(y, y.clone())
    # Each of the eight or four values of a draw has the same chance, and knows nothing of others.
    parts = (y == 0).float().view(-1, 8)
    assert parts.mean(0).tolist() == pytest.approx([rate] * 8, abs=0.01)
    assert torch.corrcoef(parts.T).fill_diagonal_(0).abs().max() < 0.02


def test_dropout_hands_the_gradient_through_what_it_kept() -> None:
    x = torch.rand(7, 5, 3, 3).to(memory_format=torch.channels_last).requires_grad_()
    y = QuickDropout(0.3)(x)
    y.sum().backward()
    assert x.grad is not None
    assert torch.allclose(y, x * x.grad)
    assert set((x.grad == 0).flatten().tolist()) == {True, False}


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_dropout_of_nothing_and_of_all(rate: float) -> None:
    x = torch.rand(4, 4)
    assert torch.equal(QuickDropout(rate)(x), x * (1 - rate))


@pytest.mark.parametrize("shape", [(1,), (3, 7), (2, 3, 5, 5)])
def test_dropout_takes_any_shape_and_does_nothing_in_use(shape: tuple[int, ...]) -> None:
    drop = QuickDropout(0.5)
    assert drop(torch.ones(shape)).shape == shape
    assert torch.equal(drop.eval()(torch.ones(shape)), torch.ones(shape))


def test_dropout_computes_in_the_precision_of_its_input() -> None:
    assert QuickDropout(0.5)(torch.ones(9, dtype=torch.bfloat16)).dtype == torch.bfloat16
