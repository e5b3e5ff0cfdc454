"""Edits of a person who rearranges layers: the network that comes of it, what the step is called
that can be undone, and what is selected then. Everything at any depth; nothing is changed in place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnnviz.layers import Branches
from cnnviz.message import Message
from cnnviz.network import INPUT_UID, Place, renamed
from cnnviz.rearrange import (
    layers_of,
    outermost,
    unwrapped,
    with_branch,
    without_branch,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from cnnviz.analysis import Report
    from cnnviz.layers import Layer
    from cnnviz.network import Network

    NewUid = Callable[[], str]


class Step(NamedTuple):
    """selection: the uids to select, the last of which is shown; empty to leave it as it is."""

    network: Network
    label: Message
    selection: tuple[str, ...] = ()


def place_after(network: Network, uid: str) -> Place:
    """The place behind a layer, in its chain; behind the input it is the first of all."""
    if uid == INPUT_UID:
        return Place(0)
    place = network.place(uid)
    return Place(place.index + 1, place.block, place.branch)


def insert(
    network: Network,
    layers: Sequence[Layer],
    place: Place | int,
    name: Message | None,
    new_uid: NewUid,
) -> Step:
    """Put new layers in at a place and select the last. name: what they are called together (None:
    as the first of them)."""
    new = renamed(layers, new_uid)
    label = Message("Add {layer}", layer=name or new[0].name)
    if len(new) > 1 and name is None:
        label = Message("Add {n:,} layers", n=len(new))
    return Step(network.insert(place, *new), label, (new[-1].uid,))


def paste(network: Network, pasted: Network, place: Place | int, new_uid: NewUid) -> Step:
    """Put the layers of another network in at a place; where there are none yet, take over its
    input and name, too."""
    new = renamed(pasted.layers, new_uid)
    label = Message("Paste {layer}", layer=new[0].name)
    if len(new) > 1:
        label = Message("Paste {n:,} layers", n=len(new))
    if network.layers:
        result = network.insert(place, *new)
    else:
        result = pasted.with_layers(new)
    return Step(result, label, tuple(layer.uid for layer in new))


def delete(network: Network, uids: Collection[str]) -> Step:
    """Remove layers; the one that moves into the place of the last is selected."""
    uids = outermost(network, uids)
    place = network.place(uids[-1])
    chain = network.chain(place.block, place.branch)
    behind = [layer.uid for layer in chain[place.index :] if layer.uid not in uids]
    before = [layer.uid for layer in chain[: place.index] if layer.uid not in uids]
    near = (*behind[:1], *before[-1:], place.block or INPUT_UID)
    label = Message("Delete {layer}", layer=_name(network, uids))
    if len(uids) > 1:
        label = Message("Delete {n:,} layers", n=len(uids))
    return Step(network.remove(uids), label, near[:1])


def duplicate(network: Network, uids: Collection[str], new_uid: NewUid) -> Step:
    """Put copies of layers after the last of them and select the copies."""
    uids = outermost(network, uids)
    copies = renamed(layers_of(network, uids), new_uid)
    label = Message("Duplicate {layer}", layer=_name(network, uids))
    if len(uids) > 1:
        label = Message("Duplicate {n:,} layers", n=len(uids))
    result = network.insert(place_after(network, uids[-1]), *copies)
    return Step(result, label, tuple(copy.uid for copy in copies))


def move(network: Network, uids: Collection[str], place: Place | int) -> Step:
    """Put layers before what stands at a place now."""
    uids = outermost(network, uids)
    label = Message("Move {layer}", layer=_name(network, uids))
    if len(uids) > 1:
        label = Message("Move {n:,} layers", n=len(uids))
    return Step(network.move(uids, place), label)


def wrap(report: Report, uids: Collection[str], new_uid: NewUid) -> Step:
    """Gather layers in a new block; where they keep the shape, with a shortcut around them."""
    network, uids = report.network, outermost(report.network, uids)
    first, last = report.row(uids[0]), report.row(uids[-1])
    keep = first.input is not None and first.input == last.output
    block = Branches(uid=new_uid(), branches=((), ()) if keep else ((),))
    return Step(wrapped(network, uids, block), Message("Wrap in a block"), (block.uid,))


def unwrap(network: Network, uid: str) -> Step:
    """Put the layers of a block in its place, and select them."""
    label = Message("Unwrap {layer}", layer=_name(network, (uid,)))
    inside = layers_of(network, network.inside(uid))
    return Step(unwrapped(network, uid), label, tuple(layer.uid for layer in inside))


def set_enabled(network: Network, uids: Collection[str], *, enabled: bool) -> Step:
    """Disable layers, or enable them again; what is in a block goes with it."""
    uids = outermost(network, uids)
    n, name = len(uids), _name(network, uids)
    if n > 1:
        label = (
            Message("Enable {n:,} layers", n=n) if enabled else Message("Disable {n:,} layers", n=n)
        )
    else:
        label = (
            Message("Enable {layer}", layer=name)
            if enabled
            else Message("Disable {layer}", layer=name)
        )
    return Step(network.with_enabled(uids, enabled=enabled), label)


def add_branch(network: Network, uid: str) -> Step:
    """Give a block one more branch, an empty one."""
    label = Message("Add a branch to {layer}", layer=_name(network, (uid,)))
    return Step(with_branch(network, uid), label)


def remove_branch(network: Network, uid: str, number: int) -> Step:
    """Remove a branch of a block, and what is in it; the block is selected."""
    label = Message("Remove a branch of {layer}", layer=_name(network, (uid,)))
    return Step(without_branch(network, uid, number), label, (uid,))


def _name(network: Network, uids: Sequence[str]) -> Message:
    return network.layer(uids[0]).name
