"""Which values a setting may have, from its declaration."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec

from cnnviz.layers import LIMIT, Border, Initialisation, Sides, Size
from cnnviz.message import Message

if TYPE_CHECKING:
    from cnnviz.layers import Field


def limits(field: Field, value: object) -> tuple[float, float]:
    """The smallest and the largest number that `value` may hold in this field."""
    if isinstance(value, Border | Sides):
        return 0, LIMIT
    if field.kind == "initialisation":
        return -1e6, 1e6
    if isinstance(value, Size):
        return 1, LIMIT
    minimum = -math.inf if field.minimum is None else field.minimum
    return minimum, math.inf if field.maximum is None else field.maximum


def complaint(field: Field, value: Any) -> Message | None:
    """Why a field cannot have a value, and the nearest one that it can have; None if it can."""
    if value is None or isinstance(value, str | bool):
        return None
    if isinstance(value, Initialisation):
        value = value.value
    elif isinstance(value, tuple):
        return None
    numbers: tuple[float, ...] = (value,)
    if isinstance(value, Size | Border):
        numbers = value.pair
    elif isinstance(value, Sides):
        numbers = value.all
    minimum, maximum = limits(field, value)
    for number in numbers:
        if number > maximum:
            return Message(
                "{title} must be at most {limit}.", title=field.title, limit=_shown(maximum)
            )
        if number < minimum:
            return Message(
                "{title} must be at least {limit}.", title=field.title, limit=_shown(minimum)
            )
        if field.exclusive_minimum and number == minimum:
            return Message(
                "{title} must be larger than {limit}, such as {example}.",
                title=field.title,
                limit=_shown(minimum),
                example=_shown(field.default),
            )
    return None


def nearest(field: Field, value: Any) -> Any:
    """The possible value that is closest to an impossible one."""
    minimum, maximum = limits(field, value)

    def inside(number: float) -> float:
        if field.exclusive_minimum and number <= minimum:
            return float(field.default)
        bound = min(max(number, minimum), maximum)
        return type(number)(bound)

    if isinstance(value, Initialisation):
        return msgspec.structs.replace(value, value=inside(value.value))
    if isinstance(value, Size | Border):
        return type(value)(*(int(inside(number)) for number in value.pair))
    if isinstance(value, Sides):
        return Sides(*(int(inside(number)) for number in value.all))
    return inside(value)


def _shown(number: float) -> str:
    return f"{number:,g}" if number < 1e6 else f"{int(number):,}"
