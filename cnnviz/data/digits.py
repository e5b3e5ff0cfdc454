"""From a drawn stroke to an image like those of MNIST.

MNIST's makers cropped each digit, scaled it into a box of 20×20 pixels keeping its aspect ratio,
with antialiasing, and placed its centre of mass at the centre of 28×28 (LeCun, Bottou, Bengio,
Haffner: Gradient-based learning applied to document recognition, 1998). A network that has learned
from such images expects them, so the same is done here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE = 28
"""Height and width of a prepared image, in pixels."""
BOX = 20
"""The longer side of the ink in it."""
CENTER = 14
"""Row and column in which MNIST has the centre of mass, counted from 0. In its images it lies from
13.5 up to, but not including, 14.5, because they were moved by whole pixels."""


@dataclass(frozen=True, slots=True)
class DrawingSteps:
    """The steps; each can be left out, to see what the network then makes of the drawing.

    crop: take the rectangle that holds ink; without it the rectangle is the whole canvas.
    scale: the rectangle's longer side becomes 20 pixels; without it the rectangle is reduced as
        the canvas would be to fit into 28×28, so that the ink keeps the size that was drawn.
    center: the centre of mass goes to the centre, as far as all ink stays inside; without it the
        rectangle stays where it was on the canvas, again as far as all ink stays inside.

    With all three left out the canvas is simply reduced to 28×28.
    """

    crop: bool = True
    scale: bool = True
    center: bool = True


MNIST_LIKE = DrawingSteps()


def prepare(canvas: NDArray[np.uint8], steps: DrawingSteps = MNIST_LIKE) -> NDArray[np.uint8]:
    """Turn a canvas (height, width), white ink on black, into an image (28, 28) like MNIST's.

    The brightest pixel of the result is 255, as in MNIST, where only the edges of strokes are grey:
    without this a thin stroke on a large canvas would fade away. A canvas without ink gives zeros.
    """
    height, width = canvas.shape
    rows = np.flatnonzero(canvas.max(axis=1, initial=0))
    if rows.size == 0:
        return np.zeros((SIDE, SIDE), np.uint8)
    if steps.crop:
        columns = np.flatnonzero(canvas[rows[0] : rows[-1] + 1].max(axis=0))
        top, bottom = int(rows[0]), int(rows[-1]) + 1
        left, right = int(columns[0]), int(columns[-1]) + 1
    else:
        top, bottom, left, right = 0, height, 0, width
    reduction = SIDE / max(height, width)
    factor = BOX / max(bottom - top, right - left) if steps.scale else reduction
    ink = _resize(canvas[top:bottom, left:right], factor)
    if steps.center:
        middle = _center_of_mass(ink)
        row, column = (_whole_pixels(CENTER - place) for place in middle)
    else:
        row = round((SIDE + (top + bottom - height) * reduction - ink.shape[0]) / 2)
        column = round((SIDE + (left + right - width) * reduction - ink.shape[1]) / 2)
    return _place(ink, row, column)


def area_resized(plane: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.float32]:
    """A plane (height, width) averaged over the area that each pixel of the new size covers."""
    rows, columns = (_coverage(old, new / old) for old, new in zip(plane.shape, size, strict=True))
    resized: NDArray[np.float32] = rows[: size[0]] @ plane.astype(np.float32) @ columns[: size[1]].T
    return resized


def _resize(ink: NDArray[np.uint8], factor: float) -> NDArray[np.float32]:
    """Average over the exact area that each new pixel covers, in float32.

    Wider filters blur, and leave far fewer pixels fully white than MNIST has; whole grey levels
    would lose a thin line of a large canvas.
    """
    rows, columns = (_coverage(size, factor) for size in ink.shape)
    shrunk: NDArray[np.float32] = rows @ ink.astype(np.float32) @ columns.T
    return shrunk


def _coverage(size: int, factor: float) -> NDArray[np.float32]:
    """(new, size): the part of each new pixel that each old one covers, along one axis.

    Where the new size is no whole number, the pixels at both ends are covered in part, so that a
    stroke keeps its width: rounding would make a 1 up to a quarter thinner or thicker.
    """
    new_size = size * factor
    pixels = math.ceil(new_size - 1e-6)
    edges = (np.arange(pixels + 1)[:, np.newaxis] - (pixels - new_size) / 2) / factor
    old = np.arange(size)
    overlap = np.minimum(edges[1:], old + 1) - np.maximum(edges[:-1], old)
    parts: NDArray[np.float32] = (overlap.clip(0) * factor).astype(np.float32)
    return parts


def _center_of_mass(ink: NDArray[np.float32]) -> tuple[float, float]:
    rows, columns = ink.sum(axis=1), ink.sum(axis=0)
    mass = rows.sum()
    return (
        float(rows @ np.arange(rows.size) / mass),
        float(columns @ np.arange(columns.size) / mass),
    )


def _whole_pixels(distance: float) -> int:
    """Round, and a half down, as MNIST has it: also where float32 puts it beside the half."""
    return math.ceil(distance - 0.5 - 1e-3)


def _place(ink: NDArray[np.float32], row: int, column: int) -> NDArray[np.uint8]:
    """Put the ink into an empty image, wholly inside even where its mass is far from its middle."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    row = min(max(row, -top), SIDE - bottom)
    column = min(max(column, -left), SIDE - right)
    image = np.zeros((SIDE, SIDE), np.uint8)
    image[row + top : row + bottom, column + left : column + right] = np.rint(
        ink[top:bottom, left:right] * (255 / ink.max())
    )
    return image
