"""All kinds of layers. A new kind is one class, its place in `AnyLayer`, an icon, a translation."""

from __future__ import annotations

import typing

from cnnviz.layers.activation import FUNCTION_NAMES, Activation
from cnnviz.layers.base import Layer, enabled
from cnnviz.layers.branches import MERGE_NAMES, AnyLayer, Branches
from cnnviz.layers.convolution import Conv2d
from cnnviz.layers.dense import Dense, Flatten, ZeroPadding
from cnnviz.layers.dropout import ChannelDropout, Dropout
from cnnviz.layers.fields import Border, Field, Padding, Sides, Size, fields_of
from cnnviz.layers.initialisation import RECIPE_NAMES, Initialisation
from cnnviz.layers.local import LocallyConnected2d
from cnnviz.layers.normalisation import BatchNorm, GroupNorm, LayerNorm, LocalResponseNorm
from cnnviz.layers.pooling import (
    ROUNDING_NAMES,
    AdaptiveAvgPool,
    AvgPool,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
    Subsampling,
)
from cnnviz.layers.shapes import LIMIT, Call, Maps, Problem, ReceptiveField, Repair, Shape, Vector
from cnnviz.layers.transposed import TransposedConv2d
from cnnviz.message import Message

KINDS: tuple[type[Layer], ...] = typing.get_args(AnyLayer)

CHOICE_NAMES: dict[str, Message] = {
    **FUNCTION_NAMES,
    **RECIPE_NAMES,
    **ROUNDING_NAMES,
    **MERGE_NAMES,
}
"""What to call each word that a field may choose."""

__all__ = [
    "CHOICE_NAMES",
    "FUNCTION_NAMES",
    "KINDS",
    "LIMIT",
    "Activation",
    "AdaptiveAvgPool",
    "AnyLayer",
    "AvgPool",
    "BatchNorm",
    "Border",
    "Branches",
    "Call",
    "ChannelDropout",
    "Conv2d",
    "Dense",
    "Dropout",
    "Field",
    "Flatten",
    "GlobalAvgPool",
    "GlobalMaxPool",
    "GroupNorm",
    "Initialisation",
    "Layer",
    "LayerNorm",
    "LocalResponseNorm",
    "LocallyConnected2d",
    "Maps",
    "MaxPool",
    "Padding",
    "Problem",
    "ReceptiveField",
    "Repair",
    "Shape",
    "Sides",
    "Size",
    "Subsampling",
    "TransposedConv2d",
    "Vector",
    "ZeroPadding",
    "enabled",
    "fields_of",
]
