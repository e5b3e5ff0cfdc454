"""Networks with blocks of every form: nested, with identities, repeated, multiplied."""

from __future__ import annotations

from typing import Any

from cnnviz.layers import (
    Activation,
    BatchNorm,
    Branches,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    Initialisation,
    MaxPool,
    Size,
)
from cnnviz.network import Input, Network, named_by_place


def conv(filters: int, kernel: int = 1, **settings: Any) -> Conv2d:
    return Conv2d(
        filters=filters, kernel=Size(kernel, kernel), padding="same", bias=False, **settings
    )


RELU = Activation()
SQUEEZE = Branches(
    merge="multiply",
    label="Squeeze and excitation",
    branches=((), (GlobalAvgPool(), conv(2), RELU, conv(8), Activation(function="sigmoid"))),
)
INCEPTION = Branches(
    merge="concat",
    label="Inception",
    branches=(
        (conv(2),),
        (conv(2), conv(3, 3)),
        (conv(1), Branches(merge="add", branches=((conv(1, 5), RELU), ()))),
        (MaxPool(kernel=Size(3, 3), stride=Size(1, 1), padding="same"), conv(2)),
    ),
)
RESIDUAL = Branches(
    merge="add",
    label="Residual",
    branches=((conv(8, 3), BatchNorm(), RELU, conv(8, 3), BatchNorm()), ()),
)
BY_HAND = Initialisation("by_hand", values=tuple(map(float, range(9))))
CONSTANT = Initialisation("constant", 0.001)
ODD = Branches(
    merge="add",
    label='"""\n# 名 \\',
    branches=((SQUEEZE, conv(8, 3, initialisation=BY_HAND)), (), (conv(8),)),
)
BLOCKS = named_by_place(
    Network(
        name="Blocks",
        input=Input(12, 10, 1),
        layers=(
            conv(4, 3, initialisation=Initialisation("kaiming_normal")),
            INCEPTION,
            RESIDUAL,
            RELU,
            RESIDUAL,
            RELU,
            SQUEEZE,
            ODD,
            MaxPool(),
            Flatten(),
            Branches(
                merge="concat", branches=((Dense(units=6, initialisation=CONSTANT),), (Dropout(),))
            ),
            Dense(units=10, initialisation=Initialisation("xavier_uniform")),
            Activation(function="softmax"),
        ),
    )
)
FIRST = named_by_place(
    Network(
        name="A block first",
        input=Input(6, 5, 2),
        layers=(
            Branches(merge="add", branches=((), ())),
            Branches(merge="multiply", branches=((Activation(function="tanh"),),)),
            Flatten(),
            Dense(units=10),
        ),
    )
)
"""Identities alone, and a single branch."""
