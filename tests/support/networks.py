"""Random layers and networks, drawn from what the kinds declare of themselves."""

from __future__ import annotations

import functools
import itertools
import math
from typing import TYPE_CHECKING, Any, get_args

import msgspec
from hypothesis import strategies as st

from cnnviz.layers import (
    KINDS,
    Activation,
    AvgPool,
    BatchNorm,
    Border,
    Branches,
    ChannelDropout,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GroupNorm,
    Initialisation,
    Layer,
    LayerNorm,
    LocalResponseNorm,
    Maps,
    MaxPool,
    Problem,
    Shape,
    Sides,
    Size,
    TransposedConv2d,
    Vector,
    ZeroPadding,
    fields_of,
)
from cnnviz.layers.branches import Merge, shape_behind
from cnnviz.layers.initialisation import Recipe
from cnnviz.network import Input, Network, named_by_place, renamed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.layers import Field

SINGLES: tuple[type[Layer], ...] = tuple(kind for kind in KINDS if kind is not Branches)
"""The kinds that are one layer."""

FOR_VECTORS: tuple[type[Layer], ...] = (Dense, Activation, Dropout, BatchNorm, LayerNorm, GroupNorm)
"""Those that take a vector."""
SMALL = 6
"""How large sizes and counts become where PyTorch really has to compute something."""


def sizes(largest: int = SMALL) -> st.SearchStrategy[Size]:
    """A height and a width, small ones and equal ones more often."""
    one = st.integers(1, largest)
    return st.builds(Size, one, one) | one.map(lambda n: Size(n, n))


def borders(largest: int = SMALL) -> st.SearchStrategy[Border]:
    """Explicit padding."""
    return st.builds(Border, st.integers(0, largest), st.integers(0, largest))


def maps(largest: int = 16, channels: int = SMALL) -> st.SearchStrategy[Maps]:
    """The shape of feature maps."""
    size = st.integers(1, largest)
    return st.builds(Maps, size, size, st.integers(1, channels))


def shapes(largest: int = 16) -> st.SearchStrategy[Shape]:
    """The shape of maps or of a vector."""
    return maps(largest) | st.builds(Vector, st.integers(1, largest))


def values_of(field: Field, largest: int = SMALL) -> st.SearchStrategy[Any]:
    """Values of one setting within its limits, whole numbers up to `largest`."""
    low, high = field.minimum, field.maximum
    match field.kind:
        case "int":
            return st.integers(int(low or 0), min(int(high or largest), largest))
        case "float":
            return st.floats(low, high, exclude_min=field.exclusive_minimum, width=32)
        case "bool":
            return st.booleans()
        case "choice":
            return st.sampled_from(field.choices)
        case "size":
            given = sizes(largest)
            return given if field.default is not None else given | st.none()
        case "padding":
            return st.sampled_from(field.choices) | borders(largest)
        case "sides":
            side = st.integers(0, largest)
            return st.builds(Sides, side, side, side, side)
        case "connections":
            row = st.lists(st.integers(0, largest - 1), min_size=1, max_size=3, unique=True)
            return st.lists(row.map(tuple), max_size=largest).map(tuple)
        case "text":
            return st.text(max_size=min(int(high or largest), largest))
        case "classes":
            return st.lists(st.text(max_size=4), max_size=largest, unique=True).map(tuple)
        case "initialisation":
            numbers = st.floats(-2, 2, width=32)
            by_hand = st.lists(numbers, max_size=9).map(tuple)
            return st.builds(Initialisation, st.sampled_from(get_args(Recipe)), numbers, by_hand)


@st.composite
def layers_of(draw: st.DrawFn, kind: type[Layer], largest: int = SMALL) -> Layer:
    """A layer of this kind; each setting is either its default or anything within its limits."""
    fields = fields_of(kind)
    chosen = draw(st.integers(0, 2 ** len(fields) - 1))  # one bit a setting
    settings = {
        field.name: draw(_values_of(field.name, kind, largest))
        for place, field in enumerate(fields)
        if chosen >> place & 1
    }
    return kind(**settings)


@functools.cache  # strategies are slow to make, and thousands of layers are drawn
def _values_of(name: str, kind: type[Layer], largest: int) -> st.SearchStrategy[Any]:
    return values_of(next(field for field in fields_of(kind) if field.name == name), largest)


@functools.cache
def layers(
    largest: int = SMALL, kinds: tuple[type[Layer], ...] = SINGLES
) -> st.SearchStrategy[Layer]:
    """A layer of any kind."""
    return st.one_of([layers_of(kind, largest) for kind in kinds])


def wants_only_maps(layer: Layer) -> bool:
    """Whether a vector is a problem for it."""
    return layer.family in {"convolution", "pooling"} or isinstance(
        layer, ChannelDropout | LocalResponseNorm | ZeroPadding
    )


@st.composite
def fitting(draw: st.DrawFn, kind: type[Layer], largest: int = SMALL) -> tuple[Layer, Shape]:
    """A layer of this kind and what it may receive; now and then it cannot work all the same."""
    layer: Any = draw(layers_of(kind, largest))
    if layer.initialisation.recipe == "by_hand":
        start = msgspec.structs.replace(layer.initialisation, recipe="zeros")
        layer = msgspec.structs.replace(layer, initialisation=start)
    if isinstance(layer, Dense):
        return layer, draw(st.builds(Vector, st.integers(1, 4 * largest)))
    if isinstance(layer, GroupNorm):
        x = draw(shapes(2 * largest))
        if isinstance(x, Maps):
            return layer, msgspec.structs.replace(x, channels=x.channels * layer.groups)
        return layer, Vector(x.length * layer.groups)
    if not wants_only_maps(layer):
        return layer, draw(shapes(2 * largest))
    x = draw(maps(2 * largest))
    if isinstance(layer, Conv2d) and layer.connections:
        layer = msgspec.structs.replace(layer, filters=len(layer.connections), groups=1)
        x = msgspec.structs.replace(x, channels=max(map(max, layer.connections)) + 1)
    elif isinstance(layer, Conv2d | TransposedConv2d):
        layer = msgspec.structs.replace(layer, filters=layer.filters * layer.groups)
        x = msgspec.structs.replace(x, channels=x.channels * layer.groups)
    elif isinstance(layer, MaxPool | AvgPool) and layer.padding == "same":
        layer = rounded_down(layer)
    elif isinstance(layer, MaxPool | AvgPool) and isinstance(layer.padding, Border):
        halves = (n // 2 + 1 for n in layer.kernel.pair)
        border = Border(*(n % m for n, m in zip(layer.padding.pair, halves, strict=True)))
        layer = msgspec.structs.replace(layer, padding=border)
    reach = getattr(layer, "reach", layer.kernel.pair if hasattr(layer, "kernel") else (1, 1))
    return layer, Maps(x.height + reach[0] - 1, x.width + reach[1] - 1, x.channels)


def chains(
    largest: int = SMALL, count: int = 8, kinds: Sequence[type[Layer]] = SINGLES, depth: int = 2
) -> st.SearchStrategy[tuple[Layer, ...]]:
    """Layers one after the other, now and then a block of branches, nested at most `depth` deep."""
    one = layers(largest, kinds)
    if depth:
        block = blocks(largest, kinds, depth - 1)
        one = st.integers(0, 5).flatmap(lambda n: block if n == 0 else layers(largest, kinds))
    return st.lists(one, max_size=count).map(tuple)


def blocks(
    largest: int = SMALL, kinds: Sequence[type[Layer]] = SINGLES, depth: int = 1
) -> st.SearchStrategy[Branches]:
    """Branches of any merge; what is in them may well not go together."""
    branches = st.lists(chains(largest, 2, kinds, depth), min_size=1, max_size=3)
    label = st.sampled_from(["", "Residual", "A name"])
    return st.builds(
        Branches,
        merge=st.sampled_from(get_args(Merge)),
        label=label,
        branches=branches.map(tuple),
    )


@st.composite
def networks(
    draw: st.DrawFn,
    largest: int = SMALL,
    count: int = 8,
    kinds: Sequence[type[Layer]] = SINGLES,
    uids: bool = True,
    depth: int = 2,
) -> Network:
    """Layers and blocks, which may well have problems; with uids a, b, c, … where wanted."""
    image = draw(maps(largest=20, channels=3))
    chain = draw(chains(largest, count, kinds, depth))
    if uids:
        names = (chr(ord("a") + n) if n < 26 else f"l{n}" for n in itertools.count())
        chain = renamed(chain, lambda: next(names))
    return Network(input=Input(image.height, image.width, image.channels)).with_layers(chain)


def rounded_down(layer: Layer) -> Layer:
    """A pooling layer that does not round up with padding same."""
    if getattr(layer, "padding", "") != "same":
        return layer
    return msgspec.structs.replace(layer, rounding="floor")


# --- networks that mostly work -------------------------------------------------------------------

MOST_VALUES = 20_000
"""Larger outputs than this are not built upon, so that thousands of networks stay quick."""


def mended(layer: Layer, x: Shape) -> tuple[Layer, ...]:
    """A layer that works on a shape, by its own repairs as far as they go."""
    chain: tuple[Layer, ...] = (layer,)
    for _ in range(3):
        problem = layer.output_shape(x)
        if not isinstance(problem, Problem):
            break
        repair = next((r for r in problem.repairs if r.layers), None)
        if repair is None:
            break
        chain = repair.layers
        layer = chain[0]
    return chain


def suited(layer: Layer, x: Maps) -> Layer:
    """A layer with settings that make sense for what arrives, such as groups that divide."""
    if isinstance(layer, Conv2d) and layer.connections:
        rows = tuple(tuple(dict.fromkeys(n % x.channels for n in row)) for row in layer.connections)
        return msgspec.structs.replace(layer, connections=rows, filters=len(rows), groups=1)
    if isinstance(layer, MaxPool | AvgPool):
        return rounded_down(layer)
    if isinstance(layer, LocalResponseNorm):  # its divisor must not be 0, nor without bound
        return msgspec.structs.replace(layer, beta=min(layer.beta, 1.0), k=max(layer.k, 0.1))
    if isinstance(layer, Conv2d | TransposedConv2d | GroupNorm):
        return msgspec.structs.replace(layer, groups=math.gcd(layer.groups, x.channels))
    return layer


@st.composite
def working_chains(
    draw: st.DrawFn, x: Shape, count: int = 6, depth: int = 2
) -> tuple[tuple[Layer, ...], Shape | None]:
    """Layers of all kinds that mostly work on what arrives, and the shape behind them; None where
    one of them has a problem, which is the case now and then."""
    chain: list[Layer] = []
    y: Shape | None = x
    for _ in range(draw(st.integers(0 if depth < 2 else 1, count))):
        if y is None:
            chain.append(draw(layers()))  # it waits, whatever it is
            break
        if depth and draw(st.integers(0, 4)) == 0:
            layer: Layer = draw(working_blocks(y, depth - 1))
        elif isinstance(y, Maps):
            layer = suited(draw(layers()), y)
        else:
            layer = draw(layers(kinds=FOR_VECTORS))
        works = draw(st.integers(0, 14)) > 0
        new = mended(layer, y) if works else (layer,)
        behind = shape_behind(new, y)
        if behind is not None and behind.size > MOST_VALUES:
            continue
        chain += new
        y = behind
    return tuple(chain), y


@st.composite
def working_blocks(draw: st.DrawFn, x: Shape, depth: int) -> Branches:
    """Branches whose ends go together, or can be made to by a repair."""
    chains: list[Any] = [
        draw(working_chains(x, 2, depth))[0] for _ in range(draw(st.integers(1, 3)))
    ]
    if draw(st.booleans()):
        chains.append(())
    merge = draw(st.sampled_from(get_args(Merge)))
    return Branches(merge=merge, branches=tuple(chains))


@st.composite
def working_networks(draw: st.DrawFn, classes: int | None = None) -> Network:
    """Networks of all kinds, nested branches among them, about nine in ten of which work.

    classes: it works, and ends in a vector of that length.
    """
    image = draw(maps(largest=12, channels=4))
    chain, y = draw(working_chains(image))
    if classes is not None:
        chain, y = (chain, y) if y is not None else ((), image)
        flat = () if isinstance(y, Vector) else (Flatten(),)
        chain = (*chain, *flat, Dense(units=classes))
    found = Network(input=Input(*image.sizes)).with_layers(chain)
    return named_by_place(found)


@st.composite
def partly_disabled(
    draw: st.DrawFn, source: st.SearchStrategy[Network], least: int = 0
) -> tuple[Network, Network]:
    """A network in which some layers are disabled, blocks among them, and the same without them."""
    network = draw(source)
    uids = [layer.uid for _, layer in network.walk()]
    chosen = draw(st.sets(st.sampled_from(uids), min_size=least)) if uids else set()
    return network.with_enabled(chosen, enabled=False), network.remove(chosen)
