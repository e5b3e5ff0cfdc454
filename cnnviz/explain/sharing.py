"""What a layer would cost if it were dense, locally connected, or a convolution.

From the same input to the same output, with biases left out: a dense layer has a weight for every
pair of an input and an output value; small windows leave most of them out; filters that all
positions share leave one for all. (LeCun et al., 1998, section II.A: local receptive fields, shared
weights.)
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, NamedTuple

from cnnviz.explain.formula import Formula, Piece, Term, count, formula, num, product, size_of
from cnnviz.explain.places import maps_behind
from cnnviz.explain.why import with_why
from cnnviz.layers import Conv2d, Dense, LocallyConnected2d, Maps
from cnnviz.message import Message

if TYPE_CHECKING:
    from cnnviz.analysis import Report, Row
    from cnnviz.layers import Shape

LARGE, WINDOW, SMALL_WINDOW = 20, 10, 3
"""A dense layer, which has no windows, is compared with windows of 10 rows and columns on maps of
at least 20, else of 3."""


class _Layer(NamedTuple):
    """What the three have in common: input, output, and the weights of one position."""

    x: Shape
    y: Shape
    positions: int
    """At how many places the window stands."""
    filters: tuple[Piece, ...]
    """How many output values there are at each place."""
    window: tuple[Piece, ...]
    """The weights that lead to one of them, as a product."""
    weights: int
    """Of all filters together."""


_DENSE, _LOCAL, _SHARED = (
    Message("As a dense layer"),
    Message("With local windows"),
    Message("With shared filters"),
)


def sharing(report: Report, uid: str) -> tuple[Formula, ...]:
    """Weights and multiply-adds of the three; nothing for other kinds. Raises KeyError."""
    return with_why(_compared(report, uid), None)


def _compared(report: Report, uid: str) -> tuple[Formula, ...]:
    row = report.row(uid)
    found = _layer_of(report, row)
    if found is None:
        if isinstance(row.layer, Dense) and row.output is not None and not row.off:
            return (_no_places(),)
        return ()
    dense = found.x.size * found.y.size
    local = found.positions * found.weights
    supposed = None
    if isinstance(row.layer, Dense):
        supposed = Message(
            "supposing that each unit looks through a window of its own, and one filter for all"
        )
    return (
        formula(
            _DENSE,
            (*_factor(found.x), " × ", *_factor(found.y)),
            count(dense),
            unit=Message("weights"),
            rule=Message("every output value has a weight of its own for every input value"),
            note=Message("as many multiply-adds: each weight is used once"),
        ),
        formula(
            _LOCAL,
            (*_positions(found), " × ", *found.window),
            count(local),
            unit=Message("weights"),
            rule=Message("every output value has weights of its own, for its small window alone"),
            note=_fewer(dense, local),
        ),
        formula(
            _SHARED,
            _joined(found.window, found.filters),
            count(found.weights),
            unit=Message("weights"),
            rule=Message("all positions share their filters"),
            note=supposed or _fewer(local, found.weights),
        ),
        formula(
            Message("Multiply-adds"),
            (*_positions(found), " × ", *found.window),
            count(local),
            rule=Message("output values × the weights that each of them uses"),
            note=Message(
                "sharing saves weights, not work; small windows save work: a dense layer "
                "has {dense:,}",
                dense=dense,
            ),
        ),
    )


def costs(report: Report, uid: str) -> tuple[tuple[Message, int, bool], ...]:
    """(way, weights, whether it is this layer's own) of the three; nothing for other kinds.

    Raises KeyError.
    """
    layer = report.row(uid).layer
    found = _layer_of(report, report.row(uid))
    if found is None:
        return ()
    counts = (found.x.size * found.y.size, found.positions * found.weights, found.weights)
    kinds = (Dense, LocallyConnected2d, Conv2d)
    return tuple(
        (way, number, isinstance(layer, kind))
        for way, number, kind in zip((_DENSE, _LOCAL, _SHARED), counts, kinds, strict=True)
    )


def _layer_of(report: Report, row: Row) -> _Layer | None:
    layer, x, y = row.layer, row.input, row.output
    if x is None or y is None or row.off:
        return None
    if isinstance(layer, Dense):
        maps = maps_behind(report, layer.uid)
        if maps is None or (maps.height, maps.width) == (1, 1):
            return None
        size = tuple(
            WINDOW if side >= LARGE else min(SMALL_WINDOW, side)
            for side in (maps.height, maps.width)
        )
        channels = num(maps.channels, "channels")
        seen = (num(size[0], "kernel"), "·", num(size[1], "kernel"), "·", channels)
        return _Layer(maps, y, y.size, (), seen, prod(size) * maps.channels)
    if not isinstance(layer, Conv2d | LocallyConnected2d):
        return None
    if not isinstance(x, Maps) or not isinstance(y, Maps):
        return None
    kernel = layer.kernel.pair
    window = (*product(num(kernel[0], "kernel"), num(kernel[1], "kernel")), "·")
    if isinstance(layer, Conv2d) and layer.connections:
        pieces: tuple[Piece, ...] = (*window, num(layer.links, "connections"))
        weights = prod(kernel) * layer.links
        return _Layer(x, y, y.height * y.width, (), pieces, weights)
    groups = layer.groups if isinstance(layer, Conv2d) else 1
    channels = num(x.channels // groups, "channels")
    weights = prod(kernel) * (x.channels // groups) * layer.filters
    filters: tuple[Piece, ...] = (num(layer.filters, "filters"),)
    return _Layer(x, y, y.height * y.width, filters, (*window, channels), weights)


def _factor(shape: Shape) -> tuple[Piece, ...]:
    return ("(", *size_of(shape), ")") if isinstance(shape, Maps) else size_of(shape)


def _positions(found: _Layer) -> tuple[Piece, ...]:
    if not isinstance(found.y, Maps):
        return (num(found.positions, "units"),)
    return _joined(product(found.y.height, found.y.width), found.filters)


def _joined(first: tuple[Piece, ...], rest: tuple[Piece, ...]) -> tuple[Piece, ...]:
    return (*first, "·", *rest) if rest else first


def _fewer(before: int, after: int) -> Message | None:
    """How many times fewer than the way before."""
    if after >= before:
        return None
    if before % after == 0:
        return Message("{n:,} times fewer", n=before // after)
    ratio = float(f"{before / after:.3g}")
    return Message("about {n} times fewer", n=f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:g}")


def _no_places() -> Formula:
    return Formula(
        Message("Nothing to share"),
        (Term(Message("its input has no places in an image, so there are no windows")),),
        rule=Message("a dense layer right behind a flatten could be one of the three"),
    )
