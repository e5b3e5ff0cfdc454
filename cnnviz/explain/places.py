"""Which input pixels a single value looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from cnnviz.layers import (
    Activation,
    AvgPool,
    BatchNorm,
    Conv2d,
    Dropout,
    Flatten,
    Maps,
    MaxPool,
    ReceptiveField,
)
from cnnviz.layers.windows import ends
from cnnviz.network import INPUT_UID

if TYPE_CHECKING:
    from cnnviz.analysis import Report


class Seen(Struct, frozen=True):
    """First and last row and column, not clipped: what lies outside the image is padding."""

    top: int
    bottom: int
    left: int
    right: int

    def inside(self, height: int, width: int) -> Seen:
        """The part of it that is in an image; from a later to an earlier pixel where none is."""
        return Seen(
            max(self.top, 0),
            min(self.bottom, height - 1),
            max(self.left, 0),
            min(self.right, width - 1),
        )


def seen_by(report: Report, uid: str, row: int = 0, column: int = 0) -> Seen | None:
    """The input pixels from the first to the last that a value of a layer depends on.

    `row` and `column` are its place in the layer's maps; a vector's values have none. None where
    the layer is broken or waits. Raises KeyError.
    """
    image = report.network.input
    field = ReceptiveField.of_input(image.height, image.width)
    if uid == INPUT_UID:
        return Seen(row, row, column, column)
    top = left = 0
    for found in report.rows[: report.network.index(uid) + 1]:
        layer, x = found.layer, found.input
        if found.receptive_field is None:
            return None
        if isinstance(x, Maps) and isinstance(layer, Conv2d | MaxPool | AvgPool):
            if isinstance(layer, Conv2d):
                reach, stride = layer.reach, layer.stride
            else:
                reach, stride = layer.kernel.pair, layer.step
            above, before = ends(layer.padding, x, reach, stride)
            top -= above[0] * field.jump_height
            left -= before[0] * field.jump_width
        field = found.receptive_field
    top += row * field.jump_height
    left += column * field.jump_width
    return Seen(top, top + field.height - 1, left, left + field.width - 1)


def maps_behind(report: Report, uid: str) -> Maps | None:
    """The maps that the input vector of a layer was written out from, if no layer mixed them."""
    for row in reversed(report.rows[: report.network.index(uid)]):
        if isinstance(row.layer, Flatten) and isinstance(row.input, Maps):
            return row.input
        if not isinstance(row.layer, Activation | BatchNorm | Dropout | Flatten):
            return None
    return None
