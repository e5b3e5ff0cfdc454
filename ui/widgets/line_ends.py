"""Where a line of Chinese does not end.

Qt breaks Chinese between any two characters, so that a paragraph may end with one alone on a line
of its own, and "第 3 列" may lose its 列.
"""

from __future__ import annotations

import re

NO_BREAK = "\N{NO-BREAK SPACE}"
JOINER = "\N{WORD JOINER}"
"""Nothing is seen of it; no line ends there (Unicode Standard Annex 14)."""
_HAN = "[\u3400-\u9fff]"
_END = "(?=" + _HAN + "[。，、；：！？…）》”’]*$)"
_BESIDE_NUMBERS = re.compile(f"(?<={_HAN}) (?=[0-9])|(?<=[0-9]) (?={_HAN})| (?=[0-9]+$)")
"""Chinese has a space there, at which Qt would break a line: 第 3 | 列. And at the end of any text
a number would be alone: δ of the output, map | 1."""
_LAST_TWO = re.compile(f"(?<={_HAN}){_END}", re.MULTILINE)
_LAST_UNIT = re.compile(f"(?<=[0-9]) {_END}", re.MULTILINE)


def ended(text: str) -> str:
    """A text whose paragraphs do not end with one Chinese character alone on a line."""
    return _LAST_UNIT.sub(NO_BREAK, _LAST_TWO.sub(JOINER, text))


def numbered(text: str) -> str:
    """The same, and numbers stay beside what they count: for captions of a few words."""
    return ended(_BESIDE_NUMBERS.sub(NO_BREAK, text))
