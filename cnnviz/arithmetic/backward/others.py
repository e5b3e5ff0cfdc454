"""Activations on the way back, and layers that only put δ elsewhere or leave it as it is."""

from __future__ import annotations

from math import erf, exp, pi, sqrt
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.arithmetic.backward.values import DELTA, Flow
from cnnviz.arithmetic.backward.windows import correlated
from cnnviz.arithmetic.norms import own
from cnnviz.arithmetic.others import sigmoid, softmax_values
from cnnviz.arithmetic.values import Listed, Moved, Reads, Step, Tangent
from cnnviz.layers import Maps
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz.arithmetic.backward.values import Return
    from cnnviz.arithmetic.values import Piece, Place
    from cnnviz.layers import Activation, Dropout, Flatten, ZeroPadding

Slope = tuple[tuple["Piece", ...], float, float]
"""The line with the numbers, the slope that it gives, and the sum of the magnitudes in it."""


def _flat(x: float, slope: float) -> Slope:
    """Where the function is a straight line."""
    return ("f′(", x, ")"), slope, abs(slope)


def _between(x: float, low: float, high: float, slope: float) -> Slope:
    return _flat(x, slope if low < x < high else 0.0)


def _elu(x: float, a: float) -> Slope:
    return _flat(x, 1.0) if x > 0 else ((a, " · e^", x), a * exp(x), a * exp(x))


def _gelu(x: float, _: float) -> Slope:
    bell, error = exp(-x * x / 2) / sqrt(2 * pi), erf(x / sqrt(2))
    share = 0.5 * (1 + error)
    # The share is itself a sum, of which little is left where x is far below zero.
    size = 0.5 * (1 + abs(error)) + abs(x * bell)
    return (share, " + ", x, " · ", bell), share + x * bell, size


def _silu(x: float, _: float) -> Slope:
    s = sigmoid(x)
    size = s * (1 + abs(x) * (1 + s))
    return (s, " · (1 + ", x, " · (1 − ", s, "))"), s * (1 + x * (1 - s)), size


def _hardswish(x: float, _: float) -> Slope:
    if abs(x) >= 3:
        return _flat(x, float(x > 0))
    return (x, " / 3 + 0.5"), x / 3 + 0.5, abs(x) / 3 + 0.5


def _sigmoid(x: float, _: float) -> Slope:
    s = sigmoid(x)
    return (s, " · (1 − ", s, ")"), s * (1 - s), s + s * s


def _tanh(x: float, _: float) -> Slope:
    y = float(np.tanh(x))
    return ("1 − ", y, "²"), 1 - y * y, 1 + y * y


def _scaled_tanh(x: float, _: float) -> Slope:
    y, factor = float(np.tanh(x * 2 / 3)), 1.7159 * 2 / 3
    return ("1.7159 · 2 / 3 · (1 − ", y, "²)"), factor * (1 - y * y), factor * (1 + y * y)


def _softplus(x: float, _: float) -> Slope:
    s = sigmoid(x)
    return ("1 / (1 + e^", -x, ")"), s, s


SLOPES: dict[str, Callable[[float, float], Slope]] = {
    "relu": lambda x, _: _flat(x, float(x > 0)),
    "leaky_relu": lambda x, a: _flat(x, 1.0 if x > 0 else a),
    "prelu": lambda x, a: _flat(x, 1.0 if x > 0 else a),
    "elu": _elu,
    "gelu": _gelu,
    "silu": _silu,
    "relu6": lambda x, _: _between(x, 0, 6, 1.0),
    "hardswish": _hardswish,
    "hardsigmoid": lambda x, _: _between(x, -3, 3, 1 / 6),
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "scaled_tanh": _scaled_tanh,
    "softplus": _softplus,
}
"""Of each function of one value: its derivative. At a kink it is the one that PyTorch takes."""


def activation(layer: Activation, back: Return) -> Flow:
    """δ, times the slope of the function where the value stands."""
    if layer.function == "softmax":
        return softmax(back)
    x, delta = float(back.reading.x[back.place]), float(back.delta[back.place])
    bend = layer.bend
    if layer.function == "prelu":
        bend = back.reading.number("weight", back.place[0])
    pieces, slope, size = SLOPES[layer.function](x, bend)
    value = delta * slope
    steps = (
        Step(Message("Slope of the function there"), pieces, slope),
        Step(Message("δ, times the slope"), (delta, " · ", slope), value),
    )
    reads = own(back.reading.row.input, back.place)
    picture = Tangent(layer.function, x, bend, slope)
    return Flow(reads, picture, steps, value, abs(delta) * size, reads)


def prelu_gradient(layer: Activation, back: Return) -> Flow:
    """Of the slope of a map: its negative values, each times its δ."""
    index = back.place[0]
    x, delta = back.reading.x[index], back.delta[index]
    reads = Reads(columns=(index,))
    if x.ndim:
        reads = Reads((index,), tuple(range(x.shape[0])), tuple(range(x.shape[1])))
    negative = np.atleast_2d(np.minimum(x, 0))
    factors = (Message("negative part of the input"), DELTA)
    return correlated(reads, reads, negative, np.atleast_2d(delta), factors=factors)


def softmax(back: Return) -> Flow:
    """y·(δ − Σ y·δ): each share grows at the cost of all others."""
    place = back.place
    values, delta = back.reading.x, back.delta
    if len(place) > 1:
        values, delta = values[:, place[1], place[2]], delta[:, place[1], place[2]]
    shares, delta = softmax_values(values.astype(np.float64)), delta.astype(np.float64)
    terms = shares * delta
    total, index = float(terms.sum()), place[0]
    share = float(shares[index])
    value = share * (float(delta[index]) - total)
    mapped = isinstance(back.reading.row.input, Maps)
    picture = Listed(
        Message("map") if mapped else Message("value"),
        tuple(map(str, range(len(shares)))),
        ((Message("share"), shares), (DELTA, delta), (Message("share · δ"), terms)),
        index,
    )
    steps = (
        Step(Message("Sum of the shares, each times its δ"), ("Σ",), total),
        Step(
            Message("Share, times what δ is above that"),
            (share, " · (", float(delta[index]), " − ", total, ")"),
            value,
        ),
    )
    absolute = share * (abs(float(delta[index])) + float(np.abs(terms).sum()))
    every = tuple(range(len(shares)))
    reads = Reads(every, (place[1],), (place[2],)) if len(place) > 1 else Reads(columns=every)
    return Flow(reads, picture, steps, value, absolute, own(back.reading.row.input, place))


def unchanged(back: Return, place: Place, title: Message) -> Flow:
    """δ of another place, as it is."""
    delta = float(back.delta[place])
    reads = own(back.reading.row.output, place)
    sees = own(back.reading.row.input, back.place)
    return Flow(reads, Moved(place), (Step(title, (delta,), delta),), delta, abs(delta), sees)


def dropout(layer: Dropout, back: Return) -> Flow:
    """Outside training every δ passes."""
    return unchanged(back, back.place, Message("Unchanged: only training leaves values out"))


def flatten(layer: Flatten, back: Return) -> Flow:
    """Back to where in the maps the value was."""
    x, place = back.reading.row.input, back.place
    if isinstance(x, Maps):
        place = ((place[0] * x.height + place[1]) * x.width + place[2],)
    return unchanged(back, place, Message("Unchanged, in another place"))


def zero_padding(layer: ZeroPadding, back: Return) -> Flow:
    """What was put around is cut off again."""
    channel, row, column = back.place
    place = (channel, row + layer.padding.top, column + layer.padding.left)
    return unchanged(back, place, Message("Unchanged, in another place"))
