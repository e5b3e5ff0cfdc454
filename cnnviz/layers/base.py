"""What every kind of layer declares once, and how its fields are read from the declaration."""

from __future__ import annotations

import typing
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin

import msgspec
from msgspec import Struct

from cnnviz.layers.shapes import LIMIT, Call, Problem, ReceptiveField, Shape
from cnnviz.message import Message

Family = Literal[
    "convolution", "pooling", "activation", "normalisation", "dropout", "reshaping", "dense"
]


def about(
    title: Message, explanation: Message, automatic: Message | None = None, **limits: Any
) -> msgspec.Meta:
    """What a person reads about a field, and the limits (`ge`, `gt`, `le`) of its values.

    `automatic` says what a field does that may be left empty, and is.
    """
    return msgspec.Meta(
        **limits, extra={"title": title, "help": explanation, "automatic": automatic}
    )


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


Padding = Literal["valid", "same"] | Border


class Field(Struct, frozen=True):
    """One setting of a kind of layer, as its declaration tells it."""

    name: str
    kind: Literal["int", "float", "bool", "choice", "size", "padding"]
    title: Message
    help: Message
    default: Any
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    choices: tuple[str, ...] = ()
    automatic: Message | None = None
    """What it does while it is left empty; None where it may not be."""


class Layer(
    Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True, dict=False
):
    """A layer of a network: its settings, and all rules that follow from them.

    Everything a room of the program needs to know about a kind is a method or a class variable
    here. `x` is always the shape of one image's input to the layer, `y` that of its output.
    """

    family: ClassVar[Family]
    title: ClassVar[Message]
    help: ClassVar[Message]

    uid: str = ""

    @property
    def kind(self) -> str:
        """The name of the kind in files: conv2d, max_pool, …"""
        return str(self.__struct_config__.tag)

    @property
    def name(self) -> Message:
        """What its card is headed with."""
        return self.title

    @property
    def detail(self) -> str:
        """The main numbers beside the name, such as 5×5 · 8."""
        return ""

    def output_shape(self, x: Shape) -> Shape | Problem:
        """The shape that comes out, or why nothing can."""
        return x

    def parameters(self, x: Shape) -> dict[str, tuple[int, ...]]:
        """The tensors that an optimiser changes, by PyTorch's names, with their shapes."""
        return {}

    def buffers(self, x: Shape) -> dict[str, tuple[int, ...]]:
        """The tensors that are kept but not trained, by PyTorch's names, with their shapes."""
        return {}

    def multiply_adds(self, x: Shape, y: Shape) -> int:
        """Products of weights and inputs for one image; biases and the rest are left out."""
        return 0

    def receptive_field(self, before: ReceptiveField, y: Shape) -> ReceptiveField:
        """What one value of the output sees of the network's input."""
        return before

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        """The PyTorch modules that do it, one after another; tensors belong to the last."""
        raise NotImplementedError

    def shown(self, field: str) -> bool:
        """Whether a field has a meaning with the present values of the others."""
        return True

    def effective(self, field: str) -> Any:
        """The value that a field left empty stands for."""
        return getattr(self, field)


@cache
def fields_of(kind: type[Struct]) -> tuple[Field, ...]:
    """The settings of a kind of layer, or of any struct, in the order of their declaration.

    Settings are the fields that are declared with `about`.
    """
    hints = typing.get_type_hints(kind, include_extras=True)
    return tuple(
        _field(field.name, hints[field.name], field.default)
        for field in msgspec.structs.fields(kind)
        if get_origin(hints[field.name]) is Annotated
    )


def _field(name: str, hint: Any, default: Any) -> Field:
    declared, meta = get_args(hint)[:2]
    options = [o for o in get_args(declared) if o is not type(None)] or [declared]
    kind: Any
    choices: tuple[str, ...] = ()
    if Border in options:
        kind = "padding"
    elif Size in options or declared is Size:
        kind = "size"
    elif get_origin(declared) is Literal:
        kind, choices = "choice", get_args(declared)
    else:
        kind = {int: "int", float: "float", bool: "bool"}[declared]
    minimum = meta.ge if meta.ge is not None else meta.gt
    return Field(
        name,
        kind,
        meta.extra["title"],
        meta.extra["help"],
        default,
        minimum=minimum,
        maximum=meta.le,
        exclusive_minimum=meta.gt is not None,
        choices=choices,
        automatic=meta.extra["automatic"],
    )
