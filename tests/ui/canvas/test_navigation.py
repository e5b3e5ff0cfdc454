"""Arrow keys follow the arrows; layers move along chains and across lanes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.layers import Activation, Branches, Conv2d, Flatten, MaxPool
from cnnviz.network import INPUT_UID, Network, Place
from ui.canvas import navigation
from ui.canvas.navigation import Spot, after, before, beside, between, block_of, out

INNER = Branches(uid="inner", branches=((Conv2d(uid="a"), Activation(uid="b")), ()))
OUTER = Branches(uid="outer", branches=((INNER, Conv2d(uid="c")), (), (MaxPool(uid="d"),)))
EMPTY = Branches(uid="empty", branches=((), ()))
NETWORK = Network(layers=(Conv2d(uid="first"), OUTER, EMPTY, Flatten(uid="flat")))
UIDS = [INPUT_UID, *(layer.uid for _, layer in NETWORK.walk())]


def test_right_follows_the_arrows_through_the_first_lane() -> None:
    way: list[Spot] = []
    uid: Spot = INPUT_UID
    while not way or way[-1] != uid:
        way.append(uid)
        uid = after(NETWORK, uid, ())
    assert way == [
        INPUT_UID, "first", "a", "b", "inner", "c", "outer", Place(0, "empty"), "empty", "flat",
    ]  # fmt: skip
    assert after(NETWORK, "d", ()) == "outer"


def test_left_goes_the_same_way_back() -> None:
    way: list[Spot] = []
    uid: Spot = "flat"
    while not way or way[-1] != uid:
        way.append(uid)
        uid = before(NETWORK, uid, ())
    assert way == [
        "flat", "empty", Place(0, "empty"), "outer", "c", "inner", "b", "a", "first", INPUT_UID,
    ]  # fmt: skip
    assert before(NETWORK, "d", ()) == "first"


def test_a_folded_block_is_one_card() -> None:
    assert after(NETWORK, "first", {"outer"}) == "outer"
    assert before(NETWORK, "outer", {"outer"}) == "first"
    assert after(NETWORK, "first", {"inner"}) == "inner"


def test_up_and_down_find_the_nearest_card_of_the_next_lane_or_the_lane() -> None:
    middles = {"inner": 300.0, "a": 100.0, "b": 200.0, "c": 420.0, "d": 100.0}

    def middle(spot: Spot) -> float:
        return 250.0 if isinstance(spot, Place) else middles[spot]

    around, within = Place(0, "outer", 1), Place(0, "inner", 1)
    down = [beside(NETWORK, uid, +1, middle) for uid in ("a", "inner", "c", "d")]
    assert down == [within, around, around, "d"]
    assert beside(NETWORK, within, +1, middle) == around
    assert beside(NETWORK, within, -1, middle) == "b"
    assert beside(NETWORK, around, +1, middle) == "d"
    assert beside(NETWORK, around, -1, middle) == "inner"
    middles["inner"] = 500.0
    assert beside(NETWORK, around, -1, middle) == "c"
    assert beside(NETWORK, "d", -1, middle) == around
    assert beside(NETWORK, Place(0, "empty", 1), -1, middle) == Place(0, "empty", 0)
    assert beside(NETWORK, Place(0, "empty", 1), +1, middle) == Place(0, "empty", 1)
    assert beside(NETWORK, "first", +1, middle) == "first"
    assert beside(NETWORK, INPUT_UID, +1, middle) == INPUT_UID


def test_left_right_and_out_of_an_empty_branch() -> None:
    place = Place(0, "outer", 1)
    assert after(NETWORK, place, ()) == "outer"
    assert before(NETWORK, place, ()) == "first"
    assert before(NETWORK, Place(0, "inner", 1), ()) == "first"
    assert out(NETWORK, place) == "outer"


def test_out_and_the_block_around() -> None:
    assert [out(NETWORK, uid) for uid in ("a", "inner", "outer", INPUT_UID)] == [
        "inner", "outer", "outer", INPUT_UID,
    ]  # fmt: skip
    assert [block_of(NETWORK, uid) for uid in ("a", "inner", "first", INPUT_UID)] == [
        "inner", "inner", "", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ("outer", "flat", ["outer", "empty", "flat"]),
        ("a", "b", ["a", "b"]),
        ("a", "c", ["a", "b", "c"]),
        ("a", "d", ["a", "b", "c", "d"]),
        ("inner", "d", ["inner", "c", "d"]),
        ("c", "flat", ["c", "d", "empty", "flat"]),
        ("first", "a", ["first", "a"]),
        ("first", "c", ["first", "inner", "c"]),
        ("first", "outer", ["first", "outer"]),
        ("b", "outer", ["outer"]),
        ("b", "b", ["b"]),
    ],
)
def test_a_stretch_is_in_the_order_of_the_network(start: str, end: str, found: list[str]) -> None:
    assert between(NETWORK, start, end) == found
    assert between(NETWORK, end, start) == found


def test_no_stretch_has_the_input_in_it() -> None:
    assert between(NETWORK, INPUT_UID, "c") == ["c"]
    assert between(NETWORK, "c", INPUT_UID) == [INPUT_UID]


def test_all_spots_in_their_order() -> None:
    assert list(navigation.spots(NETWORK, ())) == [
        INPUT_UID, "first", "outer", "inner", "a", "b", Place(0, "inner", 1), "c",
        Place(0, "outer", 1), "d", "empty", Place(0, "empty", 0), Place(0, "empty", 1), "flat",
    ]  # fmt: skip
    assert list(navigation.spots(NETWORK, {"outer", "empty"})) == [
        INPUT_UID, "first", "outer", "empty", "flat",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("uids", "left", "right"),
    [
        (["first"], None, Place(2)),
        (["flat"], Place(2), None),
        (["a"], Place(0, "outer"), Place(2, "inner")),
        (["b"], Place(0, "inner"), Place(1, "outer")),
        (["a", "b"], Place(0, "outer"), Place(1, "outer")),
        (["d"], Place(1), Place(2)),
        (["a", "flat"], None, None),
    ],
)
def test_left_and_right_lead_out_at_the_ends(
    uids: list[str], left: Place | None, right: Place | None
) -> None:
    assert navigation.moved_left(NETWORK, uids) == left
    assert navigation.moved_right(NETWORK, uids) == right


def test_into_and_out_of_blocks_and_across_lanes() -> None:
    assert navigation.moved_into(NETWORK, ["first"], +1) == Place(0, "outer", 0)
    assert navigation.moved_into(NETWORK, ["flat"], -1) == Place(0, "empty", 0)
    assert navigation.moved_into(NETWORK, ["c"], -1) == Place(2, "inner", 0)
    assert navigation.moved_into(NETWORK, ["first"], -1) is None
    assert navigation.moved_into(NETWORK, ["d"], +1) is None
    assert navigation.moved_out(NETWORK, ["a"]) == Place(1, "outer")
    assert navigation.moved_out(NETWORK, ["first"]) is None
    assert navigation.moved_aside(NETWORK, ["c"], +1) == Place(0, "outer", 1)
    assert navigation.moved_aside(NETWORK, ["d"], -1) == Place(0, "outer", 1)
    assert navigation.moved_aside(NETWORK, ["d"], +1) is None
    assert navigation.moved_aside(NETWORK, ["first"], +1) is None


@given(st.sampled_from(UIDS[1:]), st.sampled_from([-1, +1]))
def test_every_move_that_is_offered_changes_something(uid: str, step: int) -> None:
    left_or_right = navigation.moved_left if step < 0 else navigation.moved_right
    targets = [
        left_or_right(NETWORK, [uid]),
        navigation.moved_out(NETWORK, [uid]),
        navigation.moved_aside(NETWORK, [uid], step),
        navigation.moved_into(NETWORK, [uid], step),
    ]
    for target in targets:
        if target is not None:
            moved = NETWORK.move([uid], target)
            assert moved != NETWORK
            assert sorted(n.uid for _, n in moved.walk()) == sorted(UIDS[1:])
