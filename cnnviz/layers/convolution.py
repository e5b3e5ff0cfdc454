"""Convolution: learned filters that slide over the image."""

from __future__ import annotations

from math import gcd
from typing import Annotated, ClassVar

import msgspec

from cnnviz.layers.base import Family, Layer, Padding, Size, about
from cnnviz.layers.shapes import LIMIT, Call, Maps, Problem, ReceptiveField, Repair, Shape
from cnnviz.layers.windows import ends, extent, padding_call, slide, wants_maps
from cnnviz.message import Message


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

    filters: Annotated[
        int,
        about(
            Message("Filters"),
            Message("How many filters there are, and so how many feature maps come out."),
            ge=1,
            le=LIMIT,
        ),
    ] = 16
    kernel: Annotated[
        Size,
        about(
            Message("Kernel"),
            Message("Height and width of the window of pixels that a filter sees at once."),
        ),
    ] = Size(3, 3)
    stride: Annotated[
        Size,
        about(
            Message("Stride"),
            Message("How many pixels the window moves from one position to the next."),
        ),
    ] = Size(1, 1)
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
    bias: Annotated[
        bool,
        about(Message("Bias"), Message("Adds one learned number to each feature map.")),
    ] = True

    @property
    def detail(self) -> str:
        return f"{self.kernel} · {self.filters:,}"

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
        if x.channels % self.groups or self.filters % self.groups:
            return self._groups_do_not_divide(x)
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
        weight = (self.filters, x.channels // self.groups, self.kernel.height, self.kernel.width)
        return {"weight": weight, "bias": (self.filters,)} if self.bias else {"weight": weight}

    def multiply_adds(self, x: Shape, y: Shape) -> int:
        if not isinstance(x, Maps):
            return 0
        return y.size * self.kernel.height * self.kernel.width * (x.channels // self.groups)

    def receptive_field(self, before: ReceptiveField, y: Shape) -> ReceptiveField:
        return before.slide(self.reach, self.stride.pair, y) if isinstance(y, Maps) else before

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        if not isinstance(x, Maps):
            raise TypeError("a convolution is built for maps")
        above, left = ends(self.padding, x, self.reach, self.stride)
        keywords: dict[str, object] = {}
        uneven = above[0] != above[1] or left[0] != left[1]
        if self.stride.pair != (1, 1):
            keywords["stride"] = _short(self.stride.pair)
        if not uneven and (above[0] or left[0]):
            keywords["padding"] = _short((above[0], left[0]))
        if self.dilation.pair != (1, 1):
            keywords["dilation"] = _short(self.dilation.pair)
        if self.groups != 1:
            keywords["groups"] = self.groups
        if not self.bias:
            keywords["bias"] = False
        call = Call("nn.Conv2d", (x.channels, self.filters, _short(self.kernel.pair)), keywords)
        return (padding_call("nn.ZeroPad2d", (above, left)), call) if uneven else (call,)

    def _groups_do_not_divide(self, x: Maps) -> Problem:
        repairs = []
        for groups in dict.fromkeys((gcd(x.channels, self.filters, self.groups), 1)):
            changed = msgspec.structs.replace(self, groups=groups)
            repairs.append(Repair(Message("Groups {n:,}", n=groups), (changed,)))
        filters = -(-self.filters // self.groups) * self.groups
        if x.channels % self.groups == 0 and filters <= LIMIT:
            changed = msgspec.structs.replace(self, filters=filters)
            repairs.insert(0, Repair(Message("Filters {n:,}", n=filters), (changed,)))
        detail = Message(
            "{channels:,} / {groups:,} input maps and {filters:,} / {groups:,} filters must both "
            "be whole numbers.",
            channels=x.channels,
            filters=self.filters,
            groups=self.groups,
        )
        return Problem(
            x,
            Message(
                "{groups:,} groups do not divide {channels:,} input maps and {filters:,} filters.",
                groups=self.groups,
                channels=x.channels,
                filters=self.filters,
            ),
            detail,
            tuple(repairs),
        )


def _short(pair: tuple[int, int]) -> int | tuple[int, int]:
    """3 instead of (3, 3), as people write it."""
    return pair[0] if pair[0] == pair[1] else pair
