"""What PyTorch has no module for, against plain loops; and what nobody should type."""

from __future__ import annotations

import time
import tracemalloc
from typing import Literal

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from cnnviz.analysis import analyze
from cnnviz.engine.modules import ConnectedConv2d, ScaledTanh
from cnnviz.layers import (
    LIMIT,
    AdaptiveAvgPool,
    AnyLayer,
    Border,
    Conv2d,
    Dense,
    Flatten,
    GroupNorm,
    Initialisation,
    Layer,
    LayerNorm,
    LocallyConnected2d,
    LocalResponseNorm,
    Maps,
    Problem,
    Sides,
    Size,
    Subsampling,
    TransposedConv2d,
    Vector,
    ZeroPadding,
)
from cnnviz.message import UserError
from cnnviz.network import Input, Network
from cnnviz.network_file import decode_network
from tests.layers.modules import images_of, stack_of
from tests.support.networks import fitting, maps, sizes


def filled(layer: Layer, x: Maps) -> torch.nn.Sequential:
    """The modules of a layer with weights that are all different."""
    stack = stack_of(layer, x)
    for parameter in stack.parameters():
        torch.nn.init.normal_(parameter, generator=torch.Generator().manual_seed(1))
    return stack


@settings(max_examples=30)
@given(data=st.data())
def test_a_table_of_connections_is_a_convolution_with_holes(data: st.DataObject) -> None:
    layer, x = data.draw(fitting(Conv2d))
    assert isinstance(layer, Conv2d)
    assume(layer.connections and isinstance(layer.output_shape(x), Maps))
    assert isinstance(x, Maps)
    table = filled(layer, x)
    last = table[-1]
    assert isinstance(last, ConnectedConv2d)
    kernels = torch.zeros(layer.filters, x.channels, *layer.kernel.pair)
    index = 0
    for filter_, channels in enumerate(layer.connections):
        for channel in channels:
            kernels[filter_, channel] = last.weight[index]
            index += 1
    plain = stack_of(msgspec.structs.replace(layer, connections=()), x)
    images = images_of(x)
    with torch.no_grad():
        full = plain[-1]
        assert isinstance(full, torch.nn.Conv2d)
        full.weight.copy_(kernels)
        if full.bias is not None and last.bias is not None:
            full.bias.copy_(last.bias)
        torch.testing.assert_close(table(images), plain(images))


@settings(max_examples=30)
@given(
    x=maps(largest=7, channels=3),
    kernel=sizes(3),
    stride=sizes(3),
    padding=st.sampled_from(["valid", Border(1, 0), Border(1, 2)]),
)
def test_every_position_has_its_own_filters(
    x: Maps, kernel: Size, stride: Size, padding: Literal["valid"] | Border
) -> None:
    layer = LocallyConnected2d(filters=2, kernel=kernel, stride=stride, padding=padding)
    y = layer.output_shape(x)
    assume(isinstance(y, Maps))
    assert isinstance(y, Maps)
    stack, images = filled(layer, x), images_of(x)
    weight, bias = (p.detach() for p in stack.parameters())
    vertical, horizontal = padding.pair if isinstance(padding, Border) else (0, 0)
    padded = F.pad(images, (horizontal, horizontal, vertical, vertical))
    expected = torch.zeros(2, 2, y.height, y.width)
    for i in range(y.height):
        for j in range(y.width):
            top, left = i * stride.height, j * stride.width
            patch = padded[:, :, top : top + kernel.height, left : left + kernel.width].flatten(1)
            place = i * y.width + j
            expected[:, :, i, j] = patch @ weight[place].T + bias[place]
    torch.testing.assert_close(stack(images), expected)


@given(x=maps(largest=9, channels=3), kernel=sizes(3), stride=sizes(3) | st.none())
def test_subsampling_is_a_sum_times_a_number_plus_a_number(
    x: Maps, kernel: Size, stride: Size | None
) -> None:
    layer = Subsampling(kernel=kernel, stride=stride)
    assume(isinstance(layer.output_shape(x), Maps))
    stack, images = filled(layer, x), images_of(x)
    weight, bias = (p.detach()[:, None, None] for p in stack.parameters())
    ones = torch.ones(x.channels, 1, *kernel.pair)
    sums = F.conv2d(images, ones, None, layer.step.pair, groups=x.channels)
    torch.testing.assert_close(stack(images), sums * weight + bias)


@settings(max_examples=60)
@given(
    x=maps(largest=8, channels=3),
    kernel=sizes(5),
    stride=sizes(4),
    dilation=sizes(2),
)
def test_same_transposed_is_the_gradient_of_tensorflows_same(
    x: Maps, kernel: Size, stride: Size, dilation: Size
) -> None:
    """Of a convolution from n·s values to n, with SAME padding."""
    layer = TransposedConv2d(
        filters=2, kernel=kernel, stride=stride, dilation=dilation, padding="same", bias=False
    )
    assert layer.output_shape(x) == Maps(x.height * stride.height, x.width * stride.width, 2)
    stack, images = filled(layer, x), images_of(x)
    back = Maps(x.height * stride.height, x.width * stride.width, 2)
    forth = Conv2d(
        filters=x.channels,
        kernel=kernel,
        stride=stride,
        dilation=dilation,
        padding="same",
        bias=False,
    )
    convolution = stack_of(forth, back)
    with torch.no_grad():
        next(convolution.parameters()).copy_(next(stack.parameters()))
    target = torch.zeros(2, 2, back.height, back.width, requires_grad=True)
    convolution(target).backward(images)
    assert target.grad is not None
    torch.testing.assert_close(stack(images).detach(), target.grad)


def test_scaled_tanh_is_lenets() -> None:
    """1.7159·tanh(2x/3): about 1 at 1 (LeCun et al., 1998, appendix A)."""
    x = torch.linspace(-9, 9, 50)
    expected = 1.7159 * np.tanh(2 / 3 * x.numpy())
    np.testing.assert_allclose(ScaledTanh()(x).numpy(), expected, atol=1e-6)
    assert float(ScaledTanh()(torch.tensor(1.0))) == pytest.approx(1, abs=1e-4)


# --- refusals --------------------------------------------------------------------------------


X = Maps(8, 8, 3)


@pytest.mark.parametrize(
    ("layer", "x", "words"),
    [
        (Conv2d(connections=((0,),)), X, "1 rows for 16 filters"),
        (Conv2d(filters=1, connections=((3,),)), X, "names map 3, but only 3"),
        (Conv2d(filters=2, connections=((), (0,))), X, "sees no map at all"),
        (Conv2d(filters=1, connections=((1, 1),)), X, "one of them twice"),
        (Conv2d(filters=3, connections=((0,),) * 3, groups=3), X, "cannot go together"),
        (Conv2d(initialisation=Initialisation("by_hand")), X, "has 0 numbers; 9"),
        (TransposedConv2d(initialisation=Initialisation("by_hand")), X, "has 0 numbers; 4"),
        (LocallyConnected2d(initialisation=Initialisation("by_hand")), X, "has 0 numbers; 9"),
        (
            Dense(initialisation=Initialisation("by_hand", values=(1.0,) * 5)),
            Vector(4),
            "5 numbers",
        ),
        (GroupNorm(groups=2), X, "do not divide 3 maps"),
        (GroupNorm(groups=3), Maps(1, 1, 3), "holds a single value"),
        (TransposedConv2d(padding=Border(9, 9)), X, "cuts everything off"),
        (LocallyConnected2d(kernel=Size(9, 9)), X, "larger than its 8×8 input"),
        (ZeroPadding(), Vector(4), "needs feature maps"),
        (LocalResponseNorm(), Vector(4), "needs feature maps"),
    ],
)
def test_a_refusal_is_a_sentence_with_a_way_out(layer: Layer, x: Maps, words: str) -> None:
    found = layer.output_shape(x)
    assert isinstance(found, Problem)
    assert words in str(found.headline)
    assert found.repairs
    for repair in found.repairs:
        assert str(repair.label)
        assert repair.layers != (layer,)


@pytest.mark.parametrize(
    "fields",
    [
        '"type": "conv2d", "connections": [[-1]]',
        '"type": "conv2d", "connections": [[1e999]]',
        '"type": "conv2d", "connections": [[true]]',
        '"type": "conv2d", "connections": [0]',
        '"type": "conv2d", "connections": [[9223372036854775808]]',
        f'"type": "conv2d", "connections": [{"[0]," * 5000}[0]]',
        f'"type": "conv2d", "connections": [[{"0," * 5000}0]]',
        '"type": "conv2d", "initialisation": {"recipe": "magic"}',
        '"type": "conv2d", "initialisation": {"value": NaN}',
        '"type": "conv2d", "initialisation": {"value": 1e300}',
        '"type": "conv2d", "initialisation": {"values": [1e300]}',
        f'"type": "dense", "initialisation": {{"values": [{"0," * 70000}0]}}',
        '"type": "dense", "initialisation": {"spread": 1}',
        '"type": "zero_padding", "padding": [1, 2, 3]',
        '"type": "zero_padding", "padding": [-1, 0, 0, 0]',
        '"type": "zero_padding", "padding": [1, 2, 3, 4, 5]',
        '"type": "zero_padding", "padding": "same"',
        '"type": "locally_connected2d", "padding": "same"',
        '"type": "max_pool", "rounding": "up"',
        '"type": "adaptive_avg_pool", "size": [0, 1]',
        '"type": "group_norm", "groups": 0',
        '"type": "local_response_norm", "size": 1000000000',
        '"type": "channel_dropout", "rate": 1.5',
        '"type": "activation", "function": "scaled_tanh", "slope": -1',
        '"type": "branches", "branches": []',
        '"type": "branches", "merge": "divide"',
        '"type": "recurrent"',
    ],
    ids=lambda fields: fields[:60],
)
def test_hostile_values_get_a_sentence_within_a_second(fields: str) -> None:
    began = time.perf_counter()
    with pytest.raises(UserError):
        decode_network(f'{{"format": "cnnviz-network", "layers": [{{{fields}}}]}}')
    assert time.perf_counter() - began < 5  # a second, on a machine that others use as well


HUGE: list[tuple[AnyLayer, Input]] = [
    (LocallyConnected2d(filters=LIMIT, kernel=Size(1, 1)), Input(LIMIT, LIMIT, 3)),
    (LocallyConnected2d(filters=1, kernel=Size(10, 10)), Input(10**5, 10**5)),
    (LayerNorm(), Input(LIMIT, LIMIT, LIMIT)),
    (AdaptiveAvgPool(size=Size(LIMIT, LIMIT - 1)), Input(LIMIT - 3, LIMIT)),
    (GroupNorm(groups=LIMIT), Input(1, 1, LIMIT - 1)),
    (ZeroPadding(padding=Sides(LIMIT, LIMIT, LIMIT, LIMIT)), Input(LIMIT, LIMIT)),
    (TransposedConv2d(stride=Size(LIMIT, LIMIT), kernel=Size(LIMIT, 1)), Input(LIMIT, LIMIT)),
    (TransposedConv2d(padding=Border(LIMIT, LIMIT)), Input(LIMIT, 1)),
    (Conv2d(filters=LIMIT, connections=((0,),)), Input(9, 9)),
    (Conv2d(kernel=Size(LIMIT, 1), initialisation=Initialisation("by_hand")), Input(LIMIT, 1)),
    (Subsampling(kernel=Size(LIMIT, LIMIT)), Input(LIMIT, LIMIT, LIMIT)),
]


@pytest.mark.parametrize(("layer", "image"), HUGE, ids=lambda value: type(value).__name__)
def test_huge_layers_are_worked_out_without_building_anything(
    layer: AnyLayer, image: Input
) -> None:
    network = Network(input=image, layers=(layer, Flatten(), Dense(units=10))).named(
        iter("abc").__next__
    )
    tracemalloc.start()
    try:
        report = analyze(network, 10)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000
    for fix in report.fixes:
        analyze(fix.network, 10)
