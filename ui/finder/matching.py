"""How well words match what a person types: beginnings of words first, then any letters in order.

Knows nothing of what is searched, and nothing of Qt.
"""

from __future__ import annotations

import re
from functools import lru_cache

_WHOLE, _BEGINNING, _WORD, _INSIDE, _INITIALS, _LETTERS = range(6)
_WORD_STARTS = re.compile(r"[^\W_]+")


def rank(typed: str, words: str) -> tuple[int, int] | None:
    """How well `words` match, the smaller the better; None where they do not.

    Every part of `typed` between spaces must be found: as the beginning of the whole or of a word,
    somewhere inside, as the beginnings of words one after the other ("nfk": New from a Known
    network), or with its letters in this order. The worst part counts, and shorter words win.
    """
    parts = typed.casefold().split()
    folded = words.casefold()
    together = _part(" ".join(parts), folded)
    if together is not None and together <= _WORD:
        return together, len(folded)
    worst = _WHOLE
    for part in parts:
        found = _part(part, folded)
        if found is None:
            return None
        worst = max(worst, found)
    return worst, len(folded)


def _part(part: str, folded: str) -> int | None:
    place = folded.find(part)
    if place == 0:
        return _WHOLE if len(part) == len(folded) else _BEGINNING
    if place > 0:
        if any(match.start() == place for match in _WORD_STARTS.finditer(folded)) or (
            f" {part}" in folded
        ):
            return _WORD
        return _INSIDE
    pattern = _in_order(part)
    if not pattern.search(folded):
        return None
    initials = "".join(match[0][0] for match in _WORD_STARTS.finditer(folded))
    return _INITIALS if pattern.search(initials) else _LETTERS


@lru_cache(maxsize=64)
def _in_order(part: str) -> re.Pattern[str]:
    """The letters of a part, each somewhere behind the one before."""
    return re.compile(".*?".join(map(re.escape, part)), re.DOTALL)
