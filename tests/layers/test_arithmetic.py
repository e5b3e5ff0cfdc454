"""Multiply-adds and receptive fields against what PyTorch does when it is watched."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from cnnviz.analysis import analyze
from cnnviz.engine import modules
from cnnviz.explain import seen_by
from cnnviz.layers import (
    Activation,
    AdaptiveAvgPool,
    AvgPool,
    Border,
    Conv2d,
    Dense,
    Flatten,
    GlobalAvgPool,
    Layer,
    LocallyConnected2d,
    Maps,
    MaxPool,
    Problem,
    ReceptiveField,
    Shape,
    Sides,
    Size,
    Subsampling,
    TransposedConv2d,
    ZeroPadding,
)
from cnnviz.layers.pooling import largest_window
from cnnviz.network import Input, Network
from tests.layers.modules import stack_of
from tests.support.networks import SINGLES, fitting, sizes


def products(layer: Layer, x: Shape) -> int:
    """How many products of a weight and a value are added up, counted by the layer itself.

    Where weights, values and padding are all 1, an output is as large as it has products.
    """
    stack = stack_of(layer, x).double()
    shape = (1, x.channels, x.height, x.width) if isinstance(x, Maps) else (1, x.length)
    values = torch.ones(shape, dtype=torch.float64)
    with torch.no_grad():
        for module in stack:
            if isinstance(layer, ZeroPadding):
                return 0
            if isinstance(module, nn.ConvTranspose2d):  # whether or not it is cut off in the end
                ones = torch.ones_like(module.weight)
                values = F.conv_transpose2d(
                    values, ones, None, module.stride, 0, 0, module.groups, module.dilation
                )
            elif isinstance(module, modules.ConnectedConv2d | modules.LocallyConnected2d):
                rows, columns = _pair(module.padding)
                values = F.pad(values, (columns, columns, rows, rows), value=1)
                module.padding = 0
                nn.init.ones_(module.weight)
                module.bias = None
                values = module(values)
            elif isinstance(module, nn.ZeroPad2d):
                values = F.pad(values, module.padding, value=1)
            elif isinstance(module, nn.Conv2d):
                assert not isinstance(module.padding, str)
                rows, columns = module.padding
                values = F.pad(values, (columns, columns, rows, rows), value=1)
                ones = torch.ones_like(module.weight)
                values = F.conv2d(
                    values, ones, None, module.stride, 0, module.dilation, module.groups
                )
            elif isinstance(module, nn.Linear):
                values = F.linear(values, torch.ones_like(module.weight))
            else:
                return 0
    return int(values.sum())


def _pair(value: int | tuple[int, int]) -> tuple[int, int]:
    return value if isinstance(value, tuple) else (value, value)


@pytest.mark.parametrize("kind", SINGLES, ids=lambda kind: kind.__name__)
@settings(max_examples=60)
@given(data=st.data())
def test_multiply_adds_are_the_products_that_are_added(
    kind: type[Layer], data: st.DataObject
) -> None:
    layer, x = data.draw(fitting(kind))
    y = layer.output_shape(x)
    assume(not isinstance(y, Problem))
    assert not isinstance(y, Problem)
    assert layer.multiply_adds(x, y) == products(layer, x)


# --- receptive fields -------------------------------------------------------------------------

PADDINGS = st.sampled_from(["valid", "same"])
sliders = st.one_of(
    st.builds(
        Conv2d,
        filters=st.just(1),
        kernel=sizes(4),
        stride=sizes(3),
        dilation=sizes(2),
        padding=PADDINGS,
    ),
    st.builds(MaxPool, kernel=sizes(3), stride=sizes(3) | st.none(), padding=PADDINGS),
    st.builds(AvgPool, kernel=sizes(3), stride=sizes(3) | st.none(), padding=PADDINGS),
    st.just(Activation()),
    st.builds(LocallyConnected2d, filters=st.just(1), kernel=sizes(3), stride=sizes(2)),
    st.builds(Subsampling, kernel=sizes(3), stride=sizes(3) | st.none()),
)
around = st.builds(ZeroPadding, padding=st.builds(Sides, *[st.integers(0, 3)] * 4))


class Seer(nn.Module):
    """A stack in which everything that can have an influence has one, and a positive one."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        stacks = [
            stack_of(row.layer, row.input) for row in analyze(network).rows if row.input is not None
        ]
        self.stages = nn.ModuleList(map(self._seeing, [m for stack in stacks for m in stack]))
        for parameter in self.double().parameters():
            nn.init.ones_(parameter)

    @staticmethod
    def _seeing(module: nn.Module) -> nn.Module:
        if isinstance(module, nn.MaxPool2d):  # its gradient shows but the largest
            return nn.AvgPool2d(module.kernel_size, module.stride, module.padding)
        if isinstance(module, nn.ConstantPad2d):
            return nn.ZeroPad2d(module.padding)
        return module

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for stage in self.stages:
            x = stage(x)
        return x


def seen(network: Network, row: int, column: int) -> tuple[range, range] | None:
    """The rows and columns of the input that have an influence on one value of the output; None
    where it sees nothing but padding."""
    image = network.input
    x = torch.ones(1, 1, image.height, image.width, dtype=torch.float64, requires_grad=True)
    y = Seer(network)(x)
    target = y[0, 0, row, column] if y.ndim == 4 else y[0, 0]
    target.backward()
    assert x.grad is not None
    moved = x.grad[0, 0] != 0
    rows = moved.any(1).nonzero().flatten().tolist()
    columns = moved.any(0).nonzero().flatten().tolist()
    if not rows:
        return None
    return range(rows[0], rows[-1] + 1), range(columns[0], columns[-1] + 1)


@settings(max_examples=60)
@given(layers=st.lists(sliders, min_size=1, max_size=4))
def test_receptive_field_is_what_the_gradient_reaches(layers: list[Layer]) -> None:
    """In the middle of an image that is large enough, and from one value to the next."""
    probe = analyze(Network(input=Input(400, 400)).with_layers(layers)).receptive_field
    assert probe is not None
    # So large that the fields of two neighbours in the middle lie inside it.
    height = 3 * probe.height + 4 * int(probe.jump_height)
    width = 3 * probe.width + 4 * int(probe.jump_width)
    assume(max(height, width) < 700)
    network = Network(input=Input(height, width)).with_layers(layers)
    report = analyze(network)
    field, y = report.receptive_field, report.output
    assert field is not None
    assert isinstance(y, Maps)
    assert (field.rows, field.columns) == (y.height, y.width)
    event(f"field {field.height // 10}0")
    i, j = y.height // 2, y.width // 2
    reached, before = seen(network, i, j), seen(network, i - 1, j - 1)
    assert reached is not None
    assert before is not None
    rows, columns = reached
    assert (len(rows), len(columns)) == (field.height, field.width)
    assert rows.start - before[0].start == field.jump_height
    assert columns.start - before[1].start == field.jump_width
    # The offset is that of the first value.
    assert rows.start == field.top + i * field.jump_height
    assert columns.start == field.left + j * field.jump_width


@pytest.mark.parametrize("end", [[GlobalAvgPool()], [Flatten(), Dense(units=2)]])
@settings(max_examples=20)
@given(layers=st.lists(sliders, max_size=3), after=st.lists(st.just(Dense(units=1)), max_size=2))
def test_what_reads_all_positions_sees_all_that_they_see(
    end: list[Layer], layers: list[Layer], after: list[Layer]
) -> None:
    """Not clipped at the border: with padding it is wider than the image; then it covers it."""
    dense = [Flatten(), *after] if isinstance(end[-1], GlobalAvgPool) and after else after
    network = Network(input=Input(30, 30)).with_layers([*layers, *end, *dense])
    report = analyze(network)
    assume(report.problem is None)
    field = report.rows[-1].receptive_field
    assert field is not None
    reached = seen(network, 0, 0)
    assert reached is not None
    rows, columns = reached
    padded = any(getattr(layer, "padding", "valid") != "valid" for layer in layers)
    if padded:
        assert field.height >= len(rows)
        assert field.width >= len(columns)
    else:
        assert (field.height, field.width) == (len(rows), len(columns))


@pytest.mark.parametrize(
    "layer",
    [
        kind
        for kind in SINGLES
        if kind.family not in {"convolution", "pooling", "dense"} and kind is not ZeroPadding
    ],
    ids=lambda kind: kind.__name__,
)
def test_element_wise_layers_and_flatten_keep_the_field(layer: type[Layer]) -> None:
    field = ReceptiveField(5, 7, 2, 3, 11, 13)
    assert layer().receptive_field(field, Maps(11, 13, 4)) == field


grown = st.builds(
    TransposedConv2d,
    filters=st.just(1),
    kernel=sizes(4),
    stride=sizes(3),
    padding=PADDINGS | st.just(Border(1, 0)),
)

averaged = st.builds(AdaptiveAvgPool, size=sizes(9))


@settings(max_examples=80)
@given(
    layers=st.lists(sliders | around | grown | averaged, min_size=1, max_size=4),
    data=st.data(),
)
def test_no_value_sees_beyond_its_field(layers: list[Layer], data: st.DataObject) -> None:
    """For any place, also where windows differ in size; and to the pixel where nothing has gaps."""
    network = Network(input=Input(31, 29)).with_layers(layers).named(iter("abcd").__next__)
    report = analyze(network)
    y = report.output
    assume(isinstance(y, Maps) and y.height * y.width < 20_000)
    assert isinstance(y, Maps)
    i, j = data.draw(st.integers(0, y.height - 1)), data.draw(st.integers(0, y.width - 1))
    reached = seen(network, i, j)
    field = seen_by(report, network.layers[-1].uid, i, j)
    assert field is not None
    if reached is None:
        return
    inside = field.inside(31, 29)
    rows, columns = reached
    assert inside.top <= rows.start <= rows[-1] <= inside.bottom
    assert inside.left <= columns.start <= columns[-1] <= inside.right
    # What padding between layers would see of the image is counted, though there is nothing.
    inner = [getattr(layer, "padding", "valid") for layer in layers[1:]]
    if not any(map(_gaps, layers)) and set(inner) <= {"valid"}:
        assert (rows.start, rows[-1]) == (inside.top, inside.bottom)
        assert (columns.start, columns[-1]) == (inside.left, inside.right)


def _gaps(layer: Layer) -> bool:
    """Whether it jumps over pixels, so that at the border the first or last one may be missing."""
    kernel = getattr(layer, "kernel", Size(1, 1))
    stride = getattr(layer, "stride", None) or kernel
    wide = stride.height > kernel.height or stride.width > kernel.width
    wide = wide or isinstance(layer, TransposedConv2d)  # cut or padded, it may lie beside the maps
    return wide or getattr(layer, "dilation", Size(1, 1)) != Size(1, 1)


def test_a_transposed_convolution_by_two_halves_the_distance() -> None:
    report = analyze(
        Network(input=Input(8, 8)).with_layers([TransposedConv2d(), Conv2d(kernel=Size(3, 3))])
    )
    after = report.rows[0].receptive_field
    assert after is not None
    assert (after.height, after.jump_height) == (1, Fraction(1, 2))
    field = report.receptive_field
    assert field is not None
    assert (field.height, field.jump_height, field.top) == (2, Fraction(1, 2), 0)


@given(size=st.integers(1, 60), count=st.integers(1, 60))
def test_the_largest_adaptive_window(size: int, count: int) -> None:
    """Against all windows of PyTorch's rule."""
    windows = [-(-(i + 1) * size // count) - i * size // count for i in range(count)]
    assert largest_window(size, count) == max(windows)


def test_the_field_of_one_axis_does_not_leak_into_the_other() -> None:
    tall = Conv2d(kernel=Size(5, 1), stride=Size(2, 1), dilation=Size(3, 1))
    report = analyze(Network(input=Input(64, 28)).with_layers([tall, tall]))
    assert report.receptive_field == ReceptiveField(1 + 12 + 24, 1, 4, 1, 7, 28)
