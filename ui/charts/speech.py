"""A chart in words, for those who hear it instead of seeing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.i18n import tr

if TYPE_CHECKING:
    from ui.charts.content import Shown
    from ui.charts.painting import Painting

_PLACES = 2000
"""Columns; so finely the lowest and the highest point are looked for."""


def present(painting: Painting, step: float | None) -> str:
    """What each line has come to, or what it is at a step, then the marks."""
    readings = painting.readings(step)
    if readings:
        at = tr("step {number:,}", number=round(readings[0].step))
        said = [f"{one.series.label} {painting.value_text(one.value)}" for one in readings]
        words = f"{at}: {', '.join(said)}"
    else:
        ends = [
            f"{one.series.label} {painting.value_text(value)}"
            for one in painting.lines
            if (value := one.told) is not None
        ]
        words = ", ".join(ends) or painting.content.empty
    return "; ".join([words, *(mark for _, mark in painting.content.marks)])


def summary(painting: Painting) -> str:
    """Where each line begins and ends and what its extremes are, then the marks."""
    parts = [_line(painting, one) for one in painting.lines]
    said = [part for part in parts if part] or [painting.content.empty]
    return "; ".join([*said, *(words for _, words in painting.content.marks)])


def _line(painting: Painting, one: Shown) -> str:
    assert painting.span is not None
    part = one.line.part(*painting.span, _PLACES)
    inside = (part.xs >= painting.span[0]) & (part.xs <= painting.span[1])
    if not inside.any():
        return ""
    xs, lows, highs = part.xs[inside], part.lows[inside], part.highs[inside]
    low, high = int(lows.argmin()), int(highs.argmax())
    value = painting.value_text
    return tr(
        "{name}: {first} at step {start:,}, {last} at step {end:,}; lowest {low} at step "
        "{low_step:,}, highest {high} at step {high_step:,}",
        name=one.series.label,
        first=value(float(highs[0])),
        start=round(float(xs[0])),
        last=value(float(highs[-1])),
        end=round(float(xs[-1])),
        low=value(float(lows[low])),
        low_step=round(float(xs[low])),
        high=value(float(highs[high])),
        high_step=round(float(xs[high])),
    )
