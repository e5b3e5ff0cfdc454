"""Transfer learning: a new head for one's own classes on layers that have learned elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from cnnviz.layers import (
    Activation,
    BatchNorm,
    Branches,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    Layer,
    Maps,
    enabled,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnnviz.analysis import Report, TensorKey
    from cnnviz.network import Network

IMAGENET_MEAN, IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of red, green and blue over ImageNet, from 0 to 1: what torchvision's published weights expect to
be subtracted, and divided by (torchvision.transforms._presets.ImageClassification)."""


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
    for layer in reversed(enabled(network.layers)):
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


def thawable(report: Report) -> tuple[str, ...]:
    """The frozen layers, but not the one that only normalises the image and cannot learn."""
    fixed = normaliser(report.network)
    return tuple(row.layer.uid for row in report.rows if row.frozen and row.layer is not fixed)


def normaliser(network: Network) -> BatchNorm | None:
    """The layer that does nothing but normalise the image: a frozen batch norm without weights."""
    first = network.layers[0] if network.layers else None
    if not isinstance(first, BatchNorm) or not first.enabled:
        return None
    return first if first.frozen and not first.affine else None


def without_normaliser(network: Network) -> Network:
    """The layers as their authors counted them."""
    return network.with_layers(network.layers[normaliser(network) is not None :])


def with_normaliser(network: Network) -> tuple[Network, dict[TensorKey, np.ndarray]]:
    """With a frozen batch norm in front that normalises images of three channels as for ImageNet,
    and what it has to have learned for that.

    Published weights were trained on images from which the mean had been taken; ours are from 0 to
    1. In the first convolution the two could not be put right at the border, where zeros mean
    another grey.
    """
    layer = normaliser(network)
    if layer is None:
        uid = "normalise"
        while network.has(uid):
            uid += "'"
        layer = BatchNorm(uid=uid, affine=False, frozen=True, epsilon=1e-8)
        network = network.insert(0, layer)
    mean, deviation = (
        np.array(values, np.float32) for values in (IMAGENET_MEAN, IMAGENET_DEVIATION)
    )
    return network, {
        (layer.uid, "running_mean", mean.shape): mean,
        (layer.uid, "running_var", mean.shape): deviation**2,
    }
