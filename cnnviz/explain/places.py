"""Which input pixels a single value looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from cnnviz.layers import (
    Activation,
    BatchNorm,
    Branches,
    Dropout,
    Flatten,
    GroupNorm,
    LayerNorm,
    Maps,
)
from cnnviz.layers.shapes import Span
from cnnviz.network import INPUT_UID

if TYPE_CHECKING:
    from cnnviz.analysis import Report, Row


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
    return seen_through(report, uid, (row, row), (column, column))


def seen_through(
    report: Report, uid: str, rows: tuple[int, int], columns: tuple[int, int]
) -> Seen | None:
    """The same for all values of a layer from the first to the last row and column, also for those
    that a window on it reaches in its padding."""
    if uid == INPUT_UID:
        return Seen(*rows, *columns)
    found = report.row(uid)
    if found.output is None:
        return None
    # Layer by layer back to the image: windows may differ in size, so no sum would do.
    down, across = _back(report, found, (rows, columns))
    if down is None or across is None:
        raise AssertionError("before the first vector there are maps")
    return Seen(*down, *across)


_Spans = tuple[Span, Span]


def _back(report: Report, row: Row, spans: _Spans, stop: str = INPUT_UID) -> _Spans:
    """What the spans of a layer's output read of the output of the layer `stop`."""
    while True:
        spans = _through(report, row, spans)
        if row.source == stop:
            return spans
        row = report.row(row.source)


def _through(report: Report, row: Row, spans: _Spans) -> _Spans:
    """What the spans of a layer's output read of its input."""
    if row.input is None or row.off:
        return spans
    if not isinstance(row.layer, Branches):
        return (
            row.layer.reads(row.input, 0, spans[0]),
            row.layer.reads(row.input, 1, spans[1]),
        )
    hull: _Spans | None = None
    for branch in row.layer.computed:
        read = spans
        if branch:
            end = report.row(branch[-1].uid)
            # The one value of a map of 1×1 scales all places.
            whole = isinstance(end.output, Maps) and (end.output.height, end.output.width) == (1, 1)
            read = _back(report, end, ((0, 0), (0, 0)) if whole else spans, row.source)
        hull = read if hull is None else (_hull(hull[0], read[0]), _hull(hull[1], read[1]))
    return spans if hull is None else hull


def _hull(one: Span, other: Span) -> Span:
    if one is None or other is None:
        return None
    return min(one[0], other[0]), max(one[1], other[1])


def same_place(report: Report, uid: str, row: int, column: int) -> dict[str, tuple[int, int]]:
    """The (row, column) of every layer's maps, and of the image, that looks at what a value does.

    Of each layer the value whose field has its middle nearest to the middle of what the given one
    sees; at the border it may be the outermost there is. Layers without maps have none.
    """
    seen = seen_by(report, uid, row, column)
    if seen is None:
        return {}
    image = report.network.input
    # In half pixels, so that all is exact: the first and the last pixel, added.
    middle = (seen.top + seen.bottom, seen.left + seen.right)
    places = {
        INPUT_UID: (
            min(max(middle[0] // 2, 0), image.height - 1),
            min(max(middle[1] // 2, 0), image.width - 1),
        )
    }
    for other in report.rows:
        field, maps = other.receptive_field, other.output
        if field is None or not isinstance(maps, Maps):
            continue
        firsts = (2 * field.top + field.height - 1, 2 * field.left + field.width - 1)
        jumps, sizes = (field.jump_height, field.jump_width), (maps.height, maps.width)
        found = [
            min(max(round((at - first) / (2 * jump)), 0), size - 1)
            for at, first, jump, size in zip(middle, firsts, jumps, sizes, strict=True)
        ]
        places[other.layer.uid] = (found[0], found[1])
    if uid in places:
        places[uid] = (row, column)
    return places


def maps_behind(report: Report, uid: str) -> Maps | None:
    """The maps that the input vector of a layer was written out from, if no layer mixed them."""
    row = report.row(uid)
    while row.source != INPUT_UID:
        row = report.row(row.source)
        if isinstance(row.layer, Flatten) and isinstance(row.input, Maps):
            return row.input
        if not isinstance(row.layer, _IN_PLACE):
            return None
    return None
