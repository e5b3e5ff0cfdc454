"""PyTorch modules for what PyTorch has none for. Exported scripts print them as they are."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F


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
