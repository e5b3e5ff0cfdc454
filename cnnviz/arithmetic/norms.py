"""Normalisation: mean and variance of what belongs together, or the strength of neighbours."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.arithmetic.values import Account, Listed, Reads, Step, Straight
from cnnviz.explain.formula import decimal
from cnnviz.layers import Maps
from cnnviz.layers.shapes import features
from cnnviz.message import Message

if TYPE_CHECKING:
    from cnnviz.arithmetic.values import Piece, Place, Reading
    from cnnviz.layers import BatchNorm, GroupNorm, LayerNorm, LocalResponseNorm


def batch_norm(layer: BatchNorm, reading: Reading) -> Account:
    """With the running mean and variance of its map, as outside training."""
    index = reading.place[0]
    mean, variance = reading.number("running_mean", index), reading.number("running_var", index)
    affine = (
        (reading.number("weight", index), reading.number("bias", index)) if layer.affine else None
    )
    return _standardised(reading, mean, variance, layer.epsilon, affine, ())


def layer_norm(layer: LayerNorm, reading: Reading) -> Account:
    """With mean and variance of all values of the image; a factor and an offset for each."""
    affine = None
    if layer.affine:
        affine = (reading.number("weight", *reading.place), reading.number("bias", *reading.place))
    titles = Message("Mean of all values"), Message("Variance of all values")
    return _grouped(reading, reading.x, layer.epsilon, affine, titles)


def group_norm(layer: GroupNorm, reading: Reading) -> Account:
    """With mean and variance of the group of maps that it is in."""
    assert reading.row.input is not None
    index = reading.place[0]
    share = features(reading.row.input) // layer.groups
    first = index // share * share
    affine = (
        (reading.number("weight", index), reading.number("bias", index)) if layer.affine else None
    )
    titles = Message("Mean of its group"), Message("Variance of its group")
    group = reading.x[first : first + share]
    return _grouped(reading, group, layer.epsilon, affine, titles)


def local_response_norm(layer: LocalResponseNorm, reading: Reading) -> Account:
    """x / (k + alpha / size · Σx²)^beta over the maps around its own, at the same place."""
    channel, row, column = reading.place
    first = max(channel - layer.size // 2, 0)
    last = min(channel + (layer.size - 1) // 2, len(reading.x) - 1)
    channels = np.arange(first, last + 1)
    values = reading.x[first : last + 1, row, column].astype(np.float64)
    squares = values**2
    total, x = float(squares.sum()), float(values[channel - first])
    base = layer.k + layer.alpha / layer.size * total
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        divisor = float(np.float64(base) ** layer.beta)
        value = float(np.float64(x) / divisor)
    picture = Listed(
        Message("map"),
        tuple(map(str, channels.tolist())),
        ((Message("x"), values), (Message("x²"), squares)),
        channel - first,
    )
    steps = (
        Step(Message("Squares of the neighbours"), ("Σx²",), total),
        Step(
            Message("Divisor"),
            (
                f"({decimal(layer.k)} + {decimal(layer.alpha)} / {layer.size} · ",
                total,
                f")^{decimal(layer.beta)}",
            ),
            divisor,
        ),
        Step(Message("Divided"), (x, " / ", divisor), value),
    )
    reads = Reads(tuple(channels.tolist()), (row,), (column,))
    return Account(reads, picture, steps, value, abs(value))


def _grouped(
    reading: Reading,
    group: np.ndarray,
    epsilon: float,
    affine: tuple[float, float] | None,
    titles: tuple[Message, Message],
) -> Account:
    values = group.astype(np.float64)
    mean, variance = float(values.mean()), float(values.var())
    many = f"Σx / {values.size:,}"
    steps = (
        Step(titles[0], (many,), mean),
        Step(
            titles[1],
            ("Σ(x − ", mean, f")² / {values.size:,}"),
            variance,
        ),
    )
    return _standardised(reading, mean, variance, epsilon, affine, steps)


def _standardised(
    reading: Reading,
    mean: float,
    variance: float,
    epsilon: float,
    affine: tuple[float, float] | None,
    before: tuple[Step, ...],
) -> Account:
    """(x − mean) / √(variance + epsilon) · factor + offset."""
    x = float(reading.x[reading.place])
    spread = sqrt(max(variance + epsilon, 0.0))
    value = (x - mean) / spread if spread else float("nan")
    absolute = (abs(x) + abs(mean)) / spread if spread else float("nan")
    steps = [
        *before,
        Step(Message("Spread"), ("√(", variance, f" + {decimal(epsilon)})"), spread),
        Step(Message("Standardised"), ("(", x, " − ", mean, ") / ", spread), value),
    ]
    if affine is not None:
        factor, offset = affine
        pieces: tuple[Piece, ...] = (value, " · ", factor, " + ", offset)
        value = value * factor + offset
        absolute = absolute * abs(factor) + abs(offset)
        steps.append(Step(Message("Times the factor, plus the offset"), pieces, value))
    factor, offset = affine or (1.0, 0.0)
    slope = factor / spread if spread else float("nan")
    picture = Straight(x, slope, offset - mean * slope)
    return Account(own(reading.row.input, reading.place), picture, tuple(steps), value, absolute)


def own(x: object, place: Place) -> Reads:
    """The value of the same place in the input."""
    if isinstance(x, Maps):
        return Reads((place[0],), (place[1],), (place[2],))
    return Reads(columns=place)
