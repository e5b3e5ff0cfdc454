"""δ of a batch norm in training is autograd's, as the sum of its three terms."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from cnnviz.arithmetic.backward.batch import (
    Batch,
    batch_norm_gradient_in_training,
    batch_norm_in_training,
)
from cnnviz.arithmetic.text import as_table, as_text
from cnnviz.arithmetic.values import Listed
from cnnviz.layers import BatchNorm, Maps, Vector
from tests.arithmetic.seen import TOLERANCE


@given(
    images=st.integers(2, 9),
    height=st.integers(1, 5),
    width=st.integers(1, 5),
    vector=st.booleans(),
    affine=st.booleans(),
    epsilon=st.sampled_from([1e-5, 1e-3, 0.1]),
    offset=st.sampled_from([0.0, 3.0, -40.0]),
    seed=st.integers(0, 10_000),
)
def test_every_delta_is_autograds(
    images: int,
    height: int,
    width: int,
    vector: bool,
    affine: bool,
    epsilon: float,
    offset: float,
    seed: int,
) -> None:
    generator = torch.Generator().manual_seed(seed)
    size = (images, 3) if vector else (images, 3, height, width)
    x = torch.randn(size, generator=generator) * 2 + offset
    x.requires_grad_()
    factor = torch.randn(3, generator=generator) if affine else torch.ones(3)
    y = F.batch_norm(x, None, None, factor, None, training=True, eps=epsilon)
    delta = torch.randn(size, generator=generator)
    (expected,) = torch.autograd.grad(y, x, delta)
    layer = BatchNorm(epsilon=epsilon, affine=affine)
    shape = Vector(3) if vector else Maps(height, width, 3)
    for place in np.ndindex(size[1:]):
        number = place[0]
        whole = (slice(None), number, None, None) if vector else (slice(None), number)
        batch = Batch(x.detach()[whole].numpy(), delta[whole].numpy(), float(factor[number]))
        flow = batch_norm_in_training(layer, batch, shape, place)
        computed = float(expected[0][place])
        assert abs(flow.value - computed) <= TOLERANCE * flow.absolute
        direct, by_mean, by_variance, total = (step.result for step in flow.steps[-4:])
        assert direct + by_mean + by_variance == pytest.approx(total, rel=1e-12, abs=1e-300)
        assert total == flow.value
        assert as_text(flow, computed).count("\n") == len(flow.steps)
        assert len(as_table(flow)) > len(flow.steps)


@given(
    images=st.integers(2, 9),
    height=st.integers(1, 5),
    width=st.integers(1, 5),
    vector=st.booleans(),
    epsilon=st.sampled_from([1e-5, 1e-3, 0.1]),
    offset=st.sampled_from([0.0, 3.0, -40.0]),
    seed=st.integers(0, 10_000),
)
def test_the_gradients_of_factor_and_offset_are_autograds(
    images: int, height: int, width: int, vector: bool, epsilon: float, offset: float, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    size = (images, 3) if vector else (images, 3, height, width)
    x = torch.randn(size, generator=generator) * 2 + offset
    parameters = {name: torch.randn(3, generator=generator) for name in ("weight", "bias")}
    for parameter in parameters.values():
        parameter.requires_grad_()
    weight, bias = parameters.values()
    y = F.batch_norm(x, None, None, weight, bias, training=True, eps=epsilon)
    delta = torch.randn(size, generator=generator)
    gradients = torch.autograd.grad(y, list(parameters.values()), delta)
    shape = Vector(3) if vector else Maps(height, width, 3)
    for name, gradient in zip(parameters, gradients, strict=True):
        for number in range(3):
            whole = (slice(None), number, None, None) if vector else (slice(None), number)
            batch = Batch(x[whole].numpy(), delta[whole].numpy(), 1.0)
            layer = BatchNorm(epsilon=epsilon)
            flow = batch_norm_gradient_in_training(layer, batch, name, shape, number)
            computed = float(gradient[number])
            assert abs(flow.value - computed) <= TOLERANCE * flow.absolute
            assert isinstance(flow.picture, Listed)
            ((_, sums),) = flow.picture.columns
            mine, _, others = flow.steps[-1].pieces
            assert mine == sums[0]
            assert others == pytest.approx(sums[1:].sum(), abs=1e-12)
            assert flow.steps[-1].result == flow.value
            assert flow.value == pytest.approx(sums.sum(), rel=1e-12, abs=1e-12)
            assert as_text(flow, computed).count("\n") >= len(flow.steps)
            assert len(as_table(flow)) > images


def test_each_image_has_a_say_in_the_two_means() -> None:
    """Worked out by hand: two images of a single value each, which become −1 and 1."""
    batch = Batch(np.array([[[0.0]], [[4.0]]]), np.array([[[1.0]], [[3.0]]]), 2.0)
    flow = batch_norm_in_training(BatchNorm(epsilon=1e-12), batch, Maps(1, 1, 1), (0, 0, 0))
    assert isinstance(flow.picture, Listed)
    (_, sums), (_, along) = flow.picture.columns
    assert sums.tolist() == [2, 6]  # g = δ · factor
    assert along.tolist() == pytest.approx([-2, 6])  # g · z
    direct, by_mean, by_variance = (step.result for step in flow.steps[-4:-1])
    assert (direct, by_mean, by_variance) == pytest.approx((2 / 2, -4 / 2, 1 * 2 / 2))
    of_factor, of_offset = (
        batch_norm_gradient_in_training(BatchNorm(epsilon=1e-12), batch, name, Maps(1, 1, 1), 0)
        for name in ("weight", "bias")
    )
    assert of_factor.value == pytest.approx(-1 + 3)  # δ · z
    assert of_offset.value == 1 + 3  # δ
    assert flow.value == pytest.approx(0)  # what two values share, and what spreads them, is all
