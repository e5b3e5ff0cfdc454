"""The numbers of normalisation: over the batch, an image, groups of maps, or neighbours."""

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
    product,
)
from cnnviz.layers import BatchNorm, GroupNorm, LayerNorm, LocalResponseNorm, Maps
from cnnviz.layers.shapes import features
from cnnviz.message import Message

if TYPE_CHECKING:
    from cnnviz.layers import Shape

_HAPPENS = Message("What happens to a value x")


def batch_norm(layer: BatchNorm, place: Place) -> tuple[Formula, ...]:
    """What happens, parameters and, apart from them, the running statistics."""
    x = place.x
    maps = isinstance(x, Maps)
    momentum = Decimal(repr(layer.momentum))
    kept = format((1 - momentum).normalize(), "f")
    return (
        formula(
            _HAPPENS,
            _standardised(layer),
            "",
            rule=Message("mean and variance of its map over the batch")
            if maps
            else Message("its mean and variance over the batch"),
            note=Message("outside training, the running mean and variance stand in for them"),
        ),
        _per_feature(layer, x),
        formula(
            Message("Running statistics"),
            ("2·", _features(x)),
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


def layer_norm(layer: LayerNorm, place: Place) -> tuple[Formula, ...]:
    """What happens, parameters, receptive field and memory."""
    x = place.x
    values: tuple[Piece, ...] = (num(x.size, "input"),)
    if isinstance(x, Maps):
        values = product(num(x.height, "input"), num(x.width, "input"), num(x.channels, "channels"))
    parameters = nothing_learned()
    if layer.affine:
        parameters = formula(
            Message("Parameters"),
            ("2·", *values),
            count(sum(map(prod, layer.parameters(x).values()))),
            rule=Message("a factor and an offset for each value"),
        )
    return (
        formula(
            _HAPPENS,
            _standardised(layer),
            "",
            rule=Message("mean and variance of all values of one image"),
            note=Message("each image for itself, in training and outside it"),
        ),
        parameters,
        *sight.keeps(place),
        memory(place.y),
    )


def group_norm(layer: GroupNorm, place: Place) -> tuple[Formula, ...]:
    """What happens, the values of a group, parameters, receptive field and memory."""
    x = place.x
    share: tuple[Piece, ...] = ("(", _features(x), " / ", num(layer.groups, "groups"), ")")
    if isinstance(x, Maps):
        share = ("·", *share)
        share = (*product(num(x.height, "input"), num(x.width, "input")), *share)
    return (
        formula(
            _HAPPENS,
            _standardised(layer),
            "",
            rule=Message("mean and variance of its group, each image for itself"),
        ),
        formula(
            Message("Values of a group"),
            share,
            count(x.size // layer.groups),
            rule=Message("height·width·(channels / groups)")
            if isinstance(x, Maps)
            else Message("values / groups"),
        ),
        _per_feature(layer, x),
        *sight.keeps(place),
        memory(place.y),
    )


def local_response_norm(layer: LocalResponseNorm, place: Place) -> tuple[Formula, ...]:
    """What happens, receptive field and memory."""
    return (
        formula(
            _HAPPENS,
            (
                "x / (",
                Term(decimal(layer.k), "k"),
                " + ",
                Term(decimal(layer.alpha), "alpha"),
                " / ",
                num(layer.size, "size"),
                " · Σx²)^",
                Term(decimal(layer.beta), "beta"),
            ),
            "",
            rule=Message("x / (k + alpha / size · Σx²)^beta"),
            note=Message(
                "Σx² runs over the {n:,} maps around its own, at the same place", n=layer.size
            ),
        ),
        nothing_learned(),
        *sight.keeps(place),
        memory(place.y),
    )


def _standardised(layer: BatchNorm | LayerNorm | GroupNorm) -> tuple[Piece, ...]:
    pieces: tuple[Piece, ...] = (
        Message("(x − mean) / √(variance + "),
        Term(decimal(layer.epsilon), "epsilon"),
        ")",
    )
    return (*pieces, Message(" · factor + offset")) if layer.affine else pieces


def _per_feature(layer: BatchNorm | GroupNorm, x: Shape) -> Formula:
    """A factor and an offset for each map, or for each value of a vector."""
    if not layer.affine:
        return nothing_learned()
    return formula(
        Message("Parameters"),
        ("2·", _features(x)),
        count(sum(map(prod, layer.parameters(x).values()))),
        rule=Message("a factor and an offset for each map")
        if isinstance(x, Maps)
        else Message("a factor and an offset for each value"),
    )


def _features(x: Shape) -> Term:
    return num(features(x), "channels" if isinstance(x, Maps) else "input")
