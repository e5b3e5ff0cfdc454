"""Transfer learning: a new head for one's own classes on layers that have learned elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from cnnviz.layers import Activation, Branches, Dense, Dropout, Flatten, GlobalAvgPool, Layer, Maps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnnviz.analysis import Report
    from cnnviz.network import Network


def with_frozen(network: Network, uids: Iterable[str], *, frozen: bool) -> Network:
    """With these layers, and all that is in those of them that are blocks, frozen or not."""
    chosen = frozenset(uids)

    def layer_of(layer: Layer, within: bool) -> Layer:
        within = within or layer.uid in chosen
        if isinstance(layer, Branches):
            branches = tuple(chain_of(branch, within) for branch in layer.branches)
            return msgspec.structs.replace(layer, branches=branches)
        if not within or layer.frozen == frozen or "frozen" not in layer.__struct_fields__:
            return layer
        return msgspec.structs.replace(layer, frozen=frozen)

    def chain_of(layers: Iterable[Layer], within: bool) -> tuple[Layer, ...]:
        return tuple(layer_of(layer, within) for layer in layers)

    return network.with_layers(chain_of(network.layers, within=False))


def freezable(report: Report, uids: Iterable[str]) -> tuple[str, ...]:
    """Of these layers, and of what is in the blocks among them, those that have tensors."""
    chosen = frozenset(uids)
    found = []
    block = None
    for row in report.rows:
        # What is in a block comes right behind it, with its path before its own.
        if block is None or not row.path.startswith(block):
            block = f"{row.path}/" if row.layer.uid in chosen else None
        if row.tensors and (block is not None or row.layer.uid in chosen):
            found.append(row.layer.uid)
    return tuple(found)


def head(network: Network) -> Dense | None:
    """The dense layer that gives a number for each class: the last, if only activations and
    dropouts follow it; None where the network ends otherwise."""
    for layer in reversed(network.layers):
        if isinstance(layer, Dense):
            return layer
        if not isinstance(layer, Activation | Dropout):
            return None
    return None


def body(report: Report) -> tuple[str, ...]:
    """All layers with tensors but the head."""
    last = head(report.network)
    return tuple(
        row.layer.uid
        for row in report.rows
        if row.tensors and (last is None or row.layer.uid != last.uid)
    )


def with_new_head(report: Report, classes: int) -> Network:
    """With a dense layer of its own for the classes in the place of the last one.

    The new layer has no uid yet, so that it will start from the seed and not from what the old one
    has learned. A softmax behind it goes, as training wants logits. A network that ends in no
    dense layer gets one behind its end.
    """
    network = report.network
    last = head(network)
    if last is not None:
        place = network.place(last.uid).index
        return network.with_layers((*network.layers[:place], Dense(units=classes)))
    end = report.row(network.layers[-1].uid).output if network.layers else network.input.shape
    before = (GlobalAvgPool(), Flatten()) if isinstance(end, Maps) else ()
    return network.with_layers((*network.layers, *before, Dense(units=classes)))
