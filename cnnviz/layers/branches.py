"""Branches: chains that stand side by side, and the merge that puts their outputs together.

Residual, Inception and dense blocks are this, nested as deep as needed. The union of all kinds is
declared here, because a branch holds layers of every kind, blocks among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal

import msgspec

from cnnviz.layers.activation import Activation
from cnnviz.layers.base import Family, Layer, enabled
from cnnviz.layers.convolution import Conv2d
from cnnviz.layers.dense import Dense, Flatten, ZeroPadding
from cnnviz.layers.dropout import ChannelDropout, Dropout
from cnnviz.layers.fields import Size, about, fields_of
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
from cnnviz.layers.shapes import Maps, Problem, Repair, Shape, Vector
from cnnviz.layers.transposed import TransposedConv2d
from cnnviz.message import Message

Merge = Literal["add", "concat", "multiply"]

MERGE_NAMES: dict[str, Message] = {
    "add": Message("Add"),
    "concat": Message("Concat"),
    "multiply": Message("Multiply"),
}
LABELS: dict[str, Message] = {
    "Residual": Message("Residual"),
    "Bottleneck": Message("Bottleneck"),
    "Inception": Message("Inception"),
    "Dense layer": Message("Dense layer"),
    "Inverted residual": Message("Inverted residual"),
    "Squeeze and excitation": Message("Squeeze and excitation"),
    "Fire": Message("Fire"),
    "Ensemble": Message("Ensemble"),
}
"""The labels that the program itself gives, and so can translate; a person may write any other."""
SYMBOLS: dict[str, str] = {"add": "+", "concat": "∥", "multiply": "×"}
MODULES: dict[str, str] = {"add": "Add", "concat": "Concat", "multiply": "Multiply"}
MOST_BRANCHES = 1000


class Branches(Layer, tag="branches", frozen=True, kw_only=True):
    """Send the input through several chains and merge what they give; an empty one is the identity.

    add: the outputs, which must have one shape, are added (He et al., 2015). concat: their maps
    are put one behind the other (Szegedy et al., 2014). multiply: they are multiplied value by
    value; 1×1×C maps scale whole maps (Hu et al., 2017).
    """

    family: ClassVar[Family] = "branches"
    title: ClassVar[Message] = Message("Branches")
    help: ClassVar[Message] = Message(
        "Sends the same input through several branches and merges what comes out: residual, "
        "Inception and dense blocks are made of it. An empty branch passes its input on."
    )

    merge: Annotated[
        Merge,
        about(
            Message("Merge"),
            Message(
                "How the outputs become one: added, put one behind the other, or multiplied "
                "(maps of 1×1 then scale whole maps)."
            ),
        ),
    ] = "add"
    label: Annotated[
        str,
        about(
            Message("Name"),
            Message(
                "What the block is called on its frame and in exported programs. While this is "
                "empty, it has the name of its merge."
            ),
            max_length=60,
        ),
    ] = ""
    branches: Annotated[
        tuple[tuple[AnyLayer, ...], ...], msgspec.Meta(min_length=1, max_length=MOST_BRANCHES)
    ] = ((), ())

    @property
    def computed(self) -> tuple[tuple[Layer, ...], ...]:
        """The branches without the disabled layers in them."""
        return tuple(map(enabled, self.branches))

    @property
    def name(self) -> Message:
        if not self.label:
            return MERGE_NAMES[self.merge]
        return LABELS.get(self.label) or Message("{label}", label=self.label)

    @property
    def detail(self) -> str:
        return f"{SYMBOLS[self.merge]} {len(self.branches)}"

    @property
    def module(self) -> str:
        """The module of the engine that runs branches side by side and merges them."""
        return MODULES[self.merge]

    def output_shape(self, x: Shape) -> Shape | Problem:
        shapes = []
        for branch in self.computed:
            y = x
            for layer in branch:
                found = layer.output_shape(y)
                if isinstance(found, Problem):
                    return found
                y = found
            shapes.append(y)
        return self.merged(x, shapes)

    def merged(self, x: Shape, shapes: Sequence[Shape]) -> Shape | Problem:
        """The shape of the merged outputs of all branches, or why they do not go together.

        x: what the block receives. shapes: one a branch, in their order.
        """
        merged = _RULES[self.merge](shapes)
        return self._mismatch(x, shapes) if merged is None else merged

    def _mismatch(self, x: Shape, shapes: Sequence[Shape]) -> Problem:
        kinds = {type(shape) for shape in shapes}
        # What only scales is compared with what it scales.
        whole = max(shapes, key=_plane) if self.merge == "multiply" else shapes[0]
        base = shapes.index(whole)
        number = next(i for i, shape in enumerate(shapes) if not self._goes(whole, shape))
        base, number = min(base, number), max(base, number)
        values = {
            "m": base + 1,
            "n": number + 1,
            "first": shapes[base],
            "other": shapes[number],
        }
        detail = {
            "add": Message("Adding needs outputs of one shape."),
            "concat": Message("Maps are put one behind the other where height and width agree."),
            "multiply": Message("Multiplying needs outputs of one shape, or maps of 1×1."),
        }[self.merge]
        if len(kinds) > 1:
            headline = Message(
                "Branch {m} gives {first} and branch {n} gives {other}: maps and a vector "
                "do not go together.",
                **values,
            )
        elif kinds == {Vector}:
            headline = Message(
                "Branch {m} gives {first} numbers and branch {n} gives {other}: the "
                "lengths differ.",
                **values,
            )
        elif _plane(shapes[base]) != _plane(shapes[number]):
            headline = Message(
                "Branch {m} gives {first} and branch {n} gives {other}: height and width differ.",
                **values,
            )
        else:
            headline = Message(
                "Branch {m} gives {first} and branch {n} gives {other}: the numbers of "
                "maps differ.",
                **values,
            )
        return Problem(x, headline, detail, (*self._repairs(x, shapes), _DELETE))

    def _goes(self, one: Shape, other: Shape) -> bool:
        """Whether two branches alone would merge."""
        return _RULES[self.merge]((one, other)) is not None

    def _repairs(self, x: Shape, shapes: Sequence[Shape]) -> Iterator[Repair]:
        """Other blocks that work, each tried before it is offered."""
        padded = self._with([tuple(map(_padded, branch)) for branch in self.branches])
        y = shape_behind((padded,), x)
        projected = self._first_projected(x, shapes)
        if padded != self and y is not None:
            yield Repair(Message("Padding same in all branches → {shape}", shape=y), (padded,))
        elif projected is None:
            projected = padded._first_projected(x, None)
        if projected is not None:
            y = shape_behind((projected,), x)
            yield Repair(Message("1×1 convolution → {shape}", shape=y), (projected,))
        if len({type(shape) for shape in shapes}) > 1:
            flat = self._with(
                [
                    branch if isinstance(shape, Vector) else (*branch, Flatten())
                    for branch, shape in zip(self.branches, shapes, strict=True)
                ]
            )
            y = shape_behind((flat,), x)
            if y is not None:
                yield Repair(Message("Flatten all branches → {n:,}", n=y.size), (flat,))
        if self.merge != "concat":
            other = msgspec.structs.replace(self, merge="concat")
            y = shape_behind((other,), x)
            if y is not None:
                yield Repair(Message("Concat instead → {shape}", shape=y), (other,))

    def _first_projected(self, x: Shape, shapes: Sequence[Shape] | None) -> Branches | None:
        """The first block with 1×1 convolutions that works; shapes: of the branches, if known."""
        ends = (shape_behind(branch, x) for branch in self.branches)
        known = [shape for shape in shapes or ends if isinstance(shape, Maps)]
        if len(known) < len(self.branches):
            return None
        # What only scales adapts to what it scales; the shortcut, which leaves its input as it is,
        # adapts to the others.
        multiplies = self.merge == "multiply"
        for target in sorted(
            dict.fromkeys(known),
            key=lambda shape: -shape.height * shape.width if multiplies else shape == x,
        ):
            projected = self._projected(known, target)
            if projected is not None and shape_behind((projected,), x) is not None:
                return projected
        return None

    def _projected(self, shapes: Sequence[Maps], target: Maps) -> Branches | None:
        """With a 1×1 convolution at the end of each branch that does not go with the target;
        None where there can be none."""
        branches = []
        for branch, shape in zip(self.branches, shapes, strict=True):
            if self._goes(target, shape):
                branches.append(branch)
                continue
            scales = self.merge == "multiply" and _plane(shape) == (1, 1)
            stride = Size(1, 1) if scales else _stride_to(shape, target)
            if stride is None:
                return None
            filters = shape.channels if self.merge == "concat" else target.channels
            branches.append((*branch, Conv2d(filters=filters, kernel=Size(1, 1), stride=stride)))
        return self._with(branches)

    def _with(self, branches: Sequence[tuple[Layer, ...]]) -> Branches:
        return msgspec.structs.replace(self, branches=tuple(branches))


_DELETE = Repair(Message("Delete this block"), ())

AnyLayer = (
    Conv2d
    | TransposedConv2d
    | LocallyConnected2d
    | MaxPool
    | AvgPool
    | AdaptiveAvgPool
    | GlobalAvgPool
    | GlobalMaxPool
    | Subsampling
    | BatchNorm
    | LayerNorm
    | GroupNorm
    | LocalResponseNorm
    | Dropout
    | ChannelDropout
    | ZeroPadding
    | Activation
    | Flatten
    | Dense
    | Branches
)
"""What stands in a network's file, told apart by its `type`."""


def shape_behind(layers: Sequence[Layer], x: Shape) -> Shape | None:
    """The shape behind a chain of layers; None where one of them has a problem."""
    y: Shape | None = x
    for layer in layers:
        if y is None:
            return None
        if not layer.enabled:
            continue
        if isinstance(layer, Branches):
            y = _merged_behind(layer, y)
        else:
            found = layer.output_shape(y)
            y = None if isinstance(found, Problem) else found
    return y


def _merged_behind(block: Branches, x: Shape) -> Shape | None:
    shapes = []
    for branch in block.branches:
        y = shape_behind(branch, x)
        if y is None:
            return None
        shapes.append(y)
    return _RULES[block.merge](shapes)


def _add(shapes: Sequence[Shape]) -> Shape | None:
    return shapes[0] if all(shape == shapes[0] for shape in shapes) else None


def _concat(shapes: Sequence[Shape]) -> Shape | None:
    first = shapes[0]
    channels = 0
    if isinstance(first, Vector):
        alike = all(isinstance(shape, Vector) for shape in shapes)
        return Vector(sum(shape.size for shape in shapes)) if alike else None
    for shape in shapes:
        if not isinstance(shape, Maps) or _plane(shape) != _plane(first):
            return None
        channels += shape.channels
    return Maps(first.height, first.width, channels)


def _multiply(shapes: Sequence[Shape]) -> Shape | None:
    whole = max(shapes, key=_plane)
    scale = Maps(1, 1, whole.channels) if isinstance(whole, Maps) else whole
    return whole if all(shape in (whole, scale) for shape in shapes) else None


_RULES = {"add": _add, "concat": _concat, "multiply": _multiply}
"""The shape that comes of the shapes of the branches; None where they do not go together."""


def _plane(shape: Shape) -> tuple[int, int]:
    return (shape.height, shape.width) if isinstance(shape, Maps) else (0, 0)


def _padded(layer: Layer) -> Layer:
    """The layer with padding 'same', where it can have it and would keep its size with it."""
    if not layer.enabled:
        return layer
    fields = {field.name: field for field in fields_of(type(layer))}
    if "padding" not in fields or "same" not in fields["padding"].choices:
        return layer
    changes = {"padding": "same", **({"rounding": "floor"} if "rounding" in fields else {})}
    return msgspec.structs.replace(layer, **changes)


def _stride_to(shape: Maps, target: Maps) -> Size | None:
    """The stride with which a 1×1 window makes that height and width of a shape."""
    steps = []
    for size, wanted in zip(_plane(shape), _plane(target), strict=True):
        step = size // wanted or 1
        step = next((s for s in (step, step + 1) if -(-size // s) == wanted), 0)
        if not step:
            return None
        steps.append(step)
    return Size(*steps)
