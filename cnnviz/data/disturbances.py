"""What may happen to an image before the network sees it: to be shifted, turned, blurred, noisy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOISE_SEED = 7
"""The noise is always the same pattern, only weaker or stronger: else everything would flicker."""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What is done to an image: first it is scaled and turned about its middle, then shifted, then
    blurred, and noise is added last.

    right, down: whole pixels. turn: degrees, clockwise. scale: 1 is as it was. blur: the standard
    deviation of a Gaussian, in pixels, none below 0.05. noise: the standard deviation of
    what is added, where the whole range is 1.
    """

    right: int = 0
    down: int = 0
    turn: float = 0.0
    scale: float = 1.0
    blur: float = 0.0
    noise: float = 0.0


UNDISTURBED = Disturbance()


def disturbed(image: NDArray[np.uint8], how: Disturbance) -> NDArray[np.uint8]:
    """The image (height, width), or (height, width, 3), after that; what comes in from outside is
    black. All channels are disturbed alike."""
    if how == UNDISTURBED:
        return image
    if image.ndim == 3:
        planes = [disturbed(image[..., channel], how) for channel in range(image.shape[2])]
        return np.stack(planes, axis=2)
    values = image.astype(np.float32)
    if how.turn % 360 or how.scale != 1:
        values = _turned(values, how.turn, how.scale)
    values = _shifted(values, how.down, how.right)
    if how.blur >= 0.05:
        values = _blurred(values, how.blur)
    if how.noise:
        pattern = np.random.default_rng(NOISE_SEED).standard_normal(image.shape, np.float32)
        values = values + 255 * how.noise * pattern
    grey: NDArray[np.uint8] = np.rint(values.clip(0, 255)).astype(np.uint8)
    return grey


def _turned(values: NDArray[np.float32], turn: float, scale: float) -> NDArray[np.float32]:
    """Each pixel is read from where it comes from, between the four pixels there."""
    height, width = values.shape
    middle = (height - 1) / 2, (width - 1) / 2
    # Cosines and sines of right angles are not quite whole, and would read beside the edge.
    cosine, sine = (round(f(math.radians(turn)), 12) / scale for f in (math.cos, math.sin))
    rows, columns = np.indices(values.shape, np.float32)
    rows, columns = rows - middle[0], columns - middle[1]
    from_rows = cosine * rows - sine * columns + middle[0]
    from_columns = sine * rows + cosine * columns + middle[1]
    padded = np.pad(values, 1)
    from_rows = from_rows.clip(-1, height) + 1
    from_columns = from_columns.clip(-1, width) + 1
    top = np.floor(from_rows).astype(int).clip(0, height)
    left = np.floor(from_columns).astype(int).clip(0, width)
    down, right = from_rows - top, from_columns - left
    read: NDArray[np.float32] = (
        padded[top, left] * (1 - down) * (1 - right)
        + padded[top, left + 1] * (1 - down) * right
        + padded[top + 1, left] * down * (1 - right)
        + padded[top + 1, left + 1] * down * right
    )
    return read


def _shifted(values: NDArray[np.float32], down: int, right: int) -> NDArray[np.float32]:
    """By whole pixels; what leaves the image is gone."""
    moved = np.zeros_like(values)
    height, width = values.shape
    if abs(down) < height and abs(right) < width:
        to = slice(max(down, 0), height + min(down, 0)), slice(max(right, 0), width + min(right, 0))
        back = (
            slice(max(-down, 0), height + min(-down, 0)),
            slice(max(-right, 0), width + min(-right, 0)),
        )
        moved[to] = values[back]
    return moved


def _blurred(values: NDArray[np.float32], spread: float) -> NDArray[np.float32]:
    """Convolved with a Gaussian along both axes, cut off at three standard deviations."""
    reach = max(1, math.ceil(3 * spread))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / spread) ** 2)
    weights = (weights / weights.sum()).astype(np.float32)
    for axis in range(2):
        values = np.apply_along_axis(
            lambda line: np.convolve(line, weights)[reach:-reach], axis, values
        )
    return values
