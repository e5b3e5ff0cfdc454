"""The problems that belong to a network as a whole, and the ways out of any problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from cnnviz.layers import Dense, Flatten, GlobalAvgPool, Layer, Maps, Problem, Repair, Shape, Vector
from cnnviz.layers.windows import wants_maps
from cnnviz.message import Message
from cnnviz.network import INPUT_UID, Network, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_PARAMETERS = 2**40


class Fix(Struct, frozen=True):
    """A way out of a problem, ready to be applied: the network as it would be."""

    label: Message
    network: Network


def wrong_output(network: Network, shape: Shape, classes: int) -> Problem | None:
    """The problem of a network that does not end in one number a class."""
    if shape == Vector(classes):
        return None
    last = network.last
    before = (last,) if last is not None else ()
    detail = Message("The data set has {classes:,} classes.", classes=classes)
    if isinstance(shape, Maps):
        return Problem(
            shape,
            Message(
                "The network ends in {shape} feature maps, but one number a class is needed.",
                shape=shape,
            ),
            detail,
            (
                Repair(
                    Message("Add flatten and dense {n:,}", n=classes),
                    (*before, Flatten(), Dense(units=classes)),
                ),
                Repair(
                    Message("Add global avg pool and dense {n:,}", n=classes),
                    (*before, GlobalAvgPool(), Flatten(), Dense(units=classes)),
                ),
            ),
        )
    repairs = [Repair(Message("Add dense {n:,}", n=classes), (*before, Dense(units=classes)))]
    if isinstance(last, Dense):
        changed = msgspec.structs.replace(last, units=classes)
        repairs.insert(0, Repair(Message("Units {n:,}", n=classes), (changed,)))
    return Problem(
        shape,
        Message(
            "The network ends in {n:,} numbers, but the data set has {classes:,} classes.",
            n=shape.length,
            classes=classes,
        ),
        Message("The last layer gives one number, a logit, for each class."),
        tuple(repairs),
    )


def too_many(shape: Shape, count: int) -> Problem:
    return Problem(
        shape,
        Message(
            "The network would have {count:,} parameters; at most {limit:,} are counted.",
            count=count,
            limit=MAX_PARAMETERS,
        ),
        Message("No computer holds that many. Use fewer filters or units."),
        (Repair(Message("Delete this layer"), ()),),
    )


def fixes_of(
    network: Network, uid: str, problem: Problem, count: Callable[[Network], int]
) -> tuple[Fix, ...]:
    """The ways out of a problem, the likeliest first. count: how many problems a network has."""
    fixes = list(_enabled_again(network, uid, count))
    if uid == INPUT_UID:
        fixes += [Fix(r.label, network.insert(0, *r.layers)) for r in problem.repairs]
        return tuple(fixes)
    layer = network.layer(uid)
    if problem == wants_maps(layer, problem.received):
        moved = _before_flatten(network, layer)
        fixes += [] if moved is None else [moved]
    fixes += [Fix(r.label, network.replace(uid, *r.layers)) for r in problem.repairs]
    return tuple(fixes)


_NEAREST = 3
"""So many disabled layers are tried, because each takes as long as all else."""


def _enabled_again(network: Network, uid: str, count: Callable[[Network], int]) -> Iterator[Fix]:
    """Enabling the nearest disabled layer with which there is one problem less, else all."""
    walked = [layer for _, layer in network.walk()]
    disabled = [place for place, layer in enumerate(walked) if not layer.enabled]
    if not disabled:
        return
    here = next((place for place, layer in enumerate(walked) if layer.uid == uid), 0)
    before = count(network)
    for place in sorted(disabled, key=lambda place: abs(place - here))[:_NEAREST]:
        layer = walked[place]
        enabled = network.with_enabled([layer.uid], enabled=True)
        if count(enabled) < before:
            yield Fix(Message("Enable {layer}", layer=layer.name), enabled)
            return
    whole = network.with_enabled([walked[place].uid for place in disabled], enabled=True)
    if len(disabled) > 1 and count(whole) < before:
        yield Fix(Message("Enable all layers"), whole)


def _before_flatten(network: Network, layer: Layer) -> Fix | None:
    """The nearest place that still has maps is before the flatten. Where that stands before the
    block that a layer is in, the block moves as a whole."""
    moving = layer
    while True:
        place = network.place(moving.uid)
        before = network.chain(place.block, place.branch)[: place.index]
        spot = next(
            (i for i, other in enumerate(before) if other.enabled and isinstance(other, Flatten)),
            None,
        )
        if spot is not None:
            flatten = before[spot].name
            label = Message("Move before {layer}", layer=flatten)
            if moving is not layer:
                label = Message("Move {block} before {layer}", block=moving.name, layer=flatten)
            return Fix(label, network.move([moving.uid], Place(spot, place.block, place.branch)))
        if not place.block:
            return None
        moving = network.layer(place.block)
