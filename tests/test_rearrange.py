"""Blocks are made, taken apart and given branches, and nothing is lost on the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.layers import Activation, Branches, Conv2d, Flatten, Layer, MaxPool
from cnnviz.network import Network
from cnnviz.rearrange import (
    layers_of,
    outermost,
    unwrapped,
    with_branch,
    without_branch,
    wrapped,
)

INNER = Branches(uid="inner", branches=((Conv2d(uid="a"), Activation(uid="b")), ()))
OUTER = Branches(
    uid="outer", merge="concat", branches=((Conv2d(uid="c"), INNER), (MaxPool(uid="d"),))
)
NESTED = Network(layers=(Conv2d(uid="first"), OUTER, Flatten(uid="flat")))
UIDS = [layer.uid for _, layer in NESTED.walk()]


def shape(layer: Layer) -> object:
    """The uids of a layer and what is in it."""
    if isinstance(layer, Branches):
        return layer.uid, [[shape(one) for one in branch] for branch in layer.branches]
    return layer.uid


def shapes(network: Network) -> list[object]:
    return [shape(layer) for layer in network.layers]


def test_what_is_within_another_goes_with_it() -> None:
    assert outermost(NESTED, ["b", "flat", "inner", "d"]) == ("inner", "d", "flat")
    assert layers_of(NESTED, {"a", "inner"}) == (INNER,)
    assert outermost(NESTED, []) == ()


@given(st.sets(st.sampled_from(UIDS)))
def test_the_outermost_hold_all_of_them(uids: set[str]) -> None:
    found = outermost(NESTED, uids)
    assert set(found) <= uids
    assert uids <= set(found).union(*(NESTED.inside(uid) for uid in found))
    assert not any(uid in NESTED.inside(other) for uid in found for other in found)


def test_layers_are_wrapped_where_the_first_stood() -> None:
    found = wrapped(NESTED, ["first", "flat"], Branches(uid="new", branches=((), ())))
    assert shapes(found) == [("new", [["first", "flat"], []]), shape(OUTER)]
    found = wrapped(NESTED, ["b"], Branches(uid="new", merge="concat", branches=((),)))
    assert shape(found.layer("inner")) == ("inner", [["a", ("new", [["b"]])], []])


@given(st.sampled_from(UIDS))
def test_unwrapping_takes_wrapping_back(uid: str) -> None:
    found = wrapped(NESTED, [uid], Branches(uid="new", branches=((),)))
    assert unwrapped(found, "new") == NESTED


def test_the_layers_of_all_branches_stay() -> None:
    found = unwrapped(NESTED, "outer")
    assert shapes(found) == ["first", "c", shape(INNER), "d", "flat"]


def test_branches_come_and_go() -> None:
    found = with_branch(NESTED, "inner")
    assert shape(found.layer("inner")) == ("inner", [["a", "b"], [], []])
    assert without_branch(found, "inner", 2) == NESTED
    assert shape(without_branch(NESTED, "outer", 0).layer("outer")) == ("outer", [["d"]])
    one = without_branch(NESTED, "inner", 0)
    assert without_branch(one, "inner", 0) == one, "a block has a branch at least"


def test_only_blocks_have_branches() -> None:
    for edit in (unwrapped, with_branch, lambda network, uid: without_branch(network, uid, 0)):
        with pytest.raises(KeyError):
            edit(NESTED, "flat")
