"""Toy sets that are made on the spot: simple enough to be learned in a second or two.

They stand alone but for numpy, because exported programs carry them along. The numbers come from
PCG64 itself, whose stream numpy promises never to change, so that the images are the same
everywhere.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

SIDE = 28

Maker = Callable[[int, int], tuple[np.ndarray, np.ndarray]]
"""Of a seed and a count: images and labels."""


class Chance:
    """Numbers by chance that are the same on every machine and with every numpy."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def between(self, low: float, high: float, count: int) -> np.ndarray:
        """Evenly spread numbers from low up to high, (count,) float32."""
        even = (self._bits.random_raw(count) >> np.uint64(11)) * 2.0**-53
        return (low + (high - low) * even).astype(np.float32)


def shapes(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Horizontal bars (0), vertical bars (1), upright crosses (2) and circles (3).

    Each is a stroke of its own size, width and strength at a place of its own, on a little noise.
    Returns images (count, 28, 28) and labels (count,), both uint8; as many of each class.
    """
    chance = Chance(seed)
    labels = np.arange(count) % 4
    reach = chance.between(5, 9, count)  # half a bar's length, or a radius
    row, column = (chance.between(10, 17, count) for _ in range(2))
    width = chance.between(0.9, 1.7, count)  # half of it
    rows, columns = np.arange(SIDE, dtype=np.float32)[:, None], np.arange(SIDE, dtype=np.float32)
    down = np.abs(rows - row[:, None, None])  # (count, 28, 1)
    right = np.abs(columns - column[:, None, None])  # (count, 1, 28)
    far = np.maximum  # the distance to a bar is that along the axis on which it is larger
    lying = far(down, right - reach[:, None, None])
    upright = far(right, down - reach[:, None, None])
    ring = np.abs(np.hypot(down, right) - reach[:, None, None])
    distance = np.choose(
        labels[:, None, None], [lying, upright, np.minimum(lying, upright), ring]
    )  # (count, 28, 28)
    ink = np.clip(width[:, None, None] + 0.5 - distance, 0, 1)
    return _finished(ink, labels, chance)


def edges(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Edges between a dark and a light side: horizontal (0), rising (1), vertical (2), falling (3).

    Either side may be the light one, and the edge passes somewhere near the middle.
    Returns images (count, 28, 28) and labels (count,), both uint8; as many of each class.
    """
    chance = Chance(seed)
    labels = np.arange(count) % 4
    angle = labels * (np.pi / 4) + chance.between(-0.12, 0.12, count)
    shift = chance.between(-6, 6, count)
    side = np.where(chance.between(0, 1, count) < 0.5, 1.0, -1.0)
    middle = (SIDE - 1) / 2
    rows, columns = np.arange(SIDE)[:, None] - middle, np.arange(SIDE) - middle
    # Rows count downwards, so an edge that rises to the right has a normal to the lower right.
    away = np.cos(angle)[:, None, None] * rows + np.sin(angle)[:, None, None] * columns
    light = np.clip((away - shift[:, None, None]) * side[:, None, None] + 0.5, 0, 1)
    return _finished(light, labels, chance)


def two_inputs(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Exclusive or: two inputs, 0 or 1, that are alike (0) or different (1); nothing by chance.

    Returns images (count, 1, 2) and labels (count,), both uint8: the four there are, again and
    again.
    """
    points = np.array([(0, 0), (1, 1), (0, 1), (1, 0)], np.uint8)[np.arange(count) % 4]
    return points[:, None] * np.uint8(255), points[:, 0] ^ points[:, 1]


def _finished(ink: np.ndarray, labels: np.ndarray, chance: Chance) -> tuple[np.ndarray, np.ndarray]:
    """Ink of 0 to 1 as bytes, with its strength and noise, in an order by chance."""
    count = len(ink)
    strength = chance.between(0.6, 1, count)
    noise = chance.between(-0.12, 0.12, ink.size).reshape(ink.shape)
    images = np.rint(np.clip(ink * strength[:, None, None] + noise, 0, 1) * 255).astype(np.uint8)
    order = np.argsort(chance.between(0, 1, count), kind="stable")
    return images[order], labels[order].astype(np.uint8)
