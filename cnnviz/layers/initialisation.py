"""How a weight starts: the classic recipes, as values that a layer carries."""

from __future__ import annotations

from math import sqrt
from typing import Annotated, Literal

import msgspec
from msgspec import Struct

from cnnviz.layers.fields import about
from cnnviz.message import Message

Recipe = Literal[
    "default",
    "kaiming_normal",
    "kaiming_uniform",
    "xavier_normal",
    "xavier_uniform",
    "normal",
    "uniform",
    "lecun_1998",
    "zeros",
    "constant",
    "by_hand",
]

RECIPE_NAMES: dict[str, Message] = {
    "default": Message("PyTorch's default"),
    "kaiming_normal": Message("Kaiming normal"),
    "kaiming_uniform": Message("Kaiming uniform"),
    "xavier_normal": Message("Xavier normal"),
    "xavier_uniform": Message("Xavier uniform"),
    "normal": Message("Normal"),
    "uniform": Message("Uniform"),
    "lecun_1998": Message("LeCun 1998"),
    "zeros": Message("Zeros"),
    "constant": Message("Constant"),
    "by_hand": Message("By hand"),
}

MOST_VALUES = 2**16
"""How many numbers may be given by hand."""


class Distribution(Struct, frozen=True):
    """What the values of a tensor are drawn from.

    "uniform": within ± the one number; "normal": around 0, the number is the standard deviation;
    "constant": the numbers themselves, one after the other and again from the first.
    """

    kind: Literal["uniform", "normal", "constant"]
    numbers: tuple[float, ...]


ZERO, ONE = Distribution("constant", (0.0,)), Distribution("constant", (1.0,))


class Initialisation(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A recipe for the weights of a layer; biases start as PyTorch's do, or at 0.

    value: standard deviation for normal, bound for uniform, the number itself for constant.
    values: by hand: the numbers of one kernel, row by row, used for every filter and every map; for
    a dense layer those of one unit, or of all units one after the other.
    """

    recipe: Recipe = "default"
    value: Annotated[float, msgspec.Meta(ge=-1e6, le=1e6)] = 0.05
    values: Annotated[
        tuple[Annotated[float, msgspec.Meta(ge=-1e6, le=1e6)], ...],
        msgspec.Meta(max_length=MOST_VALUES),
    ] = ()

    def weights(self, fan_in: int, fan_out: int) -> Distribution:
        """What the weights are drawn from.

        fan_in, fan_out: how many weights lead to one output value and away from one input value.
        Kaiming: He et al., 2015, for ReLU. Xavier: Glorot and Bengio, 2010. LeCun et al., 1998:
        uniform in ±2.4 / fan_in. Default: torch.nn's, uniform in ±1/√fan_in.
        """
        match self.recipe:
            case "default":
                return Distribution("uniform", (1 / sqrt(fan_in),))
            case "kaiming_normal":
                return Distribution("normal", (sqrt(2 / fan_in),))
            case "kaiming_uniform":
                return Distribution("uniform", (sqrt(6 / fan_in),))
            case "xavier_normal":
                return Distribution("normal", (sqrt(2 / (fan_in + fan_out)),))
            case "xavier_uniform":
                return Distribution("uniform", (sqrt(6 / (fan_in + fan_out)),))
            case "lecun_1998":
                return Distribution("uniform", (2.4 / fan_in,))
            case "normal" | "uniform" as kind:
                return Distribution(kind, (abs(self.value),))
            case "zeros":
                return ZERO
            case "constant":
                return Distribution("constant", (self.value,))
            case "by_hand":
                return Distribution("constant", self.values)

    def biases(self, fan_in: int) -> Distribution:
        """What the biases are drawn from: PyTorch's default goes with its weights, else 0."""
        return self.weights(fan_in, fan_in) if self.recipe == "default" else ZERO


DEFAULT = Initialisation()
START = about(Message("Start"), Message("How the weights start, before anything has been learned."))
"""What a layer says of the field that holds its recipe."""
