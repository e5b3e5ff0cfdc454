"""How an image that is not as large as a network's input is made to fit it."""

from __future__ import annotations

LARGEST_PADDING = 0.25
"""Images up to this share smaller than the input are padded with zeros around the centre, as LeCun
did for LeNet-5 (28×28 digits in 32×32). All others are resized."""


def padding_to_fit(
    image: tuple[int, int], wanted: tuple[int, int]
) -> tuple[int, int, int, int] | None:
    """The zeros (left, right, above, below) that bring an image (height, width) to a wanted size.

    None where the image is to be resized instead; all zero where it fits as it is.
    """
    rows, columns = wanted[0] - image[0], wanted[1] - image[1]
    if not (0 <= rows <= LARGEST_PADDING * image[0] and 0 <= columns <= LARGEST_PADDING * image[1]):
        return None
    return columns // 2, columns - columns // 2, rows // 2, rows - rows // 2
