"""Ready-made blocks: layers to insert together, made for whatever arrives at a place, so that they
work there. Most are a pattern of the literature; see `cnnviz.patterns`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from cnnviz.layers import Branches, Conv2d, Maps, Shape
from cnnviz.message import Message
from cnnviz.patterns import (
    ONE,
    Layers,
    block,
    bottleneck,
    dense_layer,
    inception,
    inverted_residual,
    naive_inception,
    residual,
    squeeze_excitation,
    transition,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz.layers.base import Family

FEWEST = 8
"""Of fewer maps than this a block makes `USUAL`: from the one map of a digit, one is little."""
USUAL = 16
NARROWEST = 4
"""A ReLU behind a single map dies too easily, and nothing gets through any more."""


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
