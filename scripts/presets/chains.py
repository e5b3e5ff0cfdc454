"""The networks that are one chain of layers, from logistic regression to MobileNet v1."""

from __future__ import annotations

import msgspec

from cnnviz.layers import (
    Activation,
    AvgPool,
    BatchNorm,
    Border,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    Initialisation,
    Layer,
    LocallyConnected2d,
    LocalResponseNorm,
    MaxPool,
    Sides,
    Size,
    Subsampling,
    ZeroPadding,
)
from cnnviz.network import Input, Network
from cnnviz.patterns import block
from scripts.presets.parts import RELU, THREES, conv, head

SQUASH = Activation(function="scaled_tanh")
LECUN = Initialisation("lecun_1998")

C3 = (
    *((i, (i + 1) % 6, (i + 2) % 6) for i in range(6)),
    *((i, (i + 1) % 6, (i + 2) % 6, (i + 3) % 6) for i in range(6)),
    *((i, i + 1, i + 3, (i + 4) % 6) for i in range(3)),
    tuple(range(6)),
)
"""Table I of LeCun et al., 1998: which maps of S2 each map of C3 sees."""

H3 = ((0,), (0, 1), (0, 1), (1,), (0, 1), (0, 1), (2,), (2, 3), (2, 3), (3,), (2, 3), (2, 3))
"""Table 1 of LeCun et al., 1990."""


def logistic_regression() -> list[Layer]:
    """A dense layer and nothing else."""
    return [Flatten(), Dense(units=10)]


def perceptron() -> list[Layer]:
    """28×28–300–10 of LeCun et al., 1998, section III.C."""
    return [
        Flatten(),
        Dense(units=300, initialisation=LECUN),
        SQUASH,
        Dense(units=10, initialisation=LECUN),
    ]


def lenet_1() -> list[Layer]:
    """LeCun et al., 1990: 4 maps, averaged, 12 maps, averaged, 10 outputs."""
    return [
        conv(4, 5, initialisation=LECUN),
        SQUASH,
        Subsampling(),
        SQUASH,
        conv(12, 5, connections=H3, initialisation=LECUN),
        SQUASH,
        Subsampling(),
        SQUASH,
        Flatten(),
        Dense(units=10, initialisation=LECUN),
    ]


def lenet_5() -> list[Layer]:
    """LeCun et al., 1998, section II.B: C1, S2, C3, S4, C5, F6, and a dense layer as output."""
    return [
        conv(6, 5, initialisation=LECUN),
        SQUASH,
        Subsampling(),
        SQUASH,
        conv(16, 5, connections=tuple(tuple(sorted(row)) for row in C3), initialisation=LECUN),
        SQUASH,
        Subsampling(),
        SQUASH,
        conv(120, 5, initialisation=LECUN),
        SQUASH,
        Flatten(),
        Dense(units=84, initialisation=LECUN),
        SQUASH,
        Dense(units=10, initialisation=LECUN),
    ]


def deep_learn_toolbox() -> list[Layer]:
    """The CNN example of DeepLearnToolbox (Palm, 2012)."""
    sigmoid = Activation(function="sigmoid")
    return [conv(6, 5), sigmoid, AvgPool(), conv(12, 5), sigmoid, AvgPool(), Flatten(),
            Dense(units=10)]  # fmt: skip


def thorough() -> list[Layer]:
    """Two networks alike, whose answers are added: each is to learn apart."""
    return [block("add", "Ensemble", *2 * [tuple(four_convolutions())])]


def four_convolutions() -> list[Layer]:
    """For digits. Pooling comes before batch norm and ReLU, which then have a quarter of the work;
    and few, large convolutions have less of it than many small ones."""
    layers: list[Layer] = [conv(32, 5, stride=Size(2, 2), bias=False), BatchNorm(), RELU]
    for filters, pooled in ((64, False), (64, True), (128, False)):
        layers.append(conv(filters, 5, padding="same", bias=False))
        layers += [MaxPool()] if pooled else []
        layers += [BatchNorm(), RELU]
    return [*layers, Flatten(), Dropout(), Dense(units=10)]


def tiny_vgg() -> list[Layer]:
    """CNN Explainer (Wang et al., 2020)."""
    block = [conv(10, 3), RELU, conv(10, 3), RELU, MaxPool()]
    return [*block, *block, Flatten(), Dense(units=10)]


def zfnet() -> list[Layer]:
    """Zeiler and Fergus, 2013, figure 3."""
    pool = MaxPool(kernel=THREES, stride=Size(2, 2), padding=Border(1, 1))
    norm = LocalResponseNorm(size=5, alpha=5e-4, k=2.0)
    middle = [layer for n in (384, 384, 256) for layer in (conv(n, 3, padding="same"), RELU)]
    return [
        conv(96, 7, stride=Size(2, 2), padding=Border(1, 1)), RELU, pool, norm,
        conv(256, 5, stride=Size(2, 2)), RELU, pool, norm,
        *middle, MaxPool(kernel=THREES, stride=Size(2, 2)),
        *head(Dense(units=4096), Dense(units=4096)),
    ]  # fmt: skip


def alexnet_of_two_towers() -> list[Layer]:
    """Krizhevsky et al., 2012: both towers side by side, as groups of two."""
    pool = MaxPool(kernel=THREES, stride=Size(2, 2))
    norm = LocalResponseNorm(size=5, alpha=5e-4, k=2.0)
    return [
        conv(96, 11, stride=Size(4, 4)), RELU, norm, pool,
        conv(256, 5, padding="same", groups=2), RELU, norm, pool,
        conv(384, 3, padding="same"), RELU,
        conv(384, 3, padding="same", groups=2), RELU,
        conv(256, 3, padding="same", groups=2), RELU, pool,
        *head(Dense(units=4096), Dense(units=4096)),
    ]  # fmt: skip


def network_in_network() -> list[Layer]:
    """Lin et al., 2013, for CIFAR-10, with the authors' sizes."""
    pool = Size(2, 2)
    return [
        conv(192, 5, padding="same"), RELU, conv(160, 1), RELU, conv(96, 1), RELU,
        MaxPool(kernel=THREES, stride=pool, rounding="ceil"), Dropout(),
        conv(192, 5, padding="same"), RELU, conv(192, 1), RELU, conv(192, 1), RELU,
        AvgPool(kernel=THREES, stride=pool, rounding="ceil"), Dropout(),
        conv(192, 3, padding="same"), RELU, conv(192, 1), RELU, conv(10, 1), RELU,
        GlobalAvgPool(), Flatten(),
    ]  # fmt: skip


def all_convolutional() -> list[Layer]:
    """All-CNN-C of Springenberg et al., 2014, for CIFAR-10."""
    down = Size(2, 2)
    return [
        Dropout(rate=0.2),
        conv(96, 3, padding="same"), RELU, conv(96, 3, padding="same"), RELU,
        conv(96, 3, padding="same", stride=down), RELU, Dropout(),
        conv(192, 3, padding="same"), RELU, conv(192, 3, padding="same"), RELU,
        conv(192, 3, padding="same", stride=down), RELU, Dropout(),
        conv(192, 3, padding="same"), RELU, conv(192, 1), RELU, conv(10, 1), RELU,
        GlobalAvgPool(), Flatten(),
    ]  # fmt: skip


VGG_11 = (64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0)
VGG_13 = (64, 64, 0, 128, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0)
VGG_16 = (64, 64, 0, 128, 128, 0, *[256] * 3, 0, *[512] * 3, 0, *[512] * 3, 0)
VGG_19 = (64, 64, 0, 128, 128, 0, *[256] * 4, 0, *[512] * 4, 0, *[512] * 4, 0)


def vgg(*filters: int, norm: bool) -> list[Layer]:
    """Simonyan and Zisserman, 2014; 0 stands for a pooling."""
    layers: list[Layer] = []
    for n in filters:
        if n:
            layers += [conv(n, 3, padding="same"), *([BatchNorm()] if norm else []), RELU]
        else:
            layers.append(MaxPool())
    return [*layers, *head(Dense(units=4096), Dense(units=4096))]


def mobilenet_v1() -> list[Layer]:
    """Howard et al., 2017, table 1, with width 1 for 224×224."""

    def after(layer: Conv2d) -> list[Layer]:
        return [layer, BatchNorm(), RELU]

    layers = after(conv(32, 3, stride=Size(2, 2), padding="same", bias=False))
    before = 32
    for filters, stride in (
        (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5,
        (1024, 2), (1024, 1),
    ):  # fmt: skip
        step = Size(stride, stride)
        layers += after(conv(before, 3, stride=step, padding="same", groups=before, bias=False))
        layers += after(conv(filters, 1, bias=False))
        before = filters
    return [*layers, GlobalAvgPool(), Flatten(), Dense(units=1000)]


def million(*layers: Layer) -> Network:
    """A photograph of a million pixels, and a million hidden units that look at it."""
    return Network(input=Input(1000, 1000, 1)).with_layers(layers)


def a_million_units() -> dict[str, Network]:
    """The classic lesson: 10¹² weights, 10⁸ with windows of 10×10, 100 if they are shared.

    Four rows and columns of zeros before the image and five behind it, so that 10×10 windows have a
    million positions.
    """
    window, zeros = Size(10, 10), ZeroPadding(padding=Sides(4, 5, 4, 5))
    named = {
        "million-dense": ("dense", (Flatten(), Dense(units=10**6, bias=False))),
        "million-local": (
            "local 10×10 windows",
            (zeros, LocallyConnected2d(filters=1, kernel=window, bias=False)),
        ),
        "million-shared": ("one shared filter", (zeros, conv(1, 10, bias=False))),
        "million-hundred": ("a hundred filters", (zeros, conv(100, 10, bias=False))),
    }
    return {
        file: msgspec.structs.replace(million(*layers), name=f"A million units: {way}")
        for file, (way, layers) in named.items()
    }
