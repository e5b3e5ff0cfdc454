"""PyTorch modules for what PyTorch has none for. Exported scripts print them as they are."""

from __future__ import annotations

from functools import reduce

import torch
from torch import nn
from torch.nn import functional as F


class Places(nn.Module):
    """Whole numbers by which a layer finds some of its weights.

    They are put on a device once: from Python they come by a copy, for which each step would wait.
    """

    def __init__(self, numbers: list[int]) -> None:
        super().__init__()
        self.numbers = numbers
        self.there: torch.Tensor | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(count,) where x is"""
        if self.there is None or self.there.device != x.device:
            with torch.inference_mode(False):  # so that what is learned later can go back by them
                self.there = torch.tensor(self.numbers, device=x.device)
        return self.there


class AvgPool2dSame(nn.Module):
    """Average over the pixels of each window that exist, with uneven padding as TensorFlow has it.

    padding is (left, right, top, bottom), in pixels.
    """

    def __init__(
        self,
        kernel_size: tuple[int, int],
        stride: tuple[int, int],
        padding: tuple[int, int, int, int],
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, height, width) -> (batch, channels, out height, out width)"""
        inside = torch.ones_like(x[:1, :1])  # (1, 1, height, width)
        sums = F.avg_pool2d(F.pad(x, self.padding), self.kernel_size, self.stride)
        shares = F.avg_pool2d(F.pad(inside, self.padding), self.kernel_size, self.stride)
        return sums / shares


class ConvTranspose2dSame(nn.ConvTranspose2d):
    """A transposed convolution whose output is cut unevenly, as TensorFlow's SAME wants it.

    cuts is (left, right, top, bottom), in pixels; negative ones add zeros.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        bias: bool = True,
        cuts: tuple[int, int, int, int] = (0, 0, 0, 0),
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, groups=groups, bias=bias,
            dilation=dilation,
        )  # fmt: skip
        self.cuts = cuts

    def forward(self, x: torch.Tensor, output_size: list[int] | None = None) -> torch.Tensor:
        """(batch, channels, height, width) -> (batch, filters, height·stride, width·stride)"""
        full = F.conv_transpose2d(
            x, self.weight, None, self.stride, groups=self.groups, dilation=self.dilation
        )
        cut = F.pad(full, tuple(-cut for cut in self.cuts))
        return cut if self.bias is None else cut + self.bias[:, None, None]


class ConnectedConv2d(nn.Module):
    """A convolution in which each filter sees only some of the input maps, as C3 of LeNet-5.

    connections names the input maps of each filter; weight is (connections in all, height, width).
    """

    def __init__(
        self,
        in_channels: int,
        connections: tuple[tuple[int, ...], ...],
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        dilation: int | tuple[int, int] = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        height, width = kernel_size if isinstance(kernel_size, tuple) else (kernel_size,) * 2
        self.shape = (len(connections), in_channels, height, width)
        places = [f * in_channels + c for f, row in enumerate(connections) for c in row]
        self.places = Places(places)  # of filters · channels
        self.stride, self.padding, self.dilation = stride, padding, dilation
        fan_in = -(-len(places) // len(connections)) * height * width  # on average
        bound = fan_in**-0.5
        weight = torch.empty(len(places), height, width)
        self.weight = nn.Parameter(weight.uniform_(-bound, bound))
        self.bias = None
        if bias:
            self.bias = nn.Parameter(torch.empty(len(connections)).uniform_(-bound, bound))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, height, width) -> (batch, filters, out height, out width)"""
        filters, channels, height, width = self.shape
        weight = self.weight.new_zeros(filters * channels, height, width)
        weight[self.places(x)] = self.weight
        weight = weight.view(self.shape)
        return F.conv2d(x, weight, self.bias, self.stride, self.padding, self.dilation)


class PartlyFrozenConv2d(nn.Conv2d):
    """A convolution some of whose filters stay as they were when training began.

    An optimiser that makes all weights smaller has its way for a moment: they are put back before
    they are used.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        bias: bool = True,
        held: tuple[int, ...] = (),
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias
        )
        self.held = Places(list(held))
        self.kept: list[torch.Tensor] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, height, width) -> (batch, filters, out height, out width)"""
        tensors = [tensor for tensor in (self.weight, self.bias) if tensor is not None]
        held = self.held(x)
        if self.training and not self.kept:
            self.kept = [tensor[held].detach().clone() for tensor in tensors]
        with torch.no_grad():
            for tensor, values in zip(tensors, self.kept, strict=False):
                tensor[held] = values
        return super().forward(x)


class FrozenBatchNorm2d(nn.BatchNorm2d):
    """Batch norm that keeps its running statistics and uses them, also while others train."""

    def train(self, mode: bool = True) -> FrozenBatchNorm2d:
        return super().train(False)


class FrozenBatchNorm1d(nn.BatchNorm1d):
    """Batch norm that keeps its running statistics and uses them, also while others train."""

    def train(self, mode: bool = True) -> FrozenBatchNorm1d:
        return super().train(False)


class LocallyConnected2d(nn.Module):
    """Filters of its own for every position.

    weight is (positions, filters, channels·height·width), bias (positions, filters).
    """

    def __init__(
        self,
        in_channels: int,
        filters: int,
        positions: tuple[int, int],
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        bias: bool = True,
    ) -> None:
        super().__init__()
        height, width = kernel_size if isinstance(kernel_size, tuple) else (kernel_size,) * 2
        self.positions, self.kernel_size = positions, (height, width)
        self.stride, self.padding = stride, padding
        places, fan_in = positions[0] * positions[1], in_channels * height * width
        bound = fan_in**-0.5
        weight = torch.empty(places, filters, fan_in)
        self.weight = nn.Parameter(weight.uniform_(-bound, bound))
        self.bias = None
        if bias:
            self.bias = nn.Parameter(torch.empty(places, filters).uniform_(-bound, bound))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, height, width) -> (batch, filters, out height, out width)"""
        patches = F.unfold(x, self.kernel_size, padding=self.padding, stride=self.stride)
        values = torch.einsum("bkp,pfk->bfp", patches, self.weight)  # (batch, filters, positions)
        if self.bias is not None:
            values = values + self.bias.T
        return values.reshape(*values.shape[:2], *self.positions)


class Subsampling2d(nn.Module):
    """The sum of each window, times a coefficient, plus a bias, one pair a map (LeCun, 1998)."""

    def __init__(
        self, channels: int, kernel_size: tuple[int, int], stride: tuple[int, int]
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, stride
        area = kernel_size[0] * kernel_size[1]
        self.weight = nn.Parameter(torch.full((channels,), 1 / area))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, height, width) -> (batch, channels, out height, out width)"""
        area = self.kernel_size[0] * self.kernel_size[1]
        sums = F.avg_pool2d(x, self.kernel_size, self.stride) * area
        return sums * self.weight[:, None, None] + self.bias[:, None, None]


class ScaledTanh(nn.Module):
    """LeNet-5's squashing function, 1.7159 · tanh(2x / 3) (LeCun, 1998, appendix A)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Any shape; the same shape."""
        return 1.7159 * torch.tanh(x * (2 / 3))


class Add(nn.Module):
    """Runs branches side by side and adds what they give."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, …) -> the shape of every branch's output"""
        return self.merge([branch(x) for branch in self.branches])

    @staticmethod
    def merge(outputs: list[torch.Tensor]) -> torch.Tensor:
        """Outputs of one shape -> that shape"""
        return reduce(torch.add, outputs)


class Concat(nn.Module):
    """Runs branches side by side and puts their maps one behind the other."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, …) -> (batch, the sum of the branches' channels, …)"""
        return self.merge([branch(x) for branch in self.branches])

    @staticmethod
    def merge(outputs: list[torch.Tensor]) -> torch.Tensor:
        """Outputs that differ in channels alone -> all channels"""
        return torch.cat(outputs, 1)


class Multiply(nn.Module):
    """Runs branches side by side and multiplies what they give; 1×1 maps scale whole maps."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, …) -> the shape of the largest branch's output"""
        return self.merge([branch(x) for branch in self.branches])

    @staticmethod
    def merge(outputs: list[torch.Tensor]) -> torch.Tensor:
        """Outputs of one shape, or of 1×1 -> that shape"""
        return reduce(torch.mul, outputs)
