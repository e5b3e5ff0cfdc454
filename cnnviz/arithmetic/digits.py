"""Digits that add up: rounded for people, with what the rounding has cost."""

from __future__ import annotations

from decimal import Decimal
from math import floor, isfinite, log10
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_PLACES = 12
TINY = 1e-6
"""Below this a number by itself has an exponent: nobody counts so many zeros."""
_EXACT = 2.0**53
"""Up to here a float64 holds every whole number."""


class Rounded(Struct, frozen=True):
    """A sum as it is shown: terms + remainder = total, exactly, in the digits that are shown.

    remainder is "" where the terms add up by themselves, or where a number is not finite.
    """

    terms: tuple[str, ...]
    remainder: str
    total: str


def places_for(values: Iterable[float], digits: int = 3) -> int:
    """How many places behind the point show the largest of the values with some precision.

    `digits` of them between 0.1 and 100; one more for each power of ten below, one less above.
    """
    largest = max((abs(value) for value in values if isfinite(value)), default=0.0)
    if largest == 0:
        return digits
    power = floor(log10(largest))
    if power > 1:
        return max(0, digits - power + 1)
    return min(MOST_PLACES, digits + max(0, -1 - power))


def shown(value: float, places: int, *, plus: bool = False) -> str:
    """A number with so many places, a real minus sign, and never a negative zero."""
    if not isfinite(value):
        return "NaN" if value != value else "∞" if value > 0 else "−∞"  # noqa: PLR0124
    words = f"{value:,.{places}f}"
    if not words.strip("-0.,"):
        return words.lstrip("-")
    if words[0] == "-":
        return "−" + words[1:]
    return "+" + words if plus else words


def alone(value: float, digits: int = 3, *, plus: bool = False) -> str:
    """A number that nothing is added to, as precise as `places_for` says, or as 4.03e−8."""
    if not 0 < abs(value) < TINY:
        return shown(value, places_for((value,), digits), plus=plus)
    words, power = f"{value:.{digits - 1}e}".replace("-", "−").split("e")
    return f"{'+' if plus and value > 0 else ''}{words}e−{int(power[1:])}"


def rounded(
    terms: Sequence[float],
    total: float,
    places: int,
    *,
    total_places: int | None = None,
    plus: bool = True,
) -> Rounded:
    """The terms of a sum with `places`, the total with `total_places` (by default the same), and
    the remainder that makes them add up as they are shown."""
    fine = places if total_places is None else total_places
    numbers = np.asarray(terms, np.float64)
    shown_terms = tuple(shown(value, places, plus=plus) for value in numbers.tolist())
    shown_total = shown(total, fine, plus=plus)
    scale = 10.0**places
    with np.errstate(over="ignore", invalid="ignore"):
        largest = float(np.abs(numbers).max(initial=abs(total))) * 10.0**fine
    if not isfinite(largest) or largest >= _EXACT:
        return Rounded(shown_terms, "", shown_total)
    if len(numbers) > 64:
        whole = Decimal(int(np.rint(numbers * scale).sum())).scaleb(-places)
    else:
        whole = sum((_decimal(words) for words in shown_terms), Decimal(0))
    rest = _decimal(shown_total) - whole
    remainder = shown(float(rest), max(places, fine), plus=plus) if rest else ""
    return Rounded(shown_terms, remainder, shown_total)


def _decimal(words: str) -> Decimal:
    return Decimal(words.replace("−", "-").replace(",", ""))
