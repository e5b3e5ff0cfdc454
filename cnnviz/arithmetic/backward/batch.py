"""Batch norm on the way back in training: mean and variance come from the batch, so every image of
it has a say in every δ (Ioffe and Szegedy, 2015, section 3)."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from cnnviz.arithmetic.backward.values import Flow
from cnnviz.arithmetic.digits import places_for
from cnnviz.arithmetic.norms import own
from cnnviz.arithmetic.values import Floats, Listed, Place, Reads, Step
from cnnviz.explain.formula import decimal
from cnnviz.layers import Maps
from cnnviz.message import Message

if TYPE_CHECKING:
    from cnnviz.layers import BatchNorm, Shape


class Batch(Struct, frozen=True, eq=False):
    """One map of a batch, or one value of its vectors, with what comes back to it.

    x: what the layer reads. delta: δ of what it gives. Both (images, height, width), of a vector
    (images, 1, 1). factor: of the map; 1 where the layer learns none.
    """

    x: Floats
    delta: Floats
    factor: float


def batch_norm_in_training(layer: BatchNorm, batch: Batch, shape: Shape, place: Place) -> Flow:
    """∂L/∂x = (g − mean g − z · mean(g·z)) / spread with g = δ · factor, as its three terms.

    shape: of what the layer reads. place: of the value in it, for the first image of the batch.
    """
    values, delta = batch.x.astype(np.float64), batch.delta.astype(np.float64)
    mean, variance = float(values.mean()), float(values.var())
    spread = sqrt(variance + layer.epsilon)
    standard = (values - mean) / spread
    g = delta * batch.factor
    at = (0, *place[1:]) if len(place) > 1 else (0, 0, 0)
    mine, z = float(g[at]), float(standard[at])
    average, along = float(g.mean()), float((g * standard).mean())
    direct, by_mean, by_variance = mine / spread, -average / spread, -z * along / spread
    value = direct + by_mean + by_variance
    sizes = (np.abs(values) + abs(mean)) / spread
    absolute = (
        abs(mine) + float(np.abs(g).mean()) + float(sizes[at]) * float((np.abs(g) * sizes).mean())
    ) / spread
    places = places_for((direct, by_mean, by_variance, value), 4)
    steps = (
        _spread(layer, variance, spread),
        Step(
            Message("z: the value, standardised"),
            ("(", float(values[at]), " − ", mean, ") / ", spread),
            z,
        ),
        Step(
            Message("Direct: g / spread, with g = δ · factor"),
            (float(delta[at]), " · ", batch.factor, " / ", spread),
            direct,
        ),
        Step(
            Message("Through mean: −mean(g) / spread"),
            (-average, " / ", spread),
            by_mean,
        ),
        Step(
            Message("Through variance: −z·mean(g·z) / spread"),
            (-z, " · ", along, " / ", spread),
            by_variance,
        ),
        Step(
            Message("All three"),
            (direct, " + ", by_mean, " + ", by_variance),
            value,
            places,
        ),
    )
    return Flow(own(shape, place), _shares(g, standard), steps, value, absolute, own(shape, place))


def batch_norm_gradient_in_training(
    layer: BatchNorm, batch: Batch, name: str, shape: Shape, number: int
) -> Flow:
    """Of the factor γ Σ z·δ, of the offset β Σδ: over all values of the map in all images.

    name: of the parameter, "weight" or "bias". shape: of what the layer reads. number: of the map.
    """
    values, delta = batch.x.astype(np.float64), batch.delta.astype(np.float64)
    mean, variance = float(values.mean()), float(values.var())
    spread = sqrt(variance + layer.epsilon)
    n = f"{values.size:,}"
    before: list[Step] = []
    if name == "bias":
        title, terms, sizes = Message("Σδ"), delta, np.abs(delta)
    else:
        title, terms = Message("Σ z·δ"), (values - mean) / spread * delta
        sizes = (np.abs(values) + abs(mean)) / spread * np.abs(delta)
        before = [
            Step(Message("Mean of the batch"), (f"Σx / {n}",), mean),
            _spread(layer, variance, spread),
        ]
    sums = terms.sum((1, 2))
    mine, others, value = float(sums[0]), float(sums[1:].sum()), float(sums.sum())
    places = places_for((mine, others, value), 4)
    both = Message("{what}: this image + the others", what=title)
    steps = (*before, Step(both, (mine, " + ", others), value, places))
    reads = Reads(columns=(number,))
    if isinstance(shape, Maps):
        reads = Reads((number,), tuple(range(shape.height)), tuple(range(shape.width)))
    labels = tuple(str(image) for image in range(len(sums)))
    picture = Listed(Message("image"), labels, ((title, sums),), 0)
    return Flow(reads, picture, steps, value, float(sizes.sum()), reads)


def _spread(layer: BatchNorm, variance: float, spread: float) -> Step:
    pieces = ("√(", variance, f" + {decimal(layer.epsilon)})")
    return Step(Message("Spread, from the variance"), pieces, spread)


def _shares(g: Floats, standard: Floats) -> Listed:
    """What each image brings into the two means."""
    rest = tuple(str(number) for number in range(1, len(g)))
    return Listed(
        Message("image"),
        ("0", *rest),
        (
            (Message("Σg"), g.sum((1, 2))),
            (Message("Σ g·z"), (g * standard).sum((1, 2))),
        ),
        0,
    )
