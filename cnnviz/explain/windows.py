"""The numbers of windows that slide: convolution, and the output size that pooling shares."""

from __future__ import annotations

from math import prod

import msgspec

from cnnviz.explain import sight
from cnnviz.explain.formula import (
    Formula,
    Piece,
    Place,
    count,
    formula,
    memory,
    num,
    per_axis,
    product,
)
from cnnviz.layers import Conv2d, LocallyConnected2d, Maps, Padding, Size
from cnnviz.layers.windows import ends, extent, unread
from cnnviz.message import Message

Pair = tuple[int, int]


def conv2d(layer: Conv2d, place: Place) -> tuple[Formula, ...]:
    """Output size, padding, parameters, multiply-adds, receptive field and memory."""
    x, y = maps_of(place)
    kernel, dilation = layer.kernel.pair, layer.dilation.pair
    channels: tuple[Piece, ...] = (num(x.channels, "channels"),)
    if layer.groups > 1:
        channels = ("(", *channels, " / ", num(layer.groups, "groups"), ")")
    window = product(num(kernel[0], "kernel"), num(kernel[1], "kernel"))
    reads = (*window, "·", *channels)
    if layer.connections:
        return _connected(layer, place, window)
    return (
        *output_size(place, kernel, layer.stride.pair, layer.padding, dilation),
        _conv_parameters(layer, x, y, reads),
        formula(
            Message("Multiply-adds"),
            (*product(y.height, y.width, num(y.channels, "filters")), " × ", *reads),
            count(layer.multiply_adds(x, y)),
            rule=Message("output values × the weights that each of them uses"),
        ),
        *sight.slides(place, kernel, dilation),
        memory(y),
    )


def _connected(layer: Conv2d, place: Place, window: tuple[Piece, ...]) -> tuple[Formula, ...]:
    """The same with a table of connections, where only the weights in it exist."""
    x, y = maps_of(place)
    links = num(layer.links, "connections")
    size = prod(layer.kernel.pair)
    parameters = weights_and_biases(
        (*window, "·", links),
        layer.filters if layer.bias else 0,
        sum(map(prod, layer.parameters(x).values())),
        Message("kernel·kernel·connections + filters")
        if layer.bias
        else Message("kernel·kernel·connections, without biases"),
    )
    note = Message(
        "if every filter saw every map, there would be {links:,} connections and {weights:,} "
        "weights",
        links=x.channels * layer.filters,
        weights=size * x.channels * layer.filters,
    )
    return (
        *output_size(
            place, layer.kernel.pair, layer.stride.pair, layer.padding, layer.dilation.pair
        ),
        msgspec.structs.replace(parameters, note=note),
        formula(
            Message("Multiply-adds"),
            (*product(y.height, y.width), " × ", *window, "·", links),
            count(layer.multiply_adds(x, y)),
            rule=Message("positions × the weights, each of which is used at all of them"),
        ),
        *sight.slides(place, layer.kernel.pair, layer.dilation.pair),
        memory(y),
    )


def locally_connected2d(layer: LocallyConnected2d, place: Place) -> tuple[Formula, ...]:
    """Output size, parameters, multiply-adds, receptive field and memory."""
    x, y = maps_of(place)
    kernel = layer.kernel.pair
    filters, channels = num(layer.filters, "filters"), num(x.channels, "channels")
    window = (*product(num(kernel[0], "kernel"), num(kernel[1], "kernel")), "·", channels)
    positions: tuple[Piece, ...] = (*product(y.height, y.width, filters),)
    pieces: tuple[Piece, ...] = (*positions, " × ", *window, Message(" weights"))
    if layer.bias:
        pieces = (*pieces, " + ", *positions, Message(" biases"))
    shared = prod(kernel) * x.channels * layer.filters + layer.filters * layer.bias
    return (
        *output_size(place, kernel, layer.stride.pair, layer.padding, None),
        formula(
            Message("Parameters"),
            pieces,
            count(sum(map(prod, layer.parameters(x).values()))),
            rule=Message("positions·filters·kernel·kernel·channels + positions·filters")
            if layer.bias
            else Message("positions·filters·kernel·kernel·channels, without biases"),
            note=Message(
                "a convolution shares its filters between all positions and needs {shared:,}",
                shared=shared,
            ),
        ),
        formula(
            Message("Multiply-adds"),
            (*positions, " × ", *window),
            count(layer.multiply_adds(x, y)),
            rule=Message("output values × the weights that each of them uses"),
        ),
        *sight.slides(place, kernel),
        memory(y),
    )


def weights_and_biases(
    weights: tuple[Piece, ...], biases: int, parameters: int, rule: Message
) -> Formula:
    """Parameters: a product of weights, and biases (as many as filters), if any."""
    pieces = (*weights, Message(" weights"))
    if biases:
        pieces = (*pieces, " + ", num(biases, "filters"), Message(" biases"))
    return formula(Message("Parameters"), pieces, count(parameters), rule=rule)


def _conv_parameters(layer: Conv2d, x: Maps, y: Maps, reads: tuple[Piece, ...]) -> Formula:
    filters = num(layer.filters, "filters")
    pieces: tuple[Piece, ...] = (*reads, "·", filters, Message(" weights"))
    if layer.bias:
        pieces = (*pieces, " + ", filters, Message(" biases"))
    rules = {
        (True, False): Message("kernel·kernel·channels·filters + filters"),
        (True, True): Message("kernel·kernel·(channels / groups)·filters + filters"),
        (False, False): Message("kernel·kernel·channels·filters, without biases"),
        (False, True): Message("kernel·kernel·(channels / groups)·filters, without biases"),
    }
    return formula(
        Message("Parameters"),
        pieces,
        count(sum(map(prod, layer.parameters(x).values()))),
        rule=rules[layer.bias, layer.groups > 1],
        note=_sharing(layer, x, y),
    )


def _sharing(layer: Conv2d, x: Maps, y: Maps) -> Message | None:
    """What it saves that a filter is used at every position."""
    if (y.height, y.width) == (1, 1):
        whole = layer.kernel.pair == (x.height, x.width) and layer.groups == 1
        return (
            Message("the kernel covers its whole input, as a dense layer does") if whole else None
        )
    weights = prod(layer.kernel.pair) * (x.channels // layer.groups)
    dense = x.size * y.size + (y.size if layer.bias else 0)
    if weights == 1:
        return Message(
            "each filter's one weight is used at all {height:,}·{width:,} positions; a dense layer "
            "to the same output would need {dense:,}",
            height=y.height,
            width=y.width,
            dense=dense,
        )
    return Message(
        "each filter's {weights:,} weights slide over all {height:,}·{width:,} positions; a dense "
        "layer to the same output would need {dense:,}",
        weights=weights,
        height=y.height,
        width=y.width,
        dense=dense,
    )


def maps_of(place: Place) -> tuple[Maps, Maps]:
    """Input and output of a layer that knows only maps."""
    if not isinstance(place.x, Maps) or not isinstance(place.y, Maps):
        raise TypeError("a window slides over maps")
    return place.x, place.y


def output_size(
    place: Place,
    kernel: Pair,
    stride: Pair,
    padding: Padding | None,
    dilation: Pair | None,
    *,
    round_up: bool = False,
) -> tuple[Formula, ...]:
    """Height and width; where padding is "same", how much of it there is.

    `padding` and `dilation` are None where the layer knows none; `round_up` is pooling's rounding
    "ceil".
    """
    x, y = maps_of(place)
    spread = dilation or (1, 1)
    reach = (extent(kernel[0], spread[0]), extent(kernel[1], spread[1]))
    zeros = ends(padding or "valid", x, reach, Size(*stride))
    sizes, outputs = (x.height, x.width), (y.height, y.width)
    given = all(a == b for a, b in (sizes, kernel, stride, spread, zeros))
    dropped = tuple(
        unread(sizes[i], reach[i], stride[i], zeros[i], round_up=round_up) for i in range(2)
    )
    skipped = tuple(max(stride[i] - reach[i], 0) if spread == (1, 1) else 0 for i in range(2))
    titles = (
        Message("Output height and width"),
        Message("Output height"),
        Message("Output width"),
    )
    made = []
    for axis in range(2):
        n, k, s = (
            num(sizes[axis], "input"),
            num(kernel[axis], "kernel"),
            num(stride[axis], "stride"),
        )
        pieces: tuple[Piece, ...]
        if padding == "same":
            pieces, rule = ("⌈", n, " / ", s, "⌉"), Message("⌈input / stride⌉")
        else:
            p = num(zeros[axis][0], "padding")
            if padding is None:
                pieces = ("⌊(", n, " − ", k, ") / ", s, "⌋ + 1")
                rule = Message("⌊(input − window) / stride⌋ + 1")
            elif round_up:
                pieces = ("⌈(", n, " + 2·", p, " − ", k, ") / ", s, "⌉ + 1")
                rule = Message("⌈(input + 2·padding − window) / stride⌉ + 1")
                rest = sizes[axis] + sum(zeros[axis]) - kernel[axis]
                if -(-rest // stride[axis]) + 1 > outputs[axis]:
                    pieces = (*pieces, " − 1")
                    rule = Message("a last window that would begin behind the input is left out")
            elif dilation is None:
                pieces = ("⌊(", n, " + 2·", p, " − ", k, ") / ", s, "⌋ + 1")
                rule = Message("⌊(input + 2·padding − window) / stride⌋ + 1")
            else:
                d = num(dilation[axis], "dilation")
                pieces = ("⌊(", n, " + 2·", p, " − ", d, "·(", k, " − 1) − 1) / ", s, "⌋ + 1")
                rule = Message("⌊(input + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1")
        made.append(
            formula(
                titles[0],
                pieces,
                count(outputs[axis]),
                rule=rule,
                note=_never_read(axis, dropped[axis], skipped[axis], both=given),
            )
        )
    found = per_axis(titles, made, given)
    if padding == "same":
        found += _same_padding(sizes, outputs, kernel, stride, dilation, zeros)
    return found


def _never_read(axis: int, dropped: int, skipped: int, *, both: bool) -> Message | None:
    """What the floor drops at the far end, or what a wide stride jumps over."""
    if dropped:
        if both:
            return Message(
                "the last {n:,} px at the bottom and at the right are never read", n=dropped
            )
        if axis == 0:
            return Message("the last {n:,} px at the bottom are never read", n=dropped)
        return Message("the last {n:,} px at the right are never read", n=dropped)
    if skipped:
        return Message("between two positions {n:,} px are never read", n=skipped)
    return None


def _same_padding(
    sizes: Pair,
    outputs: Pair,
    kernel: Pair,
    stride: Pair,
    dilation: Pair | None,
    zeros: tuple[Pair, Pair],
) -> tuple[Formula, ...]:
    """How much padding "same" adds; the odd row or column goes to the bottom or the right."""
    made = []
    for axis in range(2):
        k, n = num(kernel[axis], "kernel"), num(sizes[axis], "input")
        s = num(stride[axis], "stride")
        if dilation is None:
            reach: tuple[Piece, ...] = (k,)
            rule = Message("(output − 1)·stride + window − input, at least 0")
        else:
            reach = (num(dilation[axis], "dilation"), "·(", k, " − 1) + 1")
            rule = Message("(output − 1)·stride + dilation·(kernel − 1) + 1 − input, at least 0")
        pieces: tuple[Piece, ...] = ("(", outputs[axis], " − 1)·", s, " + ", *reach, " − ", n)
        total = sum(zeros[axis])
        needed = (
            (outputs[axis] - 1) * stride[axis]
            - sizes[axis]
            + extent(kernel[axis], dilation[axis] if dilation else 1)
        )
        if needed < 0:
            pieces = ("max(", *pieces, ", 0)")
        made.append((pieces, total, zeros[axis], rule))
    alike = made[0] == made[1]
    titles = (
        Message("Padding of height and width"),
        Message("Padding of the height"),
        Message("Padding of the width"),
    )
    units = (
        (_both_sides(zeros[0]), _both_sides(zeros[0]))
        if alike
        else (_above_below(zeros[0]), _left_right(zeros[1]))
    )
    axes = [
        formula(titles[0], pieces, count(total), unit=unit if total else None, rule=rule)
        for (pieces, total, _, rule), unit in zip(made, units, strict=True)
    ]
    return per_axis(titles, axes, alike)


def _both_sides(zeros: Pair) -> Message:
    return Message(
        "in all: {before:,} above and left, {after:,} below and right",
        before=zeros[0],
        after=zeros[1],
    )


def _above_below(zeros: Pair) -> Message:
    return Message("in all: {before:,} above, {after:,} below", before=zeros[0], after=zeros[1])


def _left_right(zeros: Pair) -> Message:
    return Message("in all: {before:,} left, {after:,} right", before=zeros[0], after=zeros[1])
