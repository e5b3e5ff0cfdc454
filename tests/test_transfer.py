"""Transfer learning: a new head, and what is frozen."""

from __future__ import annotations

from typing import Any

import pytest

from cnnviz.analysis import analyze
from cnnviz.layers import (
    Activation,
    BatchNorm,
    Branches,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    Layer,
    MaxPool,
)
from cnnviz.network import Network, named_by_place
from cnnviz.network_file import decode_network, encode_network
from cnnviz.presets import PRESETS, preset
from cnnviz.transfer import (
    body,
    freezable,
    head,
    normaliser,
    thawable,
    with_frozen,
    with_new_head,
    with_normaliser,
    without_normaliser,
)

BLOCK = Branches(branches=((Conv2d(padding="same"), BatchNorm(), Activation()), ()))
NETWORK = named_by_place(
    Network(layers=(Conv2d(), BLOCK, BLOCK, GlobalAvgPool(), Flatten(), Dense(), Dense(units=1000)))
)


def frozen_paths(network: Network) -> list[str]:
    return [path for path, layer in network.walk() if layer.frozen]


def test_freezing_reaches_into_blocks_and_back() -> None:
    frozen = with_frozen(NETWORK, ["0", "2"], frozen=True)
    assert frozen_paths(frozen) == ["0", "2/0/0", "2/0/1", "2/0/2"]
    assert with_frozen(frozen, ["0", "2"], frozen=False) == NETWORK
    assert decode_network(encode_network(frozen)) == frozen


def test_only_what_has_tensors_can_be_frozen() -> None:
    report = analyze(NETWORK)
    assert freezable(report, ["2", "3"]) == ("2/0/0", "2/0/1")
    assert freezable(report, ["3"]) == ()
    assert freezable(report, ["1/0/1", "5", "4"]) == ("1/0/1", "5")
    assert freezable(report, ["1", "0"]) == ("0", "1/0/0", "1/0/1")
    assert with_frozen(NETWORK, ["3", "4"], frozen=True) == NETWORK


def test_the_body_is_everything_but_the_head() -> None:
    assert body(analyze(NETWORK)) == ("0", "1/0/0", "1/0/1", "2/0/0", "2/0/1", "5")


def test_what_only_normalises_stays_frozen() -> None:
    network, _ = with_normaliser(with_frozen(NETWORK, ["0", "5"], frozen=True))
    assert thawable(analyze(network)) == ("0", "5")
    thawed = with_frozen(network, thawable(analyze(network)), frozen=False)
    assert normaliser(thawed) is not None
    assert without_normaliser(thawed) == NETWORK


def ends(*layers: Any) -> Network:
    return named_by_place(Network(layers=(Conv2d(), *layers)))


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ((Flatten(), Dense(units=7)), [Flatten, Dense]),
        ((Flatten(), Dense(units=7), Activation(function="softmax")), [Flatten, Dense]),
        ((Flatten(), Dense(units=7), Dropout(), Activation()), [Flatten, Dense]),
        ((), [GlobalAvgPool, Flatten, Dense]),
        ((MaxPool(), GlobalAvgPool(), Flatten()), [MaxPool, GlobalAvgPool, Flatten, Dense]),
        ((Flatten(), Dense(), BatchNorm()), [Flatten, Dense, BatchNorm, Dense]),
    ],
)
def test_a_new_head_fits_the_classes(last: tuple[Layer, ...], expected: list[type]) -> None:
    report = analyze(ends(*last))
    changed = with_new_head(report, 10)
    assert [type(layer) for layer in changed.layers[1:]] == expected
    assert changed.layers[-1] == Dense(units=10)  # without a uid, and so without a past
    assert analyze(named_by_place(changed), 10).problem is None


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_takes_a_new_head(name: str) -> None:
    report = analyze(preset(name))
    changed = named_by_place(with_new_head(report, 10))
    assert analyze(changed, 10).problem is None
    assert head(changed) == changed.layers[-1]
