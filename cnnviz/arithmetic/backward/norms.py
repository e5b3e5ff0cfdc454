"""Normalisation on the way back: where mean and spread come from the values themselves, they hand
δ back as well (Ioffe and Szegedy, 2015, section 3; Ba, Kiros and Hinton, 2016)."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.arithmetic.backward.values import DELTA, Flow, product
from cnnviz.arithmetic.backward.windows import bias_of_map, correlated, passed
from cnnviz.arithmetic.digits import places_for
from cnnviz.arithmetic.norms import own
from cnnviz.arithmetic.values import Listed, Plain, Reads, Step
from cnnviz.explain.formula import decimal
from cnnviz.layers.shapes import features
from cnnviz.message import Message

if TYPE_CHECKING:
    from cnnviz.arithmetic.backward.values import Return
    from cnnviz.arithmetic.values import Floats
    from cnnviz.layers import BatchNorm, GroupNorm, LayerNorm, LocalResponseNorm

STANDARDISED = Message("standardised")


def batch_norm(layer: BatchNorm, back: Return) -> Flow:
    """With the running statistics, which are constants: only the factor and the spread count."""
    index = back.place[0]
    variance = back.reading.number("running_var", index)
    spread = sqrt(max(variance + layer.epsilon, 0.0))
    factor = back.reading.number("weight", index) if layer.affine else 1.0
    delta = float(back.delta[back.place])
    value = delta * factor / spread if spread else float("nan")
    steps = (
        Step(Message("Spread"), ("√(", variance, f" + {decimal(layer.epsilon)})"), spread),
        Step(
            Message("δ, times the factor, divided by the spread"),
            (delta, " · ", factor, " / ", spread),
            value,
        ),
    )
    reads = own(back.reading.row.input, back.place)
    return Flow(reads, Plain(), steps, value, abs(value), reads)


def batch_norm_gradient(layer: BatchNorm, back: Return) -> Flow:
    """Of the factor: the standardised values, each times its δ; of the offset Σδ."""
    index = back.place[0]
    mean = back.reading.number("running_mean", index)
    variance = back.reading.number("running_var", index)
    x = back.reading.x[index].astype(np.float64)
    return _of_map(back, x, mean, variance + layer.epsilon)


def layer_norm(layer: LayerNorm, back: Return) -> Flow:
    """Mean and spread are those of all values of the image."""
    weight = back.reading.tensors["weight"] if layer.affine else None
    x = back.reading.x
    factors = np.ones(x.shape) if weight is None else weight.astype(np.float64)
    return _standardised(back, x, back.delta, factors, layer.epsilon, back.place)


def layer_norm_gradient(layer: LayerNorm, back: Return) -> Flow:
    """Each factor and each offset has met a single value."""
    reads = own(back.reading.row.input, back.place)
    delta = float(back.delta[back.place])
    if back.name == "bias":
        return passed(reads, delta)
    values = back.reading.x.astype(np.float64)
    spread = sqrt(float(values.var()) + layer.epsilon)
    mean = float(values.mean())
    x = float(values[back.place])
    title = Message("Standardised, times δ")
    made = product(reads, reads, ((x - mean) / spread, delta), title=title)
    absolute = (abs(x) + abs(mean)) / spread * abs(delta)
    return Flow(reads, made.picture, made.steps, made.value, absolute, reads)


def group_norm(layer: GroupNorm, back: Return) -> Flow:
    """Mean and spread are those of the group of maps."""
    first, last = _group(layer, back)
    x = back.reading.x[first:last]
    factors = np.ones(x.shape)
    if layer.affine:
        weight = back.reading.tensors["weight"][first:last].astype(np.float64)
        factors *= weight.reshape(-1, *(1,) * (x.ndim - 1))
    place = (back.place[0] - first, *back.place[1:])
    return _standardised(back, x, back.delta[first:last], factors, layer.epsilon, place)


def group_norm_gradient(layer: GroupNorm, back: Return) -> Flow:
    """As of batch norm, with mean and spread of the group."""
    first, last = _group(layer, back)
    values = back.reading.x[first:last].astype(np.float64)
    mean, variance = float(values.mean()), float(values.var())
    return _of_map(back, values[back.place[0] - first], mean, variance + layer.epsilon)


def _group(layer: GroupNorm, back: Return) -> tuple[int, int]:
    assert back.reading.row.input is not None
    share = features(back.reading.row.input) // layer.groups
    first = back.place[0] // share * share
    return first, first + share


def _of_map(back: Return, x: Floats, mean: float, squared: float) -> Flow:
    """Gradient of a map's factor or offset; x: its input (height, width), or a number."""
    index = back.place[0]
    if back.name == "bias" and x.ndim:
        return bias_of_map(back)
    reads = Reads(columns=(index,))
    if x.ndim:
        reads = Reads((index,), tuple(range(x.shape[0])), tuple(range(x.shape[1])))
    if back.name == "bias":
        return passed(reads, float(back.delta[index]))
    spread = sqrt(max(squared, 0.0)) or float("nan")
    made = correlated(
        reads,
        reads,
        np.atleast_2d((x - mean) / spread),
        np.atleast_2d(back.delta[index]),
        factors=(STANDARDISED, DELTA),
        sizes=np.atleast_2d((np.abs(x) + abs(mean)) / spread),
    )
    if x.ndim:
        return made
    pieces = (float((x - mean) / spread), " · ", float(back.delta[index]))
    steps = (Step(Message("Standardised, times δ"), pieces, made.value),)
    return Flow(reads, made.picture, steps, made.value, made.absolute, reads)


def _standardised(
    back: Return,
    x: Floats,
    delta: Floats,
    factors: Floats,
    epsilon: float,
    place: tuple[int, ...],
) -> Flow:
    """(g − mean g − z · mean(g·z)) / spread, where g is δ times the factor.

    x, delta, factors: of all values that are standardised together; place: among them.
    """
    values, delta = x.astype(np.float64), delta.astype(np.float64)
    mean, spread = float(values.mean()), sqrt(float(values.var()) + epsilon)
    standard = (values - mean) / spread
    g = delta * factors
    along = float((g * standard).mean())
    average = float(g.mean())
    mine, own_standard = float(g[place]), float(standard[place])
    value = (mine - average - own_standard * along) / spread
    sizes = (np.abs(values) + abs(mean)) / spread
    absolute = (
        abs(mine)
        + float(np.abs(g).mean())
        + float(sizes[place]) * float((np.abs(g) * sizes).mean())
    ) / spread
    n = f"{values.size:,}"
    steps = (
        Step(Message("g: δ, times the factor"), (float(delta[place]), " · ", float(factors[place])),
             mine),
        Step(Message("Mean of g: what came back through the mean"), (f"Σg / {n}",), average),
        Step(Message("z: the value, standardised"), (
            "(", float(values[place]), " − ", mean, ") / ", spread), own_standard),
        Step(Message("Mean of g·z: what came back through the spread"), (f"Σ(g · z) / {n}",),
             along),
        Step(
            Message("All three, divided by the spread"),
            ("(", mine, " − ", average, " − ", own_standard, " · ", along, ") / ", spread),
            value,
        ),
    )  # fmt: skip
    reads = own(back.reading.row.input, back.place)
    return Flow(reads, Plain(), steps, value, absolute, reads)


def local_response_norm(layer: LocalResponseNorm, back: Return) -> Flow:
    """δ / Dᵝ, less what the value did to the divisors D of its neighbours."""
    channel, row, column = back.place
    values = back.reading.x[:, row, column].astype(np.float64)
    delta = back.delta[:, row, column].astype(np.float64)
    before, after = layer.size // 2, (layer.size - 1) // 2
    sums = np.concatenate([[0.0], np.cumsum(values**2)])
    places = np.arange(len(values))
    lows, highs = (places - before).clip(0), (places + after + 1).clip(max=len(values))
    divisors = layer.k + layer.alpha / layer.size * (sums[highs] - sums[lows])
    first, last = max(channel - after, 0), min(channel + before, len(values) - 1)
    some = slice(first, last + 1)
    terms = delta[some] * values[some] / divisors[some] ** (layer.beta + 1)
    total = float(terms.sum())
    direct = float(delta[channel] / divisors[channel] ** layer.beta)
    factor = 2 * layer.alpha * layer.beta / layer.size * float(values[channel])
    value = direct - factor * total
    picture = Listed(
        Message("map"),
        tuple(map(str, range(first, last + 1))),
        (
            (Message("x"), values[some]),
            (DELTA, delta[some]),
            (Message("D"), divisors[some]),
            (Message("term"), terms),
        ),
        channel - first,
    )
    beta = decimal(layer.beta)
    steps = (
        Step(
            Message("Through the value itself: δ / Dᵝ"),
            (float(delta[channel]), " / ", float(divisors[channel]), f"^{beta}"),
            direct,
        ),
        Step(Message("Sum of δ · x / D^(β + 1) over the neighbours"), ("Σ",), total),
        Step(
            Message("Through the divisors: 2αβ / n · x · Σ"),
            (f"2 · {decimal(layer.alpha)} · {beta} / {layer.size} · ", float(values[channel]),
             " · ", total),
            factor * total,
        ),
        Step(
            Message("Difference"), (direct, " − ", factor * total), value, places_for((value,), 4)
        ),
    )  # fmt: skip
    absolute = abs(direct) + abs(factor) * float(np.abs(terms).sum())
    reads = Reads(tuple(range(first, last + 1)), (row,), (column,))
    return Flow(reads, picture, steps, value, absolute, own(back.reading.row.input, back.place))
