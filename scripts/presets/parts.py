"""What several of the networks are made of."""

from __future__ import annotations

from cnnviz.layers import Activation, Conv2d, Dense, Dropout, Flatten, Layer, Size
from cnnviz.network import Input

RELU = Activation()
THREES = Size(3, 3)

MNIST, PADDED, CIFAR = Input(28, 28, 1), Input(32, 32, 1), Input(32, 32, 3)
IMAGENET = Input(224, 224, 3)


def conv(filters: int, kernel: int, **settings: object) -> Conv2d:
    """A square kernel."""
    return Conv2d(filters=filters, kernel=Size(kernel, kernel), **settings)  # type: ignore[arg-type]


def head(*hidden: Dense) -> list[Layer]:
    """Dense layers with dropout before the 1,000 classes of ImageNet."""
    inner = [layer for dense in hidden for layer in (dense, RELU, Dropout())]
    return [Flatten(), *inner, Dense(units=1000)]
