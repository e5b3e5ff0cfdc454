"""Normalisation: bring values to a common scale, over the batch, an image, or neighbours."""

from __future__ import annotations

from typing import Annotated, ClassVar

from cnnviz.layers.base import Family, Layer
from cnnviz.layers.fields import FROZEN, about
from cnnviz.layers.initialisation import ONE, ZERO, Distribution
from cnnviz.layers.shapes import LIMIT, Call, Maps, Problem, Repair, Shape, features
from cnnviz.layers.windows import nearest_divisor, replace, wants_maps
from cnnviz.message import Message

_EPSILON = about(
    Message("Epsilon"),
    Message("A small number added to the variance, so that nothing is divided by zero."),
    gt=0,
    le=1,
)


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
    epsilon: Annotated[float, _EPSILON] = 1e-5
    affine: Annotated[
        bool,
        about(Message("Scale and shift"), Message("Learn a factor and an offset for each map.")),
    ] = True
    frozen: Annotated[bool, FROZEN] = False

    def parameters(self, x: Shape) -> dict[str, tuple[int, ...]]:
        size = (features(x),)
        return {"weight": size, "bias": size} if self.affine else {}

    def buffers(self, x: Shape) -> dict[str, tuple[int, ...]]:
        size = (features(x),)
        return {"running_mean": size, "running_var": size}

    def start(self, name: str, x: Shape) -> Distribution:
        return ONE if name in ("weight", "running_var") else ZERO

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        keywords: dict[str, object] = {}
        if self.epsilon != 1e-5:
            keywords["eps"] = self.epsilon
        if self.momentum != 0.1:
            keywords["momentum"] = self.momentum
        if not self.affine:
            keywords["affine"] = False
        name = "BatchNorm2d" if isinstance(x, Maps) else "BatchNorm1d"
        name = f"Frozen{name}" if self.frozen else f"nn.{name}"
        return (Call(name, (features(x),), keywords),)


class LayerNorm(Layer, tag="layer_norm", frozen=True, kw_only=True):
    """Standardise all values of an image together, then scale and shift each (Ba et al., 2016)."""

    family: ClassVar[Family] = "normalisation"
    title: ClassVar[Message] = Message("Layer norm")
    help: ClassVar[Message] = Message(
        "Brings all values of one image to mean 0 and variance 1, whatever else is in the batch, "
        "then scales and shifts each by learned numbers."
    )

    epsilon: Annotated[float, _EPSILON] = 1e-5
    affine: Annotated[
        bool,
        about(Message("Scale and shift"), Message("Learn a factor and an offset for each value.")),
    ] = True
    frozen: Annotated[bool, FROZEN] = False

    def parameters(self, x: Shape) -> dict[str, tuple[int, ...]]:
        shape = _channels_first(x)
        return {"weight": shape, "bias": shape} if self.affine else {}

    def start(self, name: str, x: Shape) -> Distribution:
        return ONE if name == "weight" else ZERO

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        keywords: dict[str, object] = {}
        if self.epsilon != 1e-5:
            keywords["eps"] = self.epsilon
        if not self.affine:
            keywords["elementwise_affine"] = False
        return (Call("nn.LayerNorm", (_channels_first(x),), keywords),)


class GroupNorm(Layer, tag="group_norm", frozen=True, kw_only=True):
    """Standardise groups of maps of an image together (Wu and He, 2018)."""

    family: ClassVar[Family] = "normalisation"
    title: ClassVar[Message] = Message("Group norm")
    help: ClassVar[Message] = Message(
        "Brings groups of feature maps to mean 0 and variance 1, each image for itself: it works "
        "with a batch of one."
    )

    groups: Annotated[
        int,
        about(
            Message("Groups"),
            Message("How many groups the maps are split into; each is standardised on its own."),
            ge=1,
            le=LIMIT,
        ),
    ] = 1
    epsilon: Annotated[float, _EPSILON] = 1e-5
    affine: Annotated[
        bool,
        about(Message("Scale and shift"), Message("Learn a factor and an offset for each map.")),
    ] = True
    frozen: Annotated[bool, FROZEN] = False

    @property
    def detail(self) -> str:
        return str(self.groups)

    def output_shape(self, x: Shape) -> Shape | Problem:
        count = features(x)
        if x.size == self.groups:
            return _single_values(self, x)
        if count % self.groups == 0:
            return x
        # Of single values none may be a group of its own.
        most = max(count - 1, 1) if x.size == count else count
        fitting = nearest_divisor(count, self.groups, most)
        return Problem(
            x,
            Message(
                "{groups:,} groups do not divide {channels:,} maps.",
                groups=self.groups,
                channels=count,
            ),
            Message(
                "{channels:,} / {groups:,} must be a whole number.",
                channels=count,
                groups=self.groups,
            ),
            tuple(
                Repair(Message("Groups {n:,}", n=n), (replace(self, groups=n),))
                for n in dict.fromkeys((fitting, 1))
            ),
        )

    def parameters(self, x: Shape) -> dict[str, tuple[int, ...]]:
        size = (features(x),)
        return {"weight": size, "bias": size} if self.affine else {}

    def start(self, name: str, x: Shape) -> Distribution:
        return ONE if name == "weight" else ZERO

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        keywords: dict[str, object] = {}
        if self.epsilon != 1e-5:
            keywords["eps"] = self.epsilon
        if not self.affine:
            keywords["affine"] = False
        return (Call("nn.GroupNorm", (self.groups, features(x)), keywords),)


class LocalResponseNorm(Layer, tag="local_response_norm", frozen=True, kw_only=True):
    """Divide by the strength of neighbouring maps (Krizhevsky, Sutskever and Hinton, 2012)."""

    family: ClassVar[Family] = "normalisation"
    title: ClassVar[Message] = Message("Local response norm")
    help: ClassVar[Message] = Message(
        "Divides each value by the strength of neighbouring maps at the same place, so that strong "
        "features quieten their neighbours. AlexNet had it."
    )

    size: Annotated[
        int,
        about(Message("Size"), Message("How many neighbouring maps count."), ge=1, le=10_000),
    ] = 5
    alpha: Annotated[
        float,
        about(
            Message("Alpha"),
            Message("How strongly neighbours count, divided by their number."),
            ge=0,
            le=1e6,
        ),
    ] = 1e-4
    beta: Annotated[
        float, about(Message("Beta"), Message("The power of the divisor."), ge=0, le=1e3)
    ] = 0.75
    k: Annotated[
        float, about(Message("k"), Message("What the divisor starts from."), ge=0, le=1e6)
    ] = 1.0

    @property
    def detail(self) -> str:
        return str(self.size)

    def output_shape(self, x: Shape) -> Shape | Problem:
        return x if isinstance(x, Maps) else wants_maps(self, x)

    def kept(self, x: Shape, y: Shape) -> int:
        return 3 * y.size  # the squares, their means and the divisors

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        keywords = {"alpha": self.alpha, "beta": self.beta, "k": self.k}
        return (Call("nn.LocalResponseNorm", (self.size,), keywords),)


def _single_values(layer: GroupNorm, x: Shape) -> Problem:
    """PyTorch refuses it for a single image, which is how the program looks into a network."""
    fewer = next((n for n in range(2, 100) if layer.groups % n == 0), layer.groups)
    groups = layer.groups // fewer
    repairs = [Repair(Message("Delete this layer"), ())]
    if groups < layer.groups:
        label = Message("Groups {n:,}", n=groups)
        repairs.insert(0, Repair(label, (replace(layer, groups=groups),)))
    return Problem(
        x,
        Message("Each of the {groups:,} groups holds a single value.", groups=layer.groups),
        Message("A value that is standardised on its own is always 0."),
        tuple(repairs),
    )


def _channels_first(x: Shape) -> tuple[int, ...]:
    return (x.channels, x.height, x.width) if isinstance(x, Maps) else (x.length,)
