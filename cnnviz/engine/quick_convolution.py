"""Convolution in less time while a network is trained on a CPU."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn import functional as F

from cnnviz.engine.quick import Quick

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NARROW = 8
"""Maps of up to so many columns are laid side by side."""

MANY = 64
"""… where there are so many of them, and so many of them come out; else copying takes too long."""

IN_A_ROW = (8, 4, 2)
"""How many images may lie side by side: the most that their number can be divided by."""


class QuickConv2d(Quick, nn.Conv2d):
    """`nn.Conv2d` that is a dense layer where its one window is the whole input, and that lays
    narrow maps side by side on its way back.

    Measured for C5 of LeNet-5 (16×5×5 to 120, batches of 128, one core): forward and back in 0.2 ms
    instead of 1.5. For narrow maps see `_Narrow`.
    """

    def forward(self, input: torch.Tensor) -> torch.Tensor:  # noqa: A002
        """(batch, channels, height, width) -> (batch, filters, out height, out width)"""
        plain = self.stride == (1, 1) and self.dilation == (1, 1) and self.groups == 1
        if not plain or isinstance(self.padding, str) or not self.is_quick(input):
            return super().forward(input)
        if tuple(input.shape[2:]) == self.kernel_size and self.padding == (0, 0):
            # With channels last in memory these are views.
            x, weight = (t.permute(0, 2, 3, 1).flatten(1) for t in (input, self.weight))
            return F.linear(x, weight, self.bias)[:, :, None, None]
        if not self._lays_side_by_side(input):
            return super().forward(input)
        low = [None if t is None else t.bfloat16() for t in (input, self.weight, self.bias)]
        with torch.autocast("cpu", enabled=False):
            y: torch.Tensor = _Narrow.apply(*low, self.padding)  # type: ignore[no-untyped-call]
        return y

    def _lays_side_by_side(self, x: torch.Tensor) -> bool:
        low = torch.is_autocast_enabled("cpu") and torch.get_autocast_dtype("cpu") == torch.bfloat16
        columns = self.padding[1]
        keeps = isinstance(columns, int) and 2 * columns < self.kernel_size[1]  # or becomes less
        narrow = x.shape[3] <= NARROW and keeps
        many = min(self.in_channels, self.out_channels) >= MANY
        last = x.is_contiguous(memory_format=torch.channels_last)
        return low and narrow and many and last and _in_a_row(len(x)) > 1 and multiplies_tiles()


@cache
def multiplies_tiles() -> bool:
    """Whether the processor multiplies whole matrices of bfloat16 at once (Intel's AMX)."""
    ask: Callable[[], Mapping[str, object]] = getattr(torch.cpu, "get_capabilities", dict)
    return bool(ask().get("amx_bf16"))


class _Narrow(torch.autograd.Function):
    """A convolution whose gradient of the weights is found from images that lie side by side.

    oneDNN sums it row by row of an image, 32 places at once with AMX, so that with rows of six most
    of the work is done for nothing. Several images make one wide one here, with zeros between them
    that no window crosses; their gradients as well, so that each meets the places it came from.
    Measured (128×6×6 to 128, 3×3, 256 images, bfloat16, one core): 3.4 ms instead of 8.1. Without
    AMX, in float32 and with wider maps it does not pay.
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        padding: tuple[int, int],
    ) -> torch.Tensor:
        ctx.save_for_backward(x, weight)
        ctx.padding = padding
        return F.conv2d(x, weight, bias, padding=padding)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(
        ctx: Any, gradient: torch.Tensor
    ) -> tuple[torch.Tensor | None, torch.Tensor | None, torch.Tensor | None, None]:
        x, weight = ctx.saved_tensors
        gradient = gradient.contiguous(memory_format=torch.channels_last)
        to_x, to_weight, to_bias = ctx.needs_input_grad[:3]
        back = None
        if to_x:
            back = _back(gradient, x, weight, ctx.padding, (True, False, False))[0]
        if not (to_weight or to_bias):
            return back, None, None, None
        # Between two images lie as many zeros as a window may reach beyond the edge.
        pitch, less = x.shape[3] + ctx.padding[1], x.shape[3] - gradient.shape[3]
        wide = side_by_side(x, pitch)
        spread = side_by_side(gradient, pitch)[..., : wide.shape[3] - less]
        wanted = (False, to_weight, to_bias)
        _, learned, added = _back(spread, wide, weight, ctx.padding, wanted)
        return back, learned, added, None


def _back(
    gradient: torch.Tensor,
    x: torch.Tensor,
    weight: torch.Tensor,
    padding: tuple[int, int],
    wanted: tuple[bool, bool, bool],
) -> tuple[torch.Tensor | None, torch.Tensor | None, torch.Tensor | None]:
    """What is wanted of the gradients of input, weights and biases."""
    plain = [1, 1], list(padding), [1, 1], False, [0, 0], 1
    biases = [len(weight)] if wanted[2] else None
    found: tuple[torch.Tensor | None, ...] = torch.ops.aten.convolution_backward(
        gradient, x, weight, biases, *plain, wanted
    )
    return found[0], found[1], found[2]


def _in_a_row(batch: int) -> int:
    return next((count for count in IN_A_ROW if batch % count == 0), 1)


def side_by_side(x: torch.Tensor, pitch: int) -> torch.Tensor:
    """Some images beside each other: (batch, channels, height, width) -> (batch / n, channels,
    height, n · pitch), channels last in memory. Each begins `pitch` columns behind the one before;
    zeros fill what is between them."""
    batch, channels, height, width = x.shape
    count = _in_a_row(batch)
    rows = x.permute(0, 2, 3, 1).reshape(batch // count, count, height, width, channels)
    wide = x.new_zeros(batch // count, height, count, pitch, channels)
    wide[:, :, :, :width] = rows.transpose(1, 2)
    return wide.flatten(2, 3).permute(0, 3, 1, 2)
