"""A convolution as the product of two matrices, as libraries compute it (im2col).

Chellapilla, Puri and Simard, "High Performance Convolutional Neural Networks for Document
Processing" (2006).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from cnnviz.arithmetic.values import Reads
from cnnviz.arithmetic.windows import patch_of, seen_by_filter, slid
from cnnviz.layers.windows import ends

if TYPE_CHECKING:
    from cnnviz.arithmetic.values import Floats, Reading
    from cnnviz.layers import Conv2d

MOST_FILTERS = 48


class Matrices(Struct, frozen=True, eq=False):
    """patches (positions, values) × filters (values, filters) = products (positions, filters).

    Only some positions and filters around the chosen ones, whose numbers begin at `first_position`
    and `first_filter`; `row` and `column` are the chosen ones among them. `positions`,
    `filters_in_all`:
    how many there are in all. The bias is not in it.
    """

    patches: Floats
    filters: Floats
    products: Floats
    row: int
    column: int
    first_position: int
    first_filter: int
    positions: int
    filters_in_all: int


def matrices(layer: Conv2d, reading: Reading, most: int = 24) -> Matrices:
    """The two matrices around the place of a reading, with at most so many positions.

    With groups the filters are those of the same group. With a table of connections all maps are in
    the patches, and what a filter does not see has the weight 0.
    """
    x, y = reading.maps
    filter_, row, column = reading.place
    positions = y.height * y.width
    position = row * y.width + column
    first = min(max(position - most // 2, 0), max(positions - most, 0))
    channels, _ = seen_by_filter(layer, x.channels, filter_)
    if layer.connections:
        channels = tuple(range(x.channels))
    rows = [
        _patch(layer, reading, channels, *divmod(place, y.width))
        for place in range(first, min(first + most, positions))
    ]
    every, first_filter = _filters(layer, reading, x.channels)
    near = min(
        max(filter_ - first_filter - MOST_FILTERS // 2, 0), max(len(every) - MOST_FILTERS, 0)
    )
    some = every[near : near + MOST_FILTERS]
    patches = np.stack(rows)
    weights = some.reshape(len(some), -1).T.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        products = patches @ weights
    return Matrices(
        patches,
        weights,
        products,
        position - first,
        filter_ - first_filter - near,
        first,
        first_filter + near,
        positions,
        layer.filters,
    )


def _patch(
    layer: Conv2d, reading: Reading, channels: tuple[int, ...], row: int, column: int
) -> Floats:
    x, _ = reading.maps
    above, left = ends(layer.padding, x, layer.reach, layer.stride)
    rows = slid(row, layer.stride.height, above[0], layer.kernel.height, layer.dilation.height)
    columns = slid(column, layer.stride.width, left[0], layer.kernel.width, layer.dilation.width)
    return patch_of(reading.x, Reads(channels, rows, columns))[0].reshape(-1)


def _filters(layer: Conv2d, reading: Reading, channels: int) -> tuple[Floats, int]:
    """Kernels (filters, channels, height, width), and the number of the first filter."""
    weight = reading.tensors["weight"]
    if layer.connections:
        kernels = np.zeros((layer.filters, channels, *layer.kernel.pair), weight.dtype)
        links = ((f, c) for f, row in enumerate(layer.connections) for c in row)
        for (filter_, channel), values in zip(links, weight, strict=False):
            kernels[filter_, channel] = values
        return kernels, 0
    made, start = layer.filters // layer.groups, reading.start("weight")
    first = reading.place[0] // made * made
    there = max(first - start, 0)  # of a very large layer only some are
    return weight[there : first + made - start], start + there
