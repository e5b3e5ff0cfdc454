"""Networks as values: every edit returns another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.layers import Activation, Conv2d, Dense, Dropout, Flatten
from cnnviz.message import UserError
from cnnviz.network import Input, Network, Place
from cnnviz.network_file import checked, encode_network

CHAIN = Network().with_layers(
    [Conv2d(uid="a"), Activation(uid="b"), Flatten(uid="c"), Dense(uid="d")]
)


def uids(network: Network) -> str:
    return "".join(layer.uid for layer in network.layers)


def test_edits_return_another_network() -> None:
    before = encode_network(CHAIN)
    assert uids(CHAIN.insert(0, Dropout(uid="x"), Dropout(uid="y"))) == "xyabcd"
    assert uids(CHAIN.insert(4, Dropout(uid="x"))) == "abcdx"
    assert uids(CHAIN.remove(["b", "d", "nobody"])) == "ac"
    assert uids(CHAIN.replace("b", Dropout(uid="x"), Dropout(uid="y"))) == "axycd"
    assert uids(CHAIN.replace("b")) == "acd"
    assert CHAIN.with_input(Input(32, 32, 3)).layers == CHAIN.layers
    assert CHAIN.place("c") == Place(2)
    assert CHAIN.layer("c") == Flatten(uid="c")
    assert encode_network(CHAIN) == before
    for ask in (CHAIN.place, CHAIN.layer, CHAIN.replace):
        with pytest.raises(KeyError):
            ask("nobody")


@given(moving=st.sets(st.sampled_from("abcd")), index=st.integers(0, 4))
def test_moving_puts_layers_before_what_stood_there(moving: set[str], index: int) -> None:
    """Read backwards: everything else keeps its order, around the place that was meant."""
    moved = uids(CHAIN.move(moving, index))
    rest = [uid for uid in "abcd" if uid not in moving]
    before = [uid for uid in "abcd"[:index] if uid not in moving]
    assert moved == "".join([*before, *sorted(moving), *rest[len(before) :]])


def test_named_gives_uids_to_those_without_and_to_copies() -> None:
    names = iter(["d", "e", "f"])  # the first is taken already
    network = Network().with_layers([Conv2d(uid="d"), Flatten(), Dense(uid="d"), Dropout(uid="x")])
    assert uids(network.named(lambda: next(names))) == "defx"


def test_checked_wants_uids_of_their_own() -> None:
    with pytest.raises(UserError, match="'b'"):
        checked(CHAIN.insert(0, Dropout(uid="b")))
    assert checked(CHAIN) == CHAIN
