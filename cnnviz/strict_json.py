"""JSON of a known type, read strictly; what is wrong is said in one sentence."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Struct

from cnnviz.message import Message, UserError
from cnnviz.network import MAX_DEPTH, VERSION
from cnnviz.reasons import no_json, reason_of

T = TypeVar("T")


class _Header(Struct):
    format: str = ""
    version: Annotated[int, msgspec.Meta(ge=1)] = VERSION


def check_header(data: bytes | str, expected: str, version: int) -> None:
    """Refuse another format or a newer version before looking at the rest.

    Raises:
        UserError: with the sentence to show.
    """
    header = decode_json(data, _Header)
    if header.format != expected:
        raise UserError(
            Message(
                'The file\'s "format" is {found}, but {expected} was expected. Choose a file that '
                "CNNviz has written.",
                found=repr(header.format) if header.format else Message("missing"),
                expected=repr(expected),
            )
        )
    if header.version > version:
        raise UserError(
            Message(
                "The file has version {found}; this program reads version {known}. "
                "Use a newer CNNviz.",
                found=header.version,
                known=version,
            )
        )


def decode_json(data: bytes | str, expected: type[T]) -> T:
    """Strict JSON of a known type.

    Raises:
        UserError: what was found, what was expected, and the place.
    """
    try:
        return msgspec.json.decode(data, type=expected)
    except msgspec.ValidationError as error:
        raise UserError(
            Message(
                "The file does not hold what it should: {reason}. Correct it there, or "
                "choose another file.",
                reason=reason_of(error),
            )
        ) from None
    except RecursionError:
        raise UserError(
            Message(
                "The file is nested so deep that it is not read; branches may be nested {limit} "
                "deep. Choose another file.",
                limit=MAX_DEPTH,
            )
        ) from None
    except (msgspec.DecodeError, UnicodeError) as error:
        place = re.search(r"\(byte (\d+)\)", str(error))
        text = data.encode(errors="replace") if isinstance(data, str) else data
        if place and (word := re.match(rb"NaN|Infinity", text[int(place[1]) :])):
            raise UserError(
                Message(
                    "{found} in line {line:,} of the file is no number that JSON has. "
                    "Write a finite one.",
                    found=word[0].decode(),
                    line=1 + text.count(b"\n", 0, int(place[1])),
                )
            ) from None
        raise UserError(
            Message("The file is not valid JSON: {reason}.", reason=no_json(error, text))
        ) from None


def refuse_twice(data: bytes) -> None:
    """Refuse a name that occurs twice in an object: readers differ in which of the two they take.

    data: JSON that has been decoded as a known type, so it is neither deep nor has huge numbers.
    """

    def once(pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            twice = next(name for index, name in enumerate(names) if name in names[:index])
            raise UserError(
                Message(
                    "The file is ambiguous: {name} occurs twice in the same place. Remove one.",
                    name=repr(twice),
                )
            )

    json.loads(data, object_pairs_hook=once)
