"""Where the tiles of a `MapGrid` lie: arithmetic only, so that painting and pointing agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class TileLayout:
    """Equal tiles in rows, each `width` x `height` pixels with captions and gaps between them."""

    count: int
    map_size: tuple[int, int]
    """Height and width of each map in values."""
    columns: int
    rows: int
    group: int
    """Tiles that stand together, such as the channels of a filter; `columns` where none do."""
    zoom: float
    """Pixels per value."""
    width: int
    height: int
    pitch_x: int
    pitch_y: int
    pitch_group: int
    """From the first tile of a group to the first tile of the next one in the row."""
    left: int
    """Of the first tile; the caption of its group stands before it."""
    top: int
    """Of the first tile; column captions stand above it."""

    def origin(self, tile: int) -> tuple[int, int]:
        """Left and top of a tile."""
        row, column = divmod(tile, self.columns)
        group, place = divmod(column, self.group)
        left = self.left + group * self.pitch_group + place * self.pitch_x
        return left, self.top + row * self.pitch_y

    def total(self) -> tuple[int, int]:
        """Width and height of everything, with the gaps around it."""
        last = (self.columns // self.group - 1) * self.pitch_group
        width = self.left + last + self.group * self.pitch_x
        return width, self.top + self.rows * self.pitch_y

    def cell_at(self, x: float, y: float) -> tuple[int, int, int] | None:
        """The (tile, row, column) of the value at a point, None between tiles."""
        group, inside_group = divmod(x - self.left, self.pitch_group)
        place, inside_x = divmod(inside_group, self.pitch_x)
        row, inside_y = divmod(y - self.top, self.pitch_y)
        column = int(group) * self.group + int(place)
        tile = int(row) * self.columns + column
        if place >= self.group or not 0 <= column < self.columns:
            return None
        if row < 0 or tile >= self.count:
            return None
        if inside_x >= self.width or inside_y >= self.height:
            return None
        height, width = self.map_size
        return tile, int(inside_y * height / self.height), int(inside_x * width / self.width)

    def box(self, cell: tuple[int, int, int]) -> tuple[int, int, int, int]:
        """Left, top, width and height of the value at a (tile, row, column)."""
        tile, row, column = cell
        left, top = self.origin(tile)
        x, y = left + int(column * self.zoom), top + int(row * self.zoom)
        right, bottom = left + int((column + 1) * self.zoom), top + int((row + 1) * self.zoom)
        return x, y, max(2, right - x), max(2, bottom - y)

    def step(
        self, cell: tuple[int, int, int], down: int, right: int
    ) -> tuple[int, int, int] | None:
        """The value so many further, as if all tiles were one sheet; None where it ends."""
        tile, row, column = cell
        height, width = self.map_size
        across = self.columns
        y = tile // across * height + row + down
        x = tile % across * width + column + right
        found = y // height * across + x // width
        if not 0 <= x < across * width or y < 0 or found >= self.count:
            return None
        return found, y % height, x % width

    def tiles_in(self, left: int, top: int, right: int, bottom: int) -> Iterator[int]:
        """The tiles that may reach into a rectangle."""
        first_row = max(0, (top - self.top) // self.pitch_y)
        last_row = min(self.rows - 1, (bottom - self.top) // self.pitch_y)
        first_column = max(0, self._column_near(left))
        last_column = min(self.columns - 1, self._column_near(right))
        for row in range(first_row, last_row + 1):
            start = row * self.columns
            yield from range(start + first_column, min(start + last_column + 1, self.count))

    def _column_near(self, x: int) -> int:
        """The column at x, or the last one before it."""
        group, inside = divmod(x - self.left, self.pitch_group)
        return group * self.group + min(self.group - 1, inside // self.pitch_x)


def lay_out(
    count: int,
    map_size: tuple[int, int],
    area: tuple[int, int],
    *,
    gap: int,
    caption: int,
    sides: tuple[int, int],
    group: int | None = None,
    header: tuple[int, int] = (0, 0),
) -> TileLayout:
    """The largest tiles with which `count` maps (height, width) fit into an area (width, height).

    The longer side of a tile stays between `sides` pixels where whole pixels per value allow;
    where even the smallest do not fit, they are taken and the area must scroll. `caption` is the
    height of the text under each tile. So many tiles as `group` stay together in a row, with room
    for captions `header` (width before each group, height above all); as many groups stand beside
    each other as fit, and without groups as many tiles.
    """
    height, width = map_size
    longest = max(height, width)
    zooms = [
        float(zoom) for zoom in range(sides[1] // longest, 0, -1) if zoom * longest >= sides[0]
    ]
    if not zooms:
        # Between two whole zooms, or a map with more values than pixels: nearest to the limits.
        zooms = [max(1.0, sides[1] // longest) if longest <= sides[1] else sides[1] / longest]

    def layout(zoom: float) -> TileLayout:
        tile_width, tile_height = max(1, round(width * zoom)), max(1, round(height * zoom))
        pitch_x, pitch_y = tile_width + gap, tile_height + caption + gap
        left, top = gap + header[0], gap + header[1]
        if group is None:
            together = _even(count, (area[0] - left) // pitch_x)
            columns, pitch_group = together, together * pitch_x
        else:
            together, pitch_group = group, left + group * pitch_x
            columns = group * _even(count // group, area[0] // pitch_group)
        return TileLayout(
            count, map_size, columns, -(-count // columns), together, zoom, tile_width, tile_height,
            pitch_x, pitch_y, pitch_group, left, top,
        )  # fmt: skip

    for zoom in zooms:
        found = layout(zoom)
        total_width, total_height = found.total()
        if total_width <= area[0] and total_height <= area[1]:
            return found
    return layout(zooms[-1])


def _even(count: int, most: int) -> int:
    """How many stand in a row, at most so many, if the rows are to be as few and as even as can be.

    >>> _even(16, 11)
    8
    """
    rows = -(-count // max(1, most))
    return max(1, -(-count // max(1, rows)))
