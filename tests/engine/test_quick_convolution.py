"""Narrow maps that lie side by side: the same gradients."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from cnnviz.engine import quick_convolution
from cnnviz.engine.quick_convolution import QuickConv2d, side_by_side

LAST = torch.channels_last


@given(
    batch=st.integers(1, 24),
    height=st.integers(1, 6),
    width=st.integers(1, 7),
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    padding=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    biased=st.booleans(),
    learns=st.tuples(st.booleans(), st.booleans()),
)
def test_every_gradient_is_the_ordinary_one(
    batch: int,
    height: int,
    width: int,
    kernel: tuple[int, int],
    padding: tuple[int, int],
    biased: bool,
    learns: tuple[bool, bool],
) -> None:
    padding = padding[0], min(padding[1], (kernel[1] - 1) // 2)
    if height + 2 * padding[0] < kernel[0] or width + 2 * padding[1] < kernel[1]:
        return
    chance = torch.Generator().manual_seed(batch)
    x = (
        torch.randn(batch, 3, height, width, generator=chance)
        .double()
        .contiguous(memory_format=LAST)
    )
    weight = torch.randn(5, 3, *kernel, generator=chance).double()
    bias = torch.randn(5, generator=chance).double() if biased else None

    def gradients(*, narrow: bool) -> list[torch.Tensor | None]:
        start = x.clone().requires_grad_(learns[0])
        learned = weight.clone().requires_grad_(learns[1])
        added = None if bias is None else bias.clone().requires_grad_()
        if narrow:
            y = quick_convolution._Narrow.apply(start, learned, added, padding)
        else:
            y = F.conv2d(start, learned, added, padding=padding)
        if y.requires_grad:
            (y * torch.linspace(-1, 1, y.numel(), dtype=y.dtype).view(y.shape)).sum().backward()
        return [y.detach(), start.grad, learned.grad, None if added is None else added.grad]

    for mine, theirs in zip(gradients(narrow=True), gradients(narrow=False), strict=True):
        assert (mine is None) == (theirs is None)
        if mine is not None:
            torch.testing.assert_close(mine, theirs, rtol=1e-10, atol=1e-10)


def test_images_side_by_side() -> None:
    x = torch.arange(1.0, 17).view(4, 1, 2, 2).contiguous(memory_format=LAST)
    assert side_by_side(x, 3).tolist() == [
        [[[1, 2, 0, 5, 6, 0, 9, 10, 0, 13, 14, 0], [3, 4, 0, 7, 8, 0, 11, 12, 0, 15, 16, 0]]]
    ]


@pytest.fixture(params=[True, False], ids=["with tiles", "without"])
def tiles(request: pytest.FixtureRequest) -> Iterator[bool]:
    with patch.object(quick_convolution, "multiplies_tiles", return_value=request.param):
        yield request.param


def narrow(layer: QuickConv2d, x: torch.Tensor, *, low: bool = True) -> bool:
    """Whether the layer lays the images side by side on the way back."""
    with (
        patch.object(quick_convolution, "side_by_side", side_effect=side_by_side) as laid,
        torch.autocast("cpu", torch.bfloat16, enabled=low),
    ):
        y: torch.Tensor = layer(x)
        y.float().sum().backward()
    return bool(laid.called)


def test_it_is_done_where_it_pays(tiles: bool) -> None:
    x = torch.rand(8, 64, 6, 6).to(memory_format=LAST)
    layer = QuickConv2d(64, 64, 3, padding=1, bias=False)
    assert narrow(layer, x) == tiles
    assert not narrow(layer, x, low=False)
    assert not narrow(layer, torch.rand(8, 64, 6, 9).to(memory_format=LAST))
    assert not narrow(layer, x[:7].contiguous(memory_format=LAST))
    assert not narrow(layer, torch.rand(8, 64, 6, 6))
    assert not narrow(QuickConv2d(64, 32, 3, padding=1), x)
    assert not narrow(QuickConv2d(64, 64, 3, padding=1, stride=2), x)
    assert not narrow(QuickConv2d(64, 64, 3, padding=3), x)
    layer.standard = True
    assert not narrow(layer, x)


def test_in_bfloat16_it_learns_what_pytorch_s_own_learns() -> None:
    chance = torch.Generator().manual_seed(1)
    x = torch.randn(16, 64, 5, 5, generator=chance).to(memory_format=LAST)
    quick, plain = QuickConv2d(64, 80, 3, padding=1), nn.Conv2d(64, 80, 3, padding=1)
    plain.load_state_dict(quick.state_dict())
    found = []
    with patch.object(quick_convolution, "multiplies_tiles", return_value=True):
        for layer in (quick, plain):
            start = x.clone().requires_grad_()
            with torch.autocast("cpu", torch.bfloat16):
                y = layer(start)
            assert y.dtype == torch.bfloat16
            (y.float() ** 2).mean().backward()
            found.append([y.detach().float(), start.grad, *(p.grad for p in layer.parameters())])
    for mine, theirs in zip(*found, strict=True):
        assert mine is not None
        assert theirs is not None
        assert mine.dtype == torch.float32
        torch.testing.assert_close(mine, theirs, rtol=0.02, atol=0.01 * float(theirs.abs().max()))
