"""Which steps are shown after a turn of the wheel, a drag or a key."""

from __future__ import annotations

from PySide6.QtCore import Qt

TURN = 1.25
"""How much one notch of the wheel zooms."""
KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
"""Columns of pixels that a key moves the cross-hair by."""
LEAST = 4.0
"""Steps at least are shown."""

Span = tuple[float, float]


def stretched(span: Span, whole: Span, factor: float, around: float) -> Span | None:
    """`factor` times as many steps, where one of them stays in its place.

    Never less than `LEAST` and nothing beyond the whole; None where that is all of it.
    """
    left, right = span
    least = min(LEAST, whole[1] - whole[0])
    factor = max(factor, least / max(right - left, 1e-12))
    return _inside((around + (left - around) * factor, around + (right - around) * factor), whole)


def moved(span: Span, whole: Span, share: float) -> Span | None:
    """As many steps, by a share of them further to the right."""
    left, right = span
    by = share * (right - left)
    by = min(max(by, whole[0] - left), whole[1] - right)
    return _inside((left + by, right + by), whole)


def _inside(span: Span, whole: Span) -> Span | None:
    left, right = max(span[0], whole[0]), min(span[1], whole[1])
    return None if (left, right) == whole or right <= left else (left, right)
