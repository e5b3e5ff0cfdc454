"""Layers that put values elsewhere, and the dense layer that wants them in a row."""

from __future__ import annotations

from typing import Annotated, ClassVar

from cnnviz.layers.base import Family, Layer
from cnnviz.layers.fields import FROZEN, Sides, about
from cnnviz.layers.initialisation import DEFAULT, START, Initialisation
from cnnviz.layers.pooling import GlobalAvgPool
from cnnviz.layers.shapes import (
    LIMIT,
    Call,
    Maps,
    Problem,
    ReceptiveField,
    Repair,
    Shape,
    Span,
    Vector,
)
from cnnviz.layers.windows import by_hand_problem, read_through, wants_maps
from cnnviz.message import Message


class Flatten(Layer, tag="flatten", frozen=True, kw_only=True):
    """Write the maps one after the other into a vector, channel by channel, row by row."""

    family: ClassVar[Family] = "reshaping"
    title: ClassVar[Message] = Message("Flatten")
    help: ClassVar[Message] = Message(
        "Writes all feature maps one after the other into one long vector, for the dense layers."
    )

    def output_shape(self, x: Shape) -> Shape | Problem:
        return Vector(x.size)

    def reads(self, x: Shape, axis: int, span: Span) -> Span:
        """All positions; else those of the same value in the maps, which the caller names."""
        if span is not None or not isinstance(x, Maps):
            return span
        return 0, (x.height, x.width)[axis] - 1

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.Flatten"),)


class ZeroPadding(Layer, tag="zero_padding", frozen=True, kw_only=True):
    """Put zeros around the maps, on each side as many as one likes; torch.nn.ZeroPad2d."""

    family: ClassVar[Family] = "reshaping"
    title: ClassVar[Message] = Message("Zero padding")
    help: ClassVar[Message] = Message(
        "Puts rows and columns of zeros around every feature map, on each side as many as you like."
    )

    padding: Annotated[
        Sides,
        about(
            Message("Padding"), Message("Rows above and below, columns at the left and the right.")
        ),
    ] = Sides(1, 1, 1, 1)

    @property
    def detail(self) -> str:
        return str(self.padding)

    def output_shape(self, x: Shape) -> Shape | Problem:
        if not isinstance(x, Maps):
            return wants_maps(self, x)
        top, bottom, left, right = self.padding.all
        return Maps(x.height + top + bottom, x.width + left + right, x.channels)

    def receptive_field(self, before: ReceptiveField, y: Shape) -> ReceptiveField:
        if not isinstance(y, Maps):
            return before
        return before.pad(self.padding.top, self.padding.left, y)

    def reads(self, x: Shape, axis: int, span: Span) -> Span:
        start = (self.padding.top, self.padding.left)[axis]
        return read_through(span, 1, 1, start)

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        top, bottom, left, right = self.padding.all
        return (Call("nn.ZeroPad2d", ((left, right, top, bottom),)),)


class Dense(Layer, tag="dense", frozen=True, kw_only=True):
    """Connect every unit with every value of the input vector; torch.nn.Linear."""

    family: ClassVar[Family] = "dense"
    title: ClassVar[Message] = Message("Dense")
    help: ClassVar[Message] = Message(
        "Every unit adds up all values of the input, each with a weight of its own."
    )

    units: Annotated[
        int,
        about(
            Message("Units"),
            Message("How many numbers come out. The last dense layer has one for each class."),
            ge=1,
            le=LIMIT,
        ),
    ] = 64
    bias: Annotated[
        bool, about(Message("Bias"), Message("Adds one learned number to each unit."))
    ] = True

    initialisation: Annotated[Initialisation, START] = DEFAULT
    frozen: Annotated[bool, FROZEN] = False

    @property
    def detail(self) -> str:
        return f"{self.units:,}"

    def output_shape(self, x: Shape) -> Shape | Problem:
        if isinstance(x, Vector):
            if self.initialisation is not DEFAULT:
                every = self.units * x.length
                wrong = by_hand_problem(
                    self,
                    x,
                    every if len(self.initialisation.values) == every else x.length,
                    Message(
                        "One for each value of the input, and all units start alike; or those of "
                        "all units, one unit after the other."
                    ),
                )
                if wrong is not None:
                    return wrong
            return Vector(self.units)
        return Problem(
            x,
            Message("Dense needs a vector and receives {shape} feature maps.", shape=x),
            Message(
                "A flatten layer makes {height} · {width} · {channels} = {n:,} values of them.",
                height=x.height,
                width=x.width,
                channels=x.channels,
                n=x.size,
            ),
            (
                Repair(Message("Insert flatten → {n:,}", n=x.size), (Flatten(), self)),
                Repair(
                    Message("Insert global avg pool → {n:,}", n=x.channels),
                    (GlobalAvgPool(), Flatten(), self),
                ),
            ),
        )

    def parameters(self, x: Shape) -> dict[str, tuple[int, ...]]:
        weight = (self.units, x.size)
        return {"weight": weight, "bias": (self.units,)} if self.bias else {"weight": weight}

    def multiply_adds(self, x: Shape, y: Shape) -> int:
        return x.size * self.units

    def receptive_field(self, before: ReceptiveField, y: Shape) -> ReceptiveField:
        return before.gather()

    def reads(self, x: Shape, axis: int, span: Span) -> Span:
        return None

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        keywords: dict[str, object] = {} if self.bias else {"bias": False}
        return (Call("nn.Linear", (x.size, self.units), keywords),)
