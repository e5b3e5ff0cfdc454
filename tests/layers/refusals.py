"""What PyTorch says of a layer that is asked for by its settings alone, without our rules."""

from __future__ import annotations

import warnings

import torch
from torch import nn

from cnnviz.layers import (
    AvgPool,
    Border,
    Conv2d,
    GroupNorm,
    Layer,
    LocallyConnected2d,
    Maps,
    MaxPool,
    Shape,
    Size,
    Subsampling,
    TransposedConv2d,
    Vector,
)
from cnnviz.layers.shapes import features
from tests.layers.modules import images_of, stack_of


def shape_of(x: torch.Tensor) -> Shape:
    """The shape of one image of a batch."""
    return Maps(x.shape[2], x.shape[3], x.shape[1]) if x.ndim == 4 else Vector(x.shape[1])


def padded_like_pytorch(layer: Layer) -> bool:
    """Whether PyTorch has a word for the padding: 'same' in a pool, or with a stride, is ours."""
    if getattr(layer, "padding", None) != "same":
        return True
    return isinstance(layer, Conv2d) and layer.stride == Size(1, 1)


def refuses(layer: Layer, x: Shape) -> bool:
    """Whether PyTorch on the CPU refuses the layer, told by its settings alone."""
    try:
        with torch.inference_mode(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of 'same' with even kernels, that it is slow
            return not plain(layer, x)(images_of(x)).numel()
    except (RuntimeError, ValueError):
        return True


def plain(layer: Layer, x: Shape) -> nn.Module:
    """The module with the settings as they are given; asks the layer for nothing.

    Without such a line here, a kind is built from its calls, as those have no settings that PyTorch
    could refuse.
    """
    channels = x.channels if isinstance(x, Maps) else 1
    if isinstance(layer, GroupNorm):
        return nn.GroupNorm(layer.groups, features(x))
    padding = getattr(layer, "padding", "valid")
    zeros = padding.pair if isinstance(padding, Border) else (0, 0)
    border: tuple[int, int] | str = "same" if padding == "same" else zeros
    if isinstance(layer, TransposedConv2d):
        return nn.ConvTranspose2d(
            channels,
            layer.filters,
            layer.kernel.pair,
            layer.stride.pair,
            zeros,
            0,
            layer.groups,
            dilation=layer.dilation.pair,
        )
    if isinstance(layer, LocallyConnected2d | Subsampling):
        step = layer.stride or layer.kernel
        return nn.Unfold(layer.kernel.pair, padding=zeros, stride=step.pair)
    if isinstance(layer, Conv2d):
        return nn.Conv2d(
            channels,
            layer.filters,
            layer.kernel.pair,
            layer.stride.pair,
            border,
            layer.dilation.pair,
            layer.groups,
        )
    if isinstance(layer, MaxPool | AvgPool):
        assert not isinstance(border, str)
        stride = layer.stride.pair if layer.stride else None
        up = layer.rounding == "ceil"
        if isinstance(layer, MaxPool):
            return nn.MaxPool2d(layer.kernel.pair, stride, border, ceil_mode=up)
        return nn.AvgPool2d(layer.kernel.pair, stride, border, ceil_mode=up)
    return stack_of(layer, x)
