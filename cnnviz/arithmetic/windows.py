"""Sums of products: convolution in all its forms, and the dense layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnviz.arithmetic.values import Account, Reads, Step, Weighted
from cnnviz.layers.windows import ends
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.arithmetic.values import Floats, Reading
    from cnnviz.layers import Conv2d, Dense, LocallyConnected2d, TransposedConv2d


def conv2d(layer: Conv2d, reading: Reading) -> Account:
    """The patch under the window, times the kernels that the filter has for it."""
    x, _ = reading.maps
    filter_, row, column = reading.place
    above, left = ends(layer.padding, x, layer.reach, layer.stride)
    rows = slid(row, layer.stride.height, above[0], layer.kernel.height, layer.dilation.height)
    columns = slid(column, layer.stride.width, left[0], layer.kernel.width, layer.dilation.width)
    channels, first = seen_by_filter(layer, x.channels, filter_)
    if layer.connections:
        start = first - reading.start("weight")
        kernels = reading.tensors["weight"][start : start + len(channels)]
    else:
        kernels = reading.part("weight", filter_)
    bias = reading.number("bias", filter_) if layer.bias else None
    return weighted(reading.x, Reads(channels, rows, columns), kernels, bias)


def seen_by_filter(layer: Conv2d, channels: int, filter_: int) -> tuple[tuple[int, ...], int]:
    """The input maps that a filter sees, and where its kernels begin in a table of connections."""
    if layer.connections:
        before = sum(len(row) for row in layer.connections[:filter_])
        return layer.connections[filter_], before
    share = channels // layer.groups
    group = filter_ // (layer.filters // layer.groups)
    return tuple(range(group * share, (group + 1) * share)), 0


def locally_connected2d(layer: LocallyConnected2d, reading: Reading) -> Account:
    """As a convolution, with the filter of this position."""
    x, y = reading.maps
    filter_, row, column = reading.place
    above, left = ends(layer.padding, x, layer.kernel.pair, layer.stride)
    rows = slid(row, layer.stride.height, above[0], layer.kernel.height)
    columns = slid(column, layer.stride.width, left[0], layer.kernel.width)
    position = row * y.width + column
    kernels = reading.tensors["weight"][position, filter_]
    bias = reading.number("bias", position, filter_) if layer.bias else None
    reads = Reads(tuple(range(x.channels)), rows, columns)
    return weighted(reading.x, reads, kernels.reshape(x.channels, *layer.kernel.pair), bias)


def transposed_conv2d(layer: TransposedConv2d, reading: Reading) -> Account:
    """The input values whose stamps lie over this place, times what the stamps have there."""
    x, _ = reading.maps
    filter_, row, column = reading.place
    share, made = x.channels // layer.groups, layer.filters // layer.groups
    group, own = divmod(filter_, made)
    channels = tuple(range(group * share, (group + 1) * share))
    places = []
    for axis, at, size in ((0, row, x.height), (1, column, x.width)):
        place = at + layer.cuts[axis][0]
        kernel, stride = layer.kernel.pair[axis], layer.stride.pair[axis]
        starts = [(place - layer.dilation.pair[axis] * i, i) for i in reversed(range(kernel))]
        places.append(
            [(n // stride, i) for n, i in starts if 0 <= n < size * stride and n % stride == 0]
        )
    rows, columns = ([n for n, _ in axis] for axis in places)
    parts = [[i for _, i in axis] for axis in places]
    kernels = reading.tensors["weight"][
        np.ix_(*(np.array(axis, int) for axis in (channels, (own,), *parts)))
    ][:, 0]
    bias = reading.number("bias", filter_) if layer.bias else None
    return weighted(reading.x, Reads(channels, tuple(rows), tuple(columns)), kernels, bias)


def dense(layer: Dense, reading: Reading) -> Account:
    """All values of the input, each with its own weight; the largest sums or products first."""
    unit = reading.place[0]
    weight, x = reading.part("weight", unit), reading.x
    bias = reading.number("bias", unit) if layer.bias else None
    maps = reading.behind
    if maps is None or maps.size != len(x):
        order = np.argsort(-np.abs(x.astype(np.float64) * weight), kind="stable")
        reads = Reads(columns=tuple(order.tolist()))
        return weighted(x[None, None], reads, weight[order][None, None], bias, mapped=False)
    shape = (maps.channels, maps.height, maps.width)
    x, weight = x.reshape(shape), weight.reshape(shape)
    sums = (x.astype(np.float64) * weight).sum(axis=(1, 2))
    order = np.argsort(-np.abs(sums), kind="stable")
    reads = Reads(tuple(order.tolist()), tuple(range(maps.height)), tuple(range(maps.width)))
    return weighted(x, reads, weight[order], bias)


def slid(place: int, stride: int, before: int, kernel: int, dilation: int = 1) -> tuple[int, ...]:
    """The rows or columns under a window, outside the maps where they are padding."""
    start = place * stride - before
    return tuple(range(start, start + kernel * dilation, dilation))


def patch_of(x: Floats, reads: Reads) -> tuple[Floats, Floats]:
    """The values that are read, float64 (channels, height, width), and which of them are there."""
    _, height, width = x.shape
    rows, columns = np.array(reads.rows, int), np.array(reads.columns, int)
    inside = ((rows >= 0) & (rows < height))[:, None] & ((columns >= 0) & (columns < width))
    places = np.ix_(
        np.array(reads.channels, int), rows.clip(0, height - 1), columns.clip(0, width - 1)
    )
    return np.where(inside, x[places], 0).astype(np.float64), inside


def weighted(
    x: Floats, reads: Reads, weights: Floats, bias: float | None, *, mapped: bool = True
) -> Account:
    """The sum of what is read, (channels, height, width), times the weights, and the bias."""
    patch, inside = patch_of(x, reads)
    weights = weights.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        products = patch * weights
        sums = products.sum(axis=(1, 2))
        picture = Weighted(patch, inside, weights, products, sums, bias, mapped)
        total, absolute = picture.total, float(np.abs(products).sum()) + abs(bias or 0.0)
    step = Step(Message("Sum of the products"), summed(sums, bias), total)
    return Account(reads, picture, (step,), total, absolute)


MOST_SUMMANDS = 12
"""So many partial sums a line names; of more it only has what they add up to."""


def summed(sums: Floats, bias: float | None) -> tuple[str | float, ...]:
    """The pieces of a line that adds up partial sums, and the bias where there is one."""
    shown: Sequence[float] = sums.tolist()
    if len(shown) > MOST_SUMMANDS or not len(shown):
        shown = [float(sums.sum())]
    pieces: list[str | float] = []
    for value in (*shown, *([] if bias is None else [bias])):
        pieces += [value] if not pieces else [" + ", value]
    return tuple(pieces)
