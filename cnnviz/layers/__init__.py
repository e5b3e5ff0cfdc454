"""All kinds of layers. A new kind is one class, its place in `AnyLayer`, an icon, a translation."""

from __future__ import annotations

import typing

from cnnviz.layers.activation import FUNCTION_NAMES, Activation
from cnnviz.layers.base import Border, Field, Layer, Padding, Sides, Size, fields_of
from cnnviz.layers.branches import MERGE_NAMES, AnyLayer, Branches
from cnnviz.layers.convolution import Conv2d
from cnnviz.layers.dense import Dense, Flatten, ZeroPadding
from cnnviz.layers.dropout import ChannelDropout, Dropout
from cnnviz.layers.initialisation import Initialisation
from cnnviz.layers.local import LocallyConnected2d
from cnnviz.layers.normalisation import BatchNorm, GroupNorm, LayerNorm, LocalResponseNorm
from cnnviz.layers.pooling import (
    AdaptiveAvgPool,
    AvgPool,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
    Subsampling,
)
from cnnviz.layers.shapes import LIMIT, Call, Maps, Problem, ReceptiveField, Repair, Shape, Vector
from cnnviz.layers.transposed import TransposedConv2d

KINDS: tuple[type[Layer], ...] = typing.get_args(AnyLayer)

__all__ = [
    "FUNCTION_NAMES",
    "KINDS",
    "LIMIT",
    "MERGE_NAMES",
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
    "fields_of",
]
