"""A worked formula, as a value: a rule, the layer's own numbers in it, and what comes out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from cnnviz.analysis import BYTES_PER_VALUE
from cnnviz.layers import Maps, ReceptiveField, Shape
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Term(Struct, frozen=True):
    """A piece of a formula: a number, an operator, or a word (a message, to be translated).

    `role` names the field or the input that a number comes from, such as "kernel"; it is empty for
    operators and for what follows from other layers.
    """

    text: str | Message
    role: str = ""


class Formula(Struct, frozen=True):
    """`terms` = `result` `unit`; the terms are those of `rule` with numbers in them.

    Terms without a result are a sentence or a function. `problem` marks what is to be mended.
    """

    title: Message
    terms: tuple[Term, ...] = ()
    result: str = ""
    unit: Message | None = None
    rule: Message | None = None
    note: Message | None = None
    problem: bool = False
    why: Message | None = None
    """The one paragraph to know about it."""


class Lane(Struct, frozen=True):
    """A branch: what comes out of it, and what there is in it."""

    y: Shape
    parameters: int
    multiply_adds: int
    identity: bool


class Place(Struct, frozen=True):
    """Where a layer stands: what goes in, what comes out, and what a value of each sees."""

    x: Shape
    y: Shape
    before: ReceptiveField
    after: ReceptiveField
    image: Maps
    maps: Maps | None
    """What the input vector was written out from, where it was."""
    seen: tuple[int, int] | None = None
    """Rows and columns that the first value really depends on, where that is less than the field:
    behind a branch that reads all positions, or a transposed convolution."""
    lanes: tuple[Lane, ...] = ()
    """Of branches: each of them."""


Piece = str | Message | Term | int
"""What formulas are written with: numbers without a role may be plain."""


def formula(
    title: Message,
    pieces: Iterable[Piece],
    result: str,
    *,
    unit: Message | None = None,
    rule: Message | None = None,
    note: Message | None = None,
) -> Formula:
    """A formula from its pieces."""
    return Formula(title, tuple(_term(piece) for piece in pieces), result, unit, rule, note)


def _term(piece: Piece) -> Term:
    if isinstance(piece, Term):
        return piece
    return Term(count(piece)) if isinstance(piece, int) else Term(piece)


def count(number: object) -> str:
    """A whole number with separators and a proper minus sign."""
    return f"{number:,}".replace("-", "−")


def decimal(number: float) -> str:
    """A setting as one types it: 0.00001 and not 1e-05."""
    return f"{Decimal(repr(number)).normalize():,f}"


def num(number: int, role: str) -> Term:
    """A number and the field that it comes from."""
    return Term(count(number), role)


def product(*factors: Piece) -> tuple[Piece, ...]:
    """Factors with dots between them."""
    pieces: list[Piece] = []
    for factor in factors:
        pieces += [factor] if not pieces else ["·", factor]
    return tuple(pieces)


def size_of(shape: Shape) -> tuple[Piece, ...]:
    """The dimensions of an output, multiplied."""
    if isinstance(shape, Maps):
        return product(shape.height, shape.width, shape.channels)
    return (shape.length,)


def bytes_text(number: int) -> str:
    """A short size of memory; 1 KB is 1000 bytes."""
    value, unit = number / 1000, "KB"
    for larger in ("MB", "GB", "TB", "PB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{value:.1f} {unit}" if value < 9.95 else f"{value:,.0f} {unit}"


def memory(shape: Shape) -> Formula:
    """The bytes of an output for one image."""
    number = shape.size * BYTES_PER_VALUE
    return formula(
        Message("Memory"),
        (*size_of(shape), " × ", BYTES_PER_VALUE),
        count(number),
        unit=Message("bytes")
        if number < 1000
        else Message("bytes, {size}", size=bytes_text(number)),
        rule=Message("output values × 4 bytes (float32), for one image"),
    )


def nothing_learned() -> Formula:
    """The parameters of a layer that has none."""
    return Formula(Message("Parameters"), (Term(Message("none, nothing is learned here")),))


def per_axis(
    titles: tuple[Message, Message, Message], axes: Sequence[Formula], same: bool
) -> tuple[Formula, ...]:
    """One formula for both axes where they have the same numbers, else one for each."""
    both, *apart = titles
    if same:
        return (msgspec.structs.replace(axes[0], title=both),)
    return tuple(
        msgspec.structs.replace(axis, title=title) for axis, title in zip(axes, apart, strict=True)
    )
