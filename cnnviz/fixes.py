"""The problems that belong to a network as a whole, and the ways out of any problem."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from msgspec import Struct

from cnnviz.layers import (
    Dense,
    Flatten,
    GlobalAvgPool,
    Layer,
    Maps,
    Problem,
    Repair,
    Shape,
    Vector,
    enabled,
)
from cnnviz.layers.windows import wants_maps
from cnnviz.message import Message
from cnnviz.network import INPUT_UID, Network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_PARAMETERS = 2**40

Problems: TypeAlias = dict[str, Problem]
"""By the uid of what has each."""


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
                "The network ends in {shape} feature maps, but one number for each class "
                "is needed.",
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
    network: Network, uid: str, problem: Problem, problems: Callable[[Network], Problems]
) -> tuple[Fix, ...]:
    """The ways out of a problem, the likeliest first. problems: those of any network."""
    fixes = list(_enabled_again(network, uid, problems))
    if uid == INPUT_UID:
        fixes += [Fix(r.label, network.insert(0, *r.layers)) for r in problem.repairs]
        return tuple(fixes)
    layer = network.layer(uid)
    if problem == wants_maps(layer, problem.received):
        moved = _before_flatten(network, layer, problems)
        fixes += [] if moved is None else [moved]
    fixes += [Fix(r.label, network.replace(uid, *r.layers)) for r in problem.repairs]
    return tuple(fixes)


def possible(layer: Layer, problem: Problem) -> dict[str, Any]:
    """The settings of a layer each of which alone can end its problem, and the nearest values that
    do; numbers before rules, because it is a number that is too large."""
    found: dict[str, Any] = {}
    for repair in problem.repairs:
        if len(repair.layers) != 1 or type(repair.layers[0]) is not type(layer):
            continue
        before, after = (msgspec.structs.asdict(one) for one in (layer, repair.layers[0]))
        differing = [name for name in before if before[name] != after[name]]
        if len(differing) == 1:
            found.setdefault(differing[0], after[differing[0]])
    return dict(sorted(found.items(), key=lambda setting: isinstance(setting[1], str)))


_NEAREST = 3
"""So many disabled layers are tried, because each takes as long as all else."""


def _enabled_again(
    network: Network, uid: str, problems: Callable[[Network], Problems]
) -> Iterator[Fix]:
    """Enabling the nearest disabled layer with which there is one problem less, else all."""
    walked = [layer for _, layer in network.walk()]
    disabled = [place for place, layer in enumerate(walked) if not layer.enabled]
    if not disabled:
        return
    here = next((place for place, layer in enumerate(walked) if layer.uid == uid), 0)
    before = len(problems(network))
    for place in sorted(disabled, key=lambda place: abs(place - here))[:_NEAREST]:
        layer = walked[place]
        again = network.with_enabled([layer.uid], enabled=True)
        if len(problems(again)) < before:
            yield Fix(Message("Enable {layer}", layer=layer.name), again)
            return
    whole = network.with_enabled([walked[place].uid for place in disabled], enabled=True)
    if len(disabled) > 1 and len(problems(whole)) < before:
        yield Fix(Message("Enable all layers"), whole)


def _before_flatten(
    network: Network, layer: Layer, problems: Callable[[Network], Problems]
) -> Fix | None:
    """The nearest place that still has maps is before the flatten. Where that stands before the
    block that a layer is in, the block moves as a whole."""
    moving = layer
    while True:
        place = network.place(moving.uid)
        before = enabled(network.chain(place.block, place.branch)[: place.index])
        flatten = next((other for other in before if isinstance(other, Flatten)), None)
        if flatten is not None:
            spot = network.place(flatten.uid)
            moved = network.move([moving.uid], spot)
            # There may be another flatten in the block that moves, or before the block around it.
            left = problems(moved).get(layer.uid)
            if left is None or left != wants_maps(layer, left.received):
                label = Message("Move before {layer}", layer=flatten.name)
                if moving is not layer:
                    label = Message(
                        "Move {block} before {layer}", block=moving.name, layer=flatten.name
                    )
                return Fix(label, moved)
        if not place.block:
            return None
        moving = network.layer(place.block)
