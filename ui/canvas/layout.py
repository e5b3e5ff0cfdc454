"""Where things stand on the canvas: pure geometry, in scene units, without Qt.

Lengths are at scale 1 and are multiplied by `unit`, the scale of the theme. Across the canvas x
grows to the right, y down. (Where cards and lanes stand is in `lanes`.)
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

SPACING = 22.0
"""Between two cards, where the arrow is."""
MARGIN = 14.0
"""Between the row and the edges of the view."""
TALLEST = 196.0
"""As high as the feature maps of a card ever become."""
LOWEST = 48.0
"""Where there is less room for them they stand beside the texts."""

_CELLS = {1: 84.0, 2: 47.0, 4: 28.0}
"""Side of a feature map by the number of columns."""
_ROWS = {1: 1, 2: 4, 4: 6}
_SMALLEST = 18.0
_GAP = 2.0
_VECTOR_CELLS = (14.0, 12.0, 10.0, 8.0, 6.0)
_VECTOR_WIDTH = 96.0
_LINE, _LINE_CELLS = 16, 4
"""A vector of up to 16 values is one column, unless its cells would be smaller than the fourth."""
_FLATTEST = 1 / 8
"""Maps that are flatter than this are drawn as if they were not, so that they can be seen."""


class Box(NamedTuple):
    """A rectangle."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.top + self.height

    @property
    def middle(self) -> float:
        """Half way between left and right."""
        return self.left + self.width / 2

    def holds(self, x: float, y: float) -> bool:
        """Whether a point is in it or on its edge."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def meets(self, other: Box) -> bool:
        """Whether the two share more than an edge."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def within(self, other: Box) -> bool:
        """Whether nothing of it sticks out of the other."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )


def hull(boxes: Sequence[Box]) -> Box | None:
    """The smallest box around all of these; None where there are none."""
    if not boxes:
        return None
    left, top = min(box.left for box in boxes), min(box.top for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    return Box(left, top, right - left, bottom - top)


class Grid(NamedTuple):
    """How a card shows its values: equal cells, of which the first `shown` are filled.

    Maps fill it row by row. A vector has one value a cell and fills it column by column.
    """

    columns: int
    rows: int
    shown: int
    cell_width: float
    cell_height: float
    gap: float = 0.0
    vector: bool = False

    @property
    def width(self) -> float:
        """From the first column to the last."""
        return self.columns * self.cell_width + (self.columns - 1) * self.gap

    @property
    def height(self) -> float:
        """From the first row to the last."""
        return self.rows * self.cell_height + (self.rows - 1) * self.gap

    def cells(self) -> list[Box]:
        """Where each map or value that is shown stands, from the grid's upper left corner."""
        across, down = self.cell_width + self.gap, self.cell_height + self.gap
        places = (divmod(n, self.rows if self.vector else self.columns) for n in range(self.shown))
        return [
            Box(a * across, b * down, self.cell_width, self.cell_height)
            if self.vector
            else Box(b * across, a * down, self.cell_width, self.cell_height)
            for a, b in places
        ]


def map_grid(channels: int, height: int, width: int, room: float, unit: float = 1.0) -> Grid:
    """Cells for `channels` maps of height × width, in a card that has `room` for their height.

    Up to 8 maps stand in two columns, more in four; what does not fit is left out.
    """
    if height == width == 1:
        return vector_grid(channels, room, unit)
    columns = 1 if channels == 1 else 2 if channels <= 8 else 4
    gap = _GAP * unit
    rows = min(ceil(channels / columns), _ROWS[columns])
    side = min(_CELLS[columns] * unit, (room - (rows - 1) * gap) / rows)
    if side < _SMALLEST * unit:
        side = _SMALLEST * unit
        rows = max(1, min(rows, int((room + gap) / (side + gap))))
    longer = max(height, width)
    cell_width = side * max(width / longer, _FLATTEST)
    cell_height = side * max(height / longer, _FLATTEST)
    return Grid(columns, rows, min(channels, columns * rows), cell_width, cell_height, gap)


def strip_grid(channels: int, height: int, width: int, room: float, unit: float = 1.0) -> Grid:
    """A single row of two maps at most, for a low card that has its texts beside them."""
    if height == width == 1:
        return vector_grid(channels, room, unit)
    columns, longer = min(channels, 2), max(height, width)
    cell_width = room * max(width / longer, _FLATTEST)
    cell_height = room * max(height / longer, _FLATTEST)
    return Grid(columns, 1, columns, cell_width, cell_height, _GAP * unit)


def vector_grid(length: int, room: float, unit: float = 1.0) -> Grid:
    """Cells for a vector: as many as fit, as large as possible, a short one in a single column."""
    for cell in _VECTOR_CELLS[: _LINE_CELLS if length <= _LINE else 0]:
        if length * cell * unit <= room:
            return Grid(1, length, length, cell * unit, cell * unit, vector=True)
    for cell in _VECTOR_CELLS:
        side = cell * unit
        tallest = max(1, int(room / side))
        columns = ceil(length / tallest)
        if columns * cell <= _VECTOR_WIDTH:
            return Grid(columns, ceil(length / columns), length, side, side, vector=True)
    columns = int(_VECTOR_WIDTH / _VECTOR_CELLS[-1])
    return Grid(columns, tallest, min(length, columns * tallest), side, side, vector=True)


def enough(cell: float) -> float:
    """How many values across show all that can be seen of a map that is `cell` pixels wide: two a
    pixel, which then take the mean."""
    return 2 * cell


def room_for_maps(view_height: float, chrome: float, unit: float = 1.0) -> float:
    """How high the maps may be in a view of that height, beside the texts of a card (`chrome`);
    less than `LOWEST` says that there is no room below the texts."""
    return room_in_lane(view_height - 2 * MARGIN * unit, chrome, unit)


def room_in_lane(height: float, chrome: float, unit: float = 1.0) -> float:
    """The same in a lane of that height."""
    return min(max(height - chrome, 0.0), TALLEST * unit)


def edge_speed(x: float, width: float, edge: float, fastest: int) -> int:
    """How far to scroll at each tick while something is dragged near the left or right edge."""
    if x < edge:
        return -round(fastest * min(1.0, (edge - x) / edge))
    if x > width - edge:
        return round(fastest * min(1.0, (x - width + edge) / edge))
    return 0


def fits_below(view_height: float, card: float, bubble: float, space: float) -> bool:
    """Whether a bubble finds room below a card that stands in the middle of the view."""
    return card / 2 + space + bubble + space / 2 <= view_height / 2


def place_bubble(
    card: Box,
    size: tuple[float, float],
    view: Box,
    others: Sequence[Box],
    space: float,
    *,
    below: bool,
    loose: bool = True,
) -> Box:
    """Where the bubble of a card stands: below it or right of it, whichever the row has room for.

    It is moved sideways to stay in the view, but never covers the card or one of the others; where
    there is no such place it stays with its card, and is scrolled with it, as it always does where
    it is not `loose`.
    """
    width, height = size
    middle = card.top + card.height / 2
    level = middle - height / 2
    if loose:
        level = min(max(level, view.top + space), view.bottom - space - height)
    beside = Box(card.right + space, level, width, height)
    home = Box(card.left - space, card.bottom + space, width, height) if below else beside
    if not loose:
        return home
    shifted = home._replace(left=max(min(home.left, view.right - space - width), view.left + space))
    left_of_it = beside._replace(left=card.left - space - width)
    obstacles = (card, *others)
    over = [
        box.bottom for box in obstacles if box.left < shifted.right and shifted.left < box.right
    ]
    under_all = shifted._replace(top=max(over, default=card.bottom) + space)
    return next(
        (
            place
            for place in (shifted, left_of_it, under_all)
            if place.within(view) and not any(place.meets(other) for other in obstacles)
        ),
        home,
    )
