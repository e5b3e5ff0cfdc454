"""Kernels by name do what their names say; orders are permutations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.stock_kernels import ORDERS, STOCK, Order, arranged, stock

SIZES = st.tuples(st.integers(1, 11), st.integers(1, 11))


@given(name=st.sampled_from(sorted(STOCK)), size=SIZES, strength=st.floats(0.01, 10))
def test_every_kernel_fits_and_is_as_strong_as_asked(
    name: str, size: tuple[int, int], strength: float
) -> None:
    kernel = stock(name, *size, strength)
    assert kernel.shape == size
    assert kernel.dtype == np.float32
    assert np.isfinite(kernel).all()
    largest = np.abs(kernel).max()
    assert largest == pytest.approx(strength, rel=1e-5) or largest == 0


@pytest.mark.parametrize("size", [(3, 3), (5, 5), (7, 7)])
def test_they_do_what_they_are_called(size: tuple[int, int]) -> None:
    image = np.zeros((20, 20))
    image[:, 10:] = 1  # a vertical edge

    def answer(name: str, picture: np.ndarray) -> np.ndarray:
        kernel = stock(name, *size).astype(np.float64)
        windows = np.lib.stride_tricks.sliding_window_view(picture, size)
        return np.asarray((windows * kernel).sum((2, 3)))

    assert np.abs(answer("vertical_edge", image)).max() > 0.5
    assert np.abs(answer("horizontal_edge", image)).max() < 1e-6
    assert np.abs(answer("horizontal_edge", image.T)).max() > 0.5
    flat = np.ones((20, 20))
    for name in ("vertical_edge", "horizontal_edge", "spot", "gabor_0", "gabor_45"):
        assert np.abs(answer(name, flat)).max() < 1e-5, name
    edge = size[0] // 2
    np.testing.assert_allclose(answer("identity", image), image[edge:-edge, edge:-edge])
    over = answer("sharpen", image) / stock("sharpen", *size).sum()
    assert over.max() > 1.05, "it overshoots at an edge"
    soft = answer("blur", image) / stock("blur", *size).sum()
    assert len(np.unique(soft.round(4))) > 2, "it makes an edge a slope"
    assert (soft.min(), soft.max()) == pytest.approx((0, 1), abs=1e-6)
    columns = np.cos(np.arange(20) * np.pi * 1.5 / (size[0] // 2))[None].repeat(20, 0)
    assert np.abs(answer("gabor_0", columns)).max() > 2 * np.abs(answer("gabor_90", columns)).max()


@given(
    count=st.integers(1, 12),
    order=st.sampled_from(sorted(ORDERS)),
    seed=st.integers(0, 1000),
)
def test_orders_are_permutations(count: int, order: Order, seed: int) -> None:
    kernels = np.random.default_rng(seed).normal(size=(count, 2, 3, 3))
    found = arranged(kernels, order)
    assert sorted(found.tolist()) == list(range(count))
    norms = np.linalg.norm(kernels.reshape(count, -1), axis=1)
    if order == "norm":
        assert (np.diff(norms[found]) <= 0).all()


def test_alike_kernels_stand_together_whatever_their_sign() -> None:
    one, other = np.eye(3), np.fliplr(np.eye(3)) - 0.3
    kernels = np.stack([3 * one, other, -one, 2 * other, 0.5 * one])
    found = arranged(kernels, "similarity").tolist()
    assert set(found[:3]) == {0, 2, 4}
