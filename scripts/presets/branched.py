"""The networks with branches, from GoogLeNet to EfficientNet.

Those whose weights are published by torchvision have its layers in its order, with its explicit
padding and its rounding, so that the weights fit (torchvision/models: googlenet.py, resnet.py,
densenet.py, squeezenet.py, mobilenetv2.py, efficientnet.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz import patterns
from cnnviz.layers import (
    BatchNorm,
    Border,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    Layer,
    LocalResponseNorm,
    MaxPool,
    Size,
)
from cnnviz.patterns import (
    Layers,
    bottleneck,
    convolution,
    dense_layer,
    fire,
    inception,
    inverted_residual,
    normed,
    residual,
    squeeze_excitation,
    transition,
)
from scripts.presets.parts import RELU, THREES, conv

if TYPE_CHECKING:
    from collections.abc import Sequence

TWOS = Size(2, 2)


def ending(classes: int = 1000, dropout: float = 0.0) -> list[Layer]:
    """The mean of every map, and one dense layer."""
    drop = [Dropout(rate=dropout)] if dropout else []
    return [GlobalAvgPool(), Flatten(), *drop, Dense(units=classes)]


def pool(*, ceil: bool = False, padded: bool = False) -> MaxPool:
    """3×3 windows, 2 apart."""
    return MaxPool(
        kernel=THREES,
        stride=TWOS,
        padding=Border(1, 1) if padded else "valid",
        rounding="ceil" if ceil else "floor",
    )


# --- GoogLeNet --------------------------------------------------------------------------------

INCEPTIONS = (
    ((64, (96, 128), (16, 32), 32), (128, (128, 192), (32, 96), 64)),
    (
        (192, (96, 208), (16, 48), 64), (160, (112, 224), (24, 64), 64),
        (128, (128, 256), (24, 64), 64), (112, (144, 288), (32, 64), 64),
        (256, (160, 320), (32, 128), 128),
    ),
    ((256, (160, 320), (32, 128), 128), (384, (192, 384), (48, 128), 128)),
)  # fmt: skip
"""Szegedy et al., 2014, table 1: blocks 3a and b, 4a to e, 5a and b."""


def googlenet() -> list[Layer]:
    """Szegedy et al., 2014, table 1, with the local response norms of figure 3."""
    norm = LocalResponseNorm()
    layers = [
        conv(64, 7, stride=TWOS, padding=Border(3, 3)), RELU, pool(ceil=True), norm,
        conv(64, 1), RELU, conv(192, 3, padding=Border(1, 1)), RELU, norm, pool(ceil=True),
    ]  # fmt: skip
    for stage in INCEPTIONS:
        layers += [inception(*sizes, same=False) for sizes in stage]
        layers.append(pool(ceil=True))
    return [*layers[:-1], *ending(dropout=0.4)]


def googlenet_with_batch_norm() -> list[Layer]:
    """torchvision's: batch norm after every convolution, and 3×3 where the paper has 5×5."""

    def unit(filters: int, kernel: int, stride: int = 1) -> Layers:
        convolved = convolution(filters, kernel, stride, same=False)
        return (convolved, BatchNorm(epsilon=1e-3), RELU)

    around = MaxPool(kernel=THREES, stride=Size(1, 1), padding=Border(1, 1), rounding="ceil")
    layers = [*unit(64, 7, 2), pool(ceil=True), *unit(64, 1), *unit(192, 3), pool(ceil=True)]
    last = (pool(ceil=True), MaxPool(rounding="ceil"))
    for stage, halving in zip(INCEPTIONS, (*last, None), strict=True):
        for one, three, five, projected in stage:
            branches = (
                unit(one, 1),
                (*unit(three[0], 1), *unit(three[1], 3)),
                (*unit(five[0], 1), *unit(five[1], 3)),
                (around, *unit(projected, 1)),
            )
            layers.append(patterns.block("concat", "Inception", *branches))
        layers += [halving] if halving else []
    return [*layers, *ending(dropout=0.2)]


def small_inception() -> list[Layer]:
    """Zhang et al., 2016, figure 3: blocks of 1×1 and 3×3, for the middle 28×28 of CIFAR-10."""

    def wide(one: int, three: int) -> Layer:
        branches = (normed(convolution(one, 1)), normed(convolution(three, 3)))
        return patterns.block("concat", "Inception", *branches)

    def halving(filters: int) -> Layer:
        pooled = MaxPool(kernel=THREES, stride=TWOS, padding="same")
        return patterns.block("concat", "Inception", normed(convolution(filters, 3, 2)), (pooled,))

    return [
        *normed(convolution(96, 3)), wide(32, 32), wide(32, 48), halving(80),
        wide(112, 48), wide(96, 64), wide(80, 80), wide(48, 96), halving(96),
        wide(176, 160), wide(176, 160), *ending(10),
    ]  # fmt: skip


# --- ResNet -----------------------------------------------------------------------------------


def resnet(*depths: int, deep: bool = False) -> list[Layer]:
    """He et al., 2015, table 1: so many blocks in each of four stages; deep: bottlenecks."""
    layers = [*normed(convolution(64, 7, 2, same=False)), pool(padded=True)]
    channels, width = 64, 64
    for stage, depth in enumerate(depths):
        filters = 4 * width if deep else width
        for number in range(depth):
            stride = 2 if stage and not number else 1
            layers += (
                bottleneck(channels, width, filters, stride, same=False)
                if deep
                else residual(channels, filters, stride, same=False)
            )
            channels = filters
        width *= 2
    return [*layers, *ending()]


def resnet_for_cifar(depth: int) -> list[Layer]:
    """He et al., 2015, section 4.2, with 6·depth + 2 layers with weights.

    The shortcuts between stages are projections: the paper's zeros for the new maps are no layer.
    """
    layers = [*normed(convolution(16, 3, same=False))]
    channels = 16
    for filters in (16, 32, 64):
        for number in range(depth):
            stride = 2 if channels != filters and not number else 1
            layers += residual(channels, filters, stride, same=False)
            channels = filters
    return [*layers, *ending(10)]


# --- DenseNet ---------------------------------------------------------------------------------


def dense_stages(
    channels: int, growth: int, depths: Sequence[int], *, wide: int = 4, kept: float = 0.5
) -> list[Layer]:
    """Dense blocks of so many layers and the transitions between them, which keep a share of the
    maps; behind the last block a batch norm and ReLU."""
    layers: list[Layer] = []
    for number, depth in enumerate(depths):
        layers += [dense_layer(growth, wide=wide, same=False)] * depth
        channels += depth * growth
        if number < len(depths) - 1:
            channels = int(channels * kept)
            layers += transition(channels, same=False)
    return [*layers, BatchNorm(), RELU]


def densenet(*depths: int) -> list[Layer]:
    """Huang et al., 2016, table 1, with a growth of 32."""
    stem = (*normed(convolution(64, 7, 2, same=False)), pool(padded=True))
    return [*stem, *dense_stages(64, 32, depths), *ending()]


def densenet_40() -> list[Layer]:
    """Huang et al., 2016, section 3 and table 2, for CIFAR-10: L = 40, growth 12, no bottleneck."""
    return [
        convolution(16, 3, same=False),
        *dense_stages(16, 12, (12, 12, 12), wide=0, kept=1.0),
        *ending(10),
    ]


def small_densenet() -> list[Layer]:
    """The same pattern for digits: three blocks of three layers."""
    return [conv(16, 3, padding="same"), *dense_stages(16, 8, (3, 3, 3)), *ending(10)]


# --- SqueezeNet -------------------------------------------------------------------------------


def _fires(*sizes: tuple[int, int]) -> list[Layer]:
    return [layer for s, e in sizes for layer in fire(s, e, e, same=False)]


def _classes_by_convolution() -> list[Layer]:
    return [Dropout(), conv(1000, 1), RELU, GlobalAvgPool(), Flatten()]


def squeezenet_1_0() -> list[Layer]:
    """Iandola et al., 2016, table 1."""
    down = pool(ceil=True)
    return [
        conv(96, 7, stride=TWOS), RELU, down,
        *_fires((16, 64), (16, 64), (32, 128)), down,
        *_fires((32, 128), (48, 192), (48, 192), (64, 256)), down,
        *_fires((64, 256)), *_classes_by_convolution(),
    ]  # fmt: skip


def squeezenet_1_1() -> list[Layer]:
    """The authors' later version, which pools earlier."""
    down = pool(ceil=True)
    return [
        conv(64, 3, stride=TWOS), RELU, down,
        *_fires((16, 64), (16, 64)), down,
        *_fires((32, 128), (32, 128)), down,
        *_fires((48, 192), (48, 192), (64, 256), (64, 256)), *_classes_by_convolution(),
    ]  # fmt: skip


# --- networks for phones ----------------------------------------------------------------------


def mobilenet_v2() -> list[Layer]:
    """Sandler et al., 2018, table 2."""
    layers = [*normed(convolution(32, 3, 2, same=False), "relu6")]
    channels = 32
    for expansion, filters, count, stride in (
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
        (6, 160, 3, 2), (6, 320, 1, 1),
    ):  # fmt: skip
        for number in range(count):
            step = 1 if number else stride
            layers += inverted_residual(channels, filters, step, expansion, same=False)
            channels = filters
    return [*layers, *normed(convolution(1280, 1), "relu6"), *ending(dropout=0.2)]


def small_mobilenet() -> list[Layer]:
    """MobileNet v1's pattern for digits."""
    layers = [*normed(convolution(16, 3))]
    channels = 16
    for filters, stride in ((32, 1), (64, 2), (64, 1), (128, 2), (128, 1)):
        layers += normed(convolution(channels, 3, stride, groups=channels))
        layers += normed(convolution(filters, 1))
        channels = filters
    return [*layers, *ending(10)]


def efficientnet_b0() -> list[Layer]:
    """Tan and Le, 2019, table 1, without stochastic depth."""
    layers = [*normed(convolution(32, 3, 2, same=False), "silu")]
    channels = 32
    for expansion, kernel, stride, filters, count in (
        (1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3),
        (6, 5, 2, 192, 4), (6, 3, 1, 320, 1),
    ):  # fmt: skip
        for number in range(count):
            layers += _mbconv(channels, filters, kernel, 1 if number else stride, expansion)
            channels = filters
    return [*layers, *normed(convolution(1280, 1), "silu"), *ending(dropout=0.2)]


def _mbconv(channels: int, filters: int, kernel: int, stride: int, expansion: int) -> Layers:
    """An inverted residual block with SiLU and squeeze and excitation."""
    wide = channels * expansion
    learned = (
        *(normed(convolution(wide, 1), "silu") if expansion > 1 else ()),
        *normed(convolution(wide, kernel, stride, groups=wide, same=False), "silu"),
        squeeze_excitation(wide, max(channels // 4, 1), "silu"),
        *normed(convolution(filters, 1), None),
    )
    if channels != filters or stride > 1:
        return learned
    return (patterns.block("add", "Inverted residual", learned, ()),)
