"""Texts for people, as values: an English template and the values that belong in it.

The rooms of `cnnviz` never speak to anybody: they return messages. The command line prints them in
English, the window translates the template first and then puts the values in.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Message:
    """An English template with named placeholders, and the values for them.

    The template must be written as a literal where the message is made, because the completeness
    check of the translation reads the literals from the source.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, Any]

    def __init__(self, template: str, /, **values: Any) -> None:
        object.__setattr__(self, "template", template)
        object.__setattr__(self, "values", MappingProxyType(values))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a message is a value: {name} cannot be changed")

    def __str__(self) -> str:
        return self.template.format(**self.values)

    def __repr__(self) -> str:
        return f"Message({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Message):
            return NotImplemented
        return self.template == other.template and dict(self.values) == dict(other.values)

    def __hash__(self) -> int:
        return hash((self.template, tuple(self.values)))


def listed(words: Sequence[str | Message]) -> str | Message:
    """Names one after the other, as a value of a message: what stands between them is another sign
    in another language."""
    said: str | Message = words[0] if words else ""
    for word in words[1:]:
        said = Message("{names}, {name}", names=said, name=word)
    return said


class UserError(Exception):
    """Something that a person can mend; `message` says what was found and what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message
