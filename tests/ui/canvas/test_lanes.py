"""The geometry of chains, blocks and lanes."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.network import INPUT_UID, Place
from ui.canvas.lanes import (
    BELOW,
    EMPTY_HEIGHT,
    GAP_UID,
    LANE_GAP,
    TITLE,
    Arrangement,
    Thing,
    heights,
    hull,
    with_behind,
    with_room,
)
from ui.canvas.layout import SPACING, Box

if TYPE_CHECKING:
    from collections.abc import Iterator

sizes = st.tuples(st.floats(60, 250), st.floats(50, 300))
extras = st.just((0.0, 0.0)) | st.tuples(st.floats(50, 300), st.floats(50, 200))
cards = st.builds(lambda size, behind: Thing("", size[0], size[1], behind=behind), sizes, extras)


def blocks(inner: st.SearchStrategy[Thing]) -> st.SearchStrategy[Thing]:
    lanes = st.lists(st.lists(inner, max_size=3).map(tuple), min_size=1, max_size=4).map(tuple)
    return st.builds(
        lambda size, lanes, title: Thing("", size[0], size[1], lanes, title),
        sizes,
        lanes,
        st.floats(0, 400),
    )


def named(things: tuple[Thing, ...], numbers: Iterator[int]) -> tuple[Thing, ...]:
    return tuple(
        thing._replace(
            uid=str(next(numbers)), lanes=tuple(named(lane, numbers) for lane in thing.lanes)
        )
        for thing in things
    )


chains = st.lists(st.recursive(cards, blocks, max_leaves=12), max_size=4).map(
    lambda things: named(tuple(things), itertools.count())
)
units = st.floats(1, 2)
INPUT = Thing(INPUT_UID, 90, 130)


def arranged(things: tuple[Thing, ...], unit: float = 1.0) -> Arrangement:
    return Arrangement((INPUT, *things), unit)


def every(things: tuple[Thing, ...]) -> Iterator[Thing]:
    for thing in things:
        yield thing
        for lane in thing.lanes:
            yield from every(lane)


def whole(found: Arrangement, uid: str) -> Box:
    """The card of a layer, together with the frame where it is a block that stands open."""
    box, frame = found.boxes[uid], found.frames.get(uid)
    return box if frame is None else hull(box, frame.box)


def overlap(one: Box, other: Box) -> bool:
    """More than by rounding."""
    return one.meets(other._replace(left=other.left + 1e-6, top=other.top + 1e-6)) and one.meets(
        other._replace(left=other.left - 1e-6, top=other.top - 1e-6)
    )


@given(chains, units)
def test_every_thing_has_its_size_and_none_meets_another(
    things: tuple[Thing, ...], unit: float
) -> None:
    found = arranged(things, unit)
    assert set(found.boxes) == {INPUT_UID} | {thing.uid for thing in every(things)}
    for thing in every(things):
        assert found.boxes[thing.uid][2:] == (thing.width, thing.height)
    for one, other in itertools.combinations(found.boxes.values(), 2):
        assert not overlap(one, other)
    left, top, width, height = found.bounds
    around = Box(left - 1, top - 1, width + 2, height + 2)
    assert all(whole(found, uid).within(around) for uid in found.boxes)


@given(chains, units)
def test_a_frame_holds_what_is_in_it_and_nothing_else(
    things: tuple[Thing, ...], unit: float
) -> None:
    found = arranged(things, unit)
    for thing in every(things):
        if not thing.lanes:
            assert thing.uid not in found.frames
            continue
        frame = found.frames[thing.uid]
        inside = {inner.uid for lane in thing.lanes for inner in every(lane)}
        for uid, box in found.boxes.items():
            assert box.within(frame.box) if uid in inside else not overlap(box, frame.box)
        assert frame.box.width >= thing.title
        assert frame.box.right < found.boxes[thing.uid].left


@given(chains, units)
def test_lanes_stand_below_each_other_and_hold_their_layers_in_order(
    things: tuple[Thing, ...], unit: float
) -> None:
    found = arranged(things, unit)
    for thing in every(things):
        if not thing.lanes:
            continue
        lanes = found.frames[thing.uid].lanes
        for lane, shown in zip(thing.lanes, lanes, strict=True):
            wholes = [whole(found, inner.uid) for inner in lane]
            assert all(box.top >= shown.box.top - 1 for box in wholes)
            assert all(box.bottom <= shown.box.bottom + 1 for box in wholes)
            for one, after in itertools.pairwise(wholes):
                assert after.left - one.right >= SPACING * unit - 2  # each is at a whole unit
            for inner in lane:
                box = found.boxes[inner.uid]
                assert box.top + box.height / 2 == pytest.approx(shown.axis, abs=0.5 + 1e-6)
            assert (shown.start == shown.end) == (not lane)
        for upper, lower in itertools.pairwise(lanes):
            assert upper.box.bottom < lower.box.top


@given(chains, units)
def test_what_is_dropped_in_the_middle_of_a_gap_lands_there(
    things: tuple[Thing, ...], unit: float
) -> None:
    found = arranged(things, unit)
    places = set(found.places())
    blocks = [thing for thing in every(things) if thing.lanes]
    assert places == {
        *map(Place, range(len(things) + 1)),
        *(
            Place(index, block.uid, branch)
            for block in blocks
            for branch, lane in enumerate(block.lanes)
            for index in range(len(lane) + 1)
        ),
    }
    for place in places:
        assert found.place_at(*found.slot(place)) == place


@given(chains, st.floats(-100, 3000), st.floats(-800, 800))
def test_any_point_is_nearest_to_some_gap(things: tuple[Thing, ...], x: float, y: float) -> None:
    found = arranged(things)
    place = found.place_at(x, y)
    assert place in set(found.places())
    holding = [uid for uid, frame in found.frames.items() if frame.box.holds(x, y)]
    assert place.block == (holding[-1] if holding else "")


@given(chains, units, st.data())
def test_a_gap_opens_where_it_will_land(
    things: tuple[Thing, ...], unit: float, data: st.DataObject
) -> None:
    plain = arranged(things, unit)
    place = data.draw(st.sampled_from(list(plain.places())))
    changed = (INPUT, *with_room(things, place, Thing(GAP_UID, 100, 80)))
    opened = Arrangement(changed, unit, plain)
    assert opened.boxes == Arrangement(changed, unit).boxes, "what is known is still true"
    assert opened.place_at(*opened.slot(place)) == place
    landing = opened.boxes.pop(GAP_UID)
    assert landing[2:] == (100, 80)
    assert set(opened.boxes) == set(arranged(things).boxes)
    assert not any(overlap(landing, box) for box in opened.boxes.values())
    after = opened.slot(Place(place.index + 1, place.block, place.branch))
    assert opened.slot(place)[0] < landing.middle < after[0]


@given(chains, units, st.data())
def test_room_behind_a_thing_is_kept_free(
    things: tuple[Thing, ...], unit: float, data: st.DataObject
) -> None:
    uid = data.draw(st.sampled_from([INPUT_UID, *(thing.uid for thing in every(things))]))
    bare = tuple(bared(thing) for thing in (INPUT, *things))
    found = Arrangement(with_behind(bare, uid, (80, 1)), unit)
    box = found.boxes[uid]
    room = Box(box.right, box.top, 80, box.height)
    assert not any(overlap(room, other) for other in found.boxes.values())
    assert [one._replace(behind=(0, 0), lanes=()) for one in every(with_behind(bare, uid, (80, 1)))
            ] == [one._replace(lanes=()) for one in every(bare)]  # fmt: skip


def bared(thing: Thing) -> Thing:
    lanes = tuple(tuple(map(bared, lane)) for lane in thing.lanes)
    return thing._replace(behind=(0, 0), lanes=lanes)


def test_a_block_without_layers_still_has_places() -> None:
    found = arranged((Thing("b", 80, 70, ((), ())),))
    upper, lower = found.frames["b"].lanes
    assert found.place_at(upper.box.middle, upper.axis) == Place(0, "b", 0)
    assert found.place_at(lower.box.middle, lower.box.bottom + 1) == Place(0, "b", 1)
    box = found.frames["b"].box
    assert found.place_at(box.left - 1, 0) == Place(0)
    assert found.place_at(box.right + 1, 0) == Place(1)
    assert found.place_at(box.middle + 1, box.bottom + 5) == Place(1)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=6), st.floats(300, 2000), units)
def test_lanes_share_the_height_that_there_is(
    counts: list[int], height: float, unit: float
) -> None:
    found = heights(counts, height, unit)
    gaps = ((len(counts) - 1) * LANE_GAP + TITLE + BELOW) * unit
    if any(counts):
        assert sum(found) + gaps == pytest.approx(height)
    assert all(h == EMPTY_HEIGHT * unit for h, n in zip(found, counts, strict=True) if not n)
