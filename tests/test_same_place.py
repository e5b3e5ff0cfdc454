"""The same place in every layer: the value whose field lies nearest to what was pointed at."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnnviz.analysis import analyze
from cnnviz.explain import same_place, seen_by
from cnnviz.layers import (
    Activation,
    AvgPool,
    Branches,
    Conv2d,
    Dense,
    Flatten,
    GlobalAvgPool,
    Maps,
    MaxPool,
    Size,
)
from cnnviz.network import INPUT_UID, Input, Network, named_by_place
from tests.support.networks import chains

KINDS = (Conv2d, MaxPool, AvgPool, Activation)


def network(*layers: object, size: int = 28) -> Network:
    return named_by_place(Network(input=Input(size, size, 1)).with_layers(layers))  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(layers=chains(3, 4, KINDS, depth=0), data=st.data())
def test_no_other_value_lies_nearer(layers: tuple, data: st.DataObject) -> None:
    report = analyze(network(*layers, size=20))
    rows = [row for row in report.rows if isinstance(row.output, Maps)]
    assume(rows)
    chosen = data.draw(st.sampled_from(rows))
    assert isinstance(chosen.output, Maps)
    place = (
        data.draw(st.integers(0, chosen.output.height - 1)),
        data.draw(st.integers(0, chosen.output.width - 1)),
    )
    seen = seen_by(report, chosen.layer.uid, *place)
    assert seen is not None
    found = same_place(report, chosen.layer.uid, *place)
    assert found[chosen.layer.uid] == place
    assert set(found) == {row.layer.uid for row in rows} | {INPUT_UID}
    for row in rows:
        assert isinstance(row.output, Maps)
        at = found[row.layer.uid]

        def away(axis: int, index: int, uid: str = row.layer.uid) -> int:
            there = seen_by(report, uid, index, index)
            assert there is not None
            if axis == 0:
                return abs(there.top + there.bottom - seen.top - seen.bottom)
            return abs(there.left + there.right - seen.left - seen.right)

        for axis, size in enumerate((row.output.height, row.output.width)):
            if row is not chosen:
                assert away(axis, at[axis]) == min(away(axis, index) for index in range(size))


def test_through_same_padding_the_place_stays_and_a_pooling_halves_it() -> None:
    report = analyze(
        network(Conv2d(padding="same"), MaxPool(), Conv2d(padding="same"), Flatten(), Dense())
    )
    found = same_place(report, "0", 9, 20)
    assert found == {INPUT_UID: (9, 20), "0": (9, 20), "1": (4, 10), "2": (4, 10)}
    back = same_place(report, "1", 4, 10)
    assert back[INPUT_UID] in {(8, 20), (9, 21), (8, 21), (9, 20)}


def test_valid_windows_move_it_by_half_a_window() -> None:
    report = analyze(network(Conv2d(kernel=Size(5, 5))))
    assert same_place(report, "0", 0, 23) == {INPUT_UID: (2, 25), "0": (0, 23)}
    assert same_place(report, INPUT_UID, 0, 27) == {INPUT_UID: (0, 27), "0": (0, 23)}


def test_branches_and_whole_maps_have_a_place_too() -> None:
    block = Branches(branches=((), (Conv2d(filters=1, padding="same"),)), merge="concat")
    report = analyze(network(block, GlobalAvgPool()))
    found = same_place(report, "0", 3, 4)
    assert found == {INPUT_UID: (3, 4), "0": (3, 4), "0/1/0": (3, 4), "1": (0, 0)}
    assert same_place(report, "1", 0, 0)["0"] in {(13, 13), (14, 14), (13, 14), (14, 13)}


def test_a_broken_layer_has_none() -> None:
    report = analyze(network(Conv2d(kernel=Size(99, 99))))
    assert same_place(report, "0", 0, 0) == {}
    assert same_place(report, INPUT_UID, 3, 4) == {INPUT_UID: (3, 4)}
