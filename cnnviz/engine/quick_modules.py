"""PyTorch's modules and ours, doing the same in less time while a network is trained on a CPU.

At rest, and on other devices, they are what they derive from.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from cnnviz.engine import modules


class Quick:
    """What has a quicker way in training.

    standard: it goes the ordinary way all the same, for a run that others are to repeat.
    """

    standard = False
    training: bool

    def is_quick(self, x: torch.Tensor) -> bool:
        """Whether it goes the quicker way for this input."""
        return self.training and not self.standard and x.device.type == "cpu"


class QuickConv2d(Quick, nn.Conv2d):
    """`nn.Conv2d` that is a dense layer where its one window is the whole input.

    Measured for C5 of LeNet-5 (16×5×5 to 120, batches of 128, one core): forward and back in 0.2 ms
    instead of 1.5.
    """

    def forward(self, input: torch.Tensor) -> torch.Tensor:  # noqa: A002
        """(batch, channels, height, width) -> (batch, filters, out height, out width)"""
        whole = tuple(input.shape[2:]) == self.kernel_size and self.groups == 1
        plain = self.padding == (0, 0) and self.dilation == (1, 1)
        if not (whole and plain and self.is_quick(input)):
            return super().forward(input)
        # With channels last in memory these are views.
        x, weight = (t.permute(0, 2, 3, 1).flatten(1) for t in (input, self.weight))
        return F.linear(x, weight, self.bias)[:, :, None, None]


class QuickScaledTanh(Quick, modules.ScaledTanh):
    """`ScaledTanh` that goes through its values five times instead of six, and half of that in
    place."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Any shape; the same shape."""
        if not self.is_quick(x):
            return super().forward(x)
        y: torch.Tensor = _ScaledTanh.apply(x)  # type: ignore[no-untyped-call]
        return y


class _ScaledTanh(torch.autograd.Function):
    """a · tanh(bx), whose derivative is a · b · (1 − tanh²(bx))."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        squashed = (x * (2 / 3)).tanh_()
        ctx.save_for_backward(squashed)
        return 1.7159 * squashed

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        (squashed,) = ctx.saved_tensors
        back: torch.Tensor = torch.ops.aten.tanh_backward(gradient, squashed)
        return back.mul_(1.7159 * 2 / 3)


class QuickSubsampling2d(Quick, modules.Subsampling2d):
    """`Subsampling2d` that sums windows of few maps by `window_sums`."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, height, width) -> (batch, channels, out height, out width)"""
        if self.kernel_size != self.stride or not (
            self.is_quick(x) and _sums_quickly(x, self.kernel_size)
        ):
            return super().forward(x)
        sums = window_sums(x, self.kernel_size)
        return torch.addcmul(self.bias[:, None, None], sums, self.weight[:, None, None])


class QuickAvgPool2d(Quick, nn.AvgPool2d):
    """`nn.AvgPool2d` that sums windows of few maps by `window_sums`."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:  # noqa: A002
        """(batch, channels, height, width) -> (batch, channels, out height, out width)"""
        kernel, stride, padding = map(_pair, (self.kernel_size, self.stride, self.padding))
        apart = kernel == stride and padding == (0, 0)
        if not (apart and self.is_quick(input) and _sums_quickly(input, kernel)):
            return super().forward(input)
        return window_sums(input, kernel) / (kernel[0] * kernel[1])


FEW_MAPS = 16
"""PyTorch's kernel pools pixel by pixel in channels-last order, and fills the processor's vectors
from about so many maps on."""


def _sums_quickly(x: torch.Tensor, kernel: tuple[int, int]) -> bool:
    """Whether `window_sums` is for such an input: few maps, and windows that fill them."""
    fills = x.shape[2] % kernel[0] == 0 and x.shape[3] % kernel[1] == 0
    last = x.is_contiguous(memory_format=torch.channels_last)
    return fills and last and x.shape[1] < FEW_MAPS


def _pair(size: int | tuple[int, int]) -> tuple[int, int]:
    return size if isinstance(size, tuple) else (size, size)


def window_sums(x: torch.Tensor, kernel: tuple[int, int]) -> torch.Tensor:
    """The sum of each window where windows stand side by side: first whole rows are added to each
    other, then columns.

    Measured for S2 of LeNet-5 (6 maps of 28×28, batches of 128, two cores): 0.1 ms instead of 0.3.
    x: (batch, channels, height, width), channels last in memory.
    """
    y: torch.Tensor = _WindowSums.apply(x, kernel)  # type: ignore[no-untyped-call]
    return y


class _WindowSums(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, kernel: tuple[int, int]) -> torch.Tensor:
        ctx.kernel = kernel
        pixels = x.permute(0, 2, 3, 1)  # (batch, height, width, channels)
        for axis, size in enumerate(kernel, 1):
            pixels = reduce(torch.add, pixels.unfold(axis, size, size).unbind(-1))
        return pixels.permute(0, 3, 1, 2)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(  # type: ignore[override]
        ctx: Any, gradient: torch.Tensor
    ) -> tuple[torch.Tensor, None]:
        pixels = gradient.permute(0, 2, 3, 1)
        for axis in (2, 1):  # what is told of the sum is told of each of its parts
            size = ctx.kernel[axis - 1]
            shape = [-1] * 5
            shape[axis + 1] = size
            pixels = pixels.unsqueeze(axis + 1).expand(shape).flatten(axis, axis + 1)
        return pixels.permute(0, 3, 1, 2), None


_BYTE, _WORD = 8, 16


class QuickDropout(Quick, nn.Dropout):
    """`nn.Dropout` with its mask drawn eight or four values at a time, on a CPU.

    A rate is a whole number of 1/256, else of 1/65,536 (then off by 1/131,072 at most); what is
    kept is scaled by what is really kept of it.
    """

    def forward(self, input: torch.Tensor) -> torch.Tensor:  # noqa: A002
        """Any shape; the same shape."""
        if self.p in (0, 1) or not self.is_quick(input):
            return F.dropout(input, self.p, self.training)
        bits = _BYTE if (self.p * (1 << _BYTE)).is_integer() else _WORD
        ways, count = 1 << bits, input.numel()
        drawn = torch.empty(-(-count * bits // 64), dtype=torch.int64).random_(-(2**63), None)
        numbers = drawn.view(torch.uint8 if bits == _BYTE else torch.int16)[:count]
        lost = round(self.p * ways)
        if lost in (0, ways):
            return F.dropout(input, self.p)
        least = lost if bits == _BYTE else lost - ways // 2  # of signed numbers
        kept = (numbers >= least).to(input.dtype).mul_(ways / (ways - lost))
        if input.is_contiguous():
            return input * kept.view(input.shape)
        mask = torch.empty_like(input)  # in the order of the memory, whatever that is
        mask.as_strided((count,), (1,)).copy_(kept)
        return input * mask


QUICK: dict[str, type[nn.Module]] = {
    "nn.AvgPool2d": QuickAvgPool2d,
    "nn.Conv2d": QuickConv2d,
    "nn.Dropout": QuickDropout,
    "ScaledTanh": QuickScaledTanh,
    "Subsampling2d": QuickSubsampling2d,
}
"""By the names of what they stand in for."""
