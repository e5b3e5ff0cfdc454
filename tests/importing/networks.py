"""Networks of torchvision's families in our layers, and torchvision's own names for them.

The names are written here as torchvision's modules spell them (resnet.py, densenet.py and so on),
independently of the rules under test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnviz.layers import (
    Activation,
    AvgPool,
    BatchNorm,
    Border,
    Branches,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    MaxPool,
    Size,
)
from cnnviz.network import Input, Network, named_by_place

if TYPE_CHECKING:
    from collections.abc import Iterator

RELU = Activation()
POOL = MaxPool(kernel=Size(3, 3), stride=Size(2, 2), padding=Border(1, 1))
IMAGE = Input(64, 64, 3)
NORM = ("weight", "bias", "running_mean", "running_var")


def conv(filters: int, kernel: int, stride: int = 1, groups: int = 1) -> Conv2d:
    return Conv2d(
        filters=filters,
        kernel=Size(kernel, kernel),
        stride=Size(stride, stride),
        padding=Border(kernel // 2, kernel // 2),  # as PyTorch pads: alike on all sides
        groups=groups,
        bias=False,
    )


def network(layers: list[Any]) -> Network:
    return named_by_place(Network(input=IMAGE, layers=tuple(layers)))


# --- ResNet ----------------------------------------------------------------------------------


def resnet(sizes: tuple[int, ...], *, bottleneck: bool, width: int = 4) -> Network:
    layers: list[Any] = [conv(width, 7, 2), BatchNorm(), RELU, POOL]
    before, out = width, width * (4 if bottleneck else 1)
    for stage, size in enumerate(sizes):
        filters = width * 2**stage
        out = filters * (4 if bottleneck else 1)
        for number in range(size):
            stride = 2 if stage and not number else 1
            main: list[Any] = (
                [
                    conv(filters, 1), BatchNorm(), RELU,
                    conv(filters, 3, stride), BatchNorm(), RELU,
                    conv(out, 1), BatchNorm(),
                ]
                if bottleneck
                else [conv(filters, 3, stride), BatchNorm(), RELU, conv(filters, 3), BatchNorm()]
            )  # fmt: skip
            shortcut: list[Any] = []
            if stride != 1 or before != out:
                shortcut = [conv(out, 1, stride), BatchNorm()]
            layers += [Branches(branches=(tuple(main), tuple(shortcut))), RELU]
            before = out
    return network([*layers, GlobalAvgPool(), Flatten(), Dense(units=10)])


def resnet_names(sizes: tuple[int, ...], *, bottleneck: bool) -> Iterator[str]:
    """In the order in which torchvision's state dict has them."""
    yield from conv_and_norm("conv1", "bn1")
    for stage, size in enumerate(sizes, start=1):
        for block in range(size):
            prefix = f"layer{stage}.{block}"
            for number in range(1, 4 if bottleneck else 3):
                yield from conv_and_norm(f"{prefix}.conv{number}", f"{prefix}.bn{number}")
            if block == 0 and (stage > 1 or bottleneck):
                yield from conv_and_norm(f"{prefix}.downsample.0", f"{prefix}.downsample.1")
    yield from ("fc.weight", "fc.bias")


def conv_and_norm(conv: str, norm: str) -> Iterator[str]:
    yield f"{conv}.weight"
    yield from (f"{norm}.{name}" for name in NORM)


# --- DenseNet --------------------------------------------------------------------------------


def densenet(sizes: tuple[int, ...], growth: int = 4) -> Network:
    layers: list[Any] = [conv(2 * growth, 7, 2), BatchNorm(), RELU, POOL]
    count = 2 * growth
    for number, size in enumerate(sizes):
        for _ in range(size):
            inner = (BatchNorm(), RELU, conv(4 * growth, 1), BatchNorm(), RELU, conv(growth, 3))
            layers.append(Branches(merge="concat", branches=((), inner)))
        count += size * growth
        if number < len(sizes) - 1:
            count //= 2
            layers += [BatchNorm(), RELU, conv(count, 1), AvgPool()]
    return network([*layers, BatchNorm(), RELU, GlobalAvgPool(), Flatten(), Dense(units=10)])


def densenet_names(sizes: tuple[int, ...]) -> Iterator[str]:
    yield from conv_and_norm("features.conv0", "features.norm0")
    for block, size in enumerate(sizes, start=1):
        for number in range(1, size + 1):
            prefix = f"features.denseblock{block}.denselayer{number}"
            for part in (1, 2):
                yield from (f"{prefix}.norm{part}.{name}" for name in NORM)
                yield f"{prefix}.conv{part}.weight"
        if block < len(sizes):
            yield from (f"features.transition{block}.norm.{name}" for name in NORM)
            yield f"features.transition{block}.conv.weight"
    yield from (f"features.norm{len(sizes) + 1}.{name}" for name in NORM)
    yield from ("classifier.weight", "classifier.bias")


# --- MobileNet v2 ----------------------------------------------------------------------------

BLOCKS = ((1, 4, 1, 1), (6, 6, 2, 2), (6, 8, 3, 2))
"""Expansion, filters, how many, stride of the first (torchvision's t, c, n, s)."""


def mobilenet() -> Network:
    relu6 = Activation(function="relu6")
    layers: list[Any] = [conv(8, 3, 2), BatchNorm(), relu6]
    before = 8
    for expansion, filters, count, first in BLOCKS:
        for number in range(count):
            stride = first if not number else 1
            wide = before * expansion
            inner: list[Any] = []
            if expansion != 1:
                inner += [conv(wide, 1), BatchNorm(), relu6]
            inner += [conv(wide, 3, stride, wide), BatchNorm(), relu6]
            inner += [conv(filters, 1), BatchNorm()]
            if stride == 1 and before == filters:
                layers.append(Branches(branches=(tuple(inner), ())))
            else:
                layers += inner
            before = filters
    layers += [conv(32, 1), BatchNorm(), relu6, GlobalAvgPool(), Flatten()]
    return network([*layers, Dropout(rate=0.2), Dense(units=10)])


def mobilenet_names() -> Iterator[str]:
    yield from conv_and_norm("features.0.0", "features.0.1")
    place = 1
    for expansion, _, count, _ in BLOCKS:
        for _ in range(count):
            prefix, step = f"features.{place}.conv", 0
            if expansion != 1:
                yield from conv_and_norm(f"{prefix}.0.0", f"{prefix}.0.1")
                step = 1
            yield from conv_and_norm(f"{prefix}.{step}.0", f"{prefix}.{step}.1")
            yield from conv_and_norm(f"{prefix}.{step + 1}", f"{prefix}.{step + 2}")
            place += 1
    yield from conv_and_norm(f"features.{place}.0", f"features.{place}.1")
    yield from ("classifier.1.weight", "classifier.1.bias")
