"""Networks as a book writes them, in few words."""

from __future__ import annotations

import msgspec

from cnnviz.layers import Activation, Border, Conv2d, Layer, Size
from cnnviz.network import Input, Network

RELU = Activation()
MNIST = Input()


def chain(*layers: Layer, image: Input = MNIST) -> Network:
    """A network whose layers are called 0, 1, 2, …"""
    named = [msgspec.structs.replace(layer, uid=str(n)) for n, layer in enumerate(layers)]
    return Network(input=image).with_layers(named)


def conv(filters: int, kernel: int, stride: int = 1, padding: int = 0) -> Conv2d:
    return Conv2d(
        filters=filters,
        kernel=Size(kernel, kernel),
        stride=Size(stride, stride),
        padding=Border(padding, padding) if padding else "valid",
    )
