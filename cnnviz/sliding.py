"""How a window slides: which values an output reads, and whom a weight or a value serves.

Rows and columns slide apart from each other, so that each axis is for itself. Everything is a range
or an inequality, so that it costs the same for 28 values as for a million. After Dumoulin and
Visin, "A guide to convolution arithmetic for deep learning", 2016.
"""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from cnnviz.layers import (
    AdaptiveAvgPool,
    AvgPool,
    Conv2d,
    GlobalAvgPool,
    GlobalMaxPool,
    Layer,
    LocallyConnected2d,
    Maps,
    MaxPool,
    Shape,
    Subsampling,
    TransposedConv2d,
)
from cnnviz.layers.windows import ends, extent, positions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MOST_LOOKED_AT = 20_000
"""So many values are looked at one by one to count those that are left out."""


class Axis(Struct, frozen=True):
    """A window of `kernel` taps, `dilation` apart, at `count` positions over `size` values.

    Position i begins `before` values before value i·stride. `count` ≤ 0: it does not fit.
    """

    size: int
    count: int
    kernel: int
    stride: int = 1
    dilation: int = 1
    before: int = 0

    @property
    def reach(self) -> int:
        """How many values a window covers, with the gaps in it."""
        return extent(self.kernel, self.dilation)

    def window(self, position: int) -> Sequence[int]:
        """The values under the window at a position; those outside 0 … size − 1 are padding."""
        start = position * self.stride - self.before
        return range(start, start + self.reach, self.dilation)

    def positions(self, value: int) -> Sequence[int]:
        """The positions at which the window has a tap on a value, in or outside the grid."""
        # Position i has tap t on it where i·stride + t·dilation = value + before.
        whole = value + self.before
        common = gcd(self.stride, self.dilation)
        if whole % common:
            return range(0)
        every = self.dilation // common
        inverse = pow(self.stride // common, -1, every) if every > 1 else 0
        first = max(-((self.reach - 1 - whole) // self.stride), 0)
        first += (whole // common * inverse - first) % every
        return range(first, min(whole // self.stride, self.count - 1) + 1, every)

    def tap(self, position: int, value: int) -> int:
        """Which tap of the window at a position is on a value that it covers."""
        return (value + self.before - position * self.stride) // self.dilation

    def touches(self, tap: int, value: int) -> bool:
        """Whether at any position that tap is on a value."""
        position, rest = divmod(value + self.before - tap * self.dilation, self.stride)
        return rest == 0 and 0 <= position < self.count

    def covers(self, value: int) -> bool:
        """Whether at any position the window has a tap on a value."""
        return len(self.positions(value)) > 0

    def nearest(self, value: int) -> int:
        """The position whose window has its middle nearest to a value."""
        double = 2 * (value + self.before) - (self.reach - 1)
        return min(max((double + self.stride) // (2 * self.stride), 0), max(self.count, 1) - 1)

    def met(self, tap: int) -> int:
        """How many of the values that tap is on, over all positions."""
        start = tap * self.dilation - self.before
        first = max(-(start // self.stride), 0)
        last = min((self.size - 1 - start) // self.stride, self.count - 1)
        return max(last - first + 1, 0)

    @property
    def border(self) -> tuple[int, int]:
        """How many values the windows reach over before the first and after the last value."""
        last = (max(self.count, 1) - 1) * self.stride - self.before + self.reach - 1
        return max(self.before, 0), max(last - self.size + 1, 0)

    @property
    def uncovered(self) -> int | None:
        """How many of the values no window ever has a tap on; None where they are too many and
        too uneven to be counted."""
        if self.count < 1:
            return self.size
        first, last = max(-self.before, 0), min(self.window(self.count - 1)[-1], self.size - 1)
        outside = self.size - max(last - first + 1, 0)
        if self.dilation == 1 and self.stride <= self.kernel:
            return outside  # no gap between two windows, nor within one
        # Where all windows that could have a tap are there, the place modulo the stride decides.
        start = min(max(self.reach - 1 - self.before, first), last + 1)
        periods = max((min((self.count - 1) * self.stride - self.before, last) - start), 0)
        periods //= self.stride
        end = start + periods * self.stride
        if (start - first) + self.stride + (last - end) > MOST_LOOKED_AT:
            return None
        rest = sum(
            not self.covers(value) for value in (*range(first, start), *range(end, last + 1))
        )
        a_period = sum(not self.covers(value) for value in range(start, start + self.stride))
        return outside + rest + periods * a_period if periods else outside + rest


class AdaptiveAxis(Struct, frozen=True):
    """Windows that share `size` values evenly among `count` positions (torch's adaptive pooling):
    position i covers values ⌊i·n/m⌋ to ⌈(i + 1)·n/m⌉ − 1."""

    size: int
    count: int

    def window(self, position: int) -> Sequence[int]:
        """The values under the window at a position."""
        first = position * self.size // self.count
        return range(first, -(-(position + 1) * self.size // self.count))

    @property
    def kernel(self) -> int:
        """The most values that a window has."""
        period = min(self.count, self.count // gcd(self.size, self.count))
        return max(len(self.window(position)) for position in range(min(period, 10_000)))

    @property
    def reach(self) -> int:
        """The most values that a window covers."""
        return self.kernel

    def positions(self, value: int) -> Sequence[int]:
        """The positions whose window a value is in."""
        if not 0 <= value < self.size:
            return range(0)
        first = value * self.count // self.size
        while first and self.window(first - 1)[-1] >= value:
            first -= 1
        last = first
        while last + 1 < self.count and self.window(last + 1)[0] <= value:
            last += 1
        return range(first, last + 1)

    def tap(self, position: int, value: int) -> int:
        """The place of a value in the window at a position."""
        return value - self.window(position)[0]

    def touches(self, tap: int, value: int) -> bool:
        """Whether a value is at that place in any window."""
        return any(self.tap(position, value) == tap for position in self.positions(value))

    def covers(self, value: int) -> bool:
        """Whether a value is in any window."""
        return 0 <= value < self.size

    def nearest(self, value: int) -> int:
        """The position whose window has its middle nearest to a value."""
        found = self.positions(min(max(value, 0), self.size - 1))
        return min(found, key=lambda i: abs(self.window(i)[0] + self.window(i)[-1] - 2 * value))

    def met(self, tap: int) -> int:
        """How many values are at that place in any window."""
        windows = map(self.window, range(self.count))
        return len({window[tap] for window in windows if len(window) > tap})

    @property
    def border(self) -> tuple[int, int]:
        """Such windows stay inside."""
        return 0, 0

    @property
    def uncovered(self) -> int | None:
        """Every value is in a window."""
        return 0


Axes = tuple[Axis | AdaptiveAxis, Axis | AdaptiveAxis]


class Sliding(Struct, frozen=True):
    """The window of a layer: on its input, or on its output where its input values stamp it.

    axes: down and across. weighted: whether the taps have weights. stamps: whether the positions
    are the values of the input and the window lies on the output, as transposed convolution has it.
    """

    axes: Axes
    weighted: bool = True
    stamps: bool = False

    @property
    def fits(self) -> bool:
        """Whether there is any position."""
        return min(axis.count for axis in self.axes) > 0

    @property
    def kernel(self) -> tuple[int, int]:
        """Taps down and across."""
        return self.axes[0].kernel, self.axes[1].kernel

    @property
    def grid(self) -> tuple[int, int]:
        """Height and width of the values that the window lies on."""
        return self.axes[0].size, self.axes[1].size

    @property
    def places(self) -> tuple[int, int]:
        """How many positions there are down and across; 0 where it does not fit."""
        return max(self.axes[0].count, 0), max(self.axes[1].count, 0)

    @property
    def border(self) -> tuple[int, int, int, int]:
        """How far the windows reach over the grid: above, below, left, right."""
        return *self.axes[0].border, *self.axes[1].border

    def clamped(self, row: int, column: int) -> tuple[int, int]:
        """The nearest position that there is."""
        down, across = self.places
        return min(max(row, 0), max(down, 1) - 1), min(max(column, 0), max(across, 1) - 1)

    def window(self, row: int, column: int) -> tuple[Sequence[int], Sequence[int]]:
        """The rows and columns under the window at a position."""
        return self.axes[0].window(row), self.axes[1].window(column)

    def nearest(self, row: int, column: int) -> tuple[int, int]:
        """The position whose window has its middle nearest to a value of the grid."""
        return self.axes[0].nearest(row), self.axes[1].nearest(column)

    def after(self, row: int, column: int, steps: int = 1) -> tuple[int, int]:
        """The position so many steps on, row by row; the first follows the last."""
        down, across = (max(n, 1) for n in self.places)
        return divmod((row * across + column + steps) % (down * across), across)


# --- of the kinds -----------------------------------------------------------------------------


def sliding_of(layer: Layer, x: Shape | None) -> Sliding | None:
    """How the window of a layer that is enabled slides; None for layers without one, and where no
    maps arrive."""
    made = WINDOWS.get(type(layer))
    if made is None or not layer.enabled or not isinstance(x, Maps):
        return None
    return made(layer, x)


def _convolution(layer: Conv2d, x: Maps) -> Sliding:
    padding = ends(layer.padding, x, layer.reach, layer.stride)
    return Sliding(_axes(x, layer.kernel.pair, layer.stride.pair, padding, layer.dilation.pair))


def _local(layer: LocallyConnected2d, x: Maps) -> Sliding:
    padding = ends(layer.padding, x, layer.kernel.pair, layer.stride)
    return Sliding(_axes(x, layer.kernel.pair, layer.stride.pair, padding))


def _pool(layer: MaxPool | AvgPool, x: Maps) -> Sliding:
    axes = _axes(x, layer.kernel.pair, layer.step.pair, layer.ends(x), round_up=layer.rounds_up)
    return Sliding(axes, weighted=False)


def _subsampling(layer: Subsampling, x: Maps) -> Sliding:
    none = ((0, 0), (0, 0))
    return Sliding(_axes(x, layer.kernel.pair, layer.step.pair, none), weighted=False)


def _whole(layer: GlobalAvgPool, x: Maps) -> Sliding:
    return Sliding((Axis(x.height, 1, x.height), Axis(x.width, 1, x.width)), weighted=False)


def _adaptive(layer: AdaptiveAvgPool, x: Maps) -> Sliding:
    axes = (AdaptiveAxis(x.height, layer.size.height), AdaptiveAxis(x.width, layer.size.width))
    return Sliding(axes, weighted=False)


def _stamps(layer: TransposedConv2d, x: Maps) -> Sliding:
    axes = []
    for axis, count in enumerate((x.height, x.width)):
        stride, reach, cut = layer.stride.pair[axis], layer.reach[axis], layer.cuts[axis]
        size = (count - 1) * stride + reach - sum(cut)
        kernel, dilation = layer.kernel.pair[axis], layer.dilation.pair[axis]
        axes.append(Axis(max(size, 0), count, kernel, stride, dilation, cut[0]))
    return Sliding((axes[0], axes[1]), stamps=True)


def _axes(
    x: Maps,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[tuple[int, int], tuple[int, int]],
    dilation: tuple[int, int] = (1, 1),
    *,
    round_up: bool = False,
) -> Axes:
    made = []
    for axis, size in enumerate((x.height, x.width)):
        reach = extent(kernel[axis], dilation[axis])
        count = positions(size, reach, stride[axis], padding[axis], round_up=round_up)
        made.append(Axis(size, count, kernel[axis], stride[axis], dilation[axis], padding[axis][0]))
    return made[0], made[1]


WINDOWS: dict[type[Layer], Callable[[Any, Maps], Sliding]] = {
    Conv2d: _convolution,
    TransposedConv2d: _stamps,
    LocallyConnected2d: _local,
    MaxPool: _pool,
    AvgPool: _pool,
    AdaptiveAvgPool: _adaptive,
    GlobalAvgPool: _whole,
    GlobalMaxPool: _whole,
    Subsampling: _subsampling,
}
"""The window of each kind of convolution and pooling."""
