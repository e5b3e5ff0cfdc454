"""Activations, and layers that put values elsewhere or leave them as they are."""

from __future__ import annotations

from math import erf, sqrt
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.arithmetic.norms import own
from cnnviz.arithmetic.values import Account, Bent, Listed, Moved, Reads, Step
from cnnviz.layers import Maps
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz.arithmetic.values import Piece, Reading
    from cnnviz.layers import Activation, Dropout, Flatten, ZeroPadding

LARGE = 30.0
"""A power of e beyond this is not written out in softmax; all are made smaller alike."""

Bend = tuple["Callable[[float, float], tuple[Piece, ...]]", "Callable[[float, float], float]"]


def _clip(x: float, low: float, high: float) -> float:
    return x if np.isnan(x) else min(max(x, low), high)


def _exp(x: float) -> float:
    with np.errstate(over="ignore"):
        return float(np.exp(np.float64(x)))


def sigmoid(x: float) -> float:
    """1 / (1 + e⁻ˣ)"""
    return 1 / (1 + _exp(-x))


def _slope_or(x: float, slope: float) -> tuple[Piece, ...]:
    """What rectifiers do: above zero their slope is 1, and a positive value stays."""
    return ("1 · ", x) if x > 0 else (slope, " · ", x)


FUNCTIONS: dict[str, Bend] = {
    "relu": (lambda x, _: ("max(0, ", x, ")"), lambda x, _: _clip(x, 0, np.inf)),
    "leaky_relu": (_slope_or, lambda x, a: x if x > 0 else a * x),
    "prelu": (_slope_or, lambda x, a: x if x > 0 else a * x),
    "elu": (
        lambda x, a: ("1 · ", x) if x > 0 else (a, " · (e^", x, " − 1)"),
        lambda x, a: x if x > 0 else a * (_exp(x) - 1),
    ),
    "gelu": (
        lambda x, _: (x, " · Φ(", x, ")"),
        lambda x, _: x * 0.5 * (1 + erf(x / sqrt(2))),
    ),
    "silu": (lambda x, _: (x, " / (1 + e^", -x, ")"), lambda x, _: x * sigmoid(x)),
    "relu6": (lambda x, _: ("min(max(0, ", x, "), 6)"), lambda x, _: _clip(x, 0, 6)),
    "hardswish": (
        lambda x, _: (x, " · min(max(0, ", x, " + 3), 6) / 6"),
        lambda x, _: x * _clip(x + 3, 0, 6) / 6,
    ),
    "hardsigmoid": (
        lambda x, _: ("min(max(0, ", x, " + 3), 6) / 6"),
        lambda x, _: _clip(x + 3, 0, 6) / 6,
    ),
    "sigmoid": (lambda x, _: ("1 / (1 + e^", -x, ")"), lambda x, _: sigmoid(x)),
    "tanh": (lambda x, _: ("tanh(", x, ")"), lambda x, _: float(np.tanh(x))),
    "scaled_tanh": (
        lambda x, _: ("1.7159 · tanh(2 · ", x, " / 3)"),
        lambda x, _: 1.7159 * float(np.tanh(x * 2 / 3)),
    ),
    "softplus": (
        lambda x, _: ("ln(1 + e^", x, ")"),
        lambda x, _: float(np.logaddexp(0.0, x)),
    ),
}
"""Of each function of one value: the line with the numbers, and what comes out."""


def activation(layer: Activation, reading: Reading) -> Account:
    """The function's formula with the value in it, and where it stands on the curve."""
    if layer.function == "softmax":
        return softmax(reading)
    x = float(reading.x[reading.place])
    slope = reading.number("weight", reading.place[0]) if layer.function == "prelu" else layer.bend
    line, work = FUNCTIONS[layer.function]
    value = work(x, slope)
    step = Step(layer.name, line(x, slope), value)
    picture = Bent(layer.function, x, slope)
    return Account(
        own(reading.row.input, reading.place), picture, (step,), value, max(abs(x), abs(value))
    )


def softmax_values(values: np.ndarray) -> np.ndarray:
    """The shares of all values of a vector (length,)."""
    powers = np.exp(values - values.max())
    return np.asarray(powers / powers.sum())


def softmax(reading: Reading) -> Account:
    """eˣ of each value over the sum of all; of maps, over the channels at its place."""
    place = reading.place
    values = (reading.x[:, place[1], place[2]] if len(place) > 1 else reading.x).astype(np.float64)
    index, largest = place[0], float(values.max())
    shift = largest if abs(largest) > LARGE else 0.0
    powers = np.exp(values - shift)
    total = float(powers.sum())
    shares = softmax_values(values)
    mapped = isinstance(reading.row.input, Maps)
    picture = Listed(
        Message("map") if mapped else Message("value"),
        tuple(map(str, range(len(values)))),
        (
            (Message("x"), values),
            (Message("e^(x − largest x)") if shift else Message("eˣ"), powers),
            (Message("share"), shares),
        ),
        index,
    )
    value = float(shares[index])
    steps = (
        Step(Message("Sum of the powers"), ("Σ",), total),
        Step(Message("Softmax"), (float(powers[index]), " / ", total), value),
    )
    every = tuple(range(len(values)))
    reads = Reads(every, (place[1],), (place[2],)) if len(place) > 1 else Reads(columns=every)
    return Account(reads, picture, steps, value, 1.0)


def dropout(layer: Dropout, reading: Reading) -> Account:
    """Outside training every value passes."""
    value = float(reading.x[reading.place])
    step = Step(Message("Unchanged: only training leaves values out"), (value,), value)
    reads = own(reading.row.input, reading.place)
    return Account(reads, Moved(reading.place), (step,), value, abs(value))


def flatten(layer: Flatten, reading: Reading) -> Account:
    """Where in the maps it was."""
    x, index = reading.row.input, reading.place[0]
    if not isinstance(x, Maps):
        source: tuple[int, ...] = (index,)
    else:
        channel, place = divmod(index, x.height * x.width)
        source = (channel, *divmod(place, x.width))
    value = float(reading.x[source])
    step = Step(Message("Unchanged, in another place"), (value,), value)
    return Account(own(x, source), Moved(source), (step,), value, abs(value))


def zero_padding(layer: ZeroPadding, reading: Reading) -> Account:
    """A zero, or the value that has moved."""
    x, _ = reading.maps
    channel, row, column = reading.place
    source = (channel, row - layer.padding.top, column - layer.padding.left)
    reads = own(x, source)
    if not (0 <= source[1] < x.height and 0 <= source[2] < x.width):
        step = Step(Message("Padding"), (), 0.0)
        return Account(reads, Moved(None), (step,), 0.0, 0.0)
    value = float(reading.x[source])
    step = Step(Message("Unchanged, in another place"), (value,), value)
    return Account(reads, Moved(source), (step,), value, abs(value))
