"""Where chains, blocks and their lanes stand: pure geometry, in scene units, without Qt.

A chain is a row of things on a common axis. A block is a thing whose branches are lanes, one below
the other in a frame, with the card of its merge behind the frame; each lane is a chain again, as
deep as one likes. Lengths are at scale 1 and are multiplied by `unit`, the scale of the theme.
"""

from __future__ import annotations

import itertools
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cnnviz.network import Place
from ui.canvas.layout import MARGIN, SPACING, Box

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

TITLE = 26.0
"""From the upper edge of a frame to its first lane."""
BELOW = 6.0
"""From the last lane to the lower edge of the frame."""
LANE_GAP = 6.0
"""Between two lanes."""
FOLD = 30.0
"""At the right end of a title, where a press folds the block."""
FORK = 36.0
"""From the left edge of a frame to its lanes: the input forks here, and an arrow follows."""
JOIN = 26.0
"""From the lanes to the right edge of their frame, where the outputs come together."""
EMPTY_WIDTH, EMPTY_HEIGHT = 40.0, 26.0
"""Of a lane without layers."""

GAP_UID = ""
"""How the room for something that is about to land is named; layers always have a uid."""


class Thing(NamedTuple):
    """What stands in a chain: a card, or a block that shows its lanes.

    width, height: of the card, which is that of the merge where there are lanes.
    lanes: the chains of a block that stands open.
    title: how wide the words on the frame of a block are.
    behind: width and height of what needs room behind it.
    folded: whether the card stands for a block.
    """

    uid: str
    width: float
    height: float
    lanes: tuple[tuple[Thing, ...], ...] = ()
    title: float = 0.0
    behind: tuple[float, float] = (0.0, 0.0)
    folded: bool = False


class Lane(NamedTuple):
    """A lane in the frame of its block; its layers stand from `start` to `end`, none where both
    are equal."""

    box: Box
    start: float
    end: float

    @property
    def axis(self) -> float:
        """The height that its layers are centred on."""
        return self.box.top + self.box.height / 2


class Frame(NamedTuple):
    """The frame of a block, and its lanes from top to bottom."""

    box: Box
    lanes: tuple[Lane, ...]

    @property
    def axis(self) -> float:
        """The height at which the input comes in and the merged output goes out."""
        return self.box.top + self.box.height / 2


class _Item(NamedTuple):
    """A thing with the size of all that belongs to it, and of its frame and its lanes."""

    thing: Thing
    width: float
    height: float
    frame: tuple[float, float] = (0.0, 0.0)
    lanes: tuple[_Row, ...] = ()


class _Row(NamedTuple):
    """A chain before it has a place."""

    items: tuple[_Item, ...]
    width: float
    height: float


class _Chain(NamedTuple):
    """A chain in its place: what it is made of and the whole extent of each."""

    uids: tuple[str, ...]
    boxes: tuple[Box, ...]
    axis: float
    left: float


class _Index:
    """Finds boxes among many: a loop over hundreds of them would take longer than a frame has."""

    def __init__(self, boxes: Mapping[str, Box]) -> None:
        self._uids = list(boxes)
        edges = np.fromiter(
            itertools.chain.from_iterable(boxes.values()), np.float64, 4 * len(boxes)
        )
        self._edges = edges.reshape(-1, 4).T

    def near(self, area: Box) -> list[str]:
        left, top, width, height = self._edges
        found = (left < area.right) & (left + width > area.left)
        found &= (top < area.bottom) & (top + height > area.top)
        return [self._uids[place] for place in np.flatnonzero(found)]


class Arrangement:
    """Where everything stands; the axis of the network's own chain is y = 0.

    boxes: of all cards by uid. frames: of the blocks that stand open, outer ones first. bounds: of
    everything, with a margin. measured: what need not be measured again.
    """

    def __init__(
        self, things: Sequence[Thing], unit: float = 1.0, before: Arrangement | None = None
    ) -> None:
        """things: the input first, then the network's own chain. before: an arrangement of mostly
        the same things in the same unit, which need not be measured again."""
        self._unit = unit
        self.boxes: dict[str, Box] = {}
        self.frames: dict[str, Frame] = {}
        self._folded: set[str] = set()
        self._chains: dict[tuple[str, int], _Chain] = {}
        tape = _Tape(unit, before.measured if before is not None else {})
        row, margin = tape.row(things), MARGIN * unit
        self.measured: Mapping[int, _Item] = tape.items
        self._put_chain("", 0, row, margin, 0.0)
        half = ceil(row.height / 2 + margin)  # whole, as the boxes are
        self.bounds = Box(0.0, -half, ceil(row.width + 2 * margin), 2 * half)

    # --- asking -------------------------------------------------------------------------------

    def cards_near(self, area: Box) -> list[str]:
        """The cards that are in an area or share a part with it."""
        return self._cards.near(area)

    def frames_near(self, area: Box) -> list[str]:
        """The frames that are in an area or share a part with it, outer ones first."""
        return self._outlines.near(area)

    @cached_property
    def _cards(self) -> _Index:
        return _Index(self.boxes)

    @cached_property
    def _outlines(self) -> _Index:
        return _Index({uid: frame.box for uid, frame in self.frames.items()})

    def uid_at(self, x: float, y: float) -> str | None:
        """The card at a point, or the block whose title is there."""
        point = Box(x, y, 0.0, 0.0)
        for uid in self.cards_near(point):
            return uid
        titles = (
            uid
            for uid in reversed(self.frames_near(point))
            if y <= self.frames[uid].box.top + TITLE * self._unit
        )
        return next(titles, None)

    def fold_at(self, x: float, y: float) -> str | None:
        """The block that a press at a point folds, at the end of its title, or unfolds."""
        uid = self.uid_at(x, y)
        if uid is None:
            return None
        if uid in self._folded:
            box = self.boxes[uid]
        elif uid in self.frames and not self.boxes[uid].holds(x, y):
            box = self.frames[uid].box
        else:
            return None
        reach = self._unit * FOLD
        return uid if x >= box.right - reach and y <= box.top + reach else None

    def places(self) -> Iterator[Place]:
        """Everywhere something can land, chain by chain."""
        for (block, branch), chain in self._chains.items():
            for index in range(len(chain.boxes) + (1 if block else 0)):
                yield Place(index, block, branch)

    def slot(self, place: Place) -> tuple[float, float]:
        """The middle of the gap at a place. Raises KeyError where its chain is not shown."""
        chain = self._chains[place.block, place.branch]
        half, index = SPACING * self._unit / 2, place.index + (0 if place.block else 1)
        if index:
            return chain.boxes[index - 1].right + half, chain.axis
        if chain.boxes:
            return chain.boxes[0].left - half, chain.axis
        return chain.left + EMPTY_WIDTH * self._unit / 2, chain.axis

    def place_at(self, x: float, y: float) -> Place:
        """Where something lands that is dropped there.

        Within a frame that is the nearest of its lanes, elsewhere the chain around it; in the chain
        before the first thing whose middle is to the right. (What is right of the frame of a block
        is behind the block.)
        """
        block, branch = "", 0
        while True:
            chain = self._chains[block, branch]
            inner = next((uid for uid in chain.uids if self._is_in_frame(uid, x, y)), None)
            if inner is None:
                break
            lanes = self.frames[inner].lanes
            block, branch = inner, min(range(len(lanes)), key=lambda n: _away(lanes[n].box, y))
        middles = (self.frames[u].box.middle if u in self.frames else self.boxes[u].middle
                   for u in chain.uids)  # fmt: skip
        index = sum(middle < x for middle in middles)
        return Place(index, block, branch) if block else Place(max(0, index - 1))

    def _is_in_frame(self, uid: str, x: float, y: float) -> bool:
        frame = self.frames.get(uid)
        return frame is not None and frame.box.holds(x, y)

    # --- placing ------------------------------------------------------------------------------

    def _put_chain(self, block: str, branch: int, row: _Row, left: float, axis: float) -> None:
        boxes, x = [], left
        for item in row.items:
            boxes.append(self._put(item, x, axis))
            x += item.width + SPACING * self._unit
        uids = tuple(item.thing.uid for item in row.items)
        self._chains[block, branch] = _Chain(uids, tuple(boxes), axis, left)

    def _put(self, item: _Item, x: float, axis: float) -> Box:
        """Place a thing and what is in it; returns all that it covers."""
        thing, unit = item.thing, self._unit
        if not item.lanes:
            box = _crisp(x, axis, thing.width, thing.height)
            self.boxes[thing.uid] = box
            if thing.folded:
                self._folded.add(thing.uid)
            return box
        outer = _crisp(x, axis, *item.frame)
        lanes, top, start = [], outer.top + TITLE * unit, x + FORK * unit
        for row in item.lanes:
            end = start + row.width if row.items else start
            lanes.append(Lane(Box(x, top, outer.width, row.height), start, end))
            top += row.height + LANE_GAP * unit
        self.frames[thing.uid] = Frame(outer, tuple(lanes))
        for branch, (row, lane) in enumerate(zip(item.lanes, lanes, strict=True)):
            self._put_chain(thing.uid, branch, row, start, lane.axis)
        left = outer.right + SPACING * unit
        merge = _crisp(left, axis, thing.width, thing.height)
        self.boxes[thing.uid] = merge
        return hull(outer, merge)


def hull(one: Box, other: Box) -> Box:
    """The smallest box around two."""
    left, top = min(one.left, other.left), min(one.top, other.top)
    right, bottom = max(one.right, other.right), max(one.bottom, other.bottom)
    return Box(left, top, right - left, bottom - top)


def with_room(things: tuple[Thing, ...], place: Place, landing: Thing) -> tuple[Thing, ...]:
    """The network's own chain (without the input) and what is in it, with one more thing."""
    if not place.block:
        return (*things[: place.index], landing, *things[place.index :])
    for index, thing in enumerate(things):
        for branch, lane in enumerate(thing.lanes):
            there = thing.uid == place.block and branch == place.branch
            inner = with_room(lane, Place(place.index) if there else place, landing)
            if inner is not lane:  # what is not on the way there stays the very same
                return _with_lane(things, index, branch, inner)
    return things


def with_behind(
    things: tuple[Thing, ...], uid: str, behind: tuple[float, float]
) -> tuple[Thing, ...]:
    """The same things, with room of that width and height behind one of them."""
    for index, thing in enumerate(things):
        if thing.uid == uid:
            return (*things[:index], thing._replace(behind=behind), *things[index + 1 :])
        for branch, lane in enumerate(thing.lanes):
            inner = with_behind(lane, uid, behind)
            if inner is not lane:  # what is not on the way there stays the very same
                return _with_lane(things, index, branch, inner)
    return things


def _with_lane(
    things: tuple[Thing, ...], index: int, branch: int, lane: tuple[Thing, ...]
) -> tuple[Thing, ...]:
    thing = things[index]
    lanes = (*thing.lanes[:branch], lane, *thing.lanes[branch + 1 :])
    return (*things[:index], thing._replace(lanes=lanes), *things[index + 1 :])


def heights(counts: Sequence[int], height: float, unit: float = 1.0) -> list[float]:
    """How high each lane of a block may be in a room of `height`, by how many lanes are in it.

    counts: of the lanes that stand one above the other within each lane, 0 for an empty one.
    """
    gaps = (len(counts) - 1) * LANE_GAP + TITLE + BELOW
    empty = sum(count == 0 for count in counts) * EMPTY_HEIGHT
    share = (height - (gaps + empty) * unit) / max(1, sum(counts))
    return [count * share if count else EMPTY_HEIGHT * unit for count in counts]


class _Tape:
    """Measures things; what was measured before, the very same things, is not measured again."""

    def __init__(self, unit: float, known: Mapping[int, _Item]) -> None:
        self._unit, self._known = unit, known
        self.items: dict[int, _Item] = {}

    def row(self, things: Sequence[Thing]) -> _Row:
        unit = self._unit
        if not things:
            return _Row((), EMPTY_WIDTH * unit, EMPTY_HEIGHT * unit)
        items = tuple(map(self._item, things))
        width = sum(item.width for item in items) + (len(items) - 1) * SPACING * unit
        return _Row(items, width, max(item.height for item in items))

    def _item(self, thing: Thing) -> _Item:
        if not thing.lanes:
            width, height = thing.width + thing.behind[0], max(thing.height, thing.behind[1])
            return _Item(thing, width, height)
        item = self._known.get(id(thing))
        if item is None or item.thing is not thing:
            item = self._block(thing)
        self.items[id(thing)] = item
        return item

    def _block(self, thing: Thing) -> _Item:
        unit = self._unit
        width, height = thing.width + thing.behind[0], max(thing.height, thing.behind[1])
        rows = tuple(map(self.row, thing.lanes))
        inside = max(row.width for row in rows) + (FORK + JOIN) * unit
        across = max(thing.title + FOLD * unit, inside)
        gaps = (len(rows) - 1) * LANE_GAP + TITLE + BELOW
        tall = sum(row.height for row in rows) + gaps * unit
        frame = (ceil(across), ceil(tall))
        return _Item(thing, frame[0] + SPACING * unit + width, max(frame[1], height), frame, rows)


def _crisp(left: float, axis: float, width: float, height: float) -> Box:
    """A box on that axis, at a whole unit, so that lines are not blurred between two pixels."""
    return Box(round(left), round(axis - height / 2), width, height)


def _away(box: Box, y: float) -> float:
    return max(box.top - y, y - box.bottom, 0.0)
