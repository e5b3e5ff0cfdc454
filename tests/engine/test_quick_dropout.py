"""Dropout whose mask is drawn bit by bit."""

from __future__ import annotations

import math

import pytest
import torch

from cnnviz.engine.quick_dropout import QuickDropout, kept


@pytest.mark.parametrize("rate", [0.5, 0.25, 0.1, 1 / 3, 0.9, 0.001])
def test_dropout_drops_its_share_and_keeps_the_mean(rate: float) -> None:
    torch.manual_seed(0)
    drop, count = QuickDropout(rate), 1 << 20
    y = drop(torch.ones(count))
    lost = float((y == 0).float().mean())
    assert lost == pytest.approx(rate, abs=5 * math.sqrt(rate * (1 - rate) / count))
    assert sorted(y.unique().tolist()) == pytest.approx([0, 1 / (1 - rate)], rel=1e-4)
    assert torch.equal(y, y.clone())
    # Neighbours, and values from the same word of random bits, know nothing of each other.
    words = -(-count // 31)
    for parts in ((y == 0).view(-1, 8), (y == 0)[: 30 * words].view(30, words).T):
        shares = parts.float()
        assert shares.mean(0).tolist() == pytest.approx([rate] * parts.shape[1], abs=0.012)
        if rate > 0.01:  # else they rarely meet
            assert torch.corrcoef(shares.T).fill_diagonal_(0).abs().max() < 0.03


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


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("rate", [0.5, 0.25])
def test_what_is_kept_is_scaled_in_every_precision(dtype: torch.dtype, rate: float) -> None:
    y = QuickDropout(rate)(torch.ones(1000, dtype=dtype))
    expected = torch.tensor([0, 1 / (1 - rate)], dtype=dtype)
    assert torch.equal(y.unique(), expected)


def test_a_mask_lies_as_what_it_masks() -> None:
    x = torch.rand(2, 3, 4, 5).to(memory_format=torch.channels_last)
    assert kept(x, 1 << 15, None).stride() == x.stride()
    assert kept(x[:, :, ::2], 1 << 15, None).shape == (2, 3, 2, 5)


def test_its_chance_is_its_own_where_it_has_one() -> None:
    drop, x = QuickDropout(0.5), torch.ones(100)
    drop.chance = torch.Generator().manual_seed(3)
    first = drop(x)
    before = torch.default_generator.get_state()
    drop.chance.manual_seed(3)
    assert torch.equal(drop(x), first)
    assert not torch.equal(drop(x), first)
    assert torch.equal(torch.default_generator.get_state(), before)
