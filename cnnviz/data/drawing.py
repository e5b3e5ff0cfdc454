"""Whatever a person draws or opens, made into an image like those of a data set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnviz.data.digits import MNIST_LIKE, area_resized, prepare

if TYPE_CHECKING:
    from os import PathLike

    from numpy.typing import NDArray

    from cnnviz.data.catalogue import DataSet
    from cnnviz.data.digits import DrawingSteps


def image_of_drawing(
    canvas: NDArray[np.uint8], known: DataSet, steps: DrawingSteps = MNIST_LIKE
) -> NDArray[np.uint8]:
    """A square canvas, (side, side) white on black or (side, side, 3), as an image of the data set.

    For handwriting a drawing is prepared as MNIST's digits were. For others the canvas is reduced
    as it is: (height, width), or (height, width, 3) where the data set has colours, of which a
    white stroke has all.
    """
    if known.handwritten and canvas.ndim == 2:
        return prepare(canvas, steps)
    return as_channels(_reduced(canvas, known.height, known.width), known.channels)


def image_of_file(
    path: str | PathLike[str], known: DataSet, steps: DrawingSteps = MNIST_LIKE
) -> NDArray[np.uint8]:
    """A picture from a file as an image of the data set.

    For handwriting dark ink on paper becomes white on black; others are cut to their aspect ratio.
    Raises DataError for a file that cannot be read.
    """
    # Pillow is slow to import, and most people draw.
    from cnnviz.data.images import digit_from_image, fitted_image

    if known.handwritten:
        return digit_from_image(path, steps)
    colours = (3,) if known.channels == 3 else ()
    return fitted_image(path, (known.height, known.width, *colours))


def as_channels(image: NDArray[np.uint8], channels: int) -> NDArray[np.uint8]:
    """An image (height, width) or (height, width, 3) with so many channels, 1 or 3.

    Grey is repeated; colours are averaged to grey.
    """
    if channels == 1:
        return image if image.ndim == 2 else np.rint(image.mean(axis=2)).astype(np.uint8)
    return image if image.ndim == 3 else np.repeat(image[..., np.newaxis], 3, axis=2)


def _reduced(canvas: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The middle of the canvas that has the aspect ratio of the image, averaged area by area."""
    side = canvas.shape[0]
    rows, columns = (round(side * size / max(height, width)) for size in (height, width))
    top, left = (side - rows) // 2, (side - columns) // 2
    part = canvas[top : top + rows, left : left + columns]
    planes = [part] if part.ndim == 2 else [part[..., channel] for channel in range(3)]
    small = [area_resized(plane, (height, width)) for plane in planes]
    image = small[0] if part.ndim == 2 else np.stack(small, axis=2)
    reduced: NDArray[np.uint8] = np.rint(image.clip(0, 255)).astype(np.uint8)
    return reduced
