"""Shorter captions leave out words, never numbers."""

from __future__ import annotations

import pytest

from tests.support.hidden_numbers import NUMBER
from ui.i18n import language
from ui.inspector.wordings import rounding_words


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_what_is_rounded_keeps_its_numbers_in_fewer_words(code: str) -> None:
    language.set(code)
    wordings = rounding_words("+0.154", "+0.004", " ×10⁻³")
    assert len({tuple(NUMBER.findall(words)) for words in wordings}) == 1
    assert "0.154" in wordings[-1]
    assert sorted(wordings, key=len, reverse=True) == list(wordings)
