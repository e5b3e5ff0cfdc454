"""Where branches come together, and every layer within them."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnnviz.analysis import analyze
from cnnviz.arithmetic import Merged, Moved
from cnnviz.arithmetic.sources import sources_of
from cnnviz.layers import (
    Activation,
    Branches,
    Conv2d,
    Dense,
    Flatten,
    GlobalAvgPool,
    Layer,
    Size,
)
from cnnviz.network import Input, Network, renamed
from tests.arithmetic.seen import Seen, agree

CHANNELS = 3


@st.composite
def fitting_branches(draw: st.DrawFn, depth: int = 2) -> Branches:
    """Branches that mostly go together, of maps with three channels."""
    merge: Any = draw(st.sampled_from(["add", "concat", "multiply"]))
    filters = st.integers(1, 4) if merge == "concat" else st.just(CHANNELS)
    keeps = st.builds(
        Conv2d, filters=filters, kernel=st.just(Size(3, 3)), padding=st.just("same")
    ).map(lambda conv: (conv,))
    kinds: list[st.SearchStrategy[tuple[Layer, ...]]] = [
        st.just(()),
        st.just((Activation(function="tanh"),)),
        keeps,
        keeps.map(lambda chain: (*chain, Activation())),
    ]
    if merge == "multiply":
        kinds.append(st.just((GlobalAvgPool(), Activation(function="sigmoid"))))
    if depth:
        kinds.append(fitting_branches(depth - 1).map(lambda block: (block,)))
    chains: Any = draw(st.lists(st.one_of(kinds), min_size=1, max_size=4))
    return Branches(merge=merge, branches=tuple(chains))


def network_around(block: Branches) -> Network:
    start = Conv2d(filters=CHANNELS, kernel=Size(2, 2))
    counter = (f"u{n}" for n in itertools.count())
    layers = renamed((start, block), lambda: next(counter))
    return Network(input=Input(6, 5, 1)).with_layers(layers)


@settings(max_examples=40)
@given(block=fitting_branches())
def test_every_layer_of_every_depth_is_pytorchs(block: Branches) -> None:
    report = analyze(network_around(block))
    assume(report.problem is None)
    for row in report.rows:
        agree(Seen(report, row.layer.uid))


@pytest.mark.parametrize("merge", ["add", "multiply", "concat"])
def test_vectors_are_merged_too(merge: Any) -> None:
    block = Branches(uid="it", merge=merge, branches=((), (Dense(uid="d", units=6),)))
    network = Network(input=Input(2, 3, 1)).with_layers([Flatten(uid="f"), block])
    agree(Seen(analyze(network), "it"))


def test_the_values_of_all_branches_and_where_they_stand() -> None:
    branches = ((), (Conv2d(uid="c", filters=3, kernel=Size(1, 1)),), (GlobalAvgPool(uid="g"),))
    block = Branches(uid="it", merge="multiply", branches=branches)
    start = Conv2d(uid="start", filters=3, kernel=Size(1, 1))
    report = analyze(Network(input=Input(4, 4, 1)).with_layers([start, block]))
    assert [source.uid for source in sources_of(report, "it")] == ["start", "c", "g"]
    picture = Seen(report, "it").work_out((2, 1, 3)).picture
    assert isinstance(picture, Merged)
    assert picture.operator == "×"
    assert picture.places == ((2, 1, 3), (2, 1, 3), (2, 0, 0))


def test_concatenation_names_the_branch_and_its_map() -> None:
    branches = ((), (Conv2d(uid="c", filters=5, kernel=Size(1, 1)),))
    block = Branches(uid="it", merge="concat", branches=branches)
    start = Conv2d(uid="start", filters=3, kernel=Size(1, 1))
    report = analyze(Network(input=Input(4, 4, 1)).with_layers([start, block]))
    seen = Seen(report, "it")
    assert seen.work_out((2, 0, 1)).picture == Moved((2, 0, 1), 0)
    assert seen.work_out((3, 0, 1)).picture == Moved((0, 0, 1), 1)
    assert seen.work_out((7, 0, 1)).picture == Moved((4, 0, 1), 1)
