"""Branches on the way back: the merge hands δ to each branch, the fork adds up what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnviz.arithmetic.backward.others import unchanged
from cnnviz.arithmetic.backward.values import DELTA, Flow
from cnnviz.arithmetic.backward.windows import correlated
from cnnviz.arithmetic.norms import own
from cnnviz.arithmetic.values import Merged, Reads, Step
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.arithmetic.backward.values import Return
    from cnnviz.arithmetic.values import Floats, Piece, Place
    from cnnviz.layers import Branches, Shape


def branches(layer: Branches, back: Return) -> Flow:
    """What the merge hands to a value at the end of a branch."""
    if layer.merge == "add":
        return unchanged(back, back.place, Message("Unchanged: each summand gets all of δ"))
    if layer.merge == "concat":
        before = sum(len(values) for values in back.reading.sources[: back.which])
        place = (back.place[0] + before, *back.place[1:])
        return unchanged(back, place, Message("Unchanged: its own part of δ"))
    return _multiplied(back)


def _multiplied(back: Return) -> Flow:
    """δ, times what all other branches have at the place; 1×1 maps have met the whole map."""
    mine = back.reading.sources[back.which]
    others = np.ones(back.delta.shape)
    for which, values in enumerate(back.reading.sources):
        if which != back.which:
            others = others * values.astype(np.float64)
    delta, place = back.delta.astype(np.float64), back.place
    x = back.reading.row.output
    if mine.ndim == 3 and mine.shape[1:] != delta.shape[1:]:  # spread over some axis, or both
        parts = tuple(
            slice(None) if size == 1 else slice(at, at + 1)
            for size, at in zip(mine.shape[1:], place[1:], strict=True)
        )
        picked = (place[0], *parts)
        rows, columns = (
            tuple(range(*part.indices(size)))
            for part, size in zip(parts, delta.shape[1:], strict=True)
        )
        reads = Reads((place[0],), rows, columns)
        pair = others[picked], delta[picked]
    else:
        reads = own(x, place)
        pair = np.full((1, 1), others[place]), np.full((1, 1), delta[place])
    sees = own(x, place) if mine.ndim == 3 else Reads(columns=place)
    factors = (Message("product of the other branches"), DELTA)
    return correlated(reads, sees, *pair, factors=factors)


def fork(x: Shape, parts: Sequence[Floats], place: Place) -> Flow:
    """δ of a value that several branches have read: the sum of what each hands back.

    parts: what each branch hands back, like x.
    """
    values = tuple(float(part[place]) for part in parts)
    pieces: list[Piece] = []
    for value in values:
        pieces += [value] if not pieces else [" + ", value]
    total = float(sum(values))
    step = Step(Message("Sum of what the branches hand back"), tuple(pieces), total)
    picture = Merged("+", values, (place,) * len(values))
    reads = own(x, place)
    return Flow(reads, picture, (step,), total, sum(map(abs, values)), reads)
