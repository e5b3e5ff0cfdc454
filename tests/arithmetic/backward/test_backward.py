"""Every δ and every gradient that is worked out is autograd's, for all kinds and settings."""

from __future__ import annotations

from typing import get_args

import msgspec
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnnviz.analysis import analyze
from cnnviz.arithmetic import Absent, Weighted
from cnnviz.arithmetic.backward import HANDED_BACK, LEARNED, Flow, fork, hand_back, learn
from cnnviz.arithmetic.values import Merged, Outer, Shared
from cnnviz.layers import (
    KINDS,
    Activation,
    AdaptiveAvgPool,
    AvgPool,
    Border,
    Branches,
    Conv2d,
    Dense,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    GroupNorm,
    Layer,
    LayerNorm,
    LocallyConnected2d,
    LocalResponseNorm,
    Maps,
    MaxPool,
    Size,
    Subsampling,
    TransposedConv2d,
    Vector,
)
from cnnviz.layers.activation import Function
from cnnviz.network import Input, Network
from tests.arithmetic.backward.returned import Returned, agree
from tests.arithmetic.seen import network_of
from tests.arithmetic.test_arithmetic import PASSED_OVER, well_spread
from tests.arithmetic.test_merges import fitting_branches, network_around
from tests.support.networks import SINGLES, fitting

every_kind = pytest.mark.parametrize("kind", SINGLES, ids=lambda kind: kind.__name__)
TWO = Size(2, 2)
TYPICAL: list[Layer] = [
    Conv2d(filters=6, kernel=Size(5, 3), stride=TWO, padding="same"),
    Conv2d(filters=6, kernel=Size(3, 3), stride=TWO, padding=Border(2, 1), groups=3),
    Conv2d(filters=4, kernel=Size(3, 2), padding="same", dilation=Size(2, 3)),
    Conv2d(filters=4, kernel=Size(3, 3), stride=Size(2, 3), padding="same", dilation=TWO),
    Conv2d(filters=3, connections=((0,), (2, 0), (1, 2)), stride=TWO, padding="same"),
    Conv2d(filters=2, kernel=Size(1, 1), stride=Size(3, 3), bias=False),
    TransposedConv2d(filters=6, kernel=Size(3, 3), stride=TWO, padding="same", groups=3),
    TransposedConv2d(filters=2, kernel=TWO, stride=Size(3, 3), padding="same"),
    TransposedConv2d(filters=2, kernel=Size(3, 3), padding=Border(1, 1), dilation=TWO),
    LocallyConnected2d(filters=2, kernel=Size(3, 3), stride=TWO, padding=Border(1, 1)),
    MaxPool(kernel=Size(3, 3), stride=TWO, padding="same"),
    MaxPool(kernel=Size(3, 3), stride=TWO, padding=Border(1, 1), rounding="ceil"),
    MaxPool(kernel=Size(3, 3), stride=Size(1, 1), padding="same"),
    AvgPool(kernel=Size(3, 3), stride=TWO, padding="same"),
    AvgPool(kernel=TWO, stride=TWO, padding="same"),
    AvgPool(kernel=Size(3, 3), stride=TWO, padding=Border(1, 1), rounding="ceil"),
    AdaptiveAvgPool(size=Size(3, 4)),
    GlobalAvgPool(),
    GlobalMaxPool(),
    Subsampling(kernel=Size(3, 3), stride=TWO),
    *(Activation(function=function) for function in get_args(Function)),
]


def test_no_kind_is_missing() -> None:
    assert set(HANDED_BACK) == set(KINDS)


def test_every_kind_that_learns_has_its_gradients() -> None:
    x = Maps(6, 6, 3)
    learning = {
        kind
        for kind in SINGLES
        for layer in ([kind()] if kind is not Activation else [Activation(function="prelu")])
        if layer.parameters(Vector(4) if kind is Dense else x)
    }
    assert set(LEARNED) == learning


@every_kind
@settings(max_examples=50, suppress_health_check=PASSED_OVER)
@given(data=st.data())
def test_every_delta_and_gradient_is_autograds(kind: type[Layer], data: st.DataObject) -> None:
    layer, x = data.draw(fitting(kind))
    if isinstance(layer, LocalResponseNorm):  # beyond these float32 has no numbers for the powers
        assume(layer.beta <= 4 and layer.alpha <= 100 and 1e-3 <= layer.k <= 100)
    if isinstance(layer, Activation):
        assume(layer.bend < 100)
    report = analyze(network_of(layer, x))
    assume(report.problem is None)
    returned = Returned(report, seed=data.draw(st.integers(0, 99)))
    if isinstance(layer, GroupNorm | LayerNorm):
        assume(well_spread(layer, returned.sources[0]))
    agree(returned, most=20)


@pytest.mark.parametrize("layer", TYPICAL, ids=lambda layer: f"{layer.name} {layer.detail}")
@pytest.mark.parametrize("size", [(9, 8), (10, 11)], ids=str)
def test_typical_layers_with_three_channels(layer: Layer, size: tuple[int, int]) -> None:
    report = analyze(network_of(layer, Maps(*size, 3)))
    assert report.problem is None
    agree(Returned(report))


@pytest.mark.parametrize(
    "pool", [MaxPool(), MaxPool(kernel=Size(3, 3), stride=TWO), GlobalMaxPool()]
)
def test_of_equal_values_the_first_wins(pool: Layer) -> None:
    """As behind a ReLU, where many are 0."""
    start = [Conv2d(uid="c", filters=3, kernel=Size(1, 1)), Activation(uid="r")]
    named = type(pool)(**{**{n: getattr(pool, n) for n in pool.__struct_fields__}, "uid": "it"})
    network = Network(input=Input(9, 8, 3)).with_layers([*start, named])
    for seed in range(6):
        returned = Returned(analyze(network), seed=seed)
        agree(returned)


@settings(max_examples=30)
@given(block=fitting_branches())
def test_every_layer_of_every_depth(block: Branches) -> None:
    report = analyze(network_around(block))
    assume(report.problem is None)
    for row in report.rows:
        agree(Returned(report, row.layer.uid), most=10)


@pytest.mark.parametrize("merge", ["add", "multiply", "concat"])
def test_vectors_are_handed_back_by_merges(merge: str) -> None:
    block = Branches(uid="it", merge=merge, branches=((), (Dense(uid="d", units=6),)))  # type: ignore[arg-type]
    network = Network(input=Input(2, 3, 1)).with_layers([Flatten(uid="f"), block])
    agree(Returned(analyze(network)))


def test_the_fork_adds_up() -> None:
    parts = [np.full((2, 3, 3), 0.5, np.float32), np.full((2, 3, 3), -0.125, np.float32)]
    flow = fork(Maps(3, 3, 2), parts, (1, 2, 0))
    assert flow.value == 0.375
    assert flow.picture == Merged("+", (0.5, -0.125), ((1, 2, 0), (1, 2, 0)))
    assert flow.reads.rows == (2,)


def test_a_convolution_hands_back_by_its_turned_kernel() -> None:
    """With stride 2 there is a gap between any two values of δ."""
    layer = Conv2d(filters=4, kernel=Size(3, 3), padding="same", stride=TWO)
    returned = Returned(analyze(network_of(layer, Maps(7, 7, 3))))
    flow = hand_back(returned.back((1, 2, 3)))
    assert isinstance(flow, Flow)
    picture = flow.picture
    assert isinstance(picture, Weighted)
    assert flow.reads.channels == (0, 1, 2, 3)
    assert flow.rows == (None, 1, None)  # read by position 1 alone, in its middle
    assert flow.columns == (1, None, 2)
    turned = returned.tensors["weight"][:, 1, ::-1, ::-1]
    np.testing.assert_array_equal(picture.weights, turned)
    assert picture.inside.sum() == 2
    assert picture.patch[2, 1, 0] == returned.delta[2, 1, 1]


def test_the_gradient_of_a_kernel_is_patch_times_delta() -> None:
    layer = Conv2d(filters=4, kernel=Size(3, 3), padding="same", stride=TWO)
    returned = Returned(analyze(network_of(layer, Maps(7, 7, 3))))
    flow = learn(returned.back((3, 2, 0, 1), name="weight"))
    assert isinstance(flow, Flow)
    picture = flow.picture
    assert isinstance(picture, Weighted)
    assert flow.sees.channels == (2,)
    assert flow.sees.rows == (-1, 1, 3, 5)
    np.testing.assert_array_equal(picture.weights[0], returned.delta[3])
    assert not picture.inside[0].any()
    assert picture.inside[1:].all()


def test_pooling_shows_who_gets_what() -> None:
    returned = Returned(analyze(network_of(MaxPool(kernel=Size(3, 3), stride=TWO), Maps(7, 7, 3))))
    flow = hand_back(returned.back((0, 2, 2)))
    assert isinstance(flow, Flow)
    assert isinstance(flow.picture, Shared)
    assert len(flow.picture.windows) == 4
    for window in flow.picture.windows:
        assert window.winner is not None
        assert window.shares.sum() == 1
        assert window.part in {0.0, window.delta}
    returned = Returned(analyze(network_of(AvgPool(), Maps(6, 6, 3))))
    flow = hand_back(returned.back((1, 3, 5)))
    assert isinstance(flow, Flow)
    assert isinstance(flow.picture, Shared)
    (window,) = flow.picture.windows
    np.testing.assert_allclose(window.handed, np.kron([[window.delta]], np.full((2, 2), 0.25)))
    returned = Returned(analyze(network_of(AvgPool(), Maps(5, 5, 3))))
    dropped = hand_back(returned.back((1, 4, 4)))
    assert isinstance(dropped, Flow)
    assert dropped.value == 0
    assert isinstance(dropped.picture, Shared)
    assert not dropped.picture.windows


def test_of_a_large_dense_layer_some_columns_are_enough() -> None:
    network = Network(input=Input(6, 10, 1)).with_layers(
        [Flatten(uid="f"), Dense(uid="it", units=30)]
    )
    returned = Returned(analyze(network))
    whole = learn(returned.back((3, 50), name="weight"))
    assert isinstance(whole, Flow)
    assert isinstance(whole.picture, Outer)
    assert whole.picture.products.shape == (24, 24)
    assert whole.picture.products[whole.picture.row, whole.picture.column] == whole.value
    back = returned.back((50,))
    some = {**returned.tensors, "weight": returned.tensors["weight"][:, 40:55]}
    reading = msgspec.structs.replace(back.reading, tensors=some)
    back = msgspec.structs.replace(back, reading=reading, column=40)
    flow = hand_back(back)
    assert isinstance(flow, Flow)
    assert abs(flow.value - float(returned.deltas[0][50])) < 1e-5 * flow.absolute
    outside = hand_back(
        msgspec.structs.replace(back, reading=msgspec.structs.replace(reading, place=(39,)))
    )
    assert isinstance(outside, Absent)


def test_what_is_not_there_is_said() -> None:
    returned = Returned(analyze(network_of(Conv2d(filters=6), Maps(6, 6, 3))))
    back = returned.back((0, 0, 0))

    def with_delta(delta: np.ndarray) -> object:
        return hand_back(msgspec.structs.replace(back, delta=delta))

    large, late = with_delta(returned.delta[:3]), with_delta(returned.delta[:, 1:])
    assert isinstance(large, Absent)
    assert "large" in str(large.reason)
    assert isinstance(late, Absent)
    assert "on their way" in str(late.reason)
    with pytest.raises(IndexError):
        hand_back(returned.back((3, 0, 0)))
    with pytest.raises(IndexError):
        learn(returned.back((6, 0, 0, 0), name="weight"))
