"""The numbers of pooling, window by window or at one stroke."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING

from cnnviz.explain import sight
from cnnviz.explain.formula import (
    Formula,
    Piece,
    Place,
    count,
    formula,
    memory,
    nothing_learned,
    num,
    per_axis,
    product,
)
from cnnviz.explain.windows import maps_of, output_size
from cnnviz.layers import (
    AdaptiveAvgPool,
    AvgPool,
    Border,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
    Subsampling,
)
from cnnviz.layers.pooling import largest_window
from cnnviz.message import Message

if TYPE_CHECKING:
    from cnnviz.layers import Maps


def max_pool(layer: MaxPool, place: Place) -> tuple[Formula, ...]:
    """Output size and padding, windows, receptive field and memory."""
    note = None
    if layer.padding != "valid":
        note = Message("padding is never picked, whatever the numbers are")
    return _pool(layer, place, Message("the largest value of each window is kept"), note)


def avg_pool(layer: AvgPool, place: Place) -> tuple[Formula, ...]:
    """Output size and padding, windows, receptive field and memory."""
    note = None
    if isinstance(layer.padding, Border):
        note = Message("padding counts as zeros in the average")
    elif layer.padding == "same":
        note = Message("padding does not count: only pixels that exist are averaged")
    return _pool(layer, place, Message("each window becomes its average"), note)


def _pool(
    layer: MaxPool | AvgPool, place: Place, rule: Message, note: Message | None
) -> tuple[Formula, ...]:
    _, y = maps_of(place)
    kernel = layer.kernel.pair
    return (
        *output_size(place, kernel, layer.step.pair, layer.padding, None, round_up=layer.rounds_up),
        _windows(y, kernel, rule, note),
        nothing_learned(),
        *sight.slides(place, kernel, window=True),
        memory(y),
    )


def _windows(y: Maps, kernel: tuple[int, int], rule: Message, note: Message | None) -> Formula:
    return formula(
        Message("Windows"),
        product(y.height, y.width, num(y.channels, "channels")),
        count(y.size),
        unit=Message("windows of {height:,}·{width:,} values", height=kernel[0], width=kernel[1]),
        rule=rule,
        note=note,
    )


def subsampling(layer: Subsampling, place: Place) -> tuple[Formula, ...]:
    """Output size, windows, parameters, receptive field and memory."""
    x, y = maps_of(place)
    kernel = layer.kernel.pair
    return (
        *output_size(place, kernel, layer.step.pair, None, None),
        _windows(
            y,
            kernel,
            Message("the sum of each window, times the map's coefficient, plus its bias"),
            None,
        ),
        formula(
            Message("Parameters"),
            ("2·", num(x.channels, "channels")),
            count(2 * x.channels),
            rule=Message("a coefficient and a bias for each map"),
            note=Message(
                "the coefficient starts at 1 / ({height:,}·{width:,}), as an average",
                height=kernel[0],
                width=kernel[1],
            ),
        ),
        *sight.slides(place, kernel, window=True),
        memory(y),
    )


def adaptive_avg_pool(layer: AdaptiveAvgPool, place: Place) -> tuple[Formula, ...]:
    """How large the windows are, how many there are, receptive field and memory."""
    x, y = maps_of(place)
    sizes, counts = (x.height, x.width), layer.size.pair
    largest = tuple(largest_window(n, m) for n, m in zip(sizes, counts, strict=True))
    axes = [
        _adaptive_window(n, m, window) for n, m, window in zip(sizes, counts, largest, strict=True)
    ]
    titles = (
        Message("Largest window"),
        Message("Largest window, height"),
        Message("Largest window, width"),
    )
    reaches: list[tuple[Piece, ...]] = [("(", window, " − 1)") for window in largest]
    return (
        *per_axis(titles, axes, sizes[0] == sizes[1] and counts[0] == counts[1]),
        formula(
            Message("Windows"),
            (
                *product(num(counts[0], "size"), num(counts[1], "size")),
                "·",
                num(y.channels, "channels"),
            ),
            count(y.size),
            rule=Message("each window becomes its average"),
        ),
        nothing_learned(),
        *sight.reads(
            place,
            (reaches[0], reaches[1]),
            Message("field before + (window − 1)·distance before"),
        ),
        memory(y),
    )


def _adaptive_window(size: int, windows: int, largest: int) -> Formula:
    n, m = num(size, "input"), num(windows, "size")
    rest = size % windows // gcd(size, windows)
    pieces: tuple[Piece, ...] = (n, " / ", m)
    if rest:
        pieces = ("⌊", *pieces, "⌋ + ", min(rest, 2))
    return formula(
        Message("Largest window"),
        pieces,
        count(largest),
        unit=Message("values"),
        rule=Message("window i goes from ⌊i·input / size⌋ to before ⌈(i + 1)·input / size⌉"),
        note=Message("they differ in size and may overlap") if rest else None,
    )


def global_avg_pool(layer: GlobalAvgPool, place: Place) -> tuple[Formula, ...]:
    """How many values become one, receptive field and memory."""
    return _whole_map(place, Message("Average"), Message("sum of the map / (height·width)"))


def global_max_pool(layer: GlobalMaxPool, place: Place) -> tuple[Formula, ...]:
    """How many values become one, receptive field and memory."""
    return _whole_map(place, Message("Maximum"), Message("the largest value of the map"))


def _whole_map(place: Place, title: Message, rule: Message) -> tuple[Formula, ...]:
    x, y = maps_of(place)
    pooled = formula(
        title,
        product(num(x.height, "input"), num(x.width, "input")),
        count(x.height * x.width),
        unit=Message("values of a map become one number"),
        rule=rule,
    )
    return pooled, nothing_learned(), *sight.gathers(place), memory(y)
