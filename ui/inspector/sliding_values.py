"""The values that stand in the grids of the sliding picture, as far as they are at hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.arithmetic.windows import seen_by_filter
from cnnviz.explain import seen_through
from cnnviz.layers import Conv2d, LocallyConnected2d, Maps, TransposedConv2d
from cnnviz.network import INPUT_UID
from ui.colors import natural_limit
from ui.inspector.kernels import kernels_of
from ui.widgets.slide_map import Cells

if TYPE_CHECKING:
    from cnnviz.analysis import Report, Row
    from cnnviz.explain import Seen
    from cnnviz.layers import Layer
    from cnnviz.sliding import Sliding
    from ui.picture import Picture
    from ui.widgets.slide_map import SlideMap

MOST_TAPS = 4_096
"""A kernel with more weights is not drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """One map that is read, one that is made, and the kernel between them; None: not at hand.

    source, output: float32 (height, width). channel, filter_: which maps they are.
    """

    channel: int
    filter_: int
    source: np.ndarray | None = None
    source_limit: float = 1.0
    grey: bool = False
    output: np.ndarray | None = None
    output_limit: float = 1.0
    kernel: np.ndarray | None = None
    kernel_limit: float = 1.0


def channels_of(layer: Layer, x: Maps, filter_: int) -> tuple[int, ...]:
    """The maps of its input that a map of a layer's output is made from."""
    if isinstance(layer, Conv2d):
        return seen_by_filter(layer, x.channels, filter_)[0]
    if isinstance(layer, TransposedConv2d):
        share = x.channels // layer.groups
        group = filter_ // (layer.filters // layer.groups)
        return tuple(range(group * share, (group + 1) * share))
    if isinstance(layer, LocallyConnected2d):
        return tuple(range(x.channels))
    return (filter_,)


def values_of(
    row: Row, picture: Picture | None, filter_: int, number: int, position: tuple[int, int]
) -> Values:
    """What is known of map `filter_` of a layer's output, and of the map that is the `number`-th of
    those that it is made from. position: where the window is, for kernels of their own there."""
    x, y, layer = row.input, row.output, row.layer
    assert isinstance(x, Maps)
    channels = channels_of(layer, x, filter_) if isinstance(y, Maps) else (0,)
    number = min(number, len(channels) - 1)
    channel = channels[number]
    if picture is None:
        return Values(channel, filter_)
    uid = layer.uid
    kernel, kernel_limit = _kernel(row, picture, filter_, channel, number, position)
    return Values(
        channel,
        filter_,
        _map(picture, row.source, channel, x),
        picture.limits.get(row.source, 1.0),
        row.source == INPUT_UID and picture.greys,
        _map(picture, uid, filter_, y) if isinstance(y, Maps) else None,
        picture.limits.get(uid, 1.0),
        kernel,
        kernel_limit,
    )


def _map(picture: Picture, uid: str, index: int, shape: Maps) -> np.ndarray | None:
    values = picture.maps.get(uid)
    if values is None or values.shape[1:] != (shape.height, shape.width) or index >= len(values):
        return None
    return np.asarray(values[index])


def _kernel(
    row: Row,
    picture: Picture,
    filter_: int,
    channel: int,
    number: int,
    position: tuple[int, int],
) -> tuple[np.ndarray | None, float]:
    layer, x, y = row.layer, row.input, row.output
    weight = picture.weights.get(layer.uid, {}).get("weight")
    there = weight is not None and weight.shape[1:] == row.tensors.get("weight", ())[1:]
    if not there or picture.first or not isinstance(x, Maps) or not isinstance(y, Maps):
        return None, 1.0
    found = kernels_of(row, weight)
    if found is None or found.values[0, 0].size > MOST_TAPS:
        return None, 1.0
    first, second = filter_, number
    if isinstance(layer, LocallyConnected2d):
        first, second = position[0] * y.width + position[1], filter_ * x.channels + channel
    elif isinstance(layer, Conv2d) and layer.connections:
        second = channel
    if first >= len(found.values):
        return None, 1.0
    return found.values[first, second], natural_limit(found.values[first])


def patch_of(
    sliding: Sliding, values: Values, place: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """What lies under the window of a pooling, and bool which of it is known: padding is not, nor
    is a kernel that nobody has computed with."""
    patch, there = np.zeros(sliding.kernel, np.float32), np.zeros(sliding.kernel, bool)
    if sliding.weighted or values.source is None or not sliding.fits:
        return patch, there
    rows, columns = sliding.window(*place)
    height, width = values.source.shape
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            if 0 <= row < height and 0 <= column < width:
                patch[i, j], there[i, j] = values.source[row, column], True
    return patch, there


def seen_from(report: Report, row: Row, sliding: Sliding, place: tuple[int, int]) -> Seen | None:
    """What the window reads of the image, or the value that is stamped, through all layers
    before."""
    if not sliding.fits:
        return None
    rows, columns = sliding.window(*place)
    ends = ((rows[0], rows[-1]), (columns[0], columns[-1]))
    if sliding.stamps:
        ends = ((place[0], place[0]), (place[1], place[1]))
    return seen_through(report, row.source, *ends)


def cells_of(values: Values, size: tuple[int, int], *, source: bool) -> Cells:
    """The grid of what is read, or of what is made."""
    if source:
        return Cells(*size, values.source, values.source_limit, values.grey)
    return Cells(*size, values.output, values.output_limit)


def show_seen(view: SlideMap, picture: Picture | None, seen: Seen | None, image: Maps) -> None:
    """Show the image, its channels averaged, and frame what is seen of it, with room around it for
    what is seen beyond it. image: the shape of what the network sees."""
    values = None if picture is None else picture.seen
    height, width = image.height, image.width
    view.show_cells(
        Cells(
            height,
            width,
            None if values is None else values.mean(axis=0),
            grey=True,
            border=(0, 0, 0, 0) if seen is None else overhang(seen, height, width),
            reach=(height, width),
        )
    )
    if seen is None:
        view.set_window((), ())
    else:
        view.set_window(range(seen.top, seen.bottom + 1), range(seen.left, seen.right + 1))


def overhang(seen: Seen, height: int, width: int) -> tuple[int, int, int, int]:
    """How far what is seen reaches over the image, but no further than there is room for."""
    return (
        min(max(-seen.top, 0), height // 2),
        min(max(seen.bottom - height + 1, 0), height // 2),
        min(max(-seen.left, 0), width // 2),
        min(max(seen.right - width + 1, 0), width // 2),
    )
