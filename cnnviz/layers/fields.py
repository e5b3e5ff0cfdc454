"""The settings that a kind of layer declares: values, limits and texts, read from its types."""

from __future__ import annotations

import typing
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from msgspec import Struct

from cnnviz.layers.shapes import LIMIT
from cnnviz.message import Message


def about(
    title: Message,
    explanation: Message,
    automatic: Message | None = None,
    step: float | None = None,
    zero: Message | None = None,
    **limits: Any,
) -> msgspec.Meta:
    """What a person reads about a field, and the limits (`ge`, `gt`, `le`, `max_length`) of its
    values.

    `automatic` says what a field does that may be left empty, and is. step: by how much a real
    number goes up and down; None for one whose size is what counts, such as a learning rate. zero:
    what a 0 stands for where it is not just a small number.
    """
    return msgspec.Meta(
        **limits,
        extra={
            "title": title,
            "help": explanation,
            "automatic": automatic,
            "step": step,
            "zero": zero,
        },
    )


# Settings that several kinds have.
FILTERS = about(
    Message("Filters"),
    Message("How many filters there are, and so how many feature maps come out."),
    ge=1,
    le=LIMIT,
)
KERNEL = about(
    Message("Kernel"),
    Message("Height and width of the window of pixels that a filter sees at once."),
)
STRIDE = about(
    Message("Stride"),
    Message("How many pixels the window moves from one position to the next."),
)
MAP_BIAS = about(Message("Bias"), Message("Adds one learned number to each feature map."))
FROZEN = about(
    Message("Frozen"),
    Message(
        "What it has learned stays as it is while the other layers train. A frozen batch norm "
        "keeps its running statistics, too, and uses them."
    ),
)
"""What a layer with tensors says of the field that keeps them."""


class Size(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A whole number from 1 for each axis, written [height, width]."""

    height: Annotated[int, msgspec.Meta(ge=1, le=LIMIT)]
    width: Annotated[int, msgspec.Meta(ge=1, le=LIMIT)]

    @property
    def pair(self) -> tuple[int, int]:
        """(height, width)"""
        return self.height, self.width

    def __str__(self) -> str:
        return f"{self.height}×{self.width}"


class Border(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Rows above and below, columns left and right, written [vertical, horizontal]."""

    vertical: Annotated[int, msgspec.Meta(ge=0, le=LIMIT)]
    horizontal: Annotated[int, msgspec.Meta(ge=0, le=LIMIT)]

    @property
    def pair(self) -> tuple[int, int]:
        """(vertical, horizontal)"""
        return self.vertical, self.horizontal

    def __str__(self) -> str:
        return f"{self.vertical}×{self.horizontal}"


class Sides(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Rows and columns on each side, written [top, bottom, left, right]."""

    top: Annotated[int, msgspec.Meta(ge=0, le=LIMIT)]
    bottom: Annotated[int, msgspec.Meta(ge=0, le=LIMIT)]
    left: Annotated[int, msgspec.Meta(ge=0, le=LIMIT)]
    right: Annotated[int, msgspec.Meta(ge=0, le=LIMIT)]

    @property
    def all(self) -> tuple[int, int, int, int]:
        """(top, bottom, left, right)"""
        return self.top, self.bottom, self.left, self.right

    def __str__(self) -> str:
        return " ".join(map(str, self.all))


Padding = Literal["valid", "same"] | Border


class Field(Struct, frozen=True):
    """One setting of a kind of layer, as its declaration tells it."""

    name: str
    kind: Literal[
        "int",
        "float",
        "bool",
        "choice",
        "text",
        "size",
        "padding",
        "sides",
        "connections",
        "initialisation",
        "classes",
    ]
    title: Message
    help: Message
    default: Any
    minimum: float | None = None
    maximum: float | None = None
    """Of a text, how many characters it may have."""
    exclusive_minimum: bool = False
    choices: tuple[str, ...] = ()
    """The words that the value may be: all that it may be, or beside numbers of one's own."""
    automatic: Message | None = None
    """What it does while it is left empty; None where it may not be."""
    step: float | None = None
    """By how much a real number goes up and down; None goes 1, 2, 5, 10."""
    zero: Message | None = None
    """What a 0 stands for; None where it is just a number."""


@cache
def fields_of(kind: type[Struct]) -> tuple[Field, ...]:
    """The settings of a kind of layer, or of any struct, in the order of their declaration.

    Settings are the fields that are declared with `about`.
    """
    hints = typing.get_type_hints(kind, include_extras=True)
    declared = {
        field.name: _declaration(hints[field.name]) for field in msgspec.structs.fields(kind)
    }
    return tuple(
        _field(field.name, declared[field.name], field.default)
        for field in msgspec.structs.fields(kind)
        if declared[field.name] is not None
    )


_KINDS = {int: "int", float: "float", bool: "bool", str: "text"}


def _declaration(hint: Any) -> Any:
    """The part of a type that says `about`; None where there is none."""
    for option in (hint, *get_args(hint)):
        extra = next((m.extra for m in get_args(option)[1:] if isinstance(m, msgspec.Meta)), None)
        if get_origin(option) is Annotated and extra:
            return option
    return None


def _field(name: str, hint: Any, default: Any) -> Field:
    declared, meta = get_args(hint)[:2]
    options = [o for o in get_args(declared) if o is not type(None)] or [declared]
    if type(None) in get_args(declared) and len(options) == 1:
        declared = options[0]
    kind: Any
    choices: tuple[str, ...] = ()
    words = [o for o in options if get_origin(o) is Literal]
    if Border in options:
        kind, choices = "padding", get_args(words[0])
    elif Size in options:
        kind = "size"
    elif Sides in options:
        kind = "sides"
    elif get_origin(declared) is Literal:
        kind, choices = "choice", get_args(declared)
    elif get_origin(declared) is tuple:
        kind = "classes" if get_args(declared)[0] is str else "connections"
    else:
        kind = _KINDS.get(declared, "initialisation")
    minimum = meta.ge if meta.ge is not None else meta.gt
    return Field(
        name,
        kind,
        meta.extra["title"],
        meta.extra["help"],
        default,
        minimum=minimum,
        maximum=meta.le if meta.max_length is None else meta.max_length,
        exclusive_minimum=meta.gt is not None,
        choices=choices,
        automatic=meta.extra["automatic"],
        step=meta.extra["step"],
        zero=meta.extra["zero"],
    )
