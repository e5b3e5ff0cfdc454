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
        if self.channels is None:
            words = tr("{count} maps of {height}×{width}", count=count, height=height, width=width)
        else:
            say = {"count": count // self.channels, "channels": self.channels}
            words = (
                tr(
                    "{count} units with {channels} maps of {height}×{width}",
                    **say,
                    height=height,
                    width=width,
                )
                if self.captions == "units"
                else tr(
                    "{count} filters with {channels} channels of {height}×{width}",
                    **say,
                    height=height,
                    width=width,
                )
            )
        finite = self.maps if np.isfinite(self.maps).all() else np.nan_to_num(self.maps)
        least, greatest = (
            self.reading(_cell(int(find(finite)), finite.shape)) for find in (np.argmin, np.argmax)
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
        if self.channels is None:
            return tr(
                "Map {index}, row {row}, column {column}: {value}",
                index=self.number(index),
                row=row,
                column=column,
                value=value,
            )
        place, channel = divmod(index, self.channels)
        if self.captions == "units":
            return tr(
                "Unit {group}, map {channel}, row {row}, column {column}: {value}",
                group=self.number(place),
                channel=channel,
                row=row,
                column=column,
                value=value,
            )
        return tr(
            "Filter {group}, channel {channel}, row {row}, column {column}: {value}",
            group=self.number(place),
            channel=channel,
            row=row,
            column=column,
            value=value,
        )


def _cell(index: int, shape: tuple[int, ...]) -> Cell:
    tile, row, column = np.unravel_index(index, shape)
    return int(tile), int(row), int(column)
