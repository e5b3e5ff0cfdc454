"""The weights of a layer as kernels, one beside the other, whatever form they are learned in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnviz.layers import Conv2d, LocallyConnected2d, Maps, TransposedConv2d

if TYPE_CHECKING:
    from cnnviz.analysis import Row


def kernels_of(row: Row, weight: np.ndarray | None) -> np.ndarray | None:
    """Kernels (filters, channels, height, width), or None for a layer that has none.

    Where a table of connections leaves some out, they are 0; without shared weights there is a row
    a position, with all channels of its filters behind each other.
    """
    layer, x = row.layer, row.input
    if weight is None or not isinstance(x, Maps):
        return None
    # An older picture may hold what the layer was before the last edit.
    if row.tensors.get("weight") != weight.shape:
        return weight if weight.ndim == 4 else None
    if isinstance(layer, Conv2d):
        if not layer.connections:
            return weight
        kernels = np.zeros((layer.filters, x.channels, *layer.kernel.pair), weight.dtype)
        filters = np.repeat(np.arange(layer.filters), [len(c) for c in layer.connections])
        kernels[filters, np.concatenate([np.asarray(c) for c in layer.connections])] = weight
        return kernels
    if isinstance(layer, TransposedConv2d):
        groups = weight.reshape(layer.groups, -1, *weight.shape[1:])
        return groups.swapaxes(1, 2).reshape(layer.filters, -1, *layer.kernel.pair)
    if isinstance(layer, LocallyConnected2d):
        return weight.reshape(len(weight), -1, *layer.kernel.pair)
    return None
