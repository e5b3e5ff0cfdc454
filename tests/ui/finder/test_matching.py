"""Beginnings of words before letters somewhere, shorter words before longer ones."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ui.finder.matching import rank

KNOWN = "New from a known network"


def test_what_a_person_types_first_is_found_best() -> None:
    ranks = [rank(typed, KNOWN) for typed in (KNOWN, "new", "known", "twork", "nfk", "nwk")]
    assert None not in ranks
    assert ranks == sorted(ranks)  # type: ignore[type-var]
    assert len({found[0] for found in ranks if found}) == len(ranks)


def test_every_part_must_be_found() -> None:
    assert rank("net new", KNOWN) is not None
    assert rank("net old", KNOWN) is None
    assert rank("wen", "New") is None


def test_shorter_words_win() -> None:
    assert rank("save", "Save") < rank("save", "Save as…")  # type: ignore[operator]


def test_chinese_is_found_inside() -> None:
    assert rank("网络", "由已知网络新建") is not None
    assert rank("由新", "由已知网络新建") is not None
    assert rank("新由", "由已知网络新建") is None


@given(st.text(max_size=12), st.data())
def test_letters_in_order_are_always_found(words: str, data: st.DataObject) -> None:
    folded = words.casefold()
    kept = data.draw(st.lists(st.booleans(), min_size=len(folded), max_size=len(folded)))
    typed = "".join(letter for letter, keep in zip(folded, kept, strict=True) if keep)
    if typed.casefold() == typed:
        assert rank(typed, words) is not None
