"""The numbers of branches: how their outputs become one, and what there is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.explain import sight
from cnnviz.explain.formula import (
    Formula,
    Piece,
    Place,
    Term,
    count,
    formula,
    memory,
)
from cnnviz.layers import Maps
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cnnviz.layers import Branches


def branches(layer: Branches, place: Place) -> tuple[Formula, ...]:
    """The merge, what is learned and multiplied within, what a value sees, memory."""
    return (
        _MERGES[layer.merge](place),
        formula(
            Message("Parameters in its branches"),
            _sum([lane.parameters for lane in place.lanes]),
            count(sum(lane.parameters for lane in place.lanes)),
            rule=Message("branch 1 + branch 2 + …; merging learns nothing"),
        ),
        formula(
            Message("Multiply-adds in its branches"),
            _sum([lane.multiply_adds for lane in place.lanes]),
            count(sum(lane.multiply_adds for lane in place.lanes)),
            rule=Message("branch 1 + branch 2 + …; merging is not counted"),
        ),
        *sight.joins(place),
        memory(place.y),
    )


def _add(place: Place) -> Formula:
    return Formula(
        Message("Output"),
        (Term(_added(len(place.lanes), place)),),
        rule=Message("every value is the sum of the values at its place in all branches"),
        note=_shortcut(place),
    )


def _multiply(place: Place) -> Formula:
    return Formula(
        Message("Output"),
        (Term(_multiplied(len(place.lanes), place)),),
        rule=Message(
            "every value is the product of the values at its place in all branches; the one value "
            "of a 1×1 map counts for all places"
        ),
    )


def _added(count: int, place: Place) -> Message:
    if count == 1:
        return Message("1 branch of {shape}, with nothing to add to it", shape=place.y)
    return Message("{n:,} branches of {shape}, added", n=count, shape=place.y)


def _multiplied(count: int, place: Place) -> Message:
    if count == 1:
        return Message("1 branch of {shape}, with nothing to multiply it by", shape=place.y)
    return Message("{n:,} branches to {shape}, multiplied", n=count, shape=place.y)


def _concat(place: Place) -> Formula:
    if isinstance(place.y, Maps):
        sizes = [lane.y.channels for lane in place.lanes if isinstance(lane.y, Maps)]
        return formula(
            Message("Output channels"),
            _sum(sizes),
            count(place.y.channels),
            rule=Message("the maps of all branches, one behind the other"),
        )
    return formula(
        Message("Output length"),
        _sum([lane.y.size for lane in place.lanes]),
        count(place.y.size),
        rule=Message("the numbers of all branches, one behind the other"),
    )


def _shortcut(place: Place) -> Message | None:
    if not any(lane.identity for lane in place.lanes):
        return None
    return Message(
        "the empty branch hands its input on: the others learn only what is to be added to it"
    )


def _sum(numbers: Sequence[int]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for number in numbers:
        pieces += [number] if not pieces else [" + ", number]
    return tuple(pieces)


_MERGES: dict[str, Callable[[Place], Formula]] = {
    "add": _add,
    "concat": _concat,
    "multiply": _multiply,
}
