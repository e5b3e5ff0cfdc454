"""The way back: how every δ and every gradient of a network came about, with its real numbers.

As on the way there: worked out in float64 from what PyTorch computed with, by rules of its own, so
that the two can be held against each other. δ of the layer's output is taken as PyTorch has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnnviz.arithmetic import DISABLED, dims
from cnnviz.arithmetic.backward import merges, norms, others, pools, windows
from cnnviz.arithmetic.backward.merges import fork
from cnnviz.arithmetic.backward.values import Flow, Return
from cnnviz.arithmetic.values import Absent
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
    MaxPool,
    Subsampling,
    TransposedConv2d,
    ZeroPadding,
)
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HANDED_BACK", "LEARNED", "Flow", "Return", "fork", "hand_back", "learn"]

HANDED_BACK: dict[type[Layer], Callable[[Any, Return], Flow]] = {
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
"""How each kind of layer hands δ back to its input."""

LEARNED: dict[type[Layer], Callable[[Any, Return], Flow]] = {
    Conv2d: windows.conv2d_gradient,
    TransposedConv2d: windows.transposed_gradient,
    LocallyConnected2d: windows.locally_connected_gradient,
    Dense: windows.dense_gradient,
    Subsampling: pools.subsampling_gradient,
    BatchNorm: norms.batch_norm_gradient,
    LayerNorm: norms.layer_norm_gradient,
    GroupNorm: norms.group_norm_gradient,
    Activation: others.prelu_gradient,
}
"""How the gradient of a parameter comes about, of each kind that has some."""


def hand_back(back: Return) -> Flow | Absent:
    """How δ of a value of a layer's input came about, as far as this layer hands it back; or why
    that cannot be told.

    Raises:
        IndexError: the input has no such place.
    """
    reading = back.reading
    if back.which < len(reading.shapes):
        _check(reading.place, dims(reading.shapes[back.which]))
    return _worked(HANDED_BACK, back)


def learn(back: Return) -> Flow | Absent:
    """How the gradient of a value of a parameter came about, or why that cannot be told.

    Raises:
        IndexError: the tensor has no such value.
        KeyError: the layer has no such parameter.
    """
    _check(back.reading.place, back.reading.row.parameters[back.name])
    return _worked(LEARNED, back)


def _worked(rules: dict[type[Layer], Callable[[Any, Return], Flow]], back: Return) -> Flow | Absent:
    missing = _missing(back)
    if missing is not None:
        return Absent(missing)
    with np.errstate(all="ignore"):  # weights that have diverged are worked out like any others
        return rules[type(back.reading.row.layer)](back.reading.row.layer, back)


def _check(place: tuple[int, ...], size: tuple[int, ...]) -> None:
    if len(size) != len(place) or any(
        not 0 <= at < most for at, most in zip(place, size, strict=True)
    ):
        raise IndexError(f"there is no value {place} in {size}")


def _missing(back: Return) -> Message | None:
    """What is not there: it belongs to a network before the last edit, or is so large that only a
    part of it is looked at."""
    reading, row = back.reading, back.reading.row
    on_the_way = Message("The values are on their way.")
    if row.input is None or row.output is None:
        return Message("The layer does not work yet.")
    if row.off:
        return DISABLED
    if len(reading.sources) != len(reading.shapes):
        return on_the_way
    wanted = [(dims(shape), values) for shape, values in zip(
        (*reading.shapes, row.output), (*reading.sources, back.delta), strict=True)]  # fmt: skip
    for size, values in wanted:
        if values.shape[1:] != size[1:] or len(values) > size[0]:
            return on_the_way
        if len(values) < size[0]:
            return Message("This layer is too large to be looked at as a whole.")
    for name, size in row.tensors.items():
        tensor = reading.tensors.get(name)
        if tensor is None or tensor.ndim != len(size):
            return on_the_way
        if tensor.shape == size:
            continue
        if isinstance(row.layer, Dense) and len(tensor) == size[0]:  # only some of its columns
            column = reading.place[1 if back.name == "weight" else 0] if back.name != "bias" else 0
            if back.name == "bias" or 0 <= column - back.column < tensor.shape[1]:
                continue
            return on_the_way
        if tensor.shape[1:] == size[1:] and len(tensor) < size[0]:
            return Message("This layer has too many weights to be looked at as a whole.")
        return on_the_way
    return None
