"""Transposed convolution: from small maps to large ones, as decoders and generators have it."""

from __future__ import annotations

from math import prod
from typing import Annotated, ClassVar

from cnnviz.layers.base import Family, Layer
from cnnviz.layers.fields import FILTERS, FROZEN, MAP_BIAS, Border, Padding, Size, about
from cnnviz.layers.initialisation import DEFAULT, START, Initialisation
from cnnviz.layers.shapes import LIMIT, Call, Maps, Problem, ReceptiveField, Repair, Shape, Span
from cnnviz.layers.windows import (
    KERNEL_BY_HAND,
    by_hand_problem,
    extent,
    groups_problem,
    replace,
    short,
    wants_maps,
)
from cnnviz.message import Message


class TransposedConv2d(Layer, tag="transposed_conv2d", frozen=True, kw_only=True):
    """The convolution that hands gradients back, used forwards; torch.nn.ConvTranspose2d.

    Valid: (n − 1)·s + d·(k − 1) + 1 rows from n; same: n·s, the gradient of TensorFlow's SAME
    (Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016).
    """

    family: ClassVar[Family] = "convolution"
    title: ClassVar[Message] = Message("Transposed conv")
    help: ClassVar[Message] = Message(
        "Makes maps larger: every input value stamps the filter, times itself, into the output, "
        "and overlapping stamps add up."
    )

    filters: Annotated[int, FILTERS] = 16
    kernel: Annotated[
        Size,
        about(
            Message("Kernel"),
            Message("Height and width of the stamp that each input value leaves in the output."),
        ),
    ] = Size(2, 2)
    stride: Annotated[
        Size,
        about(
            Message("Stride"),
            Message("How many pixels of the output lie between the stamps of neighbours."),
        ),
    ] = Size(2, 2)
    padding: Annotated[
        Padding,
        about(
            Message("Padding"),
            Message(
                "What is cut off around the output. Valid: nothing. Same: as much as leaves the "
                "input's size times the stride. Or a number of rows and columns on each side."
            ),
        ),
    ] = "valid"
    dilation: Annotated[
        Size,
        about(Message("Dilation"), Message("How far apart the pixels of the stamp are.")),
    ] = Size(1, 1)
    groups: Annotated[
        int,
        about(
            Message("Groups"),
            Message(
                "Splits the input maps and the filters into groups that do not see each other."
            ),
            ge=1,
            le=LIMIT,
        ),
    ] = 1
    bias: Annotated[bool, MAP_BIAS] = True
    initialisation: Annotated[Initialisation, START] = DEFAULT
    frozen: Annotated[bool, FROZEN] = False

    @property
    def detail(self) -> str:
        return f"{self.kernel} · {self.filters}"

    @property
    def reach(self) -> tuple[int, int]:
        """Height and width of the dilated stamp."""
        return (
            extent(self.kernel.height, self.dilation.height),
            extent(self.kernel.width, self.dilation.width),
        )

    @property
    def cuts(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Rows cut off (above, below) and columns (left, right); negative: zeros are added."""
        if isinstance(self.padding, Border):
            vertical, horizontal = self.padding.pair
            return (vertical, vertical), (horizontal, horizontal)
        if self.padding == "valid":
            return (0, 0), (0, 0)
        pairs = []
        for reach, stride in zip(self.reach, self.stride.pair, strict=True):
            total = reach - stride
            pairs.append((total // 2, total - total // 2) if total >= 0 else (0, total))
        return pairs[0], pairs[1]

    def output_shape(self, x: Shape) -> Shape | Problem:
        if not isinstance(x, Maps):
            return wants_maps(self, x)
        if x.channels % self.groups or self.filters % self.groups:
            return groups_problem(self, x, self.filters, self.groups)
        wrong = by_hand_problem(self, x, self.kernel.height * self.kernel.width, KERNEL_BY_HAND)
        if wrong is not None:
            return wrong
        sizes = [
            (n - 1) * s + r - sum(cut)
            for n, s, r, cut in zip(
                (x.height, x.width), self.stride.pair, self.reach, self.cuts, strict=True
            )
        ]
        if min(sizes) < 1:
            return Problem(
                x,
                Message(
                    "The padding cuts everything off: {height}×{width} would be left.",
                    height=sizes[0],
                    width=sizes[1],
                ),
                Message("Output is (input − 1)·stride + kernel − 2·padding."),
                (
                    Repair(Message("Padding valid"), (replace(self, padding="valid"),)),
                    Repair(Message("Padding same"), (replace(self, padding="same"),)),
                ),
            )
        return Maps(sizes[0], sizes[1], self.filters)

    def parameters(self, x: Shape) -> dict[str, tuple[int, ...]]:
        if not isinstance(x, Maps):
            return {}
        weight = (x.channels, self.filters // self.groups, self.kernel.height, self.kernel.width)
        return {"weight": weight, "bias": (self.filters,)} if self.bias else {"weight": weight}

    def fan_out(self, x: Shape) -> int:
        """As torch.nn.init counts: of the convolution that hands gradients back."""
        return prod(self.parameters(x)["weight"]) // self.parameters(x)["weight"][1]

    def multiply_adds(self, x: Shape, y: Shape) -> int:
        return x.size * self.kernel.height * self.kernel.width * (self.filters // self.groups)

    def receptive_field(self, before: ReceptiveField, y: Shape) -> ReceptiveField:
        if not isinstance(y, Maps):
            return before
        # The most stamps that can lie over one pixel: those of inputs up to (kernel − 1)·dilation
        # pixels of the output before it.
        reads = [(r - 1) // s + 1 for r, s in zip(self.reach, self.stride.pair, strict=True)]
        firsts = [
            -((r - 1 - cut[0]) // s)
            for r, s, cut in zip(self.reach, self.stride.pair, self.cuts, strict=True)
        ]
        return before.spread((reads[0], reads[1]), self.stride.pair, y, (firsts[0], firsts[1]))

    def reads(self, x: Shape, axis: int, span: Span) -> Span:
        if span is None:
            return None
        stride, cut = self.stride.pair[axis], self.cuts[axis][0]
        first = -((self.reach[axis] - 1 - span[0] - cut) // stride)
        last = (span[1] + cut) // stride
        return min(first, last), last  # between the stamps nothing is read: the one before then

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        if not isinstance(x, Maps):
            raise TypeError("a convolution is built for maps")
        (above, below), (left, right) = self.cuts
        keywords: dict[str, object] = {}
        if self.stride.pair != (1, 1):
            keywords["stride"] = short(self.stride.pair)
        if self.dilation.pair != (1, 1):
            keywords["dilation"] = short(self.dilation.pair)
        if self.groups != 1:
            keywords["groups"] = self.groups
        if not self.bias:
            keywords["bias"] = False
        positional = (x.channels, self.filters, short(self.kernel.pair))
        if (above, left) != (below, right):
            keywords["cuts"] = (left, right, above, below)
            return (Call("ConvTranspose2dSame", positional, keywords),)
        if above or left:
            keywords["padding"] = short((above, left))
        return (Call("nn.ConvTranspose2d", positional, keywords),)
