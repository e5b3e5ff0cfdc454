"""Convolution: learned filters that slide over the image."""

from __future__ import annotations

from math import prod
from typing import Annotated, ClassVar

import msgspec

from cnnviz.layers.base import Family, Layer
from cnnviz.layers.fields import (
    FILTERS,
    FROZEN,
    KERNEL,
    MAP_BIAS,
    STRIDE,
    Padding,
    Size,
    about,
)
from cnnviz.layers.initialisation import DEFAULT, START, Initialisation
from cnnviz.layers.shapes import LIMIT, Call, Maps, Problem, ReceptiveField, Repair, Shape, Span
from cnnviz.layers.windows import (
    KERNEL_BY_HAND,
    by_hand_problem,
    ends,
    extent,
    groups_problem,
    padding_call,
    read_through,
    short,
    slide,
    wants_maps,
)
from cnnviz.message import Message

MOST_CONNECTIONS = 4096
"""How many filters a table of connections may have, and how many maps a filter in it may see."""

Connection = Annotated[
    tuple[Annotated[int, msgspec.Meta(ge=0, le=LIMIT)], ...],
    msgspec.Meta(max_length=MOST_CONNECTIONS),
]


class Conv2d(Layer, tag="conv2d", frozen=True, kw_only=True):
    """Slide learned filters over the image; each filter makes one feature map.

    The filters are `groups` sets; each sees its own share of the input maps. Shape rule and names
    of the tensors as in torch.nn.Conv2d, 'same' as in TensorFlow.
    """

    family: ClassVar[Family] = "convolution"
    title: ClassVar[Message] = Message("Conv")
    help: ClassVar[Message] = Message(
        "Slides small learned filters over the image. Each filter makes one feature map that is "
        "strong where the image looks like the filter."
    )

    filters: Annotated[int, FILTERS] = 16
    kernel: Annotated[Size, KERNEL] = Size(3, 3)
    stride: Annotated[Size, STRIDE] = Size(1, 1)
    padding: Annotated[
        Padding,
        about(
            Message("Padding"),
            Message(
                "Zeros around the image. Valid: none. Same: as many as keep the size (divided by "
                "the stride). Or a number of rows and columns on each side."
            ),
        ),
    ] = "valid"
    dilation: Annotated[
        Size,
        about(
            Message("Dilation"),
            Message("How far apart the pixels are that the kernel reads; 1 is without gaps."),
        ),
    ] = Size(1, 1)
    groups: Annotated[
        int,
        about(
            Message("Groups"),
            Message(
                "Splits the input maps and the filters into groups that do not see each other. "
                "As many groups as input maps is a depthwise convolution."
            ),
            ge=1,
            le=LIMIT,
        ),
    ] = 1
    bias: Annotated[bool, MAP_BIAS] = True

    connections: Annotated[
        tuple[Connection, ...],
        about(
            Message("Connections"),
            Message(
                "Which input maps each filter sees, as in LeNet-5. Only these weights exist and "
                "count. Not together with groups."
            ),
            max_length=MOST_CONNECTIONS,
        ),
    ] = ()
    """For each filter the input maps that it sees; empty: all see all."""
    initialisation: Annotated[Initialisation, START] = DEFAULT
    frozen: Annotated[bool, FROZEN] = False
    frozen_filters: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=0, le=LIMIT)], ...],
        msgspec.Meta(max_length=MOST_CONNECTIONS),
    ] = ()
    """Filters that keep what they have learned while the others learn; with a table of connections
    none does, and numbers beyond the last filter mean nothing."""

    @property
    def held(self) -> tuple[int, ...]:
        """The filters that training leaves as they are, though the layer learns."""
        if self.frozen or self.connections:
            return ()
        return tuple(sorted({one for one in self.frozen_filters if one < self.filters}))

    @property
    def detail(self) -> str:
        return f"{self.kernel} · {self.filters:,}"

    @property
    def links(self) -> int:
        """How many pairs of a filter and an input map the connections name."""
        return sum(map(len, self.connections))

    @property
    def reach(self) -> tuple[int, int]:
        """Height and width that the dilated kernel covers."""
        return (
            extent(self.kernel.height, self.dilation.height),
            extent(self.kernel.width, self.dilation.width),
        )

    def output_shape(self, x: Shape) -> Shape | Problem:
        if not isinstance(x, Maps):
            return wants_maps(self, x)
        if self.connections:
            wrong = self._wrong_connections(x)
            if wrong is not None:
                return wrong
        elif x.channels % self.groups or self.filters % self.groups:
            return groups_problem(self, x, self.filters, self.groups)
        if self.initialisation is not DEFAULT:
            wrong = by_hand_problem(
                self,
                x,
                self.kernel.height * self.kernel.width,
                KERNEL_BY_HAND,
            )
            if wrong is not None:
                return wrong
        return slide(
            self,
            x,
            self.filters,
            kernel=self.kernel,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation.pair,
        )

    def parameters(self, x: Shape) -> dict[str, tuple[int, ...]]:
        if not isinstance(x, Maps):
            return {}
        weight: tuple[int, ...] = (self.filters, x.channels // self.groups, *self.kernel.pair)
        if self.connections:
            weight = (self.links, *self.kernel.pair)
        return {"weight": weight, "bias": (self.filters,)} if self.bias else {"weight": weight}

    def multiply_adds(self, x: Shape, y: Shape) -> int:
        if not isinstance(x, Maps):
            return 0
        window = self.kernel.height * self.kernel.width
        if self.connections and isinstance(y, Maps):
            return y.height * y.width * window * self.links
        return y.size * window * (x.channels // self.groups)

    def fan_in(self, x: Shape) -> int:
        """With a table of connections the average, as filters then differ in how much they see."""
        if not isinstance(x, Maps):
            raise TypeError("a convolution is built for maps")
        seen = -(-self.links // self.filters) if self.connections else x.channels // self.groups
        return seen * self.kernel.height * self.kernel.width

    def fan_out(self, x: Shape) -> int:
        return self.filters // self.groups * self.kernel.height * self.kernel.width

    def receptive_field(self, before: ReceptiveField, y: Shape) -> ReceptiveField:
        if not isinstance(y, Maps):
            return before
        above, left = ends(
            self.padding, Maps(before.rows, before.columns, 1), self.reach, self.stride
        )
        return before.slide(self.reach, self.stride.pair, y, (above[0], left[0]))

    def reads(self, x: Shape, axis: int, span: Span) -> Span:
        if not isinstance(x, Maps):
            return span
        start = ends(self.padding, x, self.reach, self.stride)[axis][0]
        return read_through(span, self.stride.pair[axis], self.reach[axis], start)

    def held_parameters(self, x: Shape) -> int:
        a_filter = sum(prod(shape[1:]) for shape in self.parameters(x).values())
        return len(self.held) * a_filter

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        if not isinstance(x, Maps):
            raise TypeError("a convolution is built for maps")
        above, left = ends(self.padding, x, self.reach, self.stride)
        keywords: dict[str, object] = {}
        uneven = above[0] != above[1] or left[0] != left[1]
        if self.stride.pair != (1, 1):
            keywords["stride"] = short(self.stride.pair)
        if not uneven and (above[0] or left[0]):
            keywords["padding"] = short((above[0], left[0]))
        if self.dilation.pair != (1, 1):
            keywords["dilation"] = short(self.dilation.pair)
        if self.groups != 1:
            keywords["groups"] = self.groups
        if not self.bias:
            keywords["bias"] = False
        positional: tuple[object, ...] = (x.channels, self.filters, short(self.kernel.pair))
        if self.connections:
            positional = (x.channels, self.connections, *positional[2:])
            call = Call("ConnectedConv2d", positional, keywords)
        elif self.held:
            call = Call("PartlyFrozenConv2d", positional, keywords | {"held": self.held})
        else:
            call = Call("nn.Conv2d", positional, keywords)
        return (padding_call("nn.ZeroPad2d", (above, left)), call) if uneven else (call,)

    def _wrong_connections(self, x: Maps) -> Problem | None:
        everything = msgspec.structs.replace(self, connections=())
        repairs: tuple[Repair, ...] = (
            Repair(Message("Let every filter see every map"), (everything,)),
        )
        detail = Message("The table of connections names, for each filter, the maps that it sees.")
        if self.groups > 1:
            headline = Message("A table of connections and groups cannot go together.")
            alone = msgspec.structs.replace(self, groups=1)
            repairs = (Repair(Message("Groups {n:,}", n=1), (alone,)), *repairs)
        elif len(self.connections) != self.filters:
            headline = Message(
                "The table of connections has {rows:,} rows for {filters:,} filters.",
                rows=len(self.connections),
                filters=self.filters,
            )
            rows = msgspec.structs.replace(self, filters=len(self.connections))
            repairs = (Repair(Message("Filters {n:,}", n=rows.filters), (rows,)), *repairs)
        elif any(not row or len(set(row)) < len(row) for row in self.connections):
            headline = Message("A filter sees no map at all, or one of them twice.")
        elif any(max(row) >= x.channels for row in self.connections):
            headline = Message(
                "The table of connections names map {index:,}, but only {channels:,} maps come in.",
                index=max(max(row) for row in self.connections),
                channels=x.channels,
            )
        else:
            return None
        return Problem(x, headline, detail, repairs)
