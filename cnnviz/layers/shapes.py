"""The values that flow through the shape rules: shapes, receptive fields, problems, torch calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from cnnviz.layers.base import Layer
    from cnnviz.message import Message

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

    def __str__(self) -> str:
        return f"{self.height}×{self.width}×{self.channels}"


class Vector(Struct, frozen=True):
    """One value after the other, without a place in the image."""

    length: int

    @property
    def size(self) -> int:
        """How many values there are."""
        return self.length

    def __str__(self) -> str:
        return f"{self.length}"


Shape = Maps | Vector


class ReceptiveField(Struct, frozen=True):
    """The input pixels that one value sees, and how far apart neighbouring values look.

    In input pixels, per axis, not clipped at the border of the image. `rows` × `columns` are the
    positions at which maps were last sampled, which a layer that reads all of them needs.
    After Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks",
    Distill 2019.
    """

    height: int
    width: int
    jump_height: int
    jump_width: int
    rows: int
    columns: int

    @classmethod
    def of_input(cls, height: int, width: int) -> ReceptiveField:
        """A pixel of the input sees itself."""
        return cls(1, 1, 1, 1, height, width)

    def slide(
        self, extent: tuple[int, int], stride: tuple[int, int], output: Maps
    ) -> ReceptiveField:
        """After a window that covers `extent` values and moves by `stride`."""
        return ReceptiveField(
            self.height + (extent[0] - 1) * self.jump_height,
            self.width + (extent[1] - 1) * self.jump_width,
            self.jump_height * stride[0],
            self.jump_width * stride[1],
            output.height,
            output.width,
        )

    def gather(self) -> ReceptiveField:
        """After a layer each value of which reads all positions: dense or global pooling."""
        return ReceptiveField(
            self.height + (self.rows - 1) * self.jump_height,
            self.width + (self.columns - 1) * self.jump_width,
            self.jump_height,
            self.jump_width,
            1,
            1,
        )


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
