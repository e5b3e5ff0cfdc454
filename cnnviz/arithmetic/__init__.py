"""How every single value of a network came about: the arithmetic with its real numbers.

Worked out in float64 from the float32 values that PyTorch computed with, by rules of its own, so
that the two can be held against each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnnviz.arithmetic import merges, norms, others, pools, windows
from cnnviz.arithmetic.values import (
    Absent,
    Account,
    Bent,
    Listed,
    Merged,
    Moved,
    Place,
    Reading,
    Reads,
    Step,
    Straight,
    Weighted,
    Window,
)
from cnnviz.layers import (
    Activation,
    AdaptiveAvgPool,
    AvgPool,
    BatchNorm,
    Branches,
    ChannelDropout,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    GroupNorm,
    Layer,
    LayerNorm,
    LocallyConnected2d,
    LocalResponseNorm,
    Maps,
    MaxPool,
    Shape,
    Subsampling,
    TransposedConv2d,
    ZeroPadding,
)
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "WORKED",
    "Absent",
    "Account",
    "Bent",
    "Listed",
    "Merged",
    "Moved",
    "Place",
    "Reading",
    "Reads",
    "Step",
    "Straight",
    "Weighted",
    "Window",
    "dims",
    "work_out",
]

WORKED: dict[type[Layer], Callable[[Any, Reading], Account]] = {
    Conv2d: windows.conv2d,
    TransposedConv2d: windows.transposed_conv2d,
    LocallyConnected2d: windows.locally_connected2d,
    Dense: windows.dense,
    MaxPool: pools.max_pool,
    AvgPool: pools.avg_pool,
    AdaptiveAvgPool: pools.adaptive_avg_pool,
    GlobalAvgPool: pools.global_avg_pool,
    GlobalMaxPool: pools.global_max_pool,
    Subsampling: pools.subsampling,
    BatchNorm: norms.batch_norm,
    LayerNorm: norms.layer_norm,
    GroupNorm: norms.group_norm,
    LocalResponseNorm: norms.local_response_norm,
    Activation: others.activation,
    Dropout: others.dropout,
    ChannelDropout: others.dropout,
    Flatten: others.flatten,
    ZeroPadding: others.zero_padding,
    Branches: merges.branches,
}
"""The arithmetic of each kind of layer."""


DISABLED = Message("The layer is disabled: its input passes through unchanged.")


def work_out(reading: Reading) -> Account | Absent:
    """How the value at a place of a layer's output came about, or why that cannot be told.

    Raises:
        IndexError: the layer has no such place.
    """
    row = reading.row
    if row.input is None or row.output is None:
        return Absent(Message("The layer does not work yet."))
    if row.off:
        return Absent(DISABLED)
    size = dims(row.output)
    if len(size) != len(reading.place) or any(
        not 0 <= at < most for at, most in zip(reading.place, size, strict=True)
    ):
        raise IndexError(f"there is no value {reading.place} in {row.output}")
    missing = _missing(reading)
    if missing is not None:
        return Absent(missing)
    with np.errstate(all="ignore"):  # weights that have diverged are worked out like any others
        return WORKED[type(row.layer)](row.layer, reading)


def dims(shape: Shape) -> tuple[int, ...]:
    """A shape as an array has it: (channels, height, width) or (length,)."""
    if isinstance(shape, Maps):
        return shape.channels, shape.height, shape.width
    return (shape.length,)


def _missing(reading: Reading) -> Message | None:
    """What of the input or of the tensors is not there: it belongs to a network before the last
    edit, or is so large that only its first part is looked at."""
    row, layer = reading.row, reading.row.layer
    on_the_way = Message("The values are on their way.")
    if len(reading.sources) != len(reading.shapes):
        return on_the_way
    for values, shape in zip(reading.sources, reading.shapes, strict=True):
        wanted = dims(shape)
        if values.shape[1:] != wanted[1:] or len(values) > wanted[0]:
            return on_the_way
        if len(values) < wanted[0]:
            return Message("The input of this layer is too large to be looked at as a whole.")
    for name, size in row.tensors.items():
        tensor = reading.tensors.get(name)
        if tensor is None or tensor.shape[1:] != size[1:] or len(tensor) > size[0]:
            return on_the_way
        if len(tensor) < size[0] and not _enough(layer, reading, name):
            return Message("This layer has too many weights to be looked at as a whole.")
    return None


def _enough(layer: Layer, reading: Reading, name: str) -> bool:
    """Whether what is there of a tensor is enough for the value of a filter or unit."""
    first, count = reading.place[0], 1
    if isinstance(layer, Conv2d) and layer.connections and name == "weight":
        channels, first = windows.seen_by_filter(layer, 0, first)
        count = len(channels)
    start = reading.start(name)
    inside = start <= first and first + count <= start + len(reading.tensors[name])
    return isinstance(layer, Conv2d | Dense) and inside
