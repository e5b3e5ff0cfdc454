"""Strokes as a hand draws them, for Hypothesis, and how they look on a canvas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

CANVAS = 280


@dataclass(frozen=True)
class Stroke:
    """A polyline in canvas pixels with a round brush."""

    points: tuple[tuple[float, float], ...]
    brush: float

    def moved(self, right: float, down: float) -> Stroke:
        return Stroke(tuple((x + right, y + down) for x, y in self.points), self.brush)

    def scaled(self, factor: float) -> Stroke:
        return Stroke(tuple((x * factor, y * factor) for x, y in self.points), self.brush * factor)

    def drawn(self, height: int = CANVAS, width: int = CANVAS) -> NDArray[np.uint8]:
        image = Image.new("L", (width, height))
        pen = ImageDraw.Draw(image)
        pen.line(self.points, fill=255, width=max(1, round(self.brush)))
        radius = self.brush / 2
        for x, y in self.points:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
        return np.asarray(image)


def strokes(
    low: int = 60, high: int = 220, brush: tuple[int, int] = (8, 30)
) -> st.SearchStrategy[Stroke]:
    coordinate = st.integers(low, high)
    points = st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=8)
    return st.builds(Stroke, points.map(tuple), st.integers(*brush))
