"""Where windows lie, against PyTorch: which inputs an output answers to, tap by tap."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnnviz.explain.position import told, told_of_rest, told_of_tap, told_of_value
from cnnviz.layers import (
    KINDS,
    Activation,
    AdaptiveAvgPool,
    AvgPool,
    Border,
    Conv2d,
    Dense,
    GlobalAvgPool,
    Layer,
    LocallyConnected2d,
    Maps,
    MaxPool,
    Problem,
    Size,
    TransposedConv2d,
    Vector,
)
from cnnviz.sliding import (
    WINDOWS,
    AdaptiveAxis,
    Axis,
    Sliding,
    sliding_of,
)
from tests.layers.modules import stack_of
from tests.support.networks import fitting

if TYPE_CHECKING:
    from torch import nn

every_window = pytest.mark.parametrize("kind", WINDOWS, ids=lambda kind: kind.__name__)


def test_every_convolution_and_pooling_has_a_window() -> None:
    wanted = {kind for kind in KINDS if kind.family in {"convolution", "pooling"}}
    assert set(WINDOWS) == wanted


def answers(stack: nn.Sequential, x: Maps) -> np.ndarray:
    """Which outputs answer to which input, all weights 1: (rows in, columns in, rows out, …)."""
    cells = x.height * x.width
    images = torch.eye(cells).reshape(cells, 1, x.height, x.width).repeat(1, x.channels, 1, 1)
    with torch.no_grad():
        found = (stack(images) != 0).any(dim=1)
    return np.asarray(found.reshape(x.height, x.width, *found.shape[1:]))


def all_ones(stack: nn.Sequential, tap: tuple[int, int] | None = None) -> None:
    """Weights of 1 (at one tap, or at all) and no bias."""
    with torch.no_grad():
        for name, tensor in stack.named_parameters():
            tensor.fill_(0.0)
            if name.endswith("weight"):
                part = tensor if tap is None else tensor[..., tap[0], tap[1]]
                part.fill_(1.0)


def drawn(kind: type[Layer], data: st.DataObject) -> tuple[Layer, Maps, Sliding]:
    layer, x = data.draw(fitting(kind, largest=4))
    assume(isinstance(x, Maps) and not isinstance(layer.output_shape(x), Problem))
    assert isinstance(x, Maps)
    found = sliding_of(layer, x)
    assert found is not None
    return layer, x, found


@every_window
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_windows_cover_what_pytorch_reads(kind: type[Layer], data: st.DataObject) -> None:
    layer, x, sliding = drawn(kind, data)
    y = layer.output_shape(x)
    assert isinstance(y, Maps)
    stack = stack_of(layer, x)
    all_ones(stack)
    found = answers(stack, x)  # (rows in, columns in, rows out, columns out)
    assume(found.any())  # where one axis has nothing but padding, nothing is seen of the other
    if sliding.stamps:  # the window lies on the output, its positions are the input
        assert sliding.grid == (y.height, y.width)
        assert sliding.places == (x.height, x.width)
        found = found.transpose(2, 3, 0, 1)
    else:
        assert sliding.grid == (x.height, x.width)
        assert sliding.places == (y.height, y.width)
    for number, axis in enumerate(sliding.axes):
        across = np.asarray(found.any(axis=(1 - number, 3 - number)))
        for position in range(axis.count):
            window = axis.window(position)
            inside = [value for value in window if 0 <= value < axis.size]
            assert np.flatnonzero(across[:, position]).tolist() == inside
            assert [axis.tap(position, value) for value in window] == list(range(len(window)))
        for value in range(axis.size):
            assert np.flatnonzero(across[value]).tolist() == list(axis.positions(value))
            assert axis.covers(value) == across[value].any()
        assert axis.uncovered == (~across.any(axis=1)).sum()
    for row, column in np.ndindex(*sliding.places):
        rows, columns = sliding.window(row, column)
        wanted = np.zeros(sliding.grid, bool)
        for i, j in itertools.product(rows, columns):
            if 0 <= i < wanted.shape[0] and 0 <= j < wanted.shape[1]:
                wanted[i, j] = True
        np.testing.assert_array_equal(found[:, :, row, column], wanted)


@pytest.mark.parametrize("kind", [Conv2d, TransposedConv2d])
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_weight_meets_what_it_multiplies_in_pytorch(
    kind: type[Layer], data: st.DataObject
) -> None:
    layer, x, sliding = drawn(kind, data)
    down, across = sliding.kernel
    tap = data.draw(st.integers(0, down - 1)), data.draw(st.integers(0, across - 1))
    stack = stack_of(layer, x)
    all_ones(stack, tap)
    found = answers(stack, x).any(axis=(0, 1) if sliding.stamps else (2, 3))
    met = [
        [axis.touches(place, value) for value in range(axis.size)]
        for axis, place in zip(sliding.axes, tap, strict=True)
    ]
    np.testing.assert_array_equal(np.logical_and.outer(*map(np.array, met)), found)
    assert told_of_tap(sliding, *tap).values["n"] == found.sum()


axes = st.builds(
    Axis,
    st.integers(1, 40),
    st.integers(1, 12),
    st.integers(1, 7),
    st.integers(1, 6),
    st.integers(1, 5),
    st.integers(0, 6),
)
adaptive_axes = st.builds(AdaptiveAxis, st.integers(1, 40), st.integers(1, 40))


@given(axis=axes | adaptive_axes)
def test_every_rule_of_an_axis_says_the_same(axis: Axis | AdaptiveAxis) -> None:
    windows = [list(axis.window(position)) for position in range(axis.count)]
    before, after = axis.border
    assert max(len(window) for window in windows) == axis.kernel
    assert min(min(window) for window in windows) >= -before
    assert max(max(window) for window in windows) <= axis.size + after - 1
    for value in range(-before, axis.size + after):
        on_it = [i for i, window in enumerate(windows) if value in window]
        assert list(axis.positions(value)) == on_it
        taps = {windows[i].index(value) for i in on_it}
        assert {axis.tap(i, value) for i in on_it} == taps
        assert [tap for tap in range(axis.kernel) if axis.touches(tap, value)] == sorted(taps)
    assert axis.uncovered == sum(not axis.covers(value) for value in range(axis.size))
    for tap in range(axis.kernel):
        met = sum(axis.touches(tap, value) for value in range(axis.size))
        sliding = Sliding((axis, Axis(1, 1, 1)))
        assert told_of_tap(sliding, tap, 0).values["n"] == met


@given(axis=axes | adaptive_axes, value=st.integers(-5, 45))
def test_the_nearest_position_has_its_middle_nearest(axis: Axis | AdaptiveAxis, value: int) -> None:
    def away(position: int) -> int:
        window = axis.window(position)
        return abs(window[0] + window[-1] - 2 * value)

    found = axis.nearest(value)
    assert 0 <= found < axis.count
    inside = min(max(value, 0), axis.size - 1) if isinstance(axis, AdaptiveAxis) else value
    candidates = axis.positions(inside) if isinstance(axis, AdaptiveAxis) else range(axis.count)
    assert away(found) == min(map(away, candidates))


@given(size=st.integers(200, 400), data=st.data())
def test_what_is_left_out_is_counted_in_periods(size: int, data: st.DataObject) -> None:
    kernel, stride, dilation = (data.draw(st.integers(1, n)) for n in (4, 6, 4))
    before = data.draw(st.integers(0, 3))
    reach = dilation * (kernel - 1) + 1
    count = (size + 2 * before - reach) // stride + 1
    axis = Axis(size, count, kernel, stride, dilation, before)
    assert axis.uncovered == sum(not axis.covers(value) for value in range(size))


def test_a_million_values_cost_no_more_than_a_few() -> None:
    axis = Axis(10**9, (10**9 - 3) // 2 + 1, 3, 2)
    assert axis.uncovered == 1
    assert list(axis.positions(500_000_000)) == [249_999_999, 250_000_000]
    assert axis.nearest(500_000_001) == 250_000_000
    wide = Axis(10**9, 10**9 // 3, 1, 3)
    assert wide.uncovered == 10**9 - 10**9 // 3
    assert AdaptiveAxis(10**9, 7).kernel == 142_857_144
    assert Axis(10**9, 10**6, 10**6, 7, 3).uncovered is None


def test_layers_without_a_window_have_none() -> None:
    assert sliding_of(Activation(), Maps(3, 3, 1)) is None
    assert sliding_of(Dense(units=3), Vector(3)) is None
    assert sliding_of(Conv2d(), Vector(3)) is None
    assert sliding_of(Conv2d(), None) is None


def test_a_kernel_that_is_too_large_has_no_position() -> None:
    found = sliding_of(Conv2d(kernel=Size(9, 9)), Maps(7, 7, 1))
    assert found is not None
    assert not found.fits
    assert found.places == (0, 0)
    assert found.kernel == (9, 9)
    assert found.clamped(3, 3) == (0, 0)
    assert found.border == (0, 2, 0, 2)
    assert told_of_rest(found) is None
    gone = sliding_of(TransposedConv2d(kernel=Size(1, 1), padding=Border(4, 4)), Maps(2, 2, 1))
    assert gone is not None
    assert gone.grid == (0, 0)


def test_steps_go_row_by_row_and_begin_anew() -> None:
    found = sliding_of(Conv2d(kernel=Size(3, 3)), Maps(5, 4, 1))
    assert found is not None
    places = [(0, 0)]
    for _ in range(6):
        places.append(found.after(*places[-1]))
    assert places == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1), (0, 0)]
    assert found.after(0, 0, -1) == (2, 1)


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (Conv2d(kernel=Size(3, 3)), "Row 2, column 1 reads rows 2–4, columns 1–3"),
        (
            Conv2d(kernel=Size(3, 3), stride=Size(2, 2), dilation=Size(2, 2)),
            "Row 2, column 1 reads rows 4, 6, 8, columns 2, 4, 6",
        ),
        (
            Conv2d(kernel=Size(5, 5), padding="same"),
            "Row 2, column 1 reads rows 0–4, columns −1 … 3, with padding",
        ),
        (
            Conv2d(kernel=Size(1, 5), dilation=Size(1, 2)),
            "Row 2, column 1 reads rows 2, columns 1, 3 … 9",
        ),
        (Conv2d(kernel=Size(1, 1)), "Row 2, column 1 reads row 2, column 1"),
        (MaxPool(), "Row 2, column 1 reads rows 4–5, columns 2–3"),
        (AdaptiveAvgPool(size=Size(7, 7)), "Row 2, column 1 reads rows 3–5, columns 1–3"),
        (GlobalAvgPool(), "Row 0, column 0 reads rows 0–11, columns 0–11"),
        (
            TransposedConv2d(kernel=Size(3, 3)),
            "Row 2, column 1 of the input is stamped onto rows 4–6, columns 2–4",
        ),
    ],
)
def test_a_position_is_told_in_words(layer: Layer, words: str) -> None:
    found = sliding_of(layer, Maps(12, 12, 1))
    assert found is not None
    assert str(told(found, *found.clamped(2, 1))) == words


def test_a_value_is_told_whom_it_serves() -> None:
    plain = sliding_of(Conv2d(kernel=Size(3, 3), stride=Size(2, 2)), Maps(12, 12, 1))
    assert plain is not None
    assert str(told_of_value(plain, 4, 5)).endswith("read for rows 1–2, columns 2")
    assert str(told_of_value(plain, 11, 0)) == "Row 11, column 0 of the input is never read"
    stamp = sliding_of(TransposedConv2d(kernel=Size(2, 2), stride=Size(3, 3)), Maps(4, 4, 1))
    assert stamp is not None
    assert str(told_of_value(stamp, 4, 3)).endswith("gets the stamps of rows 1, columns 1")
    assert str(told_of_value(stamp, 2, 0)).endswith("gets no stamp, only the bias")


def test_what_is_cut_off_met_and_left_over_is_told() -> None:
    cut = sliding_of(TransposedConv2d(kernel=Size(4, 4), padding=Border(1, 1)), Maps(6, 6, 1))
    assert cut is not None
    words = "rows −1 … 2, columns −1 … 2; what lies outside is cut off"
    assert str(told(cut, 0, 0)).endswith(words)
    assert "adds to 25 values" in str(told_of_tap(cut, 0, 0))
    pool = sliding_of(MaxPool(), Maps(7, 6, 1))
    assert pool is not None
    assert str(told_of_rest(pool)) == "Never read: 1 of 7 rows, 0 of 6 columns"
    assert str(told_of_tap(pool, 1, 1)).endswith("of the window meets 9 values of the input")
    local = sliding_of(LocallyConnected2d(kernel=Size(3, 3)), Maps(5, 5, 1))
    assert local is not None
    assert told_of_rest(local) is None
    assert "multiplies 9 values" in str(told_of_tap(local, 1, 1))
    apart = sliding_of(TransposedConv2d(kernel=Size(1, 1), stride=Size(2, 2)), Maps(3, 3, 1))
    assert apart is not None
    rest = "Only the bias, and no stamp: 2 of 5 rows, 2 of 5 columns"
    assert str(told_of_rest(apart)) == rest
    same = sliding_of(AvgPool(padding="same"), Maps(5, 5, 1))
    assert same is not None
    assert told_of_rest(same) is None
