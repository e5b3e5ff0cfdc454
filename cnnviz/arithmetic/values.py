"""How an output value came about, as values: what was read, and every number on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from cnnviz.layers import Maps
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cnnviz.analysis import Row
    from cnnviz.layers import Shape

Place = tuple[int, ...]
"""(channel, row, column) of a value in maps, or (index,) in a vector."""

Floats = np.ndarray

Taps = tuple[int | None, ...]
"""Which row or column each of a patch is; None in the gaps that a stride leaves."""


class Absent(Struct, frozen=True):
    """Why a value cannot be worked out now."""

    reason: Message


class Reading(Struct, frozen=True, eq=False):
    """What a layer is given when a value is worked out.

    sources: float32 values of its input, (channels, height, width) or (length,); of branches the
    ends of all of them. shapes: what they must have. `behind`: the maps that an input vector was
    written out from. first: the filter or unit that tensors begin with which are not there as a
    whole.
    """

    row: Row
    sources: Sequence[Floats]
    shapes: Sequence[Shape]
    tensors: Mapping[str, Floats]
    place: Place
    behind: Maps | None = None
    first: int = 0

    @property
    def x(self) -> Floats:
        """The one input."""
        return self.sources[0]

    @property
    def maps(self) -> tuple[Maps, Maps]:
        """Input and output shape of a layer that knows only maps."""
        x, y = self.row.input, self.row.output
        if not isinstance(x, Maps) or not isinstance(y, Maps):
            raise TypeError("a window slides over maps")
        return x, y

    def start(self, name: str) -> int:
        """The filter or unit that a tensor begins with."""
        return self.first if len(self.tensors[name]) < self.row.tensors[name][0] else 0

    def part(self, name: str, filter_: int) -> Floats:
        """What of a tensor belongs to a filter or unit."""
        values: Floats = self.tensors[name][filter_ - self.start(name)]
        return values

    def number(self, name: str, *index: int) -> float:
        """One value of a tensor."""
        return float(self.part(name, index[0])[index[1:]])


class Reads(Struct, frozen=True):
    """Where in the input a value comes from.

    channels, rows, columns: of maps, in the order of the window; rows and columns outside the maps
    are padding. Of a vector, `columns` are the indices, and rows and channels are (0,).
    """

    channels: tuple[int, ...] = (0,)
    rows: tuple[int, ...] = (0,)
    columns: tuple[int, ...] = (0,)


Piece = str | float
"""Of a line with numbers: a word or an operator, or a number to be shown with few digits."""


class Step(Struct, frozen=True):
    """One line of the arithmetic: `title`: `pieces` = `result`.

    places: behind the point, of every number of the line; None for each number its own.
    """

    title: Message
    pieces: tuple[Piece, ...]
    result: float
    places: int | None = None


class Weighted(Struct, frozen=True, eq=False):
    """A sum of products: patch × kernel, channel by channel, and the bias.

    patch, weights, products: float64 (channels, height, width), padding read as 0.
    inside: bool (height, width), False where the patch is padding. sums: (channels,).
    mapped: whether channels are maps; else they are a vector's only one.
    factors: what patch and weights are.
    """

    patch: Floats
    inside: Floats
    weights: Floats
    products: Floats
    sums: Floats
    bias: float | None
    mapped: bool = True
    factors: tuple[Message, Message] = (Message("input"), Message("weight"))

    @property
    def total(self) -> float:
        """All products and the bias."""
        return float(self.sums.sum()) + (self.bias or 0.0)


class Window(Struct, frozen=True, eq=False):
    """The values under a window that are counted, or of which one wins.

    values: float64 (height, width). inside: bool, False where there is no pixel. counted: bool,
    also True where padding is counted as 0. winner: its row and column in the window.
    """

    values: Floats
    inside: Floats
    counted: Floats
    winner: tuple[int, int] | None = None


class Listed(Struct, frozen=True, eq=False):
    """Numbers one below the other, with a word before each.

    labels: what each row is, such as a map's index. columns: (title, one number a row; NaN where
    there is none). mine: the row that the value belongs to, -1 where it belongs to all.
    """

    rows_are: Message
    labels: tuple[str, ...]
    columns: tuple[tuple[Message, Floats], ...]
    mine: int = -1


class Bent(Struct, frozen=True):
    """A value that goes through a function: to be shown on its curve."""

    function: str
    x: float
    slope: float


class Straight(Struct, frozen=True):
    """A value that is only scaled and shifted: x · factor + offset."""

    x: float
    factor: float
    offset: float


class Moved(Struct, frozen=True):
    """A value that is somewhere else now; `source` is its place, None where it is new (a zero)."""

    source: Place | None
    which: int = 0
    """Which of the sources it comes from."""


class Merged(Struct, frozen=True):
    """Values of several branches that become one; `places` is where each of them stands."""

    operator: str
    values: tuple[float, ...]
    places: tuple[Place, ...]


class Share(Struct, frozen=True, eq=False):
    """What a window of a pooling layer hands to each value that it has read.

    row, column: its place in the output. reads: the rows and columns of the input under it.
    values: the input there, float64 (height, width). shares: of δ, in the same places. inside:
    bool, False where there is no pixel. winner: the row and column in the window that gets all.
    """

    row: int
    column: int
    reads: Reads
    values: Floats
    shares: Floats
    inside: Floats
    delta: float
    cell: tuple[int, int]
    """Where in the window the value is whose δ is asked for."""
    winner: tuple[int, int] | None = None

    @property
    def handed(self) -> Floats:
        """δ ⊗ shares: the Kronecker product of one δ with the pattern of the window."""
        return self.delta * self.shares

    @property
    def part(self) -> float:
        """What this window hands to the value."""
        return float(self.delta * self.shares[self.cell])


class Shared(Struct, frozen=True, eq=False):
    """The windows of a pooling layer that have read a value, in the order of the output."""

    windows: tuple[Share, ...]


class Outer(Struct, frozen=True, eq=False):
    """The gradient of a dense layer around one weight: δ · xᵀ.

    delta: (units,); x: (inputs,); of very large layers only some around the chosen ones, which
    begin at `first_unit` and `first_input`. row, column: the chosen ones among them.
    """

    delta: Floats
    x: Floats
    row: int
    column: int
    first_unit: int = 0
    first_input: int = 0

    @property
    def products(self) -> Floats:
        """The gradient (units, inputs)."""
        return np.outer(self.delta, self.x)


class Tangent(Struct, frozen=True):
    """A function and its slope at a value: δ is multiplied by that."""

    function: str
    x: float
    slope: float
    rise: float


class Plain(Struct, frozen=True):
    """Nothing to be seen but the lines."""


Picture = (
    Weighted | Window | Listed | Bent | Straight | Moved | Merged | Shared | Outer | Tangent | Plain
)
"""The last four belong to the way back."""


class Account(Struct, frozen=True, eq=False):
    """How one value of a layer's output came about.

    picture: what there is to be seen of it; steps: the lines with the numbers, the last of which
    has the value. value: worked out here, in float64. absolute: the sum of the magnitudes that it
    was made of, which rounding errors are measured by.
    """

    reads: Reads
    picture: Picture
    steps: tuple[Step, ...]
    value: float
    absolute: float

    @property
    def taps(self) -> tuple[Taps, Taps]:
        """Which row and which column each of a patch is."""
        return self.reads.rows, self.reads.columns
