"""Where branches come together: sums, products, and one behind the other."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from cnnviz.arithmetic.norms import own
from cnnviz.arithmetic.values import Account, Merged, Moved, Step
from cnnviz.message import Message

if TYPE_CHECKING:
    from cnnviz.arithmetic.values import Piece, Place, Reading
    from cnnviz.layers import Branches


def branches(layer: Branches, reading: Reading) -> Account:
    """The values of all branches added or multiplied, or the value of the branch it comes from."""
    if layer.merge == "concat":
        return _concatenated(reading)
    places = tuple(_within(values.shape, reading.place) for values in reading.sources)
    values = tuple(
        float(source[place]) for source, place in zip(reading.sources, places, strict=True)
    )
    adds = layer.merge == "add"
    sign = " + " if adds else " × "
    pieces: list[Piece] = []
    for value in values:
        pieces += [value] if not pieces else [sign, value]
    total = sum(values) if adds else prod(values)
    absolute = sum(map(abs, values)) if adds else abs(total)
    title = Message("Sum of the branches") if adds else Message("Product of the branches")
    step = Step(title, tuple(pieces), total)
    return Account(
        own(reading.row.output, reading.place), Merged(sign.strip(), values, places), (step,),
        total, absolute,
    )  # fmt: skip


def _within(shape: tuple[int, ...], place: Place) -> Place:
    """The same place, or the only one of an axis that is repeated."""
    return tuple(0 if size == 1 else at for size, at in zip(shape, place, strict=True))


def _concatenated(reading: Reading) -> Account:
    index = reading.place[0]
    for which, values in enumerate(reading.sources):
        if index < len(values):
            source = (index, *reading.place[1:])
            value = float(values[source])
            title = (
                Message("Unchanged: map {index} of branch {n}", index=index, n=which + 1)
                if len(reading.place) > 1
                else Message("Unchanged: value {index} of branch {n}", index=index, n=which + 1)
            )
            step = Step(title, (value,), value)
            reads = own(reading.row.output, source)
            return Account(reads, Moved(source, which), (step,), value, abs(value))
        index -= len(values)
    raise IndexError("behind the last branch")
