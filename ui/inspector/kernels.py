"""The weights of a layer as kernels, one beside the other, whatever form they are learned in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cnnviz.layers import Conv2d, LocallyConnected2d, Maps, TransposedConv2d

if TYPE_CHECKING:
    from cnnviz.analysis import Row


class Kernels(NamedTuple):
    """Kernels (filters, channels, height, width); `filters` there are in all, perhaps more than
    these."""

    values: np.ndarray
    filters: int


def kernels_of(row: Row, weight: np.ndarray | None) -> Kernels | None:
    """The kernels of a layer, or None where it has none.

    Where a table of connections leaves some out, they are 0; without shared weights there is a row
    a position, with all channels of its filters behind each other. weight: of a very large tensor
    only the first part.
    """
    layer, x = row.layer, row.input
    if weight is None or not isinstance(x, Maps):
        return None
    # An older picture may hold what the layer was before the last edit.
    if row.tensors.get("weight", ())[1:] != weight.shape[1:]:
        return Kernels(weight, len(weight)) if weight.ndim == 4 else None
    if isinstance(layer, Conv2d) and layer.connections:
        kernels = np.zeros((layer.filters, x.channels, *layer.kernel.pair), weight.dtype)
        places = [(f, c) for f, channels in enumerate(layer.connections) for c in channels]
        for (filter_, channel), values in zip(places, weight, strict=False):
            kernels[filter_, channel] = values
        return Kernels(kernels, layer.filters)
    if isinstance(layer, Conv2d):
        return Kernels(weight, max(layer.filters, len(weight)))
    if isinstance(layer, TransposedConv2d):
        share = x.channels // layer.groups
        whole = max(1, len(weight) // share)  # groups that are there as a whole
        groups = weight[: whole * share].reshape(whole, -1, *weight.shape[1:])
        kernels = groups.swapaxes(1, 2).reshape(-1, groups.shape[1], *layer.kernel.pair)
        return Kernels(kernels, layer.filters)
    if isinstance(layer, LocallyConnected2d):
        kernels = weight.reshape(len(weight), -1, *layer.kernel.pair)
        return Kernels(kernels, row.tensors["weight"][0])
    return None


def place_of(row: Row, number: int, channel: int) -> tuple[int, ...] | None:
    """Where the kernel of a filter for one of its channels, both counted as in `kernels_of`, stands
    in the layer's weights; None where it is no kernel that stands there on its own."""
    layer, x = row.layer, row.input
    if not isinstance(x, Maps):
        return None
    if isinstance(layer, Conv2d) and layer.connections:
        places = [(f, c) for f, channels in enumerate(layer.connections) for c in channels]
        return (places.index((number, channel)),) if (number, channel) in places else None
    if isinstance(layer, Conv2d):
        return number, channel
    if isinstance(layer, TransposedConv2d):
        share, outputs = x.channels // layer.groups, layer.filters // layer.groups
        group, output = divmod(number, outputs)
        return group * share + channel, output
    return None
