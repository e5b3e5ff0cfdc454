"""Numbers as people write them: no exponents where a few zeros do, and a real minus sign."""

from __future__ import annotations

import math

_TINY, _HUGE = 1e-6, 1e6
"""Outside these magnitudes a number has an exponent."""
_WIDE = 1e4
"""From here on a figure has one."""


def significant(value: float, digits: int = 4, *, tiny: float = _TINY) -> str:
    """A value with so many significant digits, or more before the point; never a negative zero.

    tiny: below this magnitude it has an exponent, where there is little room.
    """
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    short = f"{value + 0.0:.{digits}g}"
    if value and abs(value) < tiny and "e" not in short:
        return _compact(f"{value:.{digits - 1}e}")
    if "e" in short and not tiny <= abs(value) < _HUGE:
        return _compact(short)
    if "e" in short:
        places = digits - 1 - math.floor(math.log10(abs(value)))
        short = f"{value:.{places}f}".rstrip("0") if places > 0 else f"{value:.0f}"
    return short.replace("-", "−")


def figure(value: float) -> str:
    """A loss and the like, which changes all the time: with as many places as it had before.

    Three places behind the point, below 0.01 as many as two significant digits take, and from 100
    on fewer, so that its width hardly changes.
    """
    size = abs(value)
    if not math.isfinite(value):
        return significant(value)
    if size >= _WIDE or 0 < size < _TINY:
        return _compact(f"{value:.1e}")
    if size == 0 or size >= 0.01:
        places = 3 if size < 100 else 1 if size < 1000 else 0
    else:
        places = 1 - math.floor(math.log10(size))
    return f"{value + 0.0:,.{places}f}".replace("-", "−")


def _compact(number: str) -> str:
    """1.5e+09 as people write it: 1.5e9."""
    digits, _, power = number.partition("e")
    return f"{digits}e{int(power)}".replace("-", "−")


def size_words(size: int) -> str:
    """Bytes in a unit that suits them."""
    return f"{size / 1e6:,.0f} MB" if size >= 1e6 else f"{size / 1e3:,.0f} KB"


def power_of_ten(power: int) -> str:
    """0.001 to 1,000 in digits, and beyond that 10⁻⁴."""
    if abs(power) <= 3:
        return f"{10.0**power:,g}"
    return "10" + ("⁻" if power < 0 else "") + superscript(abs(power))


def superscript(number: int) -> str:
    """The digits of a number of at least 0, raised."""
    return "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(number))
