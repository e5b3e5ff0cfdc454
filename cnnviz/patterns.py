"""The patterns of layers that the networks of the literature are stacked from.

A pattern is nothing of its own, only layers, which the functions give with all their numbers: for
the networks of `scripts/write_presets.py`, and for `cnnviz.blocks`. Convolutions before a batch
norm have no bias, which the norm would take away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnviz.layers import (
    LIMIT,
    Activation,
    AvgPool,
    BatchNorm,
    Border,
    Branches,
    Conv2d,
    GlobalAvgPool,
    Layer,
    MaxPool,
    Size,
)

if TYPE_CHECKING:
    from cnnviz.layers.activation import Function
    from cnnviz.layers.branches import Merge

Layers = tuple[Layer, ...]

RELU = Activation()
ONE, TWO = Size(1, 1), Size(2, 2)


def convolution(
    filters: int, kernel: int, stride: int = 1, *, groups: int = 1, same: bool = True
) -> Conv2d:
    """A square kernel without bias that keeps the size, divided by the stride.

    same: padding "same"; else the explicit padding that PyTorch's models have. Both give the same
    size for an odd kernel, but with a stride they look at other pixels.
    """
    half = kernel // 2
    return Conv2d(
        filters=min(filters, LIMIT),
        kernel=Size(kernel, kernel),
        stride=Size(stride, stride),
        padding=("same" if same else Border(half, half)) if half else "valid",
        groups=groups,
        bias=False,
    )


def normed(layer: Layer, function: Function | None = "relu") -> Layers:
    """A layer, batch norm, and an activation if there is one."""
    return (layer, BatchNorm(), *([Activation(function=function)] if function else []))


def block(merge: Merge, label: str, *branches: Layers) -> Branches:
    chains: tuple[Any, ...] = branches  # any layers are layers of a file
    return Branches(merge=merge, label=label, branches=chains)


def residual(channels: int, filters: int, stride: int = 1, *, same: bool = True) -> Layers:
    """Two 3×3 convolutions beside a shortcut, and the ReLU after the sum.

    He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, 2015, figure 2.
    """
    learned = (
        *normed(convolution(filters, 3, stride, same=same)),
        *normed(convolution(filters, 3, same=same), None),
    )
    return _around(learned, _shortcut(channels, filters, stride), "Residual")


def bottleneck(
    channels: int, width: int, filters: int, stride: int = 1, *, same: bool = True
) -> Layers:
    """1×1 to `width` maps, 3×3 on these few, 1×1 to `filters` maps, beside a shortcut.

    The same paper, figure 5; the stride is at the 3×3 convolution, as PyTorch's models have it.
    """
    learned = (
        *normed(convolution(width, 1)),
        *normed(convolution(width, 3, stride, same=same)),
        *normed(convolution(filters, 1), None),
    )
    return _around(learned, _shortcut(channels, filters, stride), "Bottleneck")


def _shortcut(channels: int, filters: int, stride: int) -> Layers:
    """The identity where it has the right shape, else a projection."""
    if channels == filters and stride == 1:
        return ()
    return normed(convolution(filters, 1, stride), None)


def _around(learned: Layers, shortcut: Layers, label: str) -> Layers:
    return (block("add", label, learned, shortcut), RELU)


def inverted_residual(
    channels: int, filters: int, stride: int = 1, expansion: int = 6, *, same: bool = True
) -> Layers:
    """1×1 to more maps, a depthwise 3×3, 1×1 to few without activation; a shortcut where it fits.

    Sandler, Howard, Zhu, Zhmoginov, Chen: MobileNetV2, 2018, figure 4.
    """
    wide = min(channels * expansion, LIMIT)
    learned = (
        *(normed(convolution(wide, 1), "relu6") if expansion > 1 else ()),
        *normed(convolution(wide, 3, stride, groups=wide, same=same), "relu6"),
        *normed(convolution(filters, 1), None),
    )
    if channels != filters or stride > 1:
        return learned
    return (block("add", "Inverted residual", learned, ()),)


def inception(
    one: int, three: tuple[int, int], five: tuple[int, int], pool: int, *, same: bool = True
) -> Branches:
    """1×1, 3×3, 5×5 and pooling side by side, each with the 1×1 convolution that keeps it cheap.

    three, five: filters of the 1×1 before it, and its own. Szegedy et al.: Going Deeper with
    Convolutions, 2014, figure 2b.
    """
    return _inception(
        _with_relu(one, 1),
        (*_with_relu(three[0], 1), *_with_relu(three[1], 3, same=same)),
        (*_with_relu(five[0], 1), *_with_relu(five[1], 5, same=same)),
        (_pool(same=same), *_with_relu(pool, 1)),
    )


def naive_inception(one: int, three: int, five: int) -> Branches:
    """The same without reductions: the maps of the pooling all come out. Figure 2a."""
    return _inception(
        _with_relu(one, 1), _with_relu(three, 3), _with_relu(five, 5), (_pool(same=True),)
    )


def _inception(*branches: Layers) -> Branches:
    return block("concat", "Inception", *branches)


def _pool(*, same: bool) -> MaxPool:
    return MaxPool(kernel=Size(3, 3), stride=ONE, padding="same" if same else Border(1, 1))


def _with_relu(filters: int, kernel: int, *, same: bool = True) -> Layers:
    half = kernel // 2
    padding = ("same" if same else Border(half, half)) if half else "valid"
    return (Conv2d(filters=filters, kernel=Size(kernel, kernel), padding=padding), RELU)  # type: ignore[arg-type]


def fire(squeeze: int, one: int, three: int, *, same: bool = True) -> Layers:
    """1×1 to few maps, then 1×1 and 3×3 side by side.

    Iandola et al.: SqueezeNet, 2016, figure 1.
    """
    expand = block("concat", "Fire", _with_relu(one, 1), _with_relu(three, 3, same=same))
    return (*_with_relu(squeeze, 1), expand)


def dense_layer(growth: int, *, wide: int = 4, same: bool = True) -> Branches:
    """All maps so far, and behind them `growth` new ones made of them all.

    A 1×1 convolution to `wide`·growth maps comes before the 3×3 one; 0 leaves it out. Huang, Liu,
    van der Maaten, Weinberger: Densely Connected Convolutional Networks, 2016, section 3.
    """
    reduced = (BatchNorm(), RELU, convolution(wide * growth, 1)) if wide else ()
    new = (*reduced, BatchNorm(), RELU, convolution(growth, 3, same=same))
    return block("concat", "Dense layer", (), new)


def transition(filters: int, *, same: bool = True) -> Layers:
    """Between dense blocks: fewer maps, of half the size. The same section."""
    pool = AvgPool(padding="same" if same else "valid")
    return (BatchNorm(), RELU, convolution(filters, 1), pool)


def squeeze_excitation(
    channels: int, squeezed: int, inner: Function = "relu", gate: Function = "sigmoid"
) -> Branches:
    """Scale every map by a number between 0 and 1 that is worked out from the means of all maps.

    Hu, Shen, Sun: Squeeze-and-Excitation Networks, 2017, figure 2.
    """
    scale = (
        GlobalAvgPool(),
        Conv2d(filters=squeezed, kernel=ONE),
        Activation(function=inner),
        Conv2d(filters=channels, kernel=ONE),
        Activation(function=gate),
    )
    return block("multiply", "Squeeze and excitation", (), scale)
