"""The table kind × {forward, backward}: of every kind layers with three maps, stride 2 and padding
where it has them, which tests work out and the gallery shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from cnnviz.layers import (
    KINDS,
    Activation,
    Border,
    Branches,
    Conv2d,
    Dense,
    Flatten,
    GlobalAvgPool,
    GroupNorm,
    Layer,
    Maps,
    Sides,
    Size,
    fields_of,
)
from cnnviz.network import Input, Network

if TYPE_CHECKING:
    from collections.abc import Iterator

CHANNELS = 3
TWO, THREE = Size(2, 2), Size(3, 3)
_SETTINGS: dict[str, Any] = {"kernel": THREE, "stride": TWO, "filters": 4, "size": Size(4, 3)}
_PADDINGS: dict[str, Any] = {"padding": Border(1, 1), "sides": Sides(1, 0, 2, 1)}


def cell_layers(kind: type[Layer]) -> list[Layer]:
    """The layers of a kind that stand in its row of the table; never none."""
    settings = {}
    for field in fields_of(kind):
        if field.name in _SETTINGS and (field.kind == "size" or field.name == "filters"):
            settings[field.name] = _SETTINGS[field.name]
        elif field.kind in _PADDINGS:
            settings[field.name] = _PADDINGS[field.kind]
    layer: Any = kind(uid="it", **settings)
    if isinstance(layer, GroupNorm):
        return [msgspec.structs.replace(layer, groups=3)]
    if isinstance(layer, Activation):
        names = ("relu", "sigmoid", "prelu", "softmax")
        return [msgspec.structs.replace(layer, function=name) for name in names]
    if isinstance(layer, Branches):
        return [
            Branches(uid="it", merge="add", branches=((), (_conv(), _bent()))),
            Branches(uid="it", merge="concat", branches=((), (_conv(),))),
            Branches(uid="it", merge="multiply", branches=((), (GlobalAvgPool(uid="g"), _bent()))),
        ]
    return [layer]


def _conv() -> Conv2d:
    return Conv2d(uid="inner", filters=CHANNELS, kernel=THREE, padding="same")


def _bent() -> Activation:
    return Activation(uid="bent", function="sigmoid")


def cells() -> Iterator[tuple[str, Network]]:
    """A name and a network with the layer "it", for every row; it reads three maps, or a vector
    where it wants one."""
    for kind in KINDS:
        for layer in cell_layers(kind):
            before: list[Layer] = [
                Conv2d(uid="before", filters=CHANNELS, kernel=THREE, padding="same")
            ]
            if isinstance(layer, Dense | Flatten):
                before = [*before, Flatten(uid="flat"), Dense(uid="hidden", units=12)]
            if isinstance(layer, Flatten):
                before = before[:1]
            y = layer.output_shape(Maps(12, 11, CHANNELS))
            behind: list[Layer] = [Flatten(uid="end")] if isinstance(y, Maps) else []
            network = Network(input=Input(12, 11, CHANNELS)).with_layers(
                [*before, layer, *behind, Dense(uid="out", units=10)]
            )
            yield f"{kind.__name__} {layer.name} {layer.detail}".strip(), network
