"""The numbers of the layers without a window."""

from __future__ import annotations

from decimal import Decimal
from math import prod
from typing import TYPE_CHECKING

from cnnviz.explain import sight
from cnnviz.explain.formula import (
    Formula,
    Piece,
    Place,
    Term,
    count,
    decimal,
    formula,
    memory,
    nothing_learned,
    num,
    per_axis,
    product,
    size_of,
)
from cnnviz.layers import (
    Activation,
    ChannelDropout,
    Dense,
    Dropout,
    Flatten,
    Maps,
    ZeroPadding,
)
from cnnviz.layers.shapes import features
from cnnviz.message import Message

if TYPE_CHECKING:
    from cnnviz.layers import Shape


_POSITIVE = Message("x where x > 0, else ")
_FUNCTIONS: dict[str, tuple[tuple[Piece, ...], Message]] = {
    "relu": (("max(0, x)",), Message("negative values become 0, positive ones stay")),
    "leaky_relu": (
        (_POSITIVE, Term("", "slope"), "·x"),
        Message("positive values stay, negative ones are made small"),
    ),
    "prelu": (
        (_POSITIVE, "a·x"),
        Message("positive values stay, negative ones are multiplied by a learned slope a"),
    ),
    "elu": (
        (_POSITIVE, Term("", "slope"), "·(eˣ − 1)"),
        Message("positive values stay, negative ones level off smoothly"),
    ),
    "gelu": (
        ("x·Φ(x)",),
        Message("Φ(x) is the share of a normal distribution that lies below x"),
    ),
    "silu": (("x / (1 + e⁻ˣ)",), Message("x times its sigmoid: a ReLU with a soft bend")),
    "relu6": (("min(max(0, x), 6)",), Message("a ReLU that never goes beyond 6")),
    "hardswish": (
        ("x·min(max(0, x + 3), 6) / 6",),
        Message("SiLU in straight lines, which is quick on small devices"),
    ),
    "hardsigmoid": (
        ("min(max(0, x + 3), 6) / 6",),
        Message("a sigmoid in straight lines: 0 below −3, 1 above 3"),
    ),
    "sigmoid": (("1 / (1 + e⁻ˣ)",), Message("every value ends up between 0 and 1")),
    "tanh": (
        ("(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)",),
        Message("every value ends up between −1 and 1"),
    ),
    "scaled_tanh": (
        ("1.7159·tanh(2x / 3)",),
        Message("about 1 at 1 and −1 at −1, which is where LeNet-5 wanted its values"),
    ),
    "softplus": (("ln(1 + eˣ)",), Message("a smooth ReLU that is never quite 0")),
    "softmax": (("eˣ / Σ eˣ",), Message("the values become shares that add up to 1")),
}


def activation(layer: Activation, place: Place) -> tuple[Formula, ...]:
    """The function, how often it is applied, what it learns, receptive field and memory."""
    pieces, rule = _FUNCTIONS[layer.function]
    slope = decimal(layer.bend)
    filled = [Term(slope, p.role) if isinstance(p, Term) else p for p in pieces]
    note = None
    if layer.function == "softmax" and isinstance(place.y, Maps):
        note = Message("taken over the {channels:,} maps at each place", channels=place.y.channels)
    elif layer.function == "prelu":
        note = Message("a starts at {slope}", slope=slope)
    return (
        formula(Message("What happens to a value x"), filled, "", rule=rule, note=note),
        formula(
            Message("Values"),
            size_of(place.y) if isinstance(place.y, Maps) else (),
            count(place.y.size),
            unit=Message("values, each on its own")
            if layer.function != "softmax"
            else Message("values"),
        ),
        _slopes(place.x) if layer.function == "prelu" else nothing_learned(),
        *sight.keeps(place),
        memory(place.y),
    )


def _slopes(x: Shape) -> Formula:
    """The parameters of PReLU."""
    maps = isinstance(x, Maps)
    return formula(
        Message("Parameters"),
        (num(features(x), "channels" if maps else "input"),),
        count(features(x)),
        rule=Message("a slope for each map") if maps else Message("a slope for each value"),
    )


def dropout(layer: Dropout, place: Place) -> tuple[Formula, ...]:
    """How many values become zero, and how the others make up for it."""
    rate = Decimal(repr(layer.rate))
    zeros = rate * place.y.size
    if layer.rate == 1:
        rest = Message("nothing is left to learn from: choose a rate below 1")
    else:
        kept = format((1 - rate).normalize(), "f")
        rest = Message(
            "the others are divided by {kept}, so that sums stay the same on average", kept=kept
        )
    return (
        formula(
            Message("Values set to zero"),
            (Term(decimal(layer.rate), "rate"), " × ", *size_of(place.y)),
            f"{zeros.normalize():,f}",
            unit=Message("of {n:,}, drawn anew at each training step", n=place.y.size),
            rule=Message("rate × values, on average"),
            note=rest,
        ),
        Formula(
            Message("When the network is used"),
            (Term(Message("all values pass unchanged")),),
        ),
        nothing_learned(),
        *sight.keeps(place),
        memory(place.y),
    )


def channel_dropout(layer: ChannelDropout, place: Place) -> tuple[Formula, ...]:
    """The same with whole maps."""
    first, *rest = dropout(layer, place)
    maps = features(place.y)
    zeros = Decimal(repr(layer.rate)) * maps
    counted = formula(
        Message("Maps set to zero"),
        (Term(decimal(layer.rate), "rate"), " × ", num(maps, "channels")),
        f"{zeros.normalize():,f}",
        unit=Message("of {n:,}, drawn anew at each training step", n=maps),
        rule=Message("rate × maps, on average"),
        note=first.note,
    )
    return (counted, *rest)


def zero_padding(layer: ZeroPadding, place: Place) -> tuple[Formula, ...]:
    """Output size, receptive field and memory."""
    x, y = place.x, place.y
    if not isinstance(x, Maps) or not isinstance(y, Maps):
        raise TypeError("zeros are put around maps")
    top, bottom, left, right = layer.padding.all
    axes = [
        formula(
            Message("Output height and width"),
            (num(before, "padding"), " + ", num(size, "input"), " + ", num(after, "padding")),
            count(result),
            rule=Message("zeros before + input + zeros after"),
        )
        for before, size, after, result in (
            (top, x.height, bottom, y.height),
            (left, x.width, right, y.width),
        )
    ]
    titles = (
        Message("Output height and width"),
        Message("Output height"),
        Message("Output width"),
    )
    alike = (top, x.height, bottom) == (left, x.width, right)
    return (
        *per_axis(titles, axes, alike),
        nothing_learned(),
        *sight.keeps(place),
        memory(y),
    )


def flatten(layer: Flatten, place: Place) -> tuple[Formula, ...]:
    """How long the vector is, receptive field and memory."""
    x = place.x
    if isinstance(x, Maps):
        length = formula(
            Message("Output length"),
            product(num(x.height, "input"), num(x.width, "input"), num(x.channels, "channels")),
            count(x.size),
            rule=Message("height·width·channels"),
            note=Message("one map after the other, each row by row"),
        )
    else:
        length = formula(
            Message("Output length"),
            (),
            count(x.length),
            note=Message("it is a vector already"),
        )
    return length, nothing_learned(), *sight.keeps(place), memory(place.y)


def dense(layer: Dense, place: Place) -> tuple[Formula, ...]:
    """Parameters, multiply-adds, receptive field and memory."""
    x = place.x
    units, inputs = num(layer.units, "units"), num(x.size, "input")
    pieces: tuple[Piece, ...] = (*product(inputs, units), Message(" weights"))
    if layer.bias:
        pieces += (" + ", units, Message(" biases"))
    note = None
    if place.maps is not None:
        note = Message(
            "each unit has a weight for every one of the {height:,}·{width:,}·{channels:,} values",
            height=place.maps.height,
            width=place.maps.width,
            channels=place.maps.channels,
        )
    return (
        formula(
            Message("Parameters"),
            pieces,
            count(sum(map(prod, layer.parameters(x).values()))),
            rule=Message("inputs·units + units")
            if layer.bias
            else Message("inputs·units, without biases"),
            note=note,
        ),
        formula(
            Message("Multiply-adds"),
            product(inputs, units),
            count(layer.multiply_adds(x, place.y)),
            rule=Message("inputs·units, one for each weight"),
        ),
        *sight.gathers(place),
        memory(place.y),
    )
