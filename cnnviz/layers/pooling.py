"""Pooling: make the maps smaller, window by window or at one stroke."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from cnnviz.layers.base import Border, Family, Layer, Padding, Size, about
from cnnviz.layers.shapes import Call, Maps, Problem, ReceptiveField, Repair, Shape
from cnnviz.layers.windows import Ends, ends, padding_call, slide, wants_maps
from cnnviz.message import Message


class Pool(Layer, frozen=True, kw_only=True):
    """What max and average pooling share: a window without weights, one result a map."""

    family: ClassVar[Family] = "pooling"

    kernel: Annotated[
        Size,
        about(Message("Window"), Message("Height and width of the window that becomes one value.")),
    ] = Size(2, 2)
    stride: Annotated[
        Size | None,
        about(
            Message("Stride"),
            Message(
                "How many pixels the window moves from one position to the next. Left alone, it "
                "is the window's size, so that windows touch without overlapping."
            ),
            Message("As the window"),
        ),
    ] = None
    padding: Annotated[
        Padding,
        about(
            Message("Padding"),
            Message(
                "A border around the image. Valid: none. Same: as much as keeps the size (divided "
                "by the stride). Or up to half a window on each side."
            ),
        ),
    ] = "valid"

    @property
    def step(self) -> Size:
        """The stride that is in force: the kernel where none is set."""
        return self.stride or self.kernel

    @property
    def detail(self) -> str:
        if self.step == self.kernel:
            return str(self.kernel)
        stride = self.step
        return f"{self.kernel} /{stride.height if stride.height == stride.width else stride}"

    def effective(self, field: str) -> object:
        return self.step if field == "stride" else getattr(self, field)

    def output_shape(self, x: Shape) -> Shape | Problem:
        if not isinstance(x, Maps):
            return wants_maps(self, x)
        if isinstance(self.padding, Border) and (
            2 * self.padding.vertical > self.kernel.height
            or 2 * self.padding.horizontal > self.kernel.width
        ):
            return self._too_much_padding(x, self.padding)
        return slide(
            self, x, x.channels, kernel=self.kernel, stride=self.step, padding=self.padding
        )

    def receptive_field(self, before: ReceptiveField, y: Shape) -> ReceptiveField:
        if not isinstance(y, Maps):
            return before
        return before.slide(self.kernel.pair, self.step.pair, y)

    def ends(self, x: Maps) -> tuple[Ends, Ends]:
        """The border (above, below) and (left, right)."""
        return ends(self.padding, x, self.kernel.pair, self.step)

    def _window(self) -> tuple[tuple[object, ...], dict[str, object]]:
        height, width = self.kernel.pair
        keywords: dict[str, object] = {}
        if self.step != self.kernel:
            pair = self.step.pair
            keywords["stride"] = pair[0] if pair[0] == pair[1] else pair
        return ((height if height == width else (height, width)),), keywords

    def _too_much_padding(self, x: Maps, padding: Border) -> Problem:
        fitting = Border(
            min(padding.vertical, self.kernel.height // 2),
            min(padding.horizontal, self.kernel.width // 2),
        )
        tries: tuple[tuple[Message, Padding], ...] = (
            (Message("Padding {padding}", padding=str(fitting)), fitting),
            (Message("Padding same"), "same"),
        )
        repairs = [
            Repair(label, (msgspec.structs.replace(self, padding=value),)) for label, value in tries
        ]
        return Problem(
            x,
            Message(
                "A padding of {padding} is more than half of the {kernel} window.",
                padding=str(padding),
                kernel=str(self.kernel),
            ),
            Message("Some windows would see nothing but padding."),
            tuple(repairs),
        )


class MaxPool(Pool, tag="max_pool", frozen=True, kw_only=True):
    """Keep the largest value of each window. Padding is never picked."""

    title: ClassVar[Message] = Message("Max pool")
    help: ClassVar[Message] = Message(
        "Keeps the largest value of each window: what was found stays, its exact place is given up."
    )

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        if not isinstance(x, Maps):
            raise TypeError("pooling is built for maps")
        above, left = self.ends(x)
        positional, keywords = self._window()
        if above[0] != above[1] or left[0] != left[1]:
            # PyTorch pads both sides alike; minus infinity is what it pads with itself.
            pad = padding_call("nn.ConstantPad2d", (above, left), float("-inf"))
            return pad, Call("nn.MaxPool2d", positional, keywords)
        if above[0] or left[0]:
            keywords["padding"] = above[0] if above == left else (above[0], left[0])
        return (Call("nn.MaxPool2d", positional, keywords),)


class AvgPool(Pool, tag="avg_pool", frozen=True, kw_only=True):
    """Average each window.

    'same' averages over the pixels that exist, as TensorFlow does; explicit padding counts as
    zeros, as PyTorch does.
    """

    title: ClassVar[Message] = Message("Avg pool")
    help: ClassVar[Message] = Message(
        "Averages each window: every pixel counts alike, and the map becomes smaller and smoother."
    )

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        if not isinstance(x, Maps):
            raise TypeError("pooling is built for maps")
        above, left = self.ends(x)
        positional, keywords = self._window()
        if above[0] != above[1] or left[0] != left[1]:
            return (Call("AvgPool2dSame", (self.kernel.pair, self.step.pair, (*left, *above))),)
        if above[0] or left[0]:
            keywords["padding"] = above[0] if above == left else (above[0], left[0])
            if self.padding == "same":
                keywords["count_include_pad"] = False
        return (Call("nn.AvgPool2d", positional, keywords),)


class GlobalAvgPool(Layer, tag="global_avg_pool", frozen=True, kw_only=True):
    """Average each map as a whole (Lin, Chen and Yan, "Network In Network", 2013)."""

    family: ClassVar[Family] = "pooling"
    title: ClassVar[Message] = Message("Global avg pool")
    help: ClassVar[Message] = Message(
        "Averages each feature map to a single number: how much of it there is, wherever it is."
    )

    def output_shape(self, x: Shape) -> Shape | Problem:
        return Maps(1, 1, x.channels) if isinstance(x, Maps) else wants_maps(self, x)

    def receptive_field(self, before: ReceptiveField, y: Shape) -> ReceptiveField:
        return before.gather()

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.AdaptiveAvgPool2d", (1,)),)
