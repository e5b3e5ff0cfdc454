"""Where a line of Chinese does not end.

Qt breaks Chinese between any two characters, so that a paragraph may end with one alone on a line
of its own, and "第 3 列" may lose its 列.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NO_BREAK = "\N{NO-BREAK SPACE}"
JOINER = "\N{WORD JOINER}"
"""Nothing is seen of it; no line ends there (Unicode Standard Annex 14)."""
_HAN = "[\u3400-\u9fff]"
_END = "(?=" + _HAN + "[。，、；：！？…）》”’]*$)"
_BESIDE_NUMBERS = re.compile(f"(?<={_HAN}) (?=[0-9])|(?<=[0-9]) (?={_HAN})| (?=[0-9]+$)")
"""Chinese has a space there, at which Qt would break a line: 第 3 | 列. And at the end of any text
a number would be alone: δ of the output, map | 1."""
_LAST_TWO = re.compile(f"(?<={_HAN}){_END}", re.MULTILINE)
_PAUSES = re.compile("(?<=[，；：])"), re.compile("(?<=的)")
_LAST_UNIT = re.compile(f"(?<=[0-9]) {_END}", re.MULTILINE)


def ended(text: str) -> str:
    """A text whose paragraphs do not end with one Chinese character alone on a line."""
    return _LAST_UNIT.sub(NO_BREAK, _LAST_TWO.sub(JOINER, text))


def numbered(text: str) -> str:
    """The same, and numbers stay beside what they count: for captions of a few words."""
    return ended(_BESIDE_NUMBERS.sub(NO_BREAK, text))


def halves(text: str, fits: Callable[[str], bool]) -> tuple[str, str] | None:
    """A caption of two lines, broken where one pauses when it is read, and not within a word.

    That is behind the last mark, else the last 的, where both lines have room. None: nowhere.
    """
    for pause in _PAUSES:
        for place in sorted((found.start() for found in pause.finditer(text)), reverse=True):
            first, second = text[:place].strip(), text[place:].strip()
            if first and second and fits(first) and fits(second):
                return first, second
    return None


def folded(text: str, fits: Callable[[str], bool]) -> str:
    """A few words to be painted, with line feeds where they are to be broken."""
    if fits(text):
        return text
    found = halves(text, fits)
    return "\n".join(found) if found else ended(text)
