"""Every value that is worked out is the one that PyTorch computes, for all kinds and settings."""

from __future__ import annotations

from math import isclose
from typing import TYPE_CHECKING, get_args

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from torch import nn

from cnnviz.analysis import analyze
from cnnviz.arithmetic import WORKED, Absent, Account, Reading, Weighted, Window, work_out
from cnnviz.arithmetic.sources import sources_of
from cnnviz.arithmetic.text import as_table, as_text
from cnnviz.layers import (
    KINDS,
    Activation,
    AvgPool,
    Border,
    Conv2d,
    Dense,
    Flatten,
    GroupNorm,
    Layer,
    LayerNorm,
    LocalResponseNorm,
    Maps,
    MaxPool,
    Problem,
    Size,
    TransposedConv2d,
)
from cnnviz.layers.activation import Function
from cnnviz.network import Input, Network
from tests.arithmetic.seen import Seen, agree, network_of
from tests.support.networks import fitting

if TYPE_CHECKING:
    pass

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def test_no_kind_is_missing() -> None:
    assert set(WORKED) == set(KINDS)


PASSED_OVER = [HealthCheck.filter_too_much]
"""Of local response normalisation most settings that can be drawn have powers beyond float32, and
of layer and group normalisation many inputs are all one value: few of their examples count."""


@every_kind
@settings(max_examples=60, suppress_health_check=PASSED_OVER)
@given(data=st.data())
def test_every_value_is_pytorchs(kind: type[Layer], data: st.DataObject) -> None:
    layer, x = data.draw(fitting(kind))
    if isinstance(layer, LocalResponseNorm):  # beyond these float32 has no numbers for the powers
        assume(layer.beta <= 4 and layer.alpha <= 100 and 1e-3 <= layer.k <= 100)
    if isinstance(layer, Activation):
        assume(layer.bend < 100)
    report = analyze(network_of(layer, x))
    assume(report.problem is None)
    event(f"{isinstance(x, Maps)}")
    seen = Seen(report, "it", data.draw(st.integers(0, 99)))
    if isinstance(layer, GroupNorm | LayerNorm):
        assume(well_spread(layer, seen.maps["before"]))
    agree(seen)


def well_spread(layer: GroupNorm | LayerNorm, values: np.ndarray) -> bool:
    """Whether PyTorch's variance, a difference of mean squares in float32, has its digits left."""
    groups = layer.groups if isinstance(layer, GroupNorm) else 1
    parts = values.reshape(groups, -1).astype(np.float64)
    return bool((parts.mean(axis=1) ** 2 < 100 * (parts.var(axis=1) + layer.epsilon)).all())


TYPICAL = [
    Conv2d(filters=6, kernel=Size(5, 3), stride=Size(2, 2), padding="same"),
    Conv2d(filters=6, kernel=Size(3, 3), stride=Size(2, 2), padding=Border(2, 1), groups=3),
    Conv2d(filters=4, kernel=Size(3, 2), padding="same", dilation=Size(2, 3)),
    Conv2d(filters=3, connections=((0,), (2, 0), (1, 2)), stride=Size(2, 2), padding="same"),
    TransposedConv2d(filters=6, kernel=Size(3, 3), stride=Size(2, 2), padding="same", groups=3),
    TransposedConv2d(filters=2, kernel=Size(2, 2), stride=Size(3, 3), padding="same"),
    TransposedConv2d(filters=2, kernel=Size(3, 3), padding=Border(1, 1), dilation=Size(2, 2)),
    MaxPool(kernel=Size(3, 3), stride=Size(2, 2), padding="same"),
    AvgPool(kernel=Size(3, 3), stride=Size(2, 2), padding="same"),
    AvgPool(kernel=Size(2, 2), stride=Size(2, 2), padding="same"),
    AvgPool(kernel=Size(3, 3), stride=Size(2, 2), padding=Border(1, 1), rounding="ceil"),
    MaxPool(kernel=Size(3, 3), stride=Size(2, 2), padding=Border(1, 1), rounding="ceil"),
    *(Activation(function=function) for function in get_args(Function)),
]


@pytest.mark.parametrize("layer", TYPICAL, ids=lambda layer: f"{layer.name} {layer.detail}")
@pytest.mark.parametrize("size", [(9, 8), (10, 11)], ids=str)
def test_typical_layers_with_three_channels(layer: Layer, size: tuple[int, int]) -> None:
    report = analyze(network_of(layer, Maps(*size, 3)))
    assert report.problem is None
    agree(Seen(report, "it"))


def test_a_convolution_tells_what_each_map_gives() -> None:
    layer = Conv2d(filters=4, kernel=Size(3, 3), padding="same", stride=Size(2, 2))
    seen = Seen(analyze(network_of(layer, Maps(7, 7, 3))), "it")
    account = seen.work_out((2, 0, 3))
    picture = account.picture
    assert isinstance(picture, Weighted)
    assert account.reads.rows == (-1, 0, 1)
    assert account.reads.columns == (5, 6, 7)
    assert picture.inside.tolist() == [[False] * 3, [True, True, False], [True, True, False]]
    assert not picture.patch[:, ~picture.inside].any()
    parts = []
    conv = nn.functional.conv2d
    for channel in range(3):
        x = torch.from_numpy(seen.maps["before"][None, channel : channel + 1].copy())
        kernel = torch.from_numpy(seen.tensors["weight"][2:3, channel : channel + 1].copy())
        parts.append(float(conv(x, kernel, stride=2, padding=1)[0, 0, 0, 3]))
    np.testing.assert_allclose(picture.sums, parts, rtol=1e-4, atol=1e-6)
    assert isclose(account.value, sum(parts) + float(seen.tensors["bias"][2]), rel_tol=1e-4)


def test_filters_see_only_their_maps() -> None:
    grouped = Seen(analyze(network_of(Conv2d(filters=6, groups=3), Maps(5, 5, 3))), "it")
    assert grouped.work_out((3, 0, 0)).reads.channels == (1,)
    layer = Conv2d(filters=3, connections=((0,), (2, 0), (1, 2)))
    connected = Seen(analyze(network_of(layer, Maps(5, 5, 3))), "it")
    account = connected.work_out((1, 0, 0))
    assert account.reads.channels == (2, 0)
    assert isinstance(account.picture, Weighted)
    np.testing.assert_array_equal(account.picture.weights[0], connected.tensors["weight"][1])


def test_pooling_names_the_winner_and_what_is_counted() -> None:
    seen = Seen(analyze(network_of(MaxPool(kernel=Size(3, 2)), Maps(6, 6, 3))), "it")
    for place in seen.places():
        account = seen.work_out(place)
        assert isinstance(account.picture, Window)
        assert account.picture.winner is not None
        assert account.picture.values[account.picture.winner] == account.value
    layer = AvgPool(kernel=Size(3, 3), stride=Size(2, 2), padding=Border(1, 1), rounding="ceil")
    seen = Seen(analyze(network_of(layer, Maps(6, 6, 1))), "it")
    corner = seen.work_out((0, 3, 0)).picture
    assert isinstance(corner, Window)
    assert corner.counted.sum() == 6  # row 7 is beyond the padding, column −1 is padding
    assert corner.inside.sum() == 2


def test_a_dense_layer_puts_the_largest_first() -> None:
    network = Network(input=Input(4, 3, 2)).with_layers(
        [Flatten(uid="f"), Dense(uid="it", units=3)]
    )
    seen = Seen(analyze(network), "it")
    account = seen.work_out((1,))
    assert isinstance(account.picture, Weighted)
    assert sorted(account.reads.channels) == [0, 1]
    assert list(np.abs(account.picture.sums)) == sorted(np.abs(account.picture.sums), reverse=True)
    network = network.insert(2, Dense(uid="more", units=4))
    seen = Seen(analyze(network), "more")
    picture = seen.work_out((3,)).picture
    assert isinstance(picture, Weighted)
    assert not picture.mapped
    sizes = np.abs(picture.products[0, 0])
    assert list(sizes) == sorted(sizes, reverse=True)


def test_what_is_not_there_is_said() -> None:
    report = analyze(network_of(Conv2d(filters=6), Maps(6, 6, 3)))
    seen = Seen(report, "it")
    row = report.row("it")
    x, tensors = seen.maps["before"], seen.tensors

    def of(values: np.ndarray, weight: np.ndarray, place: tuple[int, ...]) -> object:
        given = {**tensors, "weight": weight}
        shapes = [source.shape for source in sources_of(report, "it")]
        return work_out(Reading(row, [values], shapes, given, place))

    weight = tensors["weight"]
    assert isinstance(of(x, weight, (5, 3, 3)), Account)
    assert isinstance(of(x, weight[:4], (3, 3, 3)), Account)
    for words in (of(x, weight[:4], (5, 3, 3)), of(x[:2], weight, (0, 0, 0))):
        assert isinstance(words, Absent)
        assert "large" in str(words.reason) or "many" in str(words.reason)
    for words in (of(x[:, 1:], weight, (0, 0, 0)), of(x, weight[:, :2], (0, 0, 0))):
        assert isinstance(words, Absent)
        assert "on their way" in str(words.reason)
    with pytest.raises(IndexError):
        of(x, weight, (6, 0, 0))


@every_kind
@settings(max_examples=15)
@given(data=st.data())
def test_values_that_have_diverged_are_worked_out_too(
    kind: type[Layer], data: st.DataObject
) -> None:
    """Whatever comes out, it can be told."""
    layer, x = data.draw(fitting(kind))
    report = analyze(network_of(layer, x))
    assume(report.problem is None)
    seen = Seen(report, "it")
    strange = st.sampled_from([float("nan"), float("inf"), float("-inf"), 3e38, -1e30, 1e-45, 0.0])
    source = sources_of(report, "it")[0].uid
    for values in (seen.maps, seen.tensors):
        for name, array in list(values.items()):
            if values is seen.tensors or name == source:
                filled = array.copy()
                filled.ravel()[:: data.draw(st.integers(1, 3))] = data.draw(strange)
                values[name] = filled
    for place in seen.places()[:12]:
        account = seen.work_out(place)
        assert as_text(account, account.value)
        assert as_table(account)


def test_a_layer_that_waits_has_no_sources() -> None:
    report = analyze(Network().with_layers([Dense(uid="d"), Flatten(uid="f")]))
    assert isinstance(report.row("d").problem, Problem)
    assert sources_of(report, "d") == ()
