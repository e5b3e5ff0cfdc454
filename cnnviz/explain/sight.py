"""How the receptive field comes about: which input pixels one value sees.

After Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks",
Distill 2019.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.explain.formula import Formula, Piece, Place, count, formula, num, per_axis
from cnnviz.message import Message

if TYPE_CHECKING:
    from cnnviz.layers import ReceptiveField
    from cnnviz.layers.shapes import Number

_TITLES = (
    Message("Receptive field"),
    Message("Receptive field, height"),
    Message("Receptive field, width"),
)


def keeps(place: Place) -> tuple[Formula, ...]:
    """After a layer that leaves every value in its place."""
    field = place.after
    return (
        formula(
            _TITLES[0],
            (Message("each value still sees "),),
            f"{count(field.height)}×{count(field.width)}",
            unit=_distances(field),
            note=_remark(place),
        ),
    )


def joins(place: Place) -> tuple[Formula, ...]:
    """After a merge: everything that one of the branches sees."""
    field = place.after
    return (
        formula(
            _TITLES[0],
            (Message("each value sees what it sees through any branch: "),),
            f"{count(field.height)}×{count(field.width)}",
            unit=_distances(field),
            note=_remark(place),
        ),
    )


def slides(
    place: Place,
    kernel: tuple[int, int],
    dilation: tuple[int, int] = (1, 1),
    *,
    window: bool = False,
) -> tuple[Formula, ...]:
    """After a kernel that slides, or a pooling window, as it is then called."""
    dilated = dilation != (1, 1)
    if dilated:
        rule = Message("field before + dilation·(kernel − 1)·distance before")
    elif window:
        rule = Message("field before + (window − 1)·distance before")
    else:
        rule = Message("field before + (kernel − 1)·distance before")
    reaches: list[tuple[Piece, ...]] = []
    for axis in range(2):
        spread: tuple[Piece, ...] = (num(dilation[axis], "dilation"), "·") if dilated else ()
        reaches.append((*spread, "(", num(kernel[axis], "kernel"), " − 1)"))
    return reads(place, (reaches[0], reaches[1]), rule)


def reads(
    place: Place, reaches: tuple[tuple[Piece, ...], tuple[Piece, ...]], rule: Message
) -> tuple[Formula, ...]:
    """After a layer whose values reach over some distances before it, given for each axis."""
    before, after = place.before, place.after
    fields, jumps = (before.height, before.width), (before.jump_height, before.jump_width)
    results, steps = (after.height, after.width), (after.jump_height, after.jump_width)
    axes = []
    for axis in range(2):
        pieces: tuple[Piece, ...] = (fields[axis], " + ", *reaches[axis], "·", ratio(jumps[axis]))
        axes.append(
            formula(
                _TITLES[0],
                _whole(pieces, jumps[axis]),
                count(results[axis]),
                unit=Message("input pixels, {distance} apart", distance=ratio(steps[axis])),
                rule=rule,
                note=_remark(place),
            )
        )
    alike = all(a == b for a, b in (fields, jumps, results, steps, reaches))
    return per_axis(_TITLES, axes, alike)


def ratio(number: Number) -> str:
    """A distance in pixels, which may be a fraction after a transposed convolution."""
    return count(number) if isinstance(number, int) else str(number).replace("-", "−")


def _whole(pieces: tuple[Piece, ...], jump: Number) -> tuple[Piece, ...]:
    """Pixels that are only partly in a field are in it."""
    return pieces if isinstance(jump, int) else ("⌈", *pieces, "⌉")


def gathers(place: Place) -> tuple[Formula, ...]:
    """After a layer each value of which reads all positions."""
    before, after = place.before, place.after
    if (before.rows, before.columns) == (1, 1):
        return keeps(place)
    fields, jumps = (before.height, before.width), (before.jump_height, before.jump_width)
    positions, results = (before.rows, before.columns), (after.height, after.width)
    axes = [
        formula(
            _TITLES[0],
            _whole(
                (fields[axis], " + (", positions[axis], " − 1)·", ratio(jumps[axis])), jumps[axis]
            ),
            count(results[axis]),
            unit=Message("input pixels"),
            rule=Message("field before + (positions − 1)·distance before"),
            note=_remark(place),
        )
        for axis in range(2)
    ]
    return per_axis(_TITLES, axes, all(a == b for a, b in (fields, jumps, positions)))


def _distances(field: ReceptiveField) -> Message:
    if (field.rows, field.columns) == (1, 1):
        return Message("input pixels")
    if field.jump_height == field.jump_width:
        return Message("input pixels, {distance} apart", distance=ratio(field.jump_height))
    return Message(
        "input pixels, {height} and {width} apart",
        height=ratio(field.jump_height),
        width=ratio(field.jump_width),
    )


def _remark(place: Place) -> Message | None:
    """Where the first value's field begins, and whether fields are larger than the image."""
    image, field = place.image, place.after
    inside = field.height <= image.height and field.width <= image.width
    if not inside and place.seen is not None:
        return Message(
            "an upper bound: the first value really depends on {height:,}×{width:,}, padding "
            "included",
            height=place.seen[0],
            width=place.seen[1],
        )
    top, left = ratio(field.top), ratio(field.left)
    if (field.rows, field.columns) == (1, 1) or (field.top, field.left) == (0, 0):
        if inside:
            return None
        return Message(
            "more than the {height:,}×{width:,} image: the rest is padding",
            height=image.height,
            width=image.width,
        )
    if inside:
        return Message("the first begins at row {top}, column {left}", top=top, left=left)
    return Message(
        "more than the {height:,}×{width:,} image: the rest is padding; the first begins at row "
        "{top}, column {left}",
        height=image.height,
        width=image.width,
        top=top,
        left=left,
    )
