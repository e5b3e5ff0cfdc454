"""Edits that make blocks, take them apart and change their branches. Each returns a new network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from cnnviz.layers import Branches

if TYPE_CHECKING:
    from collections.abc import Collection

    from cnnviz.layers import Layer
    from cnnviz.network import Network


def outermost(network: Network, uids: Collection[str]) -> tuple[str, ...]:
    """Those of the layers that are not within another of them, in the order of the network."""
    wanted, found, within = set(uids), [], ""
    for path, layer in network.walk():
        if layer.uid in wanted and not (within and path.startswith(within)):
            found.append(layer.uid)
            within = f"{path}/"
    return tuple(found)


def layers_of(network: Network, uids: Collection[str]) -> tuple[Layer, ...]:
    """The outermost of these layers, with all that is in them."""
    wanted = set(outermost(network, uids))
    return tuple(layer for _, layer in network.walk() if layer.uid in wanted)


def wrapped(network: Network, uids: Collection[str], block: Branches) -> Network:
    """With the layers gathered in the first branch of a new block, which stands where the first of
    them stood. Raises IndexError where there are no layers."""
    layers = layers_of(network, uids)
    first = layers[0]
    filled = msgspec.structs.replace(block, branches=(layers, *block.branches[1:]))
    others = [layer.uid for layer in layers[1:]]
    return network.remove(others).replace(first.uid, filled)


def unwrapped(network: Network, uid: str) -> Network:
    """With the layers of a block in its place, those of its branches one after the other.

    Raises KeyError where there is no such block.
    """
    return network.replace(
        uid, *(layer for branch in _block(network, uid).branches for layer in branch)
    )


def with_branch(network: Network, uid: str) -> Network:
    """With one more branch, an empty one, at the end of a block. Raises KeyError."""
    block = _block(network, uid)
    return _with_branches(network, block, (*block.branches, ()))


def without_branch(network: Network, uid: str, number: int) -> Network:
    """Without a branch of a block, and what is in it; the last one stays. Raises KeyError."""
    block = _block(network, uid)
    rest = (*block.branches[:number], *block.branches[number + 1 :])
    return _with_branches(network, block, rest) if rest else network


def _block(network: Network, uid: str) -> Branches:
    block = network.layer(uid)
    if not isinstance(block, Branches):
        raise KeyError(uid)
    return block


def _with_branches(
    network: Network, block: Branches, branches: tuple[tuple[Layer, ...], ...]
) -> Network:
    return network.replace(block.uid, msgspec.structs.replace(block, branches=branches))
