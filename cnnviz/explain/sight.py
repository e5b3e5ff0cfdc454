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
            note=_beyond(place),
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
    before, after = place.before, place.after
    fields, jumps = (before.height, before.width), (before.jump_height, before.jump_width)
    results, steps = (after.height, after.width), (after.jump_height, after.jump_width)
    dilated = dilation != (1, 1)
    if dilated:
        rule = Message("field before + dilation·(kernel − 1)·distance before")
    elif window:
        rule = Message("field before + (window − 1)·distance before")
    else:
        rule = Message("field before + (kernel − 1)·distance before")
    axes = []
    for axis in range(2):
        spread: tuple[Piece, ...] = (num(dilation[axis], "dilation"), "·") if dilated else ()
        reach: tuple[Piece, ...] = ("(", num(kernel[axis], "kernel"), " − 1)·", jumps[axis])
        axes.append(
            formula(
                _TITLES[0],
                (fields[axis], " + ", *spread, *reach),
                count(results[axis]),
                unit=Message("input pixels, {distance:,} apart", distance=steps[axis]),
                rule=rule,
                note=_beyond(place),
            )
        )
    alike = all(a == b for a, b in (fields, jumps, steps, kernel, dilation))
    return per_axis(_TITLES, axes, alike)


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
            (fields[axis], " + (", positions[axis], " − 1)·", jumps[axis]),
            count(results[axis]),
            unit=Message("input pixels"),
            rule=Message("field before + (positions − 1)·distance before"),
            note=_beyond(place),
        )
        for axis in range(2)
    ]
    return per_axis(_TITLES, axes, all(a == b for a, b in (fields, jumps, positions)))


def _distances(field: ReceptiveField) -> Message:
    if (field.rows, field.columns) == (1, 1):
        return Message("input pixels")
    if field.jump_height == field.jump_width:
        return Message("input pixels, {distance:,} apart", distance=field.jump_height)
    return Message(
        "input pixels, {height:,} and {width:,} apart",
        height=field.jump_height,
        width=field.jump_width,
    )


def _beyond(place: Place) -> Message | None:
    image = place.image
    if place.after.height <= image.height and place.after.width <= image.width:
        return None
    return Message(
        "more than the {height:,}×{width:,} image: the rest is padding",
        height=image.height,
        width=image.width,
    )
