"""Convolution in all its forms on the way back, and the dense layer.

What a convolution hands back is the full convolution of δ with its kernels turned by 180°, zeros
between the values of δ for a stride and around them for the border; the gradient of its kernels is
the correlation of the input with δ (Dumoulin and Visin, "A guide to convolution arithmetic for deep
learning", 2016; Bouvrie, "Notes on Convolutional Neural Networks", 2006).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnviz.arithmetic.backward.values import DELTA, INPUT, WEIGHT, Flow, flow, product
from cnnviz.arithmetic.norms import own
from cnnviz.arithmetic.pools import added
from cnnviz.arithmetic.values import Account, Outer, Reads, Step, Weighted, Window
from cnnviz.arithmetic.windows import seen_by_filter, summed
from cnnviz.layers.windows import ends
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.arithmetic.backward.values import Return
    from cnnviz.arithmetic.values import Floats, Taps
    from cnnviz.layers import Conv2d, Dense, LocallyConnected2d, TransposedConv2d

MOST_OUTER = 24
"""Units and inputs of a dense layer around a weight that its picture shows."""


def taps(place: int, kernel: int, stride: int, before: int, dilation: int = 1) -> Taps:
    """The positions of a window that have read a place, in the order of the turned kernel."""
    found = []
    for i in reversed(range(kernel)):
        position, rest = divmod(place + before - dilation * i, stride)
        found.append(None if rest else position)
    return tuple(found)


# --- δ ---------------------------------------------------------------------------------------


def conv2d(layer: Conv2d, back: Return) -> Flow:
    """The patch of δ around the place, times the kernels turned by 180°, filter by filter."""
    x, _ = back.maps
    channel, row, column = back.place
    above, left = ends(layer.padding, x, layer.reach, layer.stride)
    rows = taps(row, layer.kernel.height, layer.stride.height, above[0], layer.dilation.height)
    columns = taps(column, layer.kernel.width, layer.stride.width, left[0], layer.dilation.width)
    filters, kernels = _kernels_of(layer, back, x.channels, channel)
    return _tapped(back, filters, rows, columns, kernels[:, ::-1, ::-1])


def _kernels_of(
    layer: Conv2d, back: Return, channels: int, channel: int
) -> tuple[tuple[int, ...], Floats]:
    """The filters that see a map, and their kernels for it: (filters, height, width)."""
    weight = back.reading.tensors["weight"]
    if layer.connections:
        links = [(f, c) for f, row in enumerate(layer.connections) for c in row]
        mine = [index for index, (_, seen) in enumerate(links) if seen == channel]
        return tuple(links[index][0] for index in mine), weight[mine]
    share, made = channels // layer.groups, layer.filters // layer.groups
    group, own_place = divmod(channel, share)
    filters = range(group * made, (group + 1) * made)
    return tuple(filters), weight[filters.start : filters.stop, own_place]


def transposed_conv2d(layer: TransposedConv2d, back: Return) -> Flow:
    """An ordinary convolution of δ with the stamp, as it stands."""
    x, _ = back.maps
    channel, row, column = back.place
    share, made = x.channels // layer.groups, layer.filters // layer.groups
    group = channel // share
    rows, columns = (
        tuple(_stamped(layer, axis, at, i) for i in range(layer.kernel.pair[axis]))
        for axis, at in ((0, row), (1, column))
    )
    filters = tuple(range(group * made, (group + 1) * made))
    return _tapped(back, filters, rows, columns, back.reading.tensors["weight"][channel])


def _stamped(layer: TransposedConv2d, axis: int, at: int, tap: int) -> int:
    """Where in the output the tap of a stamp falls."""
    return at * layer.stride.pair[axis] + tap * layer.dilation.pair[axis] - layer.cuts[axis][0]


def locally_connected2d(layer: LocallyConnected2d, back: Return) -> Flow:
    """As of a convolution, each position with its own turned filter."""
    x, y = back.maps
    channel, row, column = back.place
    above, left = ends(layer.padding, x, layer.kernel.pair, layer.stride)
    rows = taps(row, layer.kernel.height, layer.stride.height, above[0])
    columns = taps(column, layer.kernel.width, layer.stride.width, left[0])
    weight = back.reading.tensors["weight"]  # (positions, filters, channels·height·width)
    kernels = np.zeros((layer.filters, *layer.kernel.pair), weight.dtype)
    height, width = layer.kernel.pair
    for j, down in enumerate(rows):
        for k, across in enumerate(columns):
            if down is None or across is None:
                continue
            if _within(down, y.height) and _within(across, y.width):
                tap = (height - 1 - j) * width + width - 1 - k
                position = down * y.width + across
                kernels[:, j, k] = weight[position, :, channel * height * width + tap]
    return _tapped(back, tuple(range(layer.filters)), rows, columns, kernels)


def dense(layer: Dense, back: Return) -> Flow:
    """Wᵀδ: each unit's δ, times the weight by which it has read the value; the largest first."""
    weight = back.reading.tensors["weight"][:, back.place[0] - back.column].astype(np.float64)
    delta = back.delta.astype(np.float64)
    products = delta * weight
    order = np.argsort(-np.abs(products), kind="stable")
    reads = Reads(columns=tuple(order.tolist()))
    patch, weights, terms = (v[order][None, None] for v in (delta, weight, products))
    inside = np.ones((1, 1), bool)
    account = _summed(reads, patch, inside, weights, terms, mapped=False, factors=(DELTA, WEIGHT))
    return flow(account, account.picture, own(back.reading.row.input, back.place))


def _within(place: int | None, size: int) -> bool:
    return place is not None and 0 <= place < size


def _tapped(
    back: Return, filters: tuple[int, ...], rows: Taps, columns: Taps, kernels: Floats
) -> Flow:
    """The sum of δ at the taps of some filters, times their kernels (filters, height, width)."""
    _, y = back.maps
    there = [
        np.array([_within(at, size) for at in axis], bool)
        for axis, size in ((rows, y.height), (columns, y.width))
    ]
    inside = there[0][:, None] & there[1]
    places = [np.array([at if ok else 0 for at, ok in zip(axis, oks, strict=True)], int)
              for axis, oks in ((rows, there[0]), (columns, there[1]))]  # fmt: skip
    patch = back.delta[np.ix_(np.array(filters, int), *places)]
    patch = np.where(inside, patch, 0).astype(np.float64)
    weights = kernels.astype(np.float64)
    reads = Reads(
        filters,
        tuple(at for at in rows if at is not None),
        tuple(at for at in columns if at is not None),
    )
    account = _summed(reads, patch, inside, weights, patch * weights, factors=(DELTA, WEIGHT))
    sees = own(back.reading.row.input, back.place)
    return flow(account, account.picture, sees, rows, columns)


def _summed(
    reads: Reads,
    patch: Floats,
    inside: Floats,
    weights: Floats,
    products: Floats,
    *,
    factors: tuple[Message, Message],
    mapped: bool = True,
) -> Account:
    sums = products.sum(axis=(1, 2))
    picture = Weighted(patch, inside, weights, products, sums, None, mapped, factors)
    total = float(sums.sum())
    step = Step(Message("Sum of the products"), summed(sums, None), total)
    return Account(reads, picture, (step,), total, float(np.abs(products).sum()))


# --- gradients of weights --------------------------------------------------------------------


def conv2d_gradient(layer: Conv2d, back: Return) -> Flow:
    """Of a weight: all values that it was multiplied by, times δ where that went; of a bias Σδ."""
    if back.name == "bias":
        return bias_of_map(back)
    x, y = back.maps
    if layer.connections:
        link, down, across = back.place
        filter_, channel = [(f, c) for f, row in enumerate(layer.connections) for c in row][link]
    else:
        filter_, own_place, down, across = back.place
        channel = seen_by_filter(layer, x.channels, filter_)[0][own_place]
    above, left = ends(layer.padding, x, layer.reach, layer.stride)
    rows = _met(y.height, layer.stride.height, above[0], down * layer.dilation.height)
    columns = _met(y.width, layer.stride.width, left[0], across * layer.dilation.width)
    patch, inside = _picked(back.reading.x[channel], rows, columns)
    return correlated(
        Reads((filter_,), tuple(range(y.height)), tuple(range(y.width))),
        Reads((channel,), rows, columns),
        patch,
        back.delta[filter_],
        inside,
    )


def transposed_gradient(layer: TransposedConv2d, back: Return) -> Flow:
    """Of a weight of a stamp: every value of the map, times δ where its stamp has that weight."""
    if back.name == "bias":
        return bias_of_map(back)
    x, _ = back.maps
    channel, own_filter, down, across = back.place
    group = channel // (x.channels // layer.groups)
    filter_ = group * (layer.filters // layer.groups) + own_filter
    rows = tuple(_stamped(layer, 0, at, down) for at in range(x.height))
    columns = tuple(_stamped(layer, 1, at, across) for at in range(x.width))
    delta, inside = _picked(back.delta[filter_], rows, columns)
    return correlated(
        Reads((filter_,), rows, columns),
        Reads((channel,), tuple(range(x.height)), tuple(range(x.width))),
        back.reading.x[channel],
        delta,
        inside,
    )


def locally_connected_gradient(layer: LocallyConnected2d, back: Return) -> Flow:
    """Each weight has met a single value; its bias has only one δ."""
    x, y = back.maps
    position, filter_ = back.place[:2]
    row, column = divmod(position, y.width)
    reads = Reads((filter_,), (row,), (column,))
    delta = float(back.delta[filter_, row, column])
    if back.name == "bias":
        return passed(reads, delta)
    above, left = ends(layer.padding, x, layer.kernel.pair, layer.stride)
    height, width = layer.kernel.pair
    channel, tap = divmod(back.place[2], height * width)
    down, across = divmod(tap, width)
    sees = Reads(
        (channel,),
        (row * layer.stride.height - above[0] + down,),
        (column * layer.stride.width - left[0] + across,),
    )
    patch, _ = _picked(back.reading.x[channel], sees.rows, sees.columns)
    title = Message("Input, times δ")
    return product(reads, sees, (float(patch[0, 0]), delta), title=title)


def dense_gradient(layer: Dense, back: Return) -> Flow:
    """δ·xᵀ: of a weight the input that it reads, times its unit's δ; of a bias δ itself."""
    unit = back.place[0]
    reads = Reads(columns=(unit,))
    if back.name == "bias":
        return passed(reads, float(back.delta[unit]))
    x, index = back.reading.x, back.place[1]
    made = product(
        reads,
        Reads(columns=(index,)),
        (float(x[index]), float(back.delta[unit])),
        title=Message("Input, times δ"),
    )
    first_unit, units = _around(unit, back.delta)
    first_input, inputs = _around(index, x)
    picture = Outer(
        units.astype(np.float64),
        inputs.astype(np.float64),
        unit - first_unit,
        index - first_input,
        first_unit,
        first_input,
    )
    return flow(made, picture, made.sees)


def _around(index: int, values: Floats) -> tuple[int, Floats]:
    first = min(max(index - MOST_OUTER // 2, 0), max(len(values) - MOST_OUTER, 0))
    return first, values[first : first + MOST_OUTER]


def _met(count: int, stride: int, before: int, tap: int) -> tuple[int, ...]:
    """The rows or columns of the input that a weight has met, position by position."""
    return tuple(place * stride - before + tap for place in range(count))


def _picked(map_: Floats, rows: Sequence[int], columns: Sequence[int]) -> tuple[Floats, Floats]:
    """The values of one map at some rows and columns, 0 outside, and which of them are there."""
    height, width = map_.shape
    down, across = np.array(rows, int), np.array(columns, int)
    inside = ((down >= 0) & (down < height))[:, None] & ((across >= 0) & (across < width))
    places = np.ix_(down.clip(0, height - 1), across.clip(0, width - 1))
    return np.where(inside, map_[places], 0).astype(np.float64), inside


def correlated(
    reads: Reads,
    sees: Reads,
    x: Floats,
    delta: Floats,
    inside: Floats | None = None,
    *,
    factors: tuple[Message, Message] = (INPUT, DELTA),
    sizes: Floats | None = None,
) -> Flow:
    """Σ x·δ over all positions (height, width).

    sizes: the magnitudes that x is made of, where it is itself a sum.
    """
    x, delta = x.astype(np.float64)[None], delta.astype(np.float64)[None]
    there = np.ones(x.shape[1:], bool) if inside is None else inside
    account = _summed(reads, x, there, delta, x * delta, factors=factors)
    if sizes is not None:
        absolute = float((np.abs(sizes) * np.abs(delta)).sum())
        account = Account(account.reads, account.picture, account.steps, account.value, absolute)
    return flow(account, account.picture, sees)


def bias_of_map(back: Return) -> Flow:
    """Σδ over the map, since the bias was added at every position."""
    delta = back.delta[back.place[0]].astype(np.float64)
    height, width = delta.shape
    whole = np.ones(delta.shape, bool)
    reads = Reads((back.place[0],), tuple(range(height)), tuple(range(width)))
    total = float(delta.sum())
    step = Step(Message("Sum of δ over all positions"), added(delta, whole), total)
    return Flow(reads, Window(delta, whole, whole), (step,), total, float(np.abs(delta).sum()))


def passed(reads: Reads, delta: float) -> Flow:
    """The gradient of what was added once: δ as it is."""
    one = np.ones((1, 1), bool)
    step = Step(Message("δ, as it is"), (delta,), delta)
    return Flow(reads, Window(np.full((1, 1), delta), one, one), (step,), delta, abs(delta))
