"""How far a window slides: the shape rule that convolution and pooling share, for one axis.

Explicit padding is PyTorch's: the same on both sides, the rest of the division dropped. 'valid' and
'same' mean what TensorFlow means by them (tf.nn documentation, "Padding").
"""

from __future__ import annotations

from math import gcd, isqrt
from typing import TYPE_CHECKING

import msgspec

from cnnviz.layers.base import Layer
from cnnviz.layers.fields import Border, Padding, Size, fields_of
from cnnviz.layers.initialisation import DEFAULT, MOST_VALUES
from cnnviz.layers.shapes import LIMIT, Call, Maps, Problem, Repair, Shape, Span
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

Ends = tuple[int, int]
"""Padding before and after an axis."""


def extent(kernel: int, dilation: int = 1) -> int:
    """How many values a dilated kernel reaches over: dilation·(kernel − 1) + 1."""
    return dilation * (kernel - 1) + 1


def same_padding(size: int, reach: int, stride: int) -> Ends:
    """The zeros that 'same' puts before and after an axis; the odd one comes after."""
    total = max((-(-size // stride) - 1) * stride + reach - size, 0)
    return total // 2, total - total // 2


def ends(padding: Padding, x: Maps, reach: tuple[int, int], stride: Size) -> tuple[Ends, Ends]:
    """The zeros (above, below) and (left, right) of an input."""
    if isinstance(padding, Border):
        vertical, horizontal = padding.pair
        return (vertical, vertical), (horizontal, horizontal)
    if padding == "valid":
        return (0, 0), (0, 0)
    return (
        same_padding(x.height, reach[0], stride.height),
        same_padding(x.width, reach[1], stride.width),
    )


def positions(size: int, reach: int, stride: int, padding: Ends, *, round_up: bool = False) -> int:
    """How often a window fits along an axis: ⌊(size + padding − reach) / stride⌋ + 1, or ≤ 0.

    round_up: PyTorch's ceil_mode: a last window may reach over the end, unless it would begin
    there.
    """
    rest = size + padding[0] + padding[1] - reach
    if not round_up:
        return rest // stride + 1
    count = -(-rest // stride) + 1
    return count - 1 if (count - 1) * stride >= size + padding[0] else count


def read_through(span: Span, stride: int, reach: int, before: int) -> Span:
    """What the windows of a span read, the first of which begins `before` values outside."""
    if span is None:
        return None
    return span[0] * stride - before, span[1] * stride - before + reach - 1


def unread(size: int, reach: int, stride: int, padding: Ends, *, round_up: bool = False) -> int:
    """How many values at the far end of an axis no window ever reads, because of the floor."""
    count = positions(size, reach, stride, padding, round_up=round_up)
    last = (count - 1) * stride + reach - padding[0]
    return min(max(size - last, 0), size) if count > 0 else size


def slide(
    layer: Layer,
    x: Maps,
    channels: int,
    *,
    kernel: Size,
    stride: Size,
    padding: Padding,
    dilation: tuple[int, int] = (1, 1),
    round_up: bool = False,
) -> Maps | Problem:
    """The output of a sliding window, or the problem that it does not fit."""
    reach = (extent(kernel.height, dilation[0]), extent(kernel.width, dilation[1]))
    above, left = ends(padding, x, reach, stride)
    height = positions(x.height, reach[0], stride.height, above, round_up=round_up)
    width = positions(x.width, reach[1], stride.width, left, round_up=round_up)
    if height >= 1 and width >= 1:
        return Maps(height, width, channels)
    return _too_large(layer, x, kernel, dilation, (above, left), stride)


def _too_large(
    layer: Layer,
    x: Maps,
    kernel: Size,
    dilation: tuple[int, int],
    padding: tuple[Ends, Ends],
    stride: Size,
) -> Problem:
    reach = (extent(kernel.height, dilation[0]), extent(kernel.width, dilation[1]))
    height, width = x.height + sum(padding[0]), x.width + sum(padding[1])
    dilated, padded = reach != kernel.pair, (height, width) != (x.height, x.width)
    shown_kernel, shown_input = f"{reach[0]}×{reach[1]}", f"{height}×{width}"
    if dilated and padded:
        headline = Message(
            "The kernel reaches over {kernel}, which is larger than its {input} padded input.",
            kernel=shown_kernel,
            input=shown_input,
        )
    elif dilated:
        headline = Message(
            "The kernel reaches over {kernel}, which is larger than its {input} input.",
            kernel=shown_kernel,
            input=shown_input,
        )
    elif padded:
        headline = Message(
            "The {kernel} kernel is larger than its {input} padded input.",
            kernel=shown_kernel,
            input=shown_input,
        )
    else:
        headline = Message(
            "The {kernel} kernel is larger than its {input} input.",
            kernel=shown_kernel,
            input=shown_input,
        )
    vertical = reach[0] > height
    size, over, step = (
        (height, reach[0], stride.height) if vertical else (width, reach[1], stride.width)
    )
    detail = Message(
        "Output would be ⌊({size} − {reach})/{stride}⌋ + 1 = {result}.",
        size=size,
        reach=over,
        stride=step,
        result=str((size - over) // step + 1).replace("-", "−"),
    )
    return Problem(x, headline, detail, _smaller(layer, x, (height, width), kernel, dilation))


def _smaller(
    layer: Layer, x: Maps, room: tuple[int, int], kernel: Size, dilation: tuple[int, int]
) -> tuple[Repair, ...]:
    """Ways out, each with the largest value that fits. room: height and width with padding."""
    axes = list(zip(room, kernel.pair, dilation, strict=True))
    largest = Size(*(min(k, (size - 1) // d + 1) for size, k, d in axes))
    widest = Size(*(min(d, max((size - 1) // (k - 1), 1)) if k > 1 else d for size, k, d in axes))
    tries: list[tuple[Callable[[Maps], Message], dict[str, object]]] = [
        (lambda y: Message("Padding same → {shape}", shape=_plane(y)), {"padding": "same"}),
        (
            lambda y: Message("Kernel {kernel} → {shape}", kernel=str(largest), shape=_plane(y)),
            {"kernel": largest},
        ),
        (
            lambda y: (
                Message("Without dilation → {shape}", shape=_plane(y))
                if widest == Size(1, 1)
                else Message("Dilation {dilation} → {shape}", dilation=str(widest), shape=_plane(y))
            ),
            {"dilation": widest},
        ),
    ]
    repairs = []
    for label, change in tries:
        if any(getattr(layer, name, value) == value for name, value in change.items()):
            continue
        if "padding" in change and not _can_be_same(layer):
            continue
        changed = replace(layer, **change)
        y = changed.output_shape(x)
        if isinstance(y, Maps):
            repairs.append(Repair(label(y), (changed,)))
    repairs.append(Repair(Message("Delete this layer"), ()))
    return tuple(repairs)


def _can_be_same(layer: Layer) -> bool:
    return any("same" in field.choices for field in fields_of(type(layer)))


def _plane(y: Maps) -> str:
    return f"{y.height}×{y.width}"


def replace(layer: Layer, **changes: object) -> Layer:
    """The layer with other settings; unlike the bare call, typed for any kind."""
    return msgspec.structs.replace(layer, **changes)


def wants_maps(layer: Layer, x: Shape) -> Problem:
    """The problem of a layer that looks at an image and is handed a vector."""
    return Problem(
        x,
        Message(
            "{layer} needs feature maps and receives a vector of {n:,}.", layer=layer.name, n=x.size
        ),
        Message("A flatten or dense layer before it has given up the places in the image."),
        (Repair(Message("Delete this layer"), ()),),
    )


def padding_call(name: str, padding: tuple[Ends, Ends], *more: object) -> Call:
    """A PyTorch padding module; it wants (left, right, above, below)."""
    (above, below), (left, right) = padding
    return Call(name, ((left, right, above, below), *more))


def short(pair: tuple[int, int]) -> int | tuple[int, int]:
    """3 instead of (3, 3), as people write it."""
    return pair[0] if pair[0] == pair[1] else pair


def nearest_divisor(number: int, wanted: int, most: int | None = None) -> int:
    """The divisor of a number that is nearest to one wanted, of two that are as near the smaller.

    most: the largest that may be taken. Seeks up to the root, of 10⁹ in some milliseconds.
    """
    small = [divisor for divisor in range(1, isqrt(number) + 1) if number % divisor == 0]
    divisors = [*small, *(number // divisor for divisor in small)]
    allowed = [divisor for divisor in divisors if most is None or divisor <= most]
    return min(allowed, key=lambda divisor: (abs(divisor - wanted), divisor))


def groups_problem(layer: Layer, x: Maps, filters: int, groups: int) -> Problem:
    """The problem that groups divide the input maps or the filters into fractions."""
    repairs = [
        Repair(Message("Groups {n:,}", n=fitting), (replace(layer, groups=fitting),))
        for fitting in dict.fromkeys((nearest_divisor(gcd(x.channels, filters), groups), 1))
    ]
    whole = -(-filters // groups) * groups
    if x.channels % groups == 0 and whole <= LIMIT:
        fitting_layer = replace(layer, filters=whole)
        repairs.insert(0, Repair(Message("Filters {n:,}", n=whole), (fitting_layer,)))
    return Problem(
        x,
        Message(
            "{groups:,} groups do not divide {channels:,} input maps and {filters:,} filters.",
            groups=groups,
            channels=x.channels,
            filters=filters,
        ),
        Message(
            "{channels:,} / {groups:,} input maps and {filters:,} / {groups:,} filters must both "
            "be whole numbers.",
            channels=x.channels,
            filters=filters,
            groups=groups,
        ),
        tuple(repairs),
    )


KERNEL_BY_HAND = Message("Those of one kernel, row by row; all kernels start alike.")


def by_hand_problem(layer: Layer, x: Shape, wanted: int, detail: Message) -> Problem | None:
    """The problem of an initialisation by hand that has another count of numbers than is wanted."""
    start = layer.initialisation
    if start.recipe != "by_hand" or len(start.values) == wanted:
        return None
    repairs = [Repair(Message("Start as PyTorch does"), (replace(layer, initialisation=DEFAULT),))]
    if wanted <= MOST_VALUES:
        values = (*start.values[:wanted], *[0.0] * (wanted - len(start.values)))
        filled = msgspec.structs.replace(start, values=values)
        label = (
            Message("Fill up with zeros")
            if len(start.values) < wanted
            else Message("Drop the rest")
        )
        repairs.insert(0, Repair(label, (replace(layer, initialisation=filled),)))
    return Problem(
        x,
        Message(
            "The initialisation by hand has {n:,} numbers; {wanted:,} are needed.",
            n=len(start.values),
            wanted=wanted,
        ),
        detail,
        tuple(repairs),
    )
