"""Modules that are quicker in training do what those that they stand in for do."""

from __future__ import annotations

from unittest.mock import patch

import pytest
import torch
from torch import nn

from cnnviz.analysis import analyze
from cnnviz.engine import modules
from cnnviz.engine.build import build
from cnnviz.engine.optimizing import lay_out
from cnnviz.engine.quick import Quick
from cnnviz.engine.quick_convolution import QuickConv2d
from cnnviz.engine.quick_modules import (
    QUICK,
    QuickAvgPool2d,
    QuickFlatten,
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
    (QuickFlatten(), nn.Flatten(), (6, 5, 7, 3)),
    (QuickFlatten(), nn.Flatten(), (6, 5)),
    (QuickFlatten(2), nn.Flatten(2), (6, 5, 7, 3)),
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


def test_what_comes_back_through_flatten_lies_as_what_went_in() -> None:
    x = torch.rand(3, 4, 5, 6).to(memory_format=torch.channels_last).requires_grad_()
    y = x * 2
    back: list[tuple[int, ...]] = []
    y.register_hook(lambda gradient: back.append(gradient.stride()))
    QuickFlatten()(y).sum().backward()
    assert back == [y.stride()]


def test_lenet_5_is_built_of_them_and_a_reference_goes_the_ordinary_way() -> None:
    model = build(analyze(preset("lenet-5")), {}, 0)
    found = [module for module in model.modules() if isinstance(module, Quick)]
    kinds = {type(module) for module in found}
    assert kinds == {QuickConv2d, QuickFlatten, QuickScaledTanh, QuickSubsampling2d}
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
