"""PyTorch modules from the calls that a layer names, for oracles; independent of `build`."""

from __future__ import annotations

import torch
from torch import nn

from cnnviz.engine import modules
from cnnviz.layers import Call, Layer, Maps, Shape


def names() -> dict[str, object]:
    """What the source of a call may refer to."""
    return {"nn": nn, **vars(modules)}


def module_of(call: Call) -> nn.Module:
    """The module as its printed source makes it."""
    module = eval(call.source(), names())
    assert isinstance(module, nn.Module)
    return module


def stack_of(layer: Layer, x: Shape) -> nn.Sequential:
    """The modules that do what a layer does, as printed; ready for looking, not for training."""
    return nn.Sequential(*map(module_of, layer.torch_calls(x))).eval()


def images_of(x: Shape, count: int = 2, device: str = "cpu") -> torch.Tensor:
    """Random values of a shape for a batch, always the same ones."""
    shape = (x.channels, x.height, x.width) if isinstance(x, Maps) else (x.length,)
    if device == "meta":
        return torch.empty(count, *shape, device=device)
    return torch.randn(count, *shape, generator=torch.Generator().manual_seed(0))
