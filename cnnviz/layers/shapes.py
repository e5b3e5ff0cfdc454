"""The values that flow through the shape rules: shapes, receptive fields, problems, torch calls."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from cnnviz.layers.base import Layer
    from cnnviz.message import Message

Number = int | Fraction

LIMIT = 10**9
"""The largest size, count of filters or units that a field may name."""


class Maps(Struct, frozen=True):
    """Feature maps of one image: `height` × `width` values in each of `channels` maps."""

    height: int
    width: int
    channels: int

    @property
    def size(self) -> int:
        """How many values there are."""
        return self.height * self.width * self.channels

    @property
    def sizes(self) -> tuple[int, ...]:
        """(height, width, channels)"""
        return self.height, self.width, self.channels

    def __str__(self) -> str:
        return f"{self.height}×{self.width}×{self.channels}"


class Vector(Struct, frozen=True):
    """One value after the other, without a place in the image."""

    length: int

    @property
    def size(self) -> int:
        """How many values there are."""
        return self.length

    @property
    def sizes(self) -> tuple[int, ...]:
        """(length,)"""
        return (self.length,)

    def __str__(self) -> str:
        return f"{self.length}"


Shape = Maps | Vector


def features(x: Shape) -> int:
    """How many maps, or values of a vector, a layer treats each in its own way."""
    return x.channels if isinstance(x, Maps) else x.length


class ReceptiveField(Struct, frozen=True):
    """The input pixels that one value sees, and how far apart neighbouring values look.

    In input pixels, per axis, not clipped at the border of the image. The first value's field
    begins at row `top` and column `left`, which are negative where it reaches into padding.
    `rows` × `columns` are the positions at which maps were last sampled, which a layer that reads
    all of them needs. After a transposed convolution a jump is a fraction, values differ in how
    much they see, and the field is the least that none of them goes beyond.
    After Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks",
    Distill 2019.
    """

    height: int
    width: int
    jump_height: Number
    jump_width: Number
    rows: int
    columns: int
    top: Number = 0
    left: Number = 0

    @classmethod
    def of_input(cls, height: int, width: int) -> ReceptiveField:
        """A pixel of the input sees itself."""
        return cls(1, 1, 1, 1, height, width)

    def slide(
        self,
        extent: tuple[int, int],
        stride: tuple[Number, Number],
        output: Maps,
        padding: tuple[int, int] = (0, 0),
    ) -> ReceptiveField:
        """After a window that covers `extent` values and moves by `stride`.

        It begins `padding` values above and left of the first one.
        """
        down, across = self.jump_height, self.jump_width
        height = self.height + (extent[0] - 1) * down
        width = self.width + (extent[1] - 1) * across
        jumps = (down * stride[0], across * stride[1])
        top, left = self.top - padding[0] * down, self.left - padding[1] * across
        if type(jumps[0]) is not int or type(jumps[1]) is not int:
            height, width = ceil(height), ceil(width)
            jumps = (_simple(jumps[0]), _simple(jumps[1]))
        return ReceptiveField(height, width, *jumps, output.height, output.width, top, left)  # type: ignore[arg-type]

    def spread(
        self,
        reads: tuple[int, int],
        stride: tuple[int, int],
        output: Maps,
        offset: tuple[int, int],
    ) -> ReceptiveField:
        """After a transposed window: each value reads at most `reads` values, and neighbours look
        1/`stride` of the distance apart. The first value begins at value `offset`."""
        return ReceptiveField(
            _whole(self.height + (reads[0] - 1) * self.jump_height),
            _whole(self.width + (reads[1] - 1) * self.jump_width),
            _simple(Fraction(self.jump_height) / stride[0]),
            _simple(Fraction(self.jump_width) / stride[1]),
            output.height,
            output.width,
            self.top + offset[0] * self.jump_height,
            self.left + offset[1] * self.jump_width,
        )

    def hull(self, other: ReceptiveField) -> ReceptiveField:
        """What a value sees that is put together from two at the same place."""
        top, left = min(self.top, other.top), min(self.left, other.left)
        bottom = max(self.top + self.height, other.top + other.height)
        right = max(self.left + self.width, other.left + other.width)
        return ReceptiveField(
            _whole(bottom - top),
            _whole(right - left),
            max(self.jump_height, other.jump_height),
            max(self.jump_width, other.jump_width),
            max(self.rows, other.rows),
            max(self.columns, other.columns),
            top,
            left,
        )

    def pad(self, top: int, left: int, output: Maps) -> ReceptiveField:
        """After zeros have been put around the maps."""
        return self.slide((1, 1), (1, 1), output, (top, left))

    def gather(self) -> ReceptiveField:
        """After a layer each value of which reads all positions: dense or global pooling."""
        return ReceptiveField(
            _whole(self.height + (self.rows - 1) * self.jump_height),
            _whole(self.width + (self.columns - 1) * self.jump_width),
            self.jump_height,
            self.jump_width,
            1,
            1,
            self.top,
            self.left,
        )


def _whole(number: Number) -> int:
    """Pixels that are only partly in a field are in it."""
    return number if isinstance(number, int) else ceil(number)


def _simple(number: Number) -> Number:
    return int(number) if number.denominator == 1 else number


Span = tuple[int, int] | None
"""First and last row or column that is read, not clipped at the border; None: all there are."""


class Repair(Struct, frozen=True):
    """A way out of a problem: what to put in the place of the layer that has it."""

    label: Message
    layers: tuple[Layer, ...]


class Problem(Struct, frozen=True):
    """Why a layer cannot work on what it receives.

    `headline` says what is wrong, `detail` shows the rule with its numbers, `repairs` are ways out,
    the likeliest first.
    """

    received: Shape
    headline: Message
    detail: Message
    repairs: tuple[Repair, ...] = ()


class Call(Struct, frozen=True):
    """One constructor call of a PyTorch module, to be made or to be printed."""

    name: str
    positional: tuple[Any, ...] = ()
    keywords: dict[str, Any] = {}

    def source(self) -> str:
        """The call as one writes it in a program."""
        words = [_literal(value) for value in self.positional]
        words += [f"{name}={_literal(value)}" for name, value in self.keywords.items()]
        return f"{self.name}({', '.join(words)})"


def _literal(value: Any) -> str:
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return f'float("{value}")'
    return repr(value)
