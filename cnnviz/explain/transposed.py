"""The numbers of a transposed convolution, in which values stamp instead of being read."""

from __future__ import annotations

from math import prod

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
from cnnviz.explain.windows import maps_of, weights_and_biases
from cnnviz.layers import Border, TransposedConv2d
from cnnviz.message import Message

_RULES = {
    (True, False): Message("kernel·kernel·filters·channels + filters"),
    (True, True): Message("kernel·kernel·(filters / groups)·channels + filters"),
    (False, False): Message("kernel·kernel·filters·channels, without biases"),
    (False, True): Message("kernel·kernel·(filters / groups)·channels, without biases"),
}
"""Of the parameters, by whether there are biases and groups."""


def transposed_conv2d(layer: TransposedConv2d, place: Place) -> tuple[Formula, ...]:
    """Output size, what is cut off, parameters, multiply-adds, receptive field and memory."""
    x, y = maps_of(place)
    height, width = (num(n, "kernel") for n in layer.kernel.pair)
    filters: tuple[Piece, ...] = (num(layer.filters, "filters"),)
    if layer.groups > 1:
        filters = ("(", *filters, " / ", num(layer.groups, "groups"), ")")
    stamp: tuple[Piece, ...] = (*product(height, width), "·", *filters)
    reaches: list[tuple[Piece, ...]] = []
    for axis in range(2):
        stride = num(layer.stride.pair[axis], "stride")
        reaches.append(("(⌈(", *_reach(layer, axis), ") / ", stride, "⌉ − 1)"))
    return (
        *_output_size(layer, place),
        *_cut(layer),
        weights_and_biases(
            (*stamp, "·", num(x.channels, "channels")),
            layer.filters if layer.bias else 0,
            sum(map(prod, layer.parameters(x).values())),
            _RULES[layer.bias, layer.groups > 1],
        ),
        formula(
            Message("Multiply-adds"),
            (*product(x.height, x.width, num(x.channels, "channels")), " × ", *stamp),
            count(layer.multiply_adds(x, y)),
            rule=Message("input values × the weights of the stamp that each leaves"),
        ),
        *sight.reads(
            place,
            (reaches[0], reaches[1]),
            Message("field before + (stamps over one pixel − 1)·distance before, at most"),
        ),
        memory(y),
    )


def _reach(layer: TransposedConv2d, axis: int) -> tuple[Piece, ...]:
    """How far a stamp reaches, as a formula."""
    kernel, dilation = layer.kernel.pair[axis], layer.dilation.pair[axis]
    return num(dilation, "dilation"), "·(", num(kernel, "kernel"), " − 1) + 1"


def _output_size(layer: TransposedConv2d, place: Place) -> tuple[Formula, ...]:
    x, y = maps_of(place)
    sizes, outputs = (x.height, x.width), (y.height, y.width)
    axes = []
    for axis in range(2):
        n, s = num(sizes[axis], "input"), num(layer.stride.pair[axis], "stride")
        pieces: tuple[Piece, ...]
        if layer.padding == "same":
            pieces, rule = (n, "·", s), Message("input·stride")
        else:
            pieces = ("(", n, " − 1)·", s, " + ", *_reach(layer, axis))
            rule = Message("(input − 1)·stride + dilation·(kernel − 1) + 1")
        if isinstance(layer.padding, Border):
            pieces = (*pieces, " − 2·", num(layer.padding.pair[axis], "padding"))
            rule = Message("(input − 1)·stride + dilation·(kernel − 1) + 1 − 2·padding")
        axes.append(
            formula(Message("Output height and width"), pieces, count(outputs[axis]), rule=rule)
        )
    titles = (
        Message("Output height and width"),
        Message("Output height"),
        Message("Output width"),
    )
    return per_axis(titles, axes, axes[0] == axes[1])


def _cut(layer: TransposedConv2d) -> tuple[Formula, ...]:
    """What "same" cuts off, or adds where the stamps do not reach the next one."""
    if layer.padding != "same":
        return ()
    axes = []
    for axis in range(2):
        stride = num(layer.stride.pair[axis], "stride")
        before, after = layer.cuts[axis]
        if before + after >= 0:
            pieces: tuple[Piece, ...] = (*_reach(layer, axis), " − ", stride)
            unit = Message("in all: {before:,} before, {after:,} after", before=before, after=after)
            rule = Message("cut off: dilation·(kernel − 1) + 1 − stride")
        else:
            pieces = (stride, " − (", *_reach(layer, axis), ")")
            unit = Message("zeros after the last stamp")
            rule = Message("added: stride − (dilation·(kernel − 1) + 1)")
        total = abs(before + after)
        axes.append(
            formula(
                Message("Padding of height and width"),
                pieces,
                count(total),
                unit=unit if total else None,
                rule=rule,
            )
        )
    titles = (
        Message("Padding of height and width"),
        Message("Padding of the height"),
        Message("Padding of the width"),
    )
    return per_axis(titles, axes, axes[0] == axes[1])
