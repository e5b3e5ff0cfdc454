"""How a weight starts: the classic recipes, as values that a layer carries."""

from __future__ import annotations

from math import sqrt
from typing import Annotated, Literal

from msgspec import Struct

from cnnviz.layers.base import about
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


class Distribution(Struct, frozen=True):
    """What values are drawn from: "uniform" in ±`spread`, "normal" with standard deviation `spread`
    around 0, or "constant", which is `spread` itself."""

    kind: Literal["uniform", "normal", "constant"]
    spread: float


class Initialisation(Struct, frozen=True, forbid_unknown_fields=True):
    """A recipe for the weights of a layer; biases start as PyTorch's do, or at 0.

    value: standard deviation for normal, bound for uniform, the number itself for constant.
    values: by hand: the numbers of one kernel, row by row, used for every filter and every map.
    """

    recipe: Annotated[
        Recipe,
        about(
            Message("Initialisation"),
            Message("How the weights start, before anything has been learned."),
        ),
    ] = "default"
    value: Annotated[
        float,
        about(
            Message("Value"),
            Message("Standard deviation for normal, bound for uniform, the number for constant."),
            ge=-1e6,
            le=1e6,
        ),
    ] = 0.05
    values: tuple[float, ...] = ()

    def weights(self, fan_in: int, fan_out: int) -> Distribution:
        """What the weights are drawn from.

        fan_in, fan_out: how many weights lead to one output value and away from one input value.
        Kaiming: He et al., 2015, for ReLU. Xavier: Glorot and Bengio, 2010. LeCun et al., 1998:
        uniform in ±2.4 / fan_in. Default: torch.nn's, uniform in ±1/√fan_in.
        """
        spreads: dict[Recipe, Distribution] = {
            "default": Distribution("uniform", 1 / sqrt(fan_in)),
            "kaiming_normal": Distribution("normal", sqrt(2 / fan_in)),
            "kaiming_uniform": Distribution("uniform", sqrt(6 / fan_in)),
            "xavier_normal": Distribution("normal", sqrt(2 / (fan_in + fan_out))),
            "xavier_uniform": Distribution("uniform", sqrt(6 / (fan_in + fan_out))),
            "normal": Distribution("normal", abs(self.value)),
            "uniform": Distribution("uniform", abs(self.value)),
            "lecun_1998": Distribution("uniform", 2.4 / fan_in),
            "zeros": Distribution("constant", 0.0),
            "constant": Distribution("constant", self.value),
            "by_hand": Distribution("constant", 0.0),
        }
        return spreads[self.recipe]

    def biases(self, fan_in: int) -> Distribution:
        """What the biases are drawn from: PyTorch's default goes with its weights, else 0."""
        if self.recipe == "default":
            return Distribution("uniform", 1 / sqrt(fan_in))
        return Distribution("constant", 0.0)


DEFAULT = Initialisation()
