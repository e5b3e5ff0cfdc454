"""Ready-made blocks: the patterns of layers that the networks of the literature are stacked from.

A block is nothing of its own, only layers: the functions give them, for the networks of
`scripts/write_presets.py` with all their numbers, and `BLOCKS` for whatever arrives at a place, so
that they work there. Convolutions before a batch norm have no bias, which the norm would take away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

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
    Maps,
    MaxPool,
    Shape,
    Size,
)
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz.layers.activation import Function
    from cnnviz.layers.base import Family
    from cnnviz.layers.branches import Merge

Layers = tuple[Layer, ...]

RELU = Activation()
ONE, TWO = Size(1, 1), Size(2, 2)
FEWEST = 8
"""Of fewer maps than this a block makes `USUAL`: from the one map of a digit, one is little."""
USUAL = 16
NARROWEST = 4
"""A ReLU behind a single map dies too easily, and nothing gets through any more."""


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


# --- for whatever arrives ---------------------------------------------------------------------


class Block(Struct, frozen=True):
    """A block as it is offered. `make` gives its layers for what arrives at the place: maps, a
    vector, or None where that is not known; then they have the usual sizes.

    common: whether it is offered first, or behind 'more'.
    """

    title: Message
    help: Message
    make: Callable[[Shape | None], Layers]
    family: Family = "branches"
    common: bool = False


def _channels(x: Shape | None) -> int:
    return x.channels if isinstance(x, Maps) else USUAL


def _filters(x: Shape | None) -> int:
    """How many maps a block makes that is free to choose: as many as arrive, but not too few."""
    return _channels(x) if _channels(x) >= FEWEST else USUAL


def _residual(x: Shape | None) -> Layers:
    return residual(_channels(x), _filters(x))


def _projected(x: Shape | None) -> Layers:
    return residual(_channels(x), 2 * _filters(x), 2)


def _bottleneck(x: Shape | None) -> Layers:
    return bottleneck(_channels(x), max(_filters(x) // 4, NARROWEST), _filters(x))


def _inverted_residual(x: Shape | None) -> Layers:
    return inverted_residual(_channels(x), _channels(x))


def _eighth(x: Shape | None) -> int:
    return max(_channels(x), 2 * USUAL) // 8


def _reduced_inception(x: Shape | None) -> Layers:
    # In the proportions of the first block of GoogLeNet; as many maps come out as arrive.
    n = _eighth(x)
    return (inception(2 * n, (3 * n, 4 * n), (max(n // 2, NARROWEST), n), n),)


def _naive_inception(x: Shape | None) -> Layers:
    n = _eighth(x)
    return (naive_inception(2 * n, 4 * n, n),)


def _dense_block(_: Shape | None) -> Layers:
    return (dense_layer(12),) * 3


def _transition(x: Shape | None) -> Layers:
    return transition(max(_channels(x) // 2, 1))


def _squeeze_excitation(x: Shape | None) -> Layers:
    return (squeeze_excitation(_channels(x), max(_channels(x) // 16, NARROWEST)),)


def _depthwise(x: Shape | None) -> Layers:
    n = _channels(x)
    groups = n if isinstance(x, Maps) else 1
    return (Conv2d(filters=n, groups=groups, padding="same"),)


def _separable(x: Shape | None) -> Layers:
    n = _channels(x)
    return (
        Conv2d(filters=n, groups=n, padding="same"),
        Conv2d(filters=_filters(x), kernel=ONE),
    )


def _connected(x: Shape | None) -> Layers:
    # The first rows of LeNet-5's table for C3: each filter sees three neighbours of the maps.
    n = _channels(x)
    seen = [sorted((row + step) % n for step in range(min(n, 3))) for row in range(USUAL)]
    return (Conv2d(filters=USUAL, padding="same", connections=tuple(map(tuple, seen))),)


def _branches(x: Shape | None) -> Layers:
    learned = Conv2d(filters=_filters(x), padding="same")
    return (block("concat", "", (learned,), ()),)


BLOCKS: dict[str, Block] = {
    "depthwise": Block(
        Message("Depthwise"),
        Message(
            "A convolution with one filter for each map, which sees that map alone. It has far "
            "fewer weights than a full convolution."
        ),
        _depthwise,
        "convolution",
        common=True,
    ),
    "separable": Block(
        Message("Separable"),
        Message(
            "A depthwise convolution, which looks at places, and a 1×1 convolution, which mixes "
            "maps: nearly what one full convolution does, for a fraction of its weights."
        ),
        _separable,
        "convolution",
    ),
    "connected": Block(
        Message("Connection table"),
        Message(
            "A convolution in which each filter sees only some of the maps, three neighbours to "
            "begin with, as in LeNet-5. Tick others in its settings."
        ),
        _connected,
        "convolution",
    ),
    "residual": Block(
        Message("Residual"),
        Message(
            "Two convolutions that learn what to add to their input, which goes past them by a "
            "shortcut. So very deep networks can be trained (ResNet)."
        ),
        _residual,
        common=True,
    ),
    "inception": Block(
        Message("Inception"),
        Message(
            "Small and large kernels and a pooling look at the same input side by side; 1×1 "
            "convolutions before them keep that cheap (GoogLeNet)."
        ),
        _reduced_inception,
        common=True,
    ),
    "dense_block": Block(
        Message("Dense block"),
        Message(
            "Three layers, each of which sees all maps made before it and adds 12 of its own "
            "(DenseNet)."
        ),
        _dense_block,
        common=True,
    ),
    "projected_residual": Block(
        Message("Residual with projection"),
        Message(
            "A residual block that makes twice as many maps of half the size; a 1×1 convolution "
            "in the shortcut gives it the same shape."
        ),
        _projected,
    ),
    "bottleneck": Block(
        Message("Bottleneck"),
        Message(
            "A residual block whose 3×3 convolution works on a quarter of the maps, between two "
            "1×1 convolutions, as in ResNet-50."
        ),
        _bottleneck,
    ),
    "inverted_residual": Block(
        Message("Inverted residual"),
        Message(
            "Widens to six times the maps, looks at each by a depthwise convolution, and narrows "
            "again; the shortcut joins the narrow ends (MobileNet v2)."
        ),
        _inverted_residual,
    ),
    "naive_inception": Block(
        Message("Naive Inception"),
        Message(
            "Inception without the 1×1 convolutions that reduce: compare its multiply-adds, and "
            "how many maps come out."
        ),
        _naive_inception,
    ),
    "transition": Block(
        Message("Transition"),
        Message(
            "Between two dense blocks: a 1×1 convolution halves the maps, and a pooling their size."
        ),
        _transition,
    ),
    "squeeze_excitation": Block(
        Message("Squeeze and excitation"),
        Message(
            "Scales each map by a number between 0 and 1, which two small layers work out from "
            "the means of all maps."
        ),
        _squeeze_excitation,
    ),
    "branches": Block(Branches.title, Branches.help, _branches),
}
"""All that are offered, by the name under which they are known, family by family."""
