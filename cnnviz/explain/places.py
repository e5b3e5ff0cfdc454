"""Which input pixels a single value looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from cnnviz.layers import Activation, BatchNorm, Dropout, Flatten, GroupNorm, LayerNorm, Maps
from cnnviz.layers.shapes import Span
from cnnviz.network import INPUT_UID

if TYPE_CHECKING:
    from cnnviz.analysis import Report


_IN_PLACE = (Activation, BatchNorm, LayerNorm, GroupNorm, Dropout, Flatten)
"""After these a value is still the one of its place in the maps."""


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
    if uid == INPUT_UID:
        return Seen(row, row, column, column)
    index = report.network.index(uid)
    if report.rows[index].output is None:
        return None
    spans: list[Span] = [(row, row), (column, column)]
    # Layer by layer back to the image: windows may differ in size, so no sum would do.
    for found in reversed(report.rows[: index + 1]):
        if found.input is not None:
            spans = [found.layer.reads(found.input, axis, spans[axis]) for axis in range(2)]
    rows, columns = spans
    if rows is None or columns is None:
        raise AssertionError("before the first vector there are maps")
    return Seen(*rows, *columns)


def maps_behind(report: Report, uid: str) -> Maps | None:
    """The maps that the input vector of a layer was written out from, if no layer mixed them."""
    for row in reversed(report.rows[: report.network.index(uid)]):
        if isinstance(row.layer, Flatten) and isinstance(row.input, Maps):
            return row.input
        if not isinstance(row.layer, _IN_PLACE):
            return None
    return None
