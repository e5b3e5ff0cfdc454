"""Pooling: make the maps smaller, window by window or at one stroke."""

from __future__ import annotations

from fractions import Fraction
from math import gcd
from typing import Annotated, ClassVar, Literal

import msgspec

from cnnviz.layers.base import Family, Layer
from cnnviz.layers.fields import FROZEN, Border, Padding, Size, about
from cnnviz.layers.initialisation import ZERO, Distribution
from cnnviz.layers.shapes import Call, Maps, Problem, ReceptiveField, Repair, Shape, Span
from cnnviz.layers.windows import Ends, ends, padding_call, read_through, short, slide, wants_maps
from cnnviz.message import Message

ROUNDING_NAMES: dict[str, Message] = {"floor": Message("Floor"), "ceil": Message("Ceil")}


_WINDOW = about(
    Message("Window"), Message("Height and width of the window that becomes one value.")
)
_STRIDE = about(
    Message("Stride"),
    Message(
        "How many pixels the window moves from one position to the next. Left alone, it "
        "is the window's size, so that windows touch without overlapping."
    ),
    Message("As the window"),
)


class Pool(Layer, frozen=True, kw_only=True):
    """What max and average pooling share: a window without weights, one result a map."""

    family: ClassVar[Family] = "pooling"

    kernel: Annotated[Size, _WINDOW] = Size(2, 2)
    stride: Annotated[Size | None, _STRIDE] = None
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

    rounding: Annotated[
        Literal["floor", "ceil"],
        about(
            Message("Rounding"),
            Message(
                "What happens to rows and columns that no whole window covers: floor drops them, "
                "ceil adds a window that reaches over the end. With padding same there is no rest."
            ),
        ),
    ] = "floor"

    @property
    def step(self) -> Size:
        """The stride that is in force: the kernel where none is set."""
        return self.stride or self.kernel

    @property
    def rounds_up(self) -> bool:
        """Whether a last window may reach over the end."""
        return self.rounding == "ceil"

    @property
    def detail(self) -> str:
        if self.step == self.kernel:
            return str(self.kernel)
        stride = self.step
        return f"{self.kernel} /{stride.height if stride.height == stride.width else stride}"

    def shown(self, field: str) -> bool:
        return field != "rounding" or self.padding != "same" or self.rounds_up

    def effective(self, field: str) -> object:
        return self.step if field == "stride" else getattr(self, field)

    def output_shape(self, x: Shape) -> Shape | Problem:
        if not isinstance(x, Maps):
            return wants_maps(self, x)
        if self.padding == "same" and self.rounds_up:
            return self._nothing_to_round(x)
        if isinstance(self.padding, Border) and (
            2 * self.padding.vertical > self.kernel.height
            or 2 * self.padding.horizontal > self.kernel.width
        ):
            return self._too_much_padding(x, self.padding)
        return slide(
            self,
            x,
            x.channels,
            kernel=self.kernel,
            stride=self.step,
            padding=self.padding,
            round_up=self.rounds_up,
        )

    def receptive_field(self, before: ReceptiveField, y: Shape) -> ReceptiveField:
        if not isinstance(y, Maps):
            return before
        above, left = self.ends(Maps(before.rows, before.columns, 1))
        return before.slide(self.kernel.pair, self.step.pair, y, (above[0], left[0]))

    def reads(self, x: Shape, axis: int, span: Span) -> Span:
        if not isinstance(x, Maps):
            return span
        start = self.ends(x)[axis][0]
        return read_through(span, self.step.pair[axis], self.kernel.pair[axis], start)

    def ends(self, x: Maps) -> tuple[Ends, Ends]:
        """The border (above, below) and (left, right)."""
        return ends(self.padding, x, self.kernel.pair, self.step)

    def _window(self) -> tuple[tuple[object, ...], dict[str, object]]:
        keywords: dict[str, object] = {}
        if self.step != self.kernel:
            pair = self.step.pair
            keywords["stride"] = short(pair)
        if self.rounds_up:
            keywords["ceil_mode"] = True
        return (short(self.kernel.pair),), keywords

    def _too_much_padding(self, x: Maps, padding: Border) -> Problem:
        fitting = Border(
            min(padding.vertical, self.kernel.height // 2),
            min(padding.horizontal, self.kernel.width // 2),
        )
        same = msgspec.structs.replace(self, padding="same", rounding="floor")
        repairs = [
            Repair(
                Message("Padding {padding}", padding=str(fitting)),
                (msgspec.structs.replace(self, padding=fitting),),
            ),
            Repair(Message("Padding same"), (same,)),
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

    def _nothing_to_round(self, x: Maps) -> Problem:
        repairs = (
            Repair(Message("Rounding floor"), (msgspec.structs.replace(self, rounding="floor"),)),
            Repair(Message("Padding valid"), (msgspec.structs.replace(self, padding="valid"),)),
        )
        return Problem(
            x,
            Message("Rounding up and padding same exclude each other."),
            Message("Padding same adds what the last window needs, so that no rest is left."),
            repairs,
        )


class MaxPool(Pool, tag="max_pool", frozen=True, kw_only=True):
    """Keep the largest value of each window. Padding is never picked."""

    title: ClassVar[Message] = Message("Max pool")
    help: ClassVar[Message] = Message(
        "Keeps the largest value of each window: what was found stays, its exact place is given up."
    )

    def kept(self, x: Shape, y: Shape) -> int:
        return 2 * y.size  # the place of each maximum, in eight bytes

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

    def reads(self, x: Shape, axis: int, span: Span) -> Span:
        return None if not isinstance(x, Maps) else (0, (x.height, x.width)[axis] - 1)

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.AdaptiveAvgPool2d", (1,)),)


class GlobalMaxPool(GlobalAvgPool, tag="global_max_pool", frozen=True, kw_only=True):
    """Keep the largest value of each map."""

    title: ClassVar[Message] = Message("Global max pool")
    help: ClassVar[Message] = Message(
        "Keeps the largest value of each feature map: whether something is there, wherever it is."
    )

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.AdaptiveMaxPool2d", (1,)),)


def largest_window(size: int, count: int) -> int:
    """How many values the largest of `count` adaptive windows over `size` values has.

    Window i covers ⌊i·n/m⌋ to ⌈(i + 1)·n/m⌉ − 1: with n/m = q + r/m in lowest terms, it has q + 1
    values, one more where its ends cut two values, and q where nothing is left over.
    """
    common = gcd(size, count)
    return size // count + min(size % count // common, 2)


class AdaptiveAvgPool(Layer, tag="adaptive_avg_pool", frozen=True, kw_only=True):
    """Average as many windows as lead to a given size; torch.nn.AdaptiveAvgPool2d.

    Window i covers rows ⌊i·n/h⌋ to ⌈(i + 1)·n/h⌉ − 1 of n.
    """

    family: ClassVar[Family] = "pooling"
    title: ClassVar[Message] = Message("Adaptive avg pool")
    help: ClassVar[Message] = Message(
        "Averages the map in just as many windows as give the size that is asked for, whatever the "
        "size of the input."
    )

    size: Annotated[
        Size, about(Message("Size"), Message("Height and width of the maps that come out."))
    ] = Size(1, 1)

    @property
    def detail(self) -> str:
        return str(self.size)

    def output_shape(self, x: Shape) -> Shape | Problem:
        if not isinstance(x, Maps):
            return wants_maps(self, x)
        return Maps(self.size.height, self.size.width, x.channels)

    def receptive_field(self, before: ReceptiveField, y: Shape) -> ReceptiveField:
        if not isinstance(y, Maps):
            return before
        height, width = (
            largest_window(n, m) for n, m in ((before.rows, y.height), (before.columns, y.width))
        )
        stride = (Fraction(before.rows, y.height), Fraction(before.columns, y.width))
        return before.slide((height, width), stride, y)

    def reads(self, x: Shape, axis: int, span: Span) -> Span:
        if span is None or not isinstance(x, Maps):
            return span
        size, count = (x.height, x.width)[axis], self.size.pair[axis]
        return span[0] * size // count, -(-(span[1] + 1) * size // count) - 1

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.AdaptiveAvgPool2d", (short(self.size.pair),)),)


class Subsampling(Layer, tag="subsampling", frozen=True, kw_only=True):
    """Sum each window, times a learned coefficient, plus a learned bias: one pair a map.

    S2 and S4 of LeNet-5 (LeCun, Bottou, Bengio and Haffner, 1998). The coefficient starts at
    1 / (height·width), as an average.
    """

    family: ClassVar[Family] = "pooling"
    title: ClassVar[Message] = Message("Subsampling")
    help: ClassVar[Message] = Message(
        "Pooling as in LeNet-5 of 1998: the sum of each window, times one learned number, plus "
        "another, for each map."
    )

    kernel: Annotated[Size, _WINDOW] = Size(2, 2)
    stride: Annotated[Size | None, _STRIDE] = None
    frozen: Annotated[bool, FROZEN] = False

    @property
    def step(self) -> Size:
        """The stride that is in force: the kernel where none is set."""
        return self.stride or self.kernel

    @property
    def detail(self) -> str:
        return str(self.kernel)

    def effective(self, field: str) -> object:
        return self.step if field == "stride" else getattr(self, field)

    def output_shape(self, x: Shape) -> Shape | Problem:
        if not isinstance(x, Maps):
            return wants_maps(self, x)
        return slide(self, x, x.channels, kernel=self.kernel, stride=self.step, padding="valid")

    def kept(self, x: Shape, y: Shape) -> int:
        return y.size  # the sums, before the coefficients

    def parameters(self, x: Shape) -> dict[str, tuple[int, ...]]:
        if not isinstance(x, Maps):
            return {}
        return {"weight": (x.channels,), "bias": (x.channels,)}

    def start(self, name: str, x: Shape) -> Distribution:
        if name == "weight":
            return Distribution("constant", (1 / (self.kernel.height * self.kernel.width),))
        return ZERO

    def receptive_field(self, before: ReceptiveField, y: Shape) -> ReceptiveField:
        if not isinstance(y, Maps):
            return before
        return before.slide(self.kernel.pair, self.step.pair, y)

    def reads(self, x: Shape, axis: int, span: Span) -> Span:
        return read_through(span, self.step.pair[axis], self.kernel.pair[axis], 0)

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        if not isinstance(x, Maps):
            raise TypeError("subsampling is built for maps")
        return (Call("Subsampling2d", (x.channels, self.kernel.pair, self.step.pair)),)
