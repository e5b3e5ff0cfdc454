"""Locally connected convolution: small windows as in a convolution, but nothing is shared."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from cnnviz.layers.base import Family, Layer
from cnnviz.layers.fields import FROZEN, KERNEL, STRIDE, Border, Size, about
from cnnviz.layers.initialisation import DEFAULT, START, Initialisation
from cnnviz.layers.shapes import LIMIT, Call, Maps, Problem, ReceptiveField, Shape, Span
from cnnviz.layers.windows import (
    KERNEL_BY_HAND,
    by_hand_problem,
    ends,
    read_through,
    short,
    slide,
    wants_maps,
)
from cnnviz.message import Message


class LocallyConnected2d(Layer, tag="locally_connected2d", frozen=True, kw_only=True):
    """A filter of its own for every position; Keras's LocallyConnected2D, biases included.

    It is here to be counted beside a convolution: what weight sharing saves.
    """

    family: ClassVar[Family] = "convolution"
    title: ClassVar[Message] = Message("Locally connected")
    help: ClassVar[Message] = Message(
        "Looks through small windows as a convolution does, but every position has filters of its "
        "own. Compare the counts: this is what sharing weights saves."
    )

    filters: Annotated[
        int,
        about(
            Message("Filters"),
            Message("How many filters every position has, and so how many maps come out."),
            ge=1,
            le=LIMIT,
        ),
    ] = 8
    kernel: Annotated[Size, KERNEL] = Size(3, 3)
    stride: Annotated[Size, STRIDE] = Size(1, 1)
    padding: Annotated[
        Literal["valid"] | Border,
        about(
            Message("Padding"),
            Message("Zeros around the image: none, or a number of rows and columns on each side."),
        ),
    ] = "valid"
    bias: Annotated[
        bool,
        about(Message("Bias"), Message("Adds one learned number to each value of the output.")),
    ] = True
    initialisation: Annotated[Initialisation, START] = DEFAULT
    frozen: Annotated[bool, FROZEN] = False

    @property
    def detail(self) -> str:
        return f"{self.kernel} · {self.filters}"

    def output_shape(self, x: Shape) -> Shape | Problem:
        if not isinstance(x, Maps):
            return wants_maps(self, x)
        wrong = by_hand_problem(self, x, self.kernel.height * self.kernel.width, KERNEL_BY_HAND)
        if wrong is not None:
            return wrong
        return slide(
            self, x, self.filters, kernel=self.kernel, stride=self.stride, padding=self.padding
        )

    def parameters(self, x: Shape) -> dict[str, tuple[int, ...]]:
        y = self.output_shape(x)
        if not isinstance(x, Maps) or not isinstance(y, Maps):
            return {}
        places = y.height * y.width
        weight = (places, self.filters, x.channels * self.kernel.height * self.kernel.width)
        return {"weight": weight, "bias": weight[:2]} if self.bias else {"weight": weight}

    def fan_in(self, x: Shape) -> int:
        return self.parameters(x)["weight"][2]

    def fan_out(self, x: Shape) -> int:
        """As of a convolution, in which a value is seen by every place of the kernel."""
        return self.filters * self.kernel.height * self.kernel.width

    def multiply_adds(self, x: Shape, y: Shape) -> int:
        if not isinstance(x, Maps):
            return 0
        return y.size * self.kernel.height * self.kernel.width * x.channels

    def kept(self, x: Shape, y: Shape) -> int:
        # The patch of every position, as the product with its own weights wants them.
        if not isinstance(x, Maps) or not isinstance(y, Maps):
            return 0
        return y.height * y.width * x.channels * self.kernel.height * self.kernel.width

    def receptive_field(self, before: ReceptiveField, y: Shape) -> ReceptiveField:
        if not isinstance(y, Maps):
            return before
        start = self.padding.pair if isinstance(self.padding, Border) else (0, 0)
        return before.slide(self.kernel.pair, self.stride.pair, y, start)

    def reads(self, x: Shape, axis: int, span: Span) -> Span:
        start = self.padding.pair[axis] if isinstance(self.padding, Border) else 0
        return read_through(span, self.stride.pair[axis], self.kernel.pair[axis], start)

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        y = self.output_shape(x)
        if not isinstance(x, Maps) or not isinstance(y, Maps):
            raise TypeError("a locally connected layer is built for maps")
        (above, _), (left, _) = ends(self.padding, x, self.kernel.pair, self.stride)
        keywords: dict[str, object] = {}
        if self.stride.pair != (1, 1):
            keywords["stride"] = short(self.stride.pair)
        if above or left:
            keywords["padding"] = short((above, left))
        if not self.bias:
            keywords["bias"] = False
        places = (y.height, y.width)
        positional = (x.channels, self.filters, places, short(self.kernel.pair))
        return (Call("LocallyConnected2d", positional, keywords),)
