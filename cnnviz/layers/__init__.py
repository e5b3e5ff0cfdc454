"""All kinds of layers. A new kind is one class, its place in `AnyLayer`, an icon, a translation."""

from __future__ import annotations

import typing

from cnnviz.layers.base import Border, Field, Layer, Padding, Size, fields_of
from cnnviz.layers.convolution import Conv2d
from cnnviz.layers.dense import Dense, Flatten
from cnnviz.layers.elementwise import FUNCTION_NAMES, Activation, BatchNorm, Dropout
from cnnviz.layers.pooling import AvgPool, GlobalAvgPool, MaxPool
from cnnviz.layers.shapes import LIMIT, Call, Maps, Problem, ReceptiveField, Repair, Shape, Vector

AnyLayer = (
    Conv2d | MaxPool | AvgPool | GlobalAvgPool | Activation | BatchNorm | Dropout | Flatten | Dense
)

KINDS: tuple[type[Layer], ...] = typing.get_args(AnyLayer)

__all__ = [
    "FUNCTION_NAMES",
    "KINDS",
    "LIMIT",
    "Activation",
    "AnyLayer",
    "AvgPool",
    "BatchNorm",
    "Border",
    "Call",
    "Conv2d",
    "Dense",
    "Dropout",
    "Field",
    "Flatten",
    "GlobalAvgPool",
    "Layer",
    "Maps",
    "MaxPool",
    "Padding",
    "Problem",
    "ReceptiveField",
    "Repair",
    "Shape",
    "Size",
    "Vector",
    "fields_of",
]
