"""Captions in words of which the shorter ones are for where there is little room."""

from __future__ import annotations

from ui.i18n import tr

Wordings = tuple[str, ...]
"""A caption, and what it is shortened to. Shorter ones leave out words, and no number of which
only the caption tells."""


def rounding_words(total: str, rest: str, power: str = "") -> Wordings:
    """A sum whose digits do not add up to its total.

    power: a power of ten that all of them stand for, as " ×10⁻³".
    """
    return (
        f"{tr('sum {sum}, with {rest} of rounding', sum=total, rest=rest)}{power}",
        f"{tr('{sum} with {rest} rounding', sum=total, rest=rest)}{power}",
        f"{total} ({rest}){power}",
    )
