"""Activations: a fixed function for every value."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from cnnviz.layers.base import Family, Layer
from cnnviz.layers.fields import FROZEN, about
from cnnviz.layers.initialisation import Distribution
from cnnviz.layers.shapes import Call, Shape, features
from cnnviz.message import Message

Function = Literal[
    "relu",
    "leaky_relu",
    "prelu",
    "elu",
    "gelu",
    "silu",
    "relu6",
    "hardswish",
    "hardsigmoid",
    "sigmoid",
    "tanh",
    "scaled_tanh",
    "softplus",
    "softmax",
]

SLOPES = {"leaky_relu": 0.01, "elu": 1.0, "prelu": 0.25}
"""The functions that have a slope, with PyTorch's value of it."""

SQUEEZING = frozenset({"hardsigmoid", "sigmoid", "tanh", "scaled_tanh", "softmax"})
"""The functions whose values lie in a range of their own, whatever they read."""

FUNCTION_NAMES: dict[str, Message] = {
    "relu": Message("ReLU"),
    "leaky_relu": Message("Leaky ReLU"),
    "prelu": Message("PReLU"),
    "elu": Message("ELU"),
    "gelu": Message("GELU"),
    "silu": Message("SiLU"),
    "relu6": Message("ReLU6"),
    "hardswish": Message("Hard swish"),
    "hardsigmoid": Message("Hard sigmoid"),
    "sigmoid": Message("Sigmoid"),
    "tanh": Message("Tanh"),
    "scaled_tanh": Message("Scaled tanh"),
    "softplus": Message("Softplus"),
    "softmax": Message("Softmax"),
}


class Activation(Layer, tag="activation", frozen=True, kw_only=True):
    """Bend each value with a fixed function; softmax works across the maps of a pixel."""

    family: ClassVar[Family] = "activation"
    title: ClassVar[Message] = Message("Activation")
    help: ClassVar[Message] = Message(
        "Bends every value with a fixed function. Without it, a stack of layers could do no more "
        "than a single one."
    )

    function: Annotated[
        Function, about(Message("Function"), Message("The function that each value goes through."))
    ] = "relu"
    slope: (
        Annotated[
            float,
            about(
                Message("Slope"),
                Message(
                    "What negative values are multiplied by (leaky ReLU; PReLU starts there), or "
                    "level off at (ELU)."
                ),
                ge=0,
                le=1e6,
            ),
        ]
        | None
    ) = None
    frozen: Annotated[bool, FROZEN] = False

    @property
    def name(self) -> Message:
        return FUNCTION_NAMES[self.function]

    @property
    def bend(self) -> float:
        """The slope that is in force: PyTorch's where none is set."""
        return SLOPES.get(self.function, 0.0) if self.slope is None else self.slope

    def shown(self, field: str) -> bool:
        if field == "frozen":
            return self.function == "prelu"  # the others have nothing to learn
        return field != "slope" or self.function in SLOPES

    def effective(self, field: str) -> object:
        return self.bend if field == "slope" else getattr(self, field)

    def parameters(self, x: Shape) -> dict[str, tuple[int, ...]]:
        return {"weight": (features(x),)} if self.function == "prelu" else {}

    def start(self, name: str, x: Shape) -> Distribution:
        return Distribution("constant", (self.bend,))

    def kept(self, x: Shape, y: Shape) -> int:
        return y.size if self.function == "scaled_tanh" else 0  # the tanh, before it is stretched

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        calls = {
            "relu": Call("nn.ReLU"),
            "leaky_relu": Call("nn.LeakyReLU", (self.bend,)),
            "prelu": Call("nn.PReLU", (features(x),), {"init": self.bend}),
            "elu": Call("nn.ELU", (self.bend,)),
            "gelu": Call("nn.GELU"),
            "silu": Call("nn.SiLU"),
            "relu6": Call("nn.ReLU6"),
            "hardswish": Call("nn.Hardswish"),
            "hardsigmoid": Call("nn.Hardsigmoid"),
            "sigmoid": Call("nn.Sigmoid"),
            "tanh": Call("nn.Tanh"),
            "scaled_tanh": Call("ScaledTanh"),
            "softplus": Call("nn.Softplus"),
            "softmax": Call("nn.Softmax", (), {"dim": 1}),
        }
        return (calls[self.function],)
