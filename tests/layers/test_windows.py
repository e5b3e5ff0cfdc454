"""Sliding windows against TensorFlow's documented rule, and against plain loops over pixels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnnviz.layers import AvgPool, Border, Conv2d, Layer, Maps, MaxPool, Problem, Size
from cnnviz.layers.windows import ends, extent, unread
from tests.layers.modules import images_of, stack_of
from tests.support.networks import maps, sizes

if TYPE_CHECKING:
    from collections.abc import Callable


def tensorflow(n: int, k: int, s: int, d: int, padding: str) -> tuple[int, int, int]:
    """Output size, and rows before and after, as tf.nn.convolution and the note on padding say."""
    effective = (k - 1) * d + 1
    if padding == "valid":
        return math.ceil((n - effective + 1) / s), 0, 0
    if n % s == 0:
        total = max(effective - s, 0)
    else:
        total = max(effective - (n % s), 0)
    return math.ceil(n / s), total // 2, total - total // 2


Window = tuple[Size, Size, Size, Literal["valid", "same"]]
"""Kernel, stride, dilation, padding."""

windows: st.SearchStrategy[Window] = st.tuples(
    sizes(7), sizes(4), sizes(3), st.sampled_from(["valid", "same"])
)


def sliding(kind: type[Conv2d | MaxPool | AvgPool], window: Window) -> Layer:
    kernel, stride, dilation, padding = window
    if issubclass(kind, Conv2d):
        return kind(filters=2, kernel=kernel, stride=stride, dilation=dilation, padding=padding)
    return kind(kernel=kernel, stride=stride, padding=padding)


@pytest.mark.parametrize("kind", [Conv2d, MaxPool, AvgPool])
@given(x=maps(largest=30, channels=2), window=windows)
def test_sizes_and_padding_are_tensorflows(
    kind: type[Conv2d | MaxPool | AvgPool], x: Maps, window: Window
) -> None:
    kernel, stride, dilation, padding = window
    if kind is not Conv2d:
        dilation = Size(1, 1)
    axes = zip((x.height, x.width), kernel.pair, stride.pair, dilation.pair, strict=True)
    rows, columns = (tensorflow(*axis, padding) for axis in axes)
    y = sliding(kind, window).output_shape(x)
    if min(rows[0], columns[0]) < 1:
        assert isinstance(y, Problem)
        return
    assert isinstance(y, Maps)
    assert (y.height, y.width) == (rows[0], columns[0])
    reach = (extent(kernel.height, dilation.height), extent(kernel.width, dilation.width))
    assert ends(padding, x, reach, stride) == (rows[1:], columns[1:])


@settings(max_examples=60)
@given(x=maps(largest=9, channels=3), window=windows)
def test_convolution_puts_tensorflows_zeros_where_they_belong(x: Maps, window: Window) -> None:
    """Not only the size: the values, computed on an image that is padded by hand."""
    kernel, stride, dilation, padding = window
    layer = sliding(Conv2d, window)
    assume(isinstance(layer.output_shape(x), Maps))
    stack = stack_of(layer, x)
    images = images_of(x)
    axes = zip((x.height, x.width), kernel.pair, stride.pair, dilation.pair, strict=True)
    rows, columns = (tensorflow(*axis, padding) for axis in axes)
    padded = torch.zeros(2, x.channels, x.height + sum(rows[1:]), x.width + sum(columns[1:]))
    padded[:, :, rows[1] : rows[1] + x.height, columns[1] : columns[1] + x.width] = images
    with torch.inference_mode():
        found = stack(images)
        convolution = stack[-1]
        assert isinstance(convolution, torch.nn.Conv2d)
        expected = torch.nn.functional.conv2d(
            padded, convolution.weight, convolution.bias, stride.pair, 0, dilation.pair
        )
    torch.testing.assert_close(found, expected)


def pooled(
    x: Maps, kernel: Size, stride: Size, values: np.ndarray, pick: Callable[[np.ndarray], float]
) -> np.ndarray:
    """'same' pooling, window by window, over nothing but the pixels that exist."""
    axes = zip((x.height, x.width), kernel.pair, stride.pair, strict=True)
    rows, columns = (tensorflow(n, k, s, 1, "same") for n, k, s in axes)
    found = np.empty((*values.shape[:2], rows[0], columns[0]))
    for i, j in np.ndindex(rows[0], columns[0]):
        top, left = i * stride.height - rows[1], j * stride.width - columns[1]
        window = values[
            :,
            :,
            max(top, 0) : min(top + kernel.height, x.height),
            max(left, 0) : min(left + kernel.width, x.width),
        ]
        for image, channel in np.ndindex(window.shape[:2]):
            found[image, channel, i, j] = pick(window[image, channel])
    return found


@settings(max_examples=60)
@given(x=maps(largest=9, channels=2), kernel=sizes(6), stride=sizes(4))
def test_average_under_same_counts_the_pixels_that_exist(
    x: Maps, kernel: Size, stride: Size
) -> None:
    images = images_of(x)
    found = stack_of(AvgPool(kernel=kernel, stride=stride, padding="same"), x)(images)
    expected = pooled(x, kernel, stride, images.numpy(), np.mean)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-5, atol=1e-6)


@settings(max_examples=60)
@given(x=maps(largest=9, channels=2), kernel=sizes(6), stride=sizes(4))
def test_maximum_under_same_never_picks_padding(x: Maps, kernel: Size, stride: Size) -> None:
    """All values are below zero, so that a zero of the padding would be the largest."""
    images = -images_of(x).abs() - 1
    found = stack_of(MaxPool(kernel=kernel, stride=stride, padding="same"), x)(images)
    expected = pooled(x, kernel, stride, images.numpy(), np.max)
    np.testing.assert_array_equal(found.numpy(), expected)


def test_explicit_padding_counts_in_an_average_and_not_in_a_maximum() -> None:
    images, border = torch.full((1, 1, 2, 2), -1.0), Border(1, 1)
    average = stack_of(AvgPool(kernel=Size(2, 2), padding=border), Maps(2, 2, 1))(images)
    assert average.tolist() == [[[[-0.25, -0.25], [-0.25, -0.25]]]]
    largest = stack_of(MaxPool(kernel=Size(2, 2), padding=border), Maps(2, 2, 1))(images)
    assert largest.tolist() == [[[[-1, -1], [-1, -1]]]]


@given(
    size=st.integers(1, 20),
    kernel=st.integers(1, 5),
    stride=st.integers(1, 6),
    before=st.integers(0, 2),
    after=st.integers(0, 2),
)
def test_what_no_window_reads_at_the_far_end(
    size: int, kernel: int, stride: int, before: int, after: int
) -> None:
    """Every pixel that a window covers is ticked off; gaps between windows are not the floor's."""
    starts = range(-before, size + after - kernel + 1, stride)
    last = max((start + kernel for start in starts), default=0)
    assert unread(size, kernel, stride, (before, after)) == size - min(max(last, 0), size)


def test_full_convolution_of_the_books() -> None:
    """ones(3, 3) with 1 to 9, padded by two all around."""
    layer = Conv2d(filters=1, kernel=Size(3, 3), padding=Border(2, 2), bias=False)
    stack = stack_of(layer, Maps(3, 3, 1))
    numbers = torch.arange(1.0, 10).reshape(1, 1, 3, 3)
    with torch.no_grad():
        next(stack.parameters()).copy_(numbers.flip(2, 3))  # PyTorch correlates
        found = stack(torch.ones(1, 1, 3, 3))[0, 0]
    assert found.tolist() == [
        [1, 3, 6, 5, 3],
        [5, 12, 21, 16, 9],
        [12, 27, 45, 33, 18],
        [11, 24, 39, 28, 15],
        [7, 15, 24, 17, 9],
    ]


@pytest.mark.parametrize("kind", [MaxPool, AvgPool])
def test_rounding_up_is_refused_where_there_is_no_rest(kind: type[MaxPool | AvgPool]) -> None:
    x = Maps(13, 11, 3)
    layer = kind(kernel=Size(3, 3), stride=Size(2, 2), padding="same", rounding="ceil")
    problem = layer.output_shape(x)
    assert isinstance(problem, Problem)
    assert layer.shown("rounding")  # so that one sees what excludes what
    found = [repair.layers[0].output_shape(x) for repair in problem.repairs]
    assert found == [Maps(7, 6, 3), Maps(6, 5, 3)]
    assert not kind(padding="same").shown("rounding")
