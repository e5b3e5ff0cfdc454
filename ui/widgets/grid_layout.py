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
    zoom: float
    """Pixels per value."""
    width: int
    height: int
    pitch_x: int
    pitch_y: int
    left: int
    """Of the first tile; row captions stand before it."""
    top: int
    """Of the first tile; column captions stand above it."""

    def origin(self, tile: int) -> tuple[int, int]:
        """Left and top of a tile."""
        row, column = divmod(tile, self.columns)
        return self.left + column * self.pitch_x, self.top + row * self.pitch_y

    def total(self) -> tuple[int, int]:
        """Width and height of everything, with the gaps around it."""
        return self.left + self.columns * self.pitch_x, self.top + self.rows * self.pitch_y

    def cell_at(self, x: float, y: float) -> tuple[int, int, int] | None:
        """The (tile, row, column) of the value at a point, None between tiles."""
        column, inside_x = divmod(x - self.left, self.pitch_x)
        row, inside_y = divmod(y - self.top, self.pitch_y)
        tile = int(row) * self.columns + int(column)
        if not (0 <= column < self.columns and row >= 0 and tile < self.count):
            return None
        if inside_x >= self.width or inside_y >= self.height:
            return None
        height, width = self.map_size
        return tile, int(inside_y * height / self.height), int(inside_x * width / self.width)

    def tiles_in(self, left: int, top: int, right: int, bottom: int) -> Iterator[int]:
        """The tiles that may reach into a rectangle."""
        first_row = max(0, (top - self.top) // self.pitch_y)
        last_row = min(self.rows - 1, (bottom - self.top) // self.pitch_y)
        first_column = max(0, (left - self.left) // self.pitch_x)
        last_column = min(self.columns - 1, (right - self.left) // self.pitch_x)
        for row in range(first_row, last_row + 1):
            start = row * self.columns
            yield from range(start + first_column, min(start + last_column + 1, self.count))


def lay_out(
    count: int,
    map_size: tuple[int, int],
    area: tuple[int, int],
    *,
    gap: int,
    caption: int,
    sides: tuple[int, int],
    columns: int | None = None,
    header: tuple[int, int] = (0, 0),
) -> TileLayout:
    """The largest tiles with which `count` maps (height, width) fit into an area (width, height).

    The longer side of a tile stays between `sides` pixels where whole pixels per value allow;
    where even the smallest do not fit, they are taken and the area must scroll. `caption` is the
    height of the text under each tile, `header` the room (width, height) for captions of rows and
    columns. `columns` fixes their number; otherwise as many stand in a row as fit.
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
        across = columns or max(1, min(count, (area[0] - left) // pitch_x))
        return TileLayout(
            count, map_size, across, -(-count // across), zoom,
            tile_width, tile_height, pitch_x, pitch_y, left, top,
        )  # fmt: skip

    for zoom in zooms:
        found = layout(zoom)
        total_width, total_height = found.total()
        if total_width <= area[0] and total_height <= area[1]:
            return found
    return layout(zooms[-1])
