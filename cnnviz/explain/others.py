"""The numbers of the layers without a window."""

from __future__ import annotations

from decimal import Decimal
from math import prod

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
    product,
    size_of,
)
from cnnviz.layers import Activation, BatchNorm, Dense, Dropout, Flatten, GlobalAvgPool, Maps
from cnnviz.message import Message


def global_avg_pool(layer: GlobalAvgPool, place: Place) -> tuple[Formula, ...]:
    """How many values become one, receptive field and memory."""
    x = place.x
    if not isinstance(x, Maps):
        raise TypeError("global pooling averages maps")
    average = formula(
        Message("Average"),
        product(num(x.height, "input"), num(x.width, "input")),
        count(x.height * x.width),
        unit=Message("values of a map become one number"),
        rule=Message("sum of the map / (height·width)"),
    )
    return average, nothing_learned(), *sight.gathers(place), memory(place.y)


_FUNCTIONS: dict[str, tuple[tuple[Piece, ...], Message]] = {
    "relu": (("max(0, x)",), Message("negative values become 0, positive ones stay")),
    "leaky_relu": (
        (Message("x where x > 0, else "), Term("", "slope"), "·x"),
        Message("positive values stay, negative ones are made small"),
    ),
    "elu": (
        (Message("x where x > 0, else "), Term("", "slope"), "·(eˣ − 1)"),
        Message("positive values stay, negative ones level off smoothly"),
    ),
    "gelu": (
        ("x·Φ(x)",),
        Message("Φ(x) is the share of a normal distribution that lies below x"),
    ),
    "silu": (("x / (1 + e⁻ˣ)",), Message("x times its sigmoid: a ReLU with a soft bend")),
    "sigmoid": (("1 / (1 + e⁻ˣ)",), Message("every value ends up between 0 and 1")),
    "tanh": (
        ("(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)",),
        Message("every value ends up between −1 and 1"),
    ),
    "softmax": (("eˣ / Σ eˣ",), Message("the values become shares that add up to 1")),
}


def activation(layer: Activation, place: Place) -> tuple[Formula, ...]:
    """The function, how often it is applied, receptive field and memory."""
    pieces, rule = _FUNCTIONS[layer.function]
    filled = [
        Term(decimal(layer.slope), piece.role) if isinstance(piece, Term) else piece
        for piece in pieces
    ]
    note = None
    if layer.function == "softmax" and isinstance(place.y, Maps):
        note = Message("taken over the {channels:,} maps at each place", channels=place.y.channels)
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
        nothing_learned(),
        *sight.keeps(place),
        memory(place.y),
    )


def batch_norm(layer: BatchNorm, place: Place) -> tuple[Formula, ...]:
    """What happens, parameters and, apart from them, the running statistics."""
    x = place.x
    maps = isinstance(x, Maps)
    number = x.channels if isinstance(x, Maps) else x.length
    features = num(number, "channels" if maps else "input")
    pieces: tuple[Piece, ...] = (
        Message("(x − mean) / √(variance + "),
        Term(decimal(layer.epsilon), "epsilon"),
        ")",
    )
    if layer.affine:
        pieces += (Message(" · factor + offset"),)
        parameters = formula(
            Message("Parameters"),
            ("2·", features),
            count(sum(map(prod, layer.parameters(x).values()))),
            rule=Message("a factor and an offset for each map")
            if maps
            else Message("a factor and an offset for each value"),
        )
    else:
        parameters = nothing_learned()
    momentum = Decimal(repr(layer.momentum))
    kept = format((1 - momentum).normalize(), "f")
    return (
        formula(
            Message("What happens to a value x"),
            pieces,
            "",
            rule=Message("mean and variance of its map over the batch")
            if maps
            else Message("its mean and variance over the batch"),
            note=Message("outside training, the running mean and variance stand in for them"),
        ),
        parameters,
        formula(
            Message("Running statistics"),
            ("2·", features),
            count(sum(map(prod, layer.buffers(x).values()))),
            rule=Message("a mean and a variance for each, kept but not trained"),
        ),
        formula(
            Message("Running mean"),
            (
                kept,
                Message("·mean so far + "),
                Term(decimal(layer.momentum), "momentum"),
                Message("·mean of the batch"),
            ),
            "",
            rule=Message("(1 − momentum)·so far + momentum·batch; the variance alike"),
        ),
        *sight.keeps(place),
        memory(place.y),
    )


def dropout(layer: Dropout, place: Place) -> tuple[Formula, ...]:
    """How many values become zero, and how the others make up for it."""
    rate = Decimal(repr(layer.rate))
    zeros = rate * place.y.size
    if layer.rate == 1:
        rest = Message("nothing is left to learn from: choose a rate below 1")
    else:
        kept = format((1 - rate).normalize(), "f")
        rest = Message("the others are divided by {kept}, so that sums stay alike", kept=kept)
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
