"""Why a file or a text could not be read, as messages: msgspec and Python say it in English only.

What they say is taken apart by the patterns that they have (msgspec 0.19 to 0.21, `_core.c`); what
is not among them is passed on as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import msgspec

_KINDS = {
    "int": Message("a whole number"),
    "float": Message("a number"),
    "str": Message("a text"),
    "bool": Message("true or false"),
    "null": Message("nothing (null)"),
    "array": Message("a list"),
    "object": Message("an object"),
}


def _kind(names: str) -> Message | str:
    """What msgspec calls `int`, or `int | null`."""
    first, *others = names.split(" | ")
    found: Message | str = _KINDS.get(first, first)
    for name in others:
        found = Message("{first} or {second}", first=found, second=_KINDS.get(name, name))
    return found


def _number(digits: str) -> int | float:
    value = float(digits)
    return int(digits) if re.fullmatch(r"-?\d+", digits) else value


_BOUNDS: dict[str, Callable[[str, str], Message]] = {
    ">=": lambda kind, limit: Message(
        "{kind} of at least {limit:,} belongs there", kind=_kind(kind), limit=_number(limit)
    ),
    "<=": lambda kind, limit: Message(
        "{kind} of at most {limit:,} belongs there", kind=_kind(kind), limit=_number(limit)
    ),
    ">": lambda kind, limit: Message(
        "{kind} above {limit:,} belongs there", kind=_kind(kind), limit=_number(limit)
    ),
    "<": lambda kind, limit: Message(
        "{kind} below {limit:,} belongs there", kind=_kind(kind), limit=_number(limit)
    ),
}


def _length(kind: str, least: int | None, most: int | None) -> Message:
    """How long a text, a list or an object has to be."""
    what = _kind(kind)
    if least is not None and most is not None:
        if least == most:
            return Message("{kind} of length {n:,} belongs there", kind=what, n=least)
        return Message(
            "{kind} of length {n:,} to {most:,} belongs there", kind=what, n=least, most=most
        )
    if least is not None:
        return Message("{kind} of length {n:,} or more belongs there", kind=what, n=least)
    return Message("{kind} of length {n:,} or less belongs there", kind=what, n=most)


_GOT = r"(?:, got \d+)?"
_PATTERNS: Sequence[tuple[str, Callable[..., Message]]] = (
    (
        r"Expected `([^`]+)`, got `([^`]+)`",
        lambda wanted, found: Message(
            "{found} stands where {expected} belongs", expected=_kind(wanted), found=_kind(found)
        ),
    ),
    (
        r"Expected `(\w+)` (>=|<=|>|<) (\S+)",
        lambda kind, sign, limit: _BOUNDS[sign](kind, limit),
    ),
    (
        rf"Expected `(\w+)` of (?:at least length|length >=) (\d+){_GOT}",
        lambda kind, n: _length(kind, int(n), None),
    ),
    (
        rf"Expected `(\w+)` of (?:at most length|length <=) (\d+){_GOT}",
        lambda kind, n: _length(kind, None, int(n)),
    ),
    (
        rf"Expected `(\w+)` of length (\d+){_GOT}",
        lambda kind, n: _length(kind, int(n), int(n)),
    ),
    (
        rf"Expected `(\w+)` of length (\d+) to (\d+){_GOT}",
        lambda kind, least, most: _length(kind, int(least), int(most)),
    ),
    (
        r"Invalid (?:enum )?value (.+)",
        lambda value: Message("{value} is none of the words known there", value=value),
    ),
    (
        r"Object missing required field `(.+)`",
        lambda field: Message("the field {field} is missing", field=field),
    ),
    (
        r"Object contains unknown field `(.+)`",
        lambda field: Message("the field {field} is unknown", field=field),
    ),
    (r"(?:Integer value|Number) out of range", lambda: Message("the number is too large")),
)


def reason_of(error: msgspec.ValidationError) -> Message:
    """What does not fit, and where: `$.layers[0].filters`."""
    words, _, place = str(error).partition(" - at ")
    reason: Message | str = words
    for pattern, message in _PATTERNS:
        found = re.fullmatch(pattern, words, re.DOTALL)
        if found is not None:
            reason = message(*found.groups())
            break
    if place:
        return Message("{reason}, at {place}", reason=reason, place=place.replace("`", ""))
    return Message("{reason}", reason=reason)


def no_json(error: msgspec.DecodeError | UnicodeError, data: bytes) -> Message:
    """Why something is no JSON at all, and in which line."""
    if isinstance(error, UnicodeError):
        return Message("it is no text in UTF-8")
    place = re.search(r"\(byte (\d+)\)", str(error))
    if place is None:
        return Message("it ends too early")
    before = data[: int(place[1])]
    return Message(
        "something is wrong in line {line:,}, at character {column:,}",
        line=1 + before.count(b"\n"),
        column=1 + len(before[before.rfind(b"\n") + 1 :].decode(errors="replace")),
    )
