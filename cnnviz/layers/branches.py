"""Branches: several chains side by side, and how their results become one again."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from cnnviz.layers.activation import Activation
from cnnviz.layers.base import Family, Layer, Size, about
from cnnviz.layers.convolution import Conv2d
from cnnviz.layers.dense import Dense, Flatten, ZeroPadding
from cnnviz.layers.dropout import ChannelDropout, Dropout
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
from cnnviz.layers.shapes import Call, Maps, Problem, Repair, Shape, Vector, features
from cnnviz.layers.transposed import TransposedConv2d
from cnnviz.message import Message

Merge = Literal["add", "concat", "multiply"]

MERGE_NAMES: dict[str, Message] = {
    "add": Message("Add"),
    "concat": Message("Concat"),
    "multiply": Message("Multiply"),
}


class Branches(Layer, tag="branches", frozen=True, kw_only=True):
    """Chains that all read the same input; an empty chain hands it on as it is.

    add and multiply want equal shapes (multiply lets 1×1×C stand for any height and width); concat
    puts maps of equal height and width behind each other. Series and parallel, nested as deep as
    needed; arbitrary graphs are left out on purpose.
    """

    family: ClassVar[Family] = "branches"
    title: ClassVar[Message] = Message("Branches")
    help: ClassVar[Message] = Message(
        "Several chains read the same input, and their results become one: added, multiplied, or "
        "put behind each other. Residual and Inception blocks are made of this."
    )

    merge: Annotated[
        Merge,
        about(
            Message("Merge"),
            Message(
                "Add and multiply work value by value on equal shapes; concat puts the maps of all "
                "branches behind each other."
            ),
        ),
    ] = "add"
    branches: Annotated[tuple[tuple[AnyLayer, ...], ...], msgspec.Meta(min_length=1)] = ((), ())

    @property
    def name(self) -> Message:
        return MERGE_NAMES[self.merge]

    @property
    def detail(self) -> str:
        return str(len(self.branches))

    def output_shape(self, x: Shape) -> Shape | Problem:
        raise TypeError("what comes out of branches is worked out by analysis, chain by chain")

    def merged(self, x: Shape, outputs: tuple[Shape, ...]) -> Shape | Problem:
        """What the outputs of all chains become, or why they do not go together."""
        if self.merge == "concat":
            return self._concatenated(x, outputs)
        largest = max(outputs, key=lambda y: (y.size, -outputs.index(y)))
        for place, y in enumerate(outputs):
            gate = self.merge == "multiply" and isinstance(largest, Maps)
            if y != largest and not (gate and y == Maps(1, 1, features(largest))):
                return self._mismatch(x, outputs, place, outputs.index(largest))
        return largest

    def torch_calls(self, x: Shape) -> tuple[Call, ...]:
        raise TypeError("branches are built chain by chain")

    def _concatenated(self, x: Shape, outputs: tuple[Shape, ...]) -> Shape | Problem:
        first = outputs[0]
        if isinstance(first, Vector):
            if all(isinstance(y, Vector) for y in outputs):
                return Vector(sum(y.size for y in outputs))
            odd = next(i for i, y in enumerate(outputs) if not isinstance(y, Vector))
            return self._mismatch(x, outputs, odd, 0)
        for place, y in enumerate(outputs):
            if not isinstance(y, Maps) or (y.height, y.width) != (first.height, first.width):
                return self._mismatch(x, outputs, place, 0)
        channels = sum(y.channels for y in outputs if isinstance(y, Maps))
        return Maps(first.height, first.width, channels)

    def _mismatch(self, x: Shape, outputs: tuple[Shape, ...], place: int, model: int) -> Problem:
        """Branch `place` does not go together with branch `model`."""
        odd, wanted = outputs[place], outputs[model]
        shapes = {"a": model + 1, "b": place + 1, "x": str(wanted), "y": str(odd)}
        if isinstance(odd, Vector) or isinstance(wanted, Vector):
            headline = Message(
                "Branch {a} gives {x} and branch {b} gives {y}; they do not go together.", **shapes
            )
        elif (odd.height, odd.width) != (wanted.height, wanted.width):
            headline = Message(
                "Height and width differ: branch {a} gives {x}, branch {b} gives {y}.", **shapes
            )
        else:
            headline = Message(
                "The number of maps differs: branch {a} gives {x}, branch {b} gives {y}.", **shapes
            )
        detail = (
            Message("Concat wants equal height and width of all branches.")
            if self.merge == "concat"
            else Message("Add and multiply want equal height, width and maps of all branches.")
        )
        return Problem(x, headline, detail, self._repairs(outputs, place, model))

    def _repairs(self, outputs: tuple[Shape, ...], place: int, model: int) -> tuple[Repair, ...]:
        """A 1×1 convolution that makes the odd branch fit; concat instead; without the branch."""
        odd, wanted = outputs[place], outputs[model]
        repairs = []
        if isinstance(odd, Maps) and isinstance(wanted, Maps):
            rows, columns = odd.height // wanted.height, odd.width // wanted.width
            stride = (max(rows, 1), max(columns, 1))
            reached = -(-odd.height // stride[0]), -(-odd.width // stride[1])
            filters = odd.channels if self.merge == "concat" else wanted.channels
            if reached == (wanted.height, wanted.width):
                projection = Conv2d(filters=filters, kernel=Size(1, 1), stride=Size(*stride))
                chains = list(self.branches)
                chains[place] = (*chains[place], projection)
                changed = msgspec.structs.replace(self, branches=tuple(chains))
                label = Message(
                    "Add a 1×1 convolution to branch {b} → {x}",
                    b=place + 1,
                    x=str(Maps(wanted.height, wanted.width, filters)),
                )
                repairs.append(Repair(label, (changed,)))
            if self.merge != "concat" and (odd.height, odd.width) == (wanted.height, wanted.width):
                changed = msgspec.structs.replace(self, merge="concat")
                repairs.append(Repair(Message("Concat instead"), (changed,)))
        if len(self.branches) > 1:
            rest = self.branches[:place] + self.branches[place + 1 :]
            changed = msgspec.structs.replace(self, branches=rest)
            repairs.append(Repair(Message("Remove branch {b}", b=place + 1), (changed,)))
        return tuple(repairs)


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
    | Activation
    | BatchNorm
    | LayerNorm
    | GroupNorm
    | LocalResponseNorm
    | Dropout
    | ChannelDropout
    | ZeroPadding
    | Flatten
    | Dense
    | Branches
)
