"""From one layer to another, and from one place to another, along chains and across lanes: pure.

A spot is where the keyboard can be: a layer, the input, or an empty branch (as its only place).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from cnnviz.layers import Branches
from cnnviz.network import INPUT_UID, Network, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from cnnviz.layers import Layer


Spot: TypeAlias = str | Place


def after(network: Network, uid: Spot, folded: Collection[str]) -> Spot:
    """What the arrow behind a card leads to: the first layer of a block that stands open, and
    behind the end of a branch the card of its merge."""
    if isinstance(uid, Place):
        return uid.block
    place = Place(-1) if uid == INPUT_UID else network.place(uid)
    chain = network.chain(place.block, place.branch)
    if place.index + 1 < len(chain):
        return _entered(chain[place.index + 1], folded)
    return place.block or uid


def before(network: Network, uid: Spot, folded: Collection[str]) -> Spot:
    """Where the arrow that leads to a card comes from."""
    if uid == INPUT_UID:
        return uid
    block = None if isinstance(uid, Place) else _open(network.layer(uid), folded)
    if block is not None:
        ends = (branch[-1].uid for branch in block.branches if branch)
        return next(ends, Place(0, block.uid))
    uid = uid.block if isinstance(uid, Place) else uid
    while True:
        place = network.place(uid)
        if place.index:
            return network.chain(place.block, place.branch)[place.index - 1].uid
        if not place.block:
            return INPUT_UID
        uid = place.block


def beside(network: Network, uid: Spot, step: int, middle: Callable[[Spot], float]) -> Spot:
    """The nearest card in the next lane, above (step -1) or below (+1), or the lane where it is
    empty, looking further out where there is none; the same spot where there is none at all.

    middle: the x of the middle of a card, or of an empty lane.
    """
    if uid == INPUT_UID:
        return uid
    place = uid if isinstance(uid, Place) else network.place(uid)
    while place.block:
        branches, number = branches_of(network, place.block), place.branch + step
        if 0 <= number < len(branches):
            if not branches[number]:
                return Place(0, place.block, number)
            x = middle(uid)
            return min(branches[number], key=lambda layer: abs(middle(layer.uid) - x)).uid
        place = network.place(place.block)
    return uid


def last(network: Network) -> str:
    """The last card of the network's own chain."""
    return network.layers[-1].uid if network.layers else INPUT_UID


def out(network: Network, uid: Spot) -> str:
    """The block that a layer or a branch is in; itself where it is in none."""
    if isinstance(uid, Place):
        return uid.block
    return uid if uid == INPUT_UID else network.place(uid).block or uid


def block_of(network: Network, uid: str) -> str:
    """The block itself, or the one that a layer is in; "" where there is none."""
    if uid == INPUT_UID:
        return ""
    return uid if isinstance(network.layer(uid), Branches) else network.place(uid).block


def branches_of(network: Network, uid: str) -> tuple[tuple[Layer, ...], ...]:
    """The branches of a block; none for another layer."""
    block = network.layer(uid)
    return block.branches if isinstance(block, Branches) else ()


def spots(network: Network, folded: Collection[str]) -> Iterator[Spot]:
    """The input and all that is not folded away, in the order of the network: a block before what
    is in it."""
    yield INPUT_UID
    yield from _spots_in(network.layers, folded)


def _spots_in(layers: Sequence[Layer], folded: Collection[str]) -> Iterator[Spot]:
    for layer in layers:
        yield layer.uid
        block = _open(layer, folded)
        for number, branch in enumerate(() if block is None else block.branches):
            if branch:
                yield from _spots_in(branch, folded)
            else:
                yield Place(0, layer.uid, number)


def between(network: Network, start: str, end: str) -> list[str]:
    """From one layer to another in the order of the network, as in a list of files: blocks that are
    whole in it as blocks, and of others what is in it.

    Where one is in the other, that block alone; where one is the input, the other end alone.
    """
    if INPUT_UID in {start, end}:
        return [end]
    rows = [(f"{path}/", layer) for path, layer in network.walk()]
    at = {layer.uid: index for index, (_, layer) in enumerate(rows)}
    first, last = sorted((at[start], at[end]))
    if rows[last][0].startswith(rows[first][0]):
        return [rows[first][1].uid]
    last = _end_of(rows, last)
    found, index = list[str](), first
    while index <= last:
        end_of_it = _end_of(rows, index)
        if end_of_it <= last:
            found.append(rows[index][1].uid)
            index = end_of_it
        index += 1
    return found


def _end_of(rows: Sequence[tuple[str, Layer]], index: int) -> int:
    """The last of the rows that are in a layer, or its own."""
    path = rows[index][0]
    while index + 1 < len(rows) and rows[index + 1][0].startswith(path):
        index += 1
    return index


def are_in_one_chain(network: Network, uids: Sequence[str]) -> bool:
    """Whether there are layers, and all stand in one chain."""
    return bool(uids) and _common(network, uids) is not None


# --- where layers can move to -----------------------------------------------------------------


def moved_left(network: Network, uids: Sequence[str]) -> Place | None:
    """A step to the left for layers of one chain; out of the block at the beginning of a branch."""
    place = _common(network, uids)
    if place is None:
        return None
    if place.index:
        return Place(place.index - 1, place.block, place.branch)
    return network.place(place.block) if place.block else None


def moved_right(network: Network, uids: Sequence[str]) -> Place | None:
    """A step to the right for layers of one chain; out of the block at the end of a branch."""
    if _common(network, uids) is None:
        return None
    last = network.place(uids[-1])
    chain = network.chain(last.block, last.branch)
    if last.index + 1 < len(chain):
        return Place(last.index + 2, last.block, last.branch)
    return moved_out(network, uids)


def moved_out(network: Network, uids: Sequence[str]) -> Place | None:
    """Behind the block that the layers are in."""
    place = _common(network, uids)
    if place is None or not place.block:
        return None
    block = network.place(place.block)
    return Place(block.index + 1, block.block, block.branch)


def moved_aside(network: Network, uids: Sequence[str], step: int) -> Place | None:
    """Into the branch above (step -1) or below (+1), as far along as the layers stand now."""
    place = _common(network, uids)
    if place is None or not place.block:
        return None
    branches, number = branches_of(network, place.block), place.branch + step
    if not 0 <= number < len(branches):
        return None
    return Place(min(place.index, len(branches[number])), place.block, number)


def moved_into(network: Network, uids: Sequence[str], step: int) -> Place | None:
    """To the near end of the first branch of the block on the left (step -1) or right (+1)."""
    place = _common(network, uids)
    if place is None:
        return None
    chain = network.chain(place.block, place.branch)
    index = place.index - 1 if step < 0 else network.place(uids[-1]).index + 1
    if not 0 <= index < len(chain):
        return None
    block = chain[index]
    if not isinstance(block, Branches):
        return None
    return Place(len(block.branches[0]) if step < 0 else 0, block.uid, 0)


# --- inside -----------------------------------------------------------------------------------


def _common(network: Network, uids: Sequence[str]) -> Place | None:
    """Where the first of the layers stands, if all are in one chain."""
    place = network.place(uids[0])
    chain = {layer.uid for layer in network.chain(place.block, place.branch)}
    return place if chain.issuperset(uids) else None


def _open(layer: Layer, folded: Collection[str]) -> Branches | None:
    return layer if isinstance(layer, Branches) and layer.uid not in folded else None


def _entered(layer: Layer, folded: Collection[str]) -> Spot:
    """Where one comes to who goes into a layer from the left."""
    block = _open(layer, folded)
    if block is not None:
        first = next((branch[0] for branch in block.branches if branch), None)
        return Place(0, block.uid) if first is None else _entered(first, folded)
    return layer.uid
