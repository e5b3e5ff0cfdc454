"""Many maps in words: what screen readers say of a grid of them, and of one value."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ui.i18n import tr
from ui.numerals import significant

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.colors import Floats
    from ui.widgets.map_painter import Captions

    Cell = tuple[int, int, int]
    """(map, row, column)"""


class Spoken(NamedTuple):
    """Maps (n, height, width) to be spoken of.

    channels: of kernels, how many of the maps belong to a filter or unit. number: what stands at a
    place, as maps, filters or units may be shown in another order.
    """

    maps: Floats
    channels: int | None
    captions: Captions
    number: Callable[[int], int]

    def summary(self) -> str:
        """How many maps there are, and their least and greatest values and where these are."""
        count, height, width = self.maps.shape
        size = {"height": height, "width": width}
        if self.channels is None:
            words = tr("{count} maps of {height}×{width}", count=count, **size)
        else:
            say = size | {"count": count // self.channels, "channels": self.channels}
            if self.captions == "units":
                words = tr("{count} units with {channels} maps of {height}×{width}", **say)
            elif self.captions == "positions":
                words = tr("{count} positions with {channels} kernels of {height}×{width}", **say)
            else:
                words = tr("{count} filters with {channels} channels of {height}×{width}", **say)
        least, greatest = (
            self.reading((tile, row, column)) for tile, row, column in ends(self.maps)
        )
        return tr(
            "{maps}. Least: {least}. Greatest: {greatest}.",
            maps=words,
            least=least,
            greatest=greatest,
        )

    def reading(self, cell: Cell) -> str:
        """One value and where it is."""
        index, row, column = cell
        value = significant(float(self.maps[cell]))
        say: dict[str, int | str] = {"row": row, "column": column, "value": value}
        if self.channels is None:
            say["index"] = self.number(index)
            return tr("Map {index}, row {row}, column {column}: {value}", **say)
        place, channel = divmod(index, self.channels)
        say |= {"group": self.number(place), "channel": channel}
        if self.captions == "units":
            return tr("Unit {group}, map {channel}, row {row}, column {column}: {value}", **say)
        if self.captions == "positions":
            return tr(
                "Position {group}, kernel {channel}, row {row}, column {column}: {value}", **say
            )
        return tr("Filter {group}, channel {channel}, row {row}, column {column}: {value}", **say)


def plane(values: Floats, count: int | None = None) -> str:
    """A single map (height, width): its size, and its least and greatest values and where.

    count: of a vector that is folded into rows, how many values there are, row by row.
    """
    height, width = values.shape
    if count is None or count == values.size:
        size = f"{height}×{width}"
    else:
        size = tr("{n:,} values", n=count)
    least, greatest = (reading(values, row, column) for row, column in ends(values, count))
    return tr(
        "{maps}. Least: {least}. Greatest: {greatest}.", maps=size, least=least, greatest=greatest
    )


def reading(values: Floats, row: int, column: int) -> str:
    """One value of a map (height, width), and where it is."""
    value = significant(float(values[row, column]))
    return tr("row {row}, column {column}: {value}", row=row, column=column, value=value)


def ends(values: Floats, count: int | None = None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Where the least and the greatest of some values, or of the first of them, stand; what is not
    finite counts as 0, or as the largest of numbers."""
    flat = values.reshape(-1)[:count]
    finite = flat if np.isfinite(flat).all() else np.nan_to_num(flat)
    first, last = (np.unravel_index(find(finite), values.shape) for find in (np.argmin, np.argmax))
    return tuple(map(int, first)), tuple(map(int, last))
