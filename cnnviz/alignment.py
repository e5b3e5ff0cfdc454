"""Sequences side by side: which items of two go together, so that as many as can be do."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence


def common(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Places (in left, in right) of a longest common subsequence, in their order.

    A row of the usual table is one whole number with a bit for each item of `left`, so that 10,000
    items on each side take a few megabytes and milliseconds. After Hyyrö, "Bit-parallel LCS-length
    computation revisited", 2004: a bit is 0 where the length grows.
    """
    where: dict[Hashable, int] = {}
    for place, item in enumerate(left):
        where[item] = where.get(item, 0) | 1 << place
    everything = (1 << len(left)) - 1
    row = everything
    rows = []
    for item in right:
        found = row & where.get(item, 0)
        row = (row + found | row - found) & everything
        rows.append(row)
    pairs = []
    i, j = len(left), len(right)
    while i and j:
        if rows[j - 1] >> i - 1 & 1:
            i -= 1
            continue
        j -= 1
        if j and not rows[j - 1] >> i - 1 & 1:
            continue  # the same length without this item of `right`
        i -= 1
        pairs.append((i, j))
    pairs.reverse()
    return pairs


def align(
    levels: Sequence[tuple[Sequence[Hashable], Sequence[Hashable]]],
) -> list[tuple[int | None, int | None]]:
    """Both sequences as one list of places, in which None stands for "only on the other side".

    levels: what the items of (left, right) are compared by, the strictest first. What is equal by
    a strict level goes together; only what lies between is compared by the next.
    """
    (left, right), *looser = levels
    merged: list[tuple[int | None, int | None]] = []
    i = j = 0
    for at, to in (*common(left, right), (len(left), len(right))):
        between = [(a[i:at], b[j:to]) for a, b in looser]
        if between and i < at and j < to:
            merged += [
                (None if one is None else one + i, None if other is None else other + j)
                for one, other in align(between)
            ]
        else:
            merged += [(place, None) for place in range(i, at)]
            merged += [(None, place) for place in range(j, to)]
        if at < len(left):
            merged.append((at, to))
        i, j = at + 1, to + 1
    return merged


def rising(numbers: Sequence[int]) -> set[int]:
    """Numbers, all different, of a longest rising subsequence: what has kept its order."""
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        place = bisect_left(ends, number)
        before[number] = ends[place - 1] if place else None
        ends[place : place + 1] = [number]
    kept = set()
    last = ends[-1] if ends else None
    while last is not None:
        kept.add(last)
        last = before[last]
    return kept
