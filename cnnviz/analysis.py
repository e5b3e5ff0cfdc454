"""What follows from a network: shapes, counts, memory, receptive fields, problems and their fixes.

Parameters are what an optimiser changes; running statistics are buffers and are counted apart.
Multiply-adds are the products of weights and inputs for one image, with everything else left out,
so that VGG-16 at 224×224 has the published 15.47 G. Activations are counted in float32.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from cnnviz.fixes import MAX_PARAMETERS, Fix, fixes_of, too_many, wrong_output
from cnnviz.layers import (
    Branches,
    Layer,
    Maps,
    Problem,
    ReceptiveField,
    Shape,
)
from cnnviz.network import INPUT_UID, Network, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

BYTES_PER_VALUE = 4

TensorKey = tuple[str, str, tuple[int, ...]]
"""(uid of the layer, PyTorch's name of the tensor, its shape): what learning belongs to."""


class Row(Struct, frozen=True, gc=False):
    """All that is known of one layer in its place. What cannot be known is None.

    `problem` is set where the fault is; layers after it have `input` None and just wait. A block
    has the merged output of its branches and no counts of its own: what is in it has rows too.
    """

    layer: Layer
    input: Shape | None = None
    output: Shape | None = None
    parameters: dict[str, tuple[int, ...]] = {}
    buffers: dict[str, tuple[int, ...]] = {}
    parameter_count: int | None = None
    buffer_count: int | None = None
    multiply_adds: int | None = None
    receptive_field: ReceptiveField | None = None
    problem: Problem | None = None
    path: str = ""
    """Its place, such as "3/1/0": layer 0 of branch 1 of node 3."""
    source: str = INPUT_UID
    """The uid of the layer that it reads, which is an enabled one; the first of a branch reads what
    its block reads."""
    off: bool = False
    """Whether it is skipped, because it is disabled or in a disabled block: the output is then the
    input, there are no tensors, and nothing is counted."""

    @property
    def waiting(self) -> bool:
        """Whether a problem before this layer, or in its branches, keeps it from being worked
        out."""
        return self.output is None and self.problem is None

    @property
    def trainable(self) -> int | None:
        """How many of the parameters training changes: all but what is frozen."""
        if self.layer.frozen or self.parameter_count is None or self.input is None:
            return 0 if self.layer.frozen else self.parameter_count
        held = 0 if self.off else self.layer.held_parameters(self.input)
        return self.parameter_count - held

    @property
    def frozen(self) -> bool:
        """Whether the layer has tensors, and they stay as they are."""
        return self.layer.frozen and bool(self.parameters or self.buffers)

    @property
    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Parameters and buffers together."""
        return {**self.parameters, **self.buffers}


class Trouble(Struct, frozen=True):
    """A problem, whose it is, and the ways out of it.

    uid: the layer that has it, `INPUT_UID` where there are no layers.
    """

    uid: str
    problem: Problem
    fixes: tuple[Fix, ...]


class Report(Struct, frozen=True):
    """What `analyze` found; `rows` has one row for every layer of every depth, in the order of
    `Network.walk`."""

    network: Network
    rows: tuple[Row, ...]
    places: dict[str, int]
    """Where the row of a uid is."""
    parameters: int
    buffers: int
    multiply_adds: int
    activation_bytes: int
    depth: int
    """How many layers with weights there are on the longest way through the network."""
    output: Shape | None
    problems: tuple[Trouble, ...]
    """All that keeps the network from working; several where branches have one each."""

    @property
    def problem(self) -> Problem | None:
        """The first thing that keeps the network from working, wherever it is."""
        return self.problems[0].problem if self.problems else None

    @property
    def problem_uid(self) -> str:
        """The layer that has it, `INPUT_UID` where there are no layers, "" where all is well."""
        return self.problems[0].uid if self.problems else ""

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """The ways out of it."""
        return self.problems[0].fixes if self.problems else ()

    @property
    def receptive_field(self) -> ReceptiveField | None:
        """What a value of the last layer that still has maps sees of the input."""
        return next(
            (
                row.receptive_field
                for row in reversed(self.rows)
                if isinstance(row.output, Maps) and "/" not in row.path and not row.off
            ),
            None,
        )

    def row(self, uid: str) -> Row:
        """The row of a layer. Raises KeyError."""
        return self.rows[self.places[uid]]

    def shape_at(self, place: Place | int) -> Shape | None:
        """What arrives at a place; None where a problem before it leaves that open.

        Raises KeyError, IndexError: there is no such chain.
        """
        spot = Place(place) if isinstance(place, int) else place
        chain = self.network.chain(spot.block, spot.branch)
        if spot.index > 0:
            return self.row(chain[spot.index - 1].uid).output
        return self.row(spot.block).input if spot.block else self.network.input.shape

    def before(self, row: Row) -> ReceptiveField:
        """What a value sees of the input before a layer works on it."""
        if row.source != INPUT_UID:
            field = self.row(row.source).receptive_field
            if field is not None:
                return field
        return ReceptiveField.of_input(self.network.input.height, self.network.input.width)

    @property
    def trainable(self) -> int:
        """How many parameters training changes; those of frozen layers stay."""
        return sum(row.trainable or 0 for row in self.rows)

    def tensor_keys(self) -> tuple[TensorKey, ...]:
        """Every tensor of the layers that work, in their order."""
        return tuple(
            (row.layer.uid, name, shape) for row in self.rows for name, shape in row.tensors.items()
        )


def analyze(network: Network, classes: int | None = None) -> Report:
    """Work out a network; with `classes`, its output must be a vector of that length.

    Its layers should have uids, each its own (`Network.named`). Never raises: what does not work
    out is the report's problem.
    """
    fold, way = _worked_out(network, classes)

    def problems(other: Network) -> dict[str, Problem]:
        return dict(_worked_out(other, classes)[0].troubles)

    return Report(
        network,
        tuple(fold.rows),
        {row.layer.uid: place for place, row in enumerate(fold.rows)},
        fold.parameters,
        fold.buffers,
        fold.multiply_adds,
        fold.values * BYTES_PER_VALUE,
        way.depth,
        way.shape,
        tuple(
            Trouble(uid, found, fixes_of(network, uid, found, problems))
            for uid, found in fold.troubles
        ),
    )


def _worked_out(network: Network, classes: int | None) -> tuple[_Fold, _Way]:
    """Everything but the ways out of its problems."""
    image = network.input
    fold = _Fold(image.shape.size)
    way = fold.chain(
        network.layers,
        _Way(image.shape, ReceptiveField.of_input(image.height, image.width), INPUT_UID, 0),
        "",
    )
    if not fold.troubles and classes is not None and way.shape is not None:
        wrong = wrong_output(network, way.shape, classes)
        if wrong is not None:
            last = network.last
            fold.troubles.append((INPUT_UID if last is None else last.uid, wrong))
            if last is not None:
                place = next(i for i, row in enumerate(fold.rows) if row.layer is last)
                fold.rows[place] = msgspec.structs.replace(fold.rows[place], problem=wrong)
    return fold, way


class _Way(Struct, frozen=True, gc=False):
    """How far one has come: the shape there (None behind a problem), what a value of it sees, the
    layer that it comes from, and how many layers with weights there were on the longest way."""

    shape: Shape | None
    field: ReceptiveField
    source: str
    depth: int


class _Fold:
    """Goes through a network once, and adds up."""

    def __init__(self, values: int) -> None:
        self.rows: list[Row] = []
        self.troubles: list[tuple[str, Problem]] = []
        self.parameters = self.buffers = self.multiply_adds = 0
        self.values = values

    def chain(self, layers: Sequence[Layer], way: _Way, before: str) -> _Way:
        """The rows of a chain; returns where it ends. before: its path, up to the last slash."""
        rows = self.rows
        shape, field, source, depth = way.shape, way.field, way.source, way.depth
        for index, layer in enumerate(layers):
            path = f"{before}{index}"
            if not layer.enabled:
                self._skip(layer, _Way(shape, field, source, depth), path)
                continue
            if isinstance(layer, Branches):
                end = self._block(layer, _Way(shape, field, source, depth), path)
                shape, field, depth = end.shape, end.field, end.depth
            elif shape is None:
                rows.append(Row(layer, path=path, source=source))
            else:
                row = self._layer(layer, shape, field, path, source)
                rows.append(row)
                shape, field = row.output, row.receptive_field or field
                depth += bool(row.multiply_adds)
            source = layer.uid
        return _Way(shape, field, source, depth)

    def _layer(self, layer: Layer, x: Shape, before: ReceptiveField, path: str, source: str) -> Row:
        found = layer.output_shape(x)
        if isinstance(found, Problem):
            self.troubles.append((layer.uid, found))
            return Row(layer, x, problem=found, path=path, source=source)
        tensors = layer.parameters(x)
        kept = layer.buffers(x)
        # Most layers have neither, and this is done on every keystroke.
        count = sum(map(prod, tensors.values())) if tensors else 0
        kept_count = sum(map(prod, kept.values())) if kept else 0
        if self.parameters + count > MAX_PARAMETERS:
            wrong = too_many(x, self.parameters + count)
            self.troubles.append((layer.uid, wrong))
            return Row(layer, x, problem=wrong, path=path, source=source)
        products = layer.multiply_adds(x, found)
        field = layer.receptive_field(before, found)
        self.parameters += count
        self.buffers += kept_count
        self.multiply_adds += products
        self.values += found.size
        return Row(
            layer, x, found, tensors, kept, count, kept_count, products, field, None, path, source
        )  # fmt: skip

    def _skip(self, layer: Layer, way: _Way, path: str) -> None:
        """The row of a layer that is skipped; with those of all that is in it."""
        x = way.shape
        row = Row(layer, path=path, source=way.source, off=True)
        if x is not None:
            row = Row(layer, x, x, {}, {}, 0, 0, 0, way.field, None, path, way.source, off=True)
        self.rows.append(row)
        if isinstance(layer, Branches):
            for number, branch in enumerate(layer.branches):
                for index, inner in enumerate(branch):
                    self._skip(inner, way, f"{path}/{number}/{index}")

    def _block(self, block: Branches, way: _Way, path: str) -> _Way:
        place = len(self.rows)
        self.rows.append(Row(block, way.shape, path=path, source=way.source))
        ends = [
            self.chain(branch, way, f"{path}/{number}/")
            for number, branch in enumerate(block.branches)
        ]
        depth = max(end.depth for end in ends)
        shapes = [end.shape for end in ends if end.shape is not None]
        if way.shape is None or len(shapes) < len(ends):
            return _Way(None, way.field, block.uid, depth)
        merged = block.merged(way.shape, shapes)
        if isinstance(merged, Problem):
            self.troubles.append((block.uid, merged))
            self.rows[place] = Row(
                block, way.shape, problem=merged, path=path, source=way.source
            )  # fmt: skip
            return _Way(None, way.field, block.uid, depth)
        field = ends[0].field
        for end in ends[1:]:
            field = field.hull(end.field)
        self.values += merged.size
        self.rows[place] = Row(
            block, way.shape, merged, {}, {}, 0, 0, 0, field, None, path, way.source
        )  # fmt: skip
        return _Way(merged, field, block.uid, depth)
