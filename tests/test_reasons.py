"""Why something could not be read: every pattern that msgspec has for our types is taken apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from cnnviz.message import UserError
from cnnviz.network_file import decode_network
from cnnviz.reasons import no_json, reason_of
from tests.test_network_file import ANYTHING, HOSTILE, HOSTILE_FILES, document
from ui.i18n import language, text

if TYPE_CHECKING:
    from collections.abc import Iterator


class One(Struct, tag="one", forbid_unknown_fields=True):
    a: Annotated[int, Meta(ge=1, lt=5)] = 1
    b: Annotated[float, Meta(gt=0, le=1)] = 0.5
    c: Annotated[str, Meta(max_length=3, min_length=1)] = "c"
    d: Literal["x", "y"] = "x"
    e: tuple[int, int] = (1, 2)
    f: Annotated[tuple[int, ...], Meta(min_length=1, max_length=2)] = (1,)
    g: int | None = None
    h: bool = True


class Two(Struct, tag="two"):
    pass


CASES: dict[str, tuple[str, str]] = {
    "another kind": ('"a": "1"', "a text stands where a whole number belongs, at $.a"),
    "one of two kinds": (
        '"g": 1.5',
        "a number stands where a whole number or nothing (null) belongs, at $.g",
    ),
    "too small": ('"a": 0', "a whole number of at least 1 belongs there, at $.a"),
    # msgspec says < 5 of whole numbers in its own way.
    "too large": ('"a": 5', "a whole number of at most 4 belongs there, at $.a"),
    "at the open end": ('"b": 0', "a number above 0.0 belongs there, at $.b"),
    "over the end": ('"b": 1.5', "a number of at most 1.0 belongs there, at $.b"),
    "too long": ('"c": "cccc"', "a text of length 3 or less belongs there, at $.c"),
    "too short": ('"c": ""', "a text of length 1 or more belongs there, at $.c"),
    "an unknown word": ('"d": "z"', "'z' is none of the words known there, at $.d"),
    "not two": ('"e": [1]', "a list of length 2 belongs there, at $.e"),
    "none of them": ('"f": []', "a list of length 1 or more belongs there, at $.f"),
    "too many": ('"f": [1, 2, 3]', "a list of length 2 or less belongs there, at $.f"),
    "nobody knows it": ('"i": 1', "the field i is unknown"),
    "beyond all numbers": ('"b": 1e999', "the number is too large, at $.b"),
    "true": ('"a": true', "true or false stands where a whole number belongs, at $.a"),
    "an object": ('"h": {}', "an object stands where true or false belongs, at $.h"),
}


@pytest.mark.parametrize(("fields", "words"), CASES.values(), ids=CASES)
def test_it_is_said_in_words_that_can_be_translated(fields: str, words: str) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.json.decode(f'{{"type": "one", {fields}}}', type=One)
    assert str(reason_of(refused.value)) == words


def test_what_is_missing() -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.json.decode("{}", type=One | Two)
    assert str(reason_of(refused.value)) == "the field type is missing"


@pytest.fixture
def chinese() -> Iterator[None]:
    language.set("zh_CN")
    yield
    language.set("en")


ENGLISH = re.compile(r"[A-Za-z]{3,}")
NAMES = {
    "CNNviz", "JSON", "NaN", "Infinity", "UTF", "null", "uid", "format", "cnnviz", "network",
    "version", "project", "true", "false", "type",
}  # fmt: skip


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("name", [*HOSTILE, *HOSTILE_FILES])
def test_no_english_is_left_in_a_chinese_sentence(name: str) -> None:
    """But for names, places, and what the file itself says."""
    data = document(HOSTILE[name][0]) if name in HOSTILE else HOSTILE_FILES[name][0]
    with pytest.raises(UserError) as refused:
        decode_network(data)
    said = text(refused.value.message)
    given_ = data if isinstance(data, str) else data.decode(errors="ignore")
    places = re.sub(r"\$[.\[\]\w]*", "", said)
    left = [word for word in ENGLISH.findall(places) if word not in NAMES and word not in given_]
    assert not left, said


@given(value=ANYTHING, field=st.sampled_from("abcdefgh"))
def test_every_refusal_is_understood(value: Any, field: str) -> None:
    try:
        data = msgspec.json.encode({"type": "one", field: value})
        msgspec.json.decode(data, type=One)
    except msgspec.ValidationError as error:
        said = str(reason_of(error))
        assert "Expected" not in said
        assert "Object" not in said
        assert "Invalid" not in said


def test_the_line_of_what_is_no_json() -> None:
    data = '{"名": 1,\n "b": ]'.encode()
    with pytest.raises(msgspec.DecodeError) as refused:
        msgspec.json.decode(data)
    assert str(no_json(refused.value, data)) == ("something is wrong in line 2, at character 7")
