"""Ink on a square sheet: strokes of a round soft brush, and what can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator

SIDE = 280
"""Pixels of the sheet a side, ten times those of a digit of MNIST."""

Sheet = NDArray[np.uint8]
Point = tuple[float, float]

_UNDO = 50


class Ink:
    """A sheet (280, 280) from 0 (black) to 255 (white ink), and its last fifty states.

    A sheet that holds a picture in colour is (280, 280, 3).

    A stroke is laid as the brightest of what is there and of its capsules (all points nearer to a
    segment than the brush's radius, with a soft edge), so that overlapping segments neither
    darken nor swell.
    """

    def __init__(self) -> None:
        self.sheet: Sheet = np.zeros((SIDE, SIDE), np.uint8)
        self._past: list[Sheet] = []

    def remember(self) -> None:
        """Make the present state one that `undo` comes back to."""
        self._past.append(self.sheet.copy())
        del self._past[:-_UNDO]

    def undo(self) -> bool:
        """Go back to the state remembered last; False where there is none."""
        if not self._past:
            return False
        self.sheet = self._past.pop()
        return True

    def can_undo(self) -> bool:
        """Whether there is a state to go back to."""
        return bool(self._past)

    def blank(self) -> None:
        """Go on with an empty sheet."""
        self.sheet = np.zeros((SIDE, SIDE), np.uint8)

    def is_empty(self) -> bool:
        """Whether the sheet is black."""
        return not self.sheet.any()

    def segment(self, start: Point, end: Point, radius: float, *, erase: bool = False) -> None:
        """Draw, or rub out, from one point (x, y) to another; coordinates in pixels."""
        soft = max(1.5, radius * 0.35)  # width of the edge over which the ink fades
        reach = radius + soft
        left, right = _span(start[0], end[0], reach)
        top, bottom = _span(start[1], end[1], reach)
        if left >= right or top >= bottom:
            return
        x = np.arange(left, right, dtype=np.float32) + np.float32(0.5 - start[0])
        y = (np.arange(top, bottom, dtype=np.float32) + np.float32(0.5 - start[1]))[:, None]
        dx, dy = np.float32(end[0] - start[0]), np.float32(end[1] - start[1])
        length2 = dx * dx + dy * dy
        along = np.clip((x * dx + y * dy) / length2, 0, 1) if length2 else np.float32(0)
        distance = np.hypot(x - along * dx, y - along * dy)
        covered = np.clip((radius + soft / 2 - distance) / np.float32(soft), 0, 1)
        ink = (covered * 255).astype(np.uint8)
        if self.sheet.ndim == 3:
            ink = ink[..., np.newaxis]
        patch = self.sheet[top:bottom, left:right]
        if erase:
            np.minimum(patch, 255 - ink, out=patch)
        else:
            np.maximum(patch, ink, out=patch)


def _span(start: float, end: float, reach: float) -> tuple[int, int]:
    """First pixel and the one after the last that a segment reaches along an axis."""
    first, last = min(start, end) - reach, max(start, end) + reach + 1
    return int(min(max(first, 0), SIDE)), int(min(max(last, 0), SIDE))


def curve(start: Point, control: Point, end: Point, step: float = 4.0) -> Iterator[Point]:
    """Points along a quadratic Bézier curve, without its start, about `step` pixels apart."""
    length = np.hypot(control[0] - start[0], control[1] - start[1])
    length += np.hypot(end[0] - control[0], end[1] - control[1])
    count = max(1, int(length / step))
    for index in range(1, count + 1):
        t = index / count
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
        yield (
            a * start[0] + b * control[0] + c * end[0],
            a * start[1] + b * control[1] + c * end[1],
        )
