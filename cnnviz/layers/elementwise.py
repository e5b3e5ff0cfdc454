"""Layers that leave the shape alone: activations, batch normalisation, dropout."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from cnnviz.layers.base import Family, Layer, about
from cnnviz.layers.shapes import Call, Maps, Shape
from cnnviz.message import Message

Function = Literal["relu", "leaky_relu", "elu", "gelu", "silu", "sigmoid", "tanh", "softmax"]

FUNCTION_NAMES: dict[str, Message] = {
    "relu": Message("ReLU"),
    "leaky_relu": Message("Leaky ReLU"),
    "elu": Message("ELU"),
    "gelu": Message("GELU"),
    "silu": Message("SiLU"),
    "sigmoid": Message("Sigmoid"),
    "tanh": Message("Tanh"),
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
    slope: Annotated[
        float,
        about(
            Message("Slope"),
            Message("What negative values are multiplied by (leaky ReLU), or level off at (ELU)."),
            ge=0,
            le=1e6,
        ),
    ] = 0.01

    @property
    def name(self) -> Message:
        return FUNCTION_NAMES[self.function]

    def shown(self, field: str) -> bool:
        return field != "slope" or self.function in ("leaky_relu", "elu")

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        calls = {
            "relu": Call("nn.ReLU"),
            "leaky_relu": Call("nn.LeakyReLU", (self.slope,)),
            "elu": Call("nn.ELU", (self.slope,)),
            "gelu": Call("nn.GELU"),
            "silu": Call("nn.SiLU"),
            "sigmoid": Call("nn.Sigmoid"),
            "tanh": Call("nn.Tanh"),
            "softmax": Call("nn.Softmax", (), {"dim": 1}),
        }
        return (calls[self.function],)


class BatchNorm(Layer, tag="batch_norm", frozen=True, kw_only=True):
    """Standardise each map over the batch, then scale and shift it (Ioffe and Szegedy, 2015)."""

    family: ClassVar[Family] = "normalisation"
    title: ClassVar[Message] = Message("Batch norm")
    help: ClassVar[Message] = Message(
        "Brings each feature map to mean 0 and variance 1 over the batch, then scales and shifts "
        "it by learned numbers. Training becomes faster and steadier."
    )

    momentum: Annotated[
        float,
        about(
            Message("Momentum"),
            Message("How much of each new batch goes into the running mean and variance."),
            ge=0,
            le=1,
        ),
    ] = 0.1
    epsilon: Annotated[
        float,
        about(
            Message("Epsilon"),
            Message("A small number added to the variance, so that nothing is divided by zero."),
            gt=0,
            le=1,
        ),
    ] = 1e-5
    affine: Annotated[
        bool,
        about(Message("Scale and shift"), Message("Learn a factor and an offset for each map.")),
    ] = True

    def parameters(self, x: Shape) -> dict[str, tuple[int, ...]]:
        size = (_features(x),)
        return {"weight": size, "bias": size} if self.affine else {}

    def buffers(self, x: Shape) -> dict[str, tuple[int, ...]]:
        size = (_features(x),)
        return {"running_mean": size, "running_var": size}

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        keywords: dict[str, object] = {}
        if self.epsilon != 1e-5:
            keywords["eps"] = self.epsilon
        if self.momentum != 0.1:
            keywords["momentum"] = self.momentum
        if not self.affine:
            keywords["affine"] = False
        name = "nn.BatchNorm2d" if isinstance(x, Maps) else "nn.BatchNorm1d"
        return (Call(name, (_features(x),), keywords),)


class Dropout(Layer, tag="dropout", frozen=True, kw_only=True):
    """Set random values to zero while training (Srivastava et al., 2014)."""

    family: ClassVar[Family] = "dropout"
    title: ClassVar[Message] = Message("Dropout")
    help: ClassVar[Message] = Message(
        "Sets a random share of the values to zero while training, so that no value can rely on "
        "another one. It does nothing when the network is used."
    )

    rate: Annotated[
        float,
        about(Message("Rate"), Message("The share of values that is set to zero."), ge=0, le=1),
    ] = 0.5

    @property
    def detail(self) -> str:
        return f"{self.rate:g}"

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        return (Call("nn.Dropout", (self.rate,)),)


def _features(x: Shape) -> int:
    return x.channels if isinstance(x, Maps) else x.length
