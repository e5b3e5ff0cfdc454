"""Thousands of dots, quickly: each kind is drawn once and printed wherever there is one.

Ten thousand take some milliseconds, where a path of circles takes eighty.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPixmap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtCore import QSize
    from PySide6.QtGui import QColor


def stamp_dots(
    painter: QPainter,
    size: QSize,
    places: np.ndarray,
    labels: np.ndarray,
    colors: Mapping[int, QColor],
    radius: float,
) -> None:
    """Print dots in their own order, so that no label covers all others.

    painter, size: of the pixels as they are. places: of the middles, (count, 2). labels: (count,).
    colors: of each label. Whole pixels are hit: a dot is up to half of one beside its place.
    """
    half = math.ceil(radius) + 1
    corners = np.rint(places).astype(int) - half
    seen = ((corners > -2 * half) & (corners < [size.width(), size.height()])).all(1)
    dots = {label: _dot(color, radius, half) for label, color in colors.items()}
    columns, rows = corners[seen].T.tolist()
    # Of Qt's ways to say where, two whole numbers are the quickest by half.
    stamp = painter.drawPixmap
    for x, y, label in zip(columns, rows, labels[seen].tolist(), strict=True):
        stamp(x, y, dots[label])


def _dot(color: QColor, radius: float, half: int) -> QPixmap:
    """A disc in the middle of a square of twice `half` pixels."""
    dot = QPixmap(2 * half, 2 * half)
    dot.fill(Qt.GlobalColor.transparent)
    painter = QPainter(dot)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawEllipse(QPointF(half, half), radius, radius)
    painter.end()
    return dot
