"""What every kind of layer declares once; all else is derived from it."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from msgspec import Struct

from cnnviz.layers.initialisation import DEFAULT, Distribution, Initialisation
from cnnviz.layers.shapes import Call, Problem, ReceptiveField, Shape, Span
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Iterable

AnyOf = TypeVar("AnyOf", bound="Layer")

Family = Literal[
    "convolution",
    "pooling",
    "activation",
    "normalisation",
    "dropout",
    "reshaping",
    "dense",
    "branches",
]


class Layer(
    Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True, dict=False
):
    """A layer of a network: its settings, and all rules that follow from them.

    Everything a room of the program needs to know about a kind is a method or a class variable
    here. `x` is always the shape of one image's input to the layer, `y` that of its output.
    """

    family: ClassVar[Family]
    title: ClassVar[Message]
    help: ClassVar[Message]

    uid: str = ""
    enabled: bool = True
    """A disabled layer is skipped, a block with all that is in it: its input passes through as it
    is. What it has learned is kept. The rules below are those of a layer that is enabled."""

    @property
    def initialisation(self) -> Initialisation:
        """How the weights start."""
        return DEFAULT

    @property
    def frozen(self) -> bool:
        """Whether its tensors stay as they are while the others learn."""
        return False

    @property
    def kind(self) -> str:
        """The name of the kind in files: conv2d, max_pool, …"""
        return str(self.__struct_config__.tag)

    @property
    def name(self) -> Message:
        """What its card is headed with."""
        return self.title

    @property
    def detail(self) -> str:
        """The main numbers beside the name, such as 5×5 · 8."""
        return ""

    def output_shape(self, x: Shape) -> Shape | Problem:
        """The shape that comes out, or why nothing can."""
        return x

    def parameters(self, x: Shape) -> dict[str, tuple[int, ...]]:
        """The tensors that an optimiser changes, by PyTorch's names, with their shapes."""
        return {}

    def held_parameters(self, x: Shape) -> int:
        """How many of the parameters stay as they are though the layer learns."""
        return 0

    def buffers(self, x: Shape) -> dict[str, tuple[int, ...]]:
        """The tensors that are kept but not trained, by PyTorch's names, with their shapes."""
        return {}

    def multiply_adds(self, x: Shape, y: Shape) -> int:
        """Products of weights and inputs for one image; biases and the rest are left out."""
        return 0

    def kept(self, x: Shape, y: Shape) -> int:
        """How many numbers of four bytes its backward pass needs beside input and output."""
        return 0

    def fan_in(self, x: Shape) -> int:
        """How many weights lead to one output value."""
        return prod(self.parameters(x)["weight"][1:])

    def fan_out(self, x: Shape) -> int:
        """How many weights lead away from one input value."""
        return self.parameters(x)["weight"][0]

    def start(self, name: str, x: Shape) -> Distribution:
        """What the values of a tensor are drawn from before anything has been learned."""
        recipe = self.initialisation
        if name == "weight":
            return recipe.weights(self.fan_in(x), self.fan_out(x))
        return recipe.biases(self.fan_in(x))

    def receptive_field(self, before: ReceptiveField, y: Shape) -> ReceptiveField:
        """What one value of the output sees of the network's input."""
        return before

    def reads(self, x: Shape, axis: int, span: Span) -> Span:
        """The rows (axis 0) or columns (1) of the input that a span of the output depends on."""
        return span

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        """The PyTorch modules that do it, one after another; tensors belong to the last."""
        raise NotImplementedError

    def shown(self, field: str) -> bool:
        """Whether a field has a meaning with the present values of the others."""
        return True

    def effective(self, field: str) -> Any:
        """The value that a field left empty stands for."""
        return getattr(self, field)


def enabled(chain: Iterable[AnyOf]) -> tuple[AnyOf, ...]:
    """Those layers of a chain that are computed."""
    return tuple(layer for layer in chain if layer.enabled)
