"""What follows from a network: shapes, counts, memory, receptive fields, problems and their fixes.

Parameters are what an optimiser changes; running statistics are buffers and are counted apart.
Multiply-adds are the products of weights and inputs for one image, with everything else left out,
so that VGG-16 at 224×224 has the published 15.47 G. Activations are counted in float32.
"""

from __future__ import annotations

from math import prod

import msgspec
from msgspec import Struct

from cnnviz.layers import (
    Dense,
    Flatten,
    GlobalAvgPool,
    Layer,
    Maps,
    Problem,
    ReceptiveField,
    Repair,
    Shape,
    Vector,
)
from cnnviz.layers.windows import wants_maps
from cnnviz.message import Message
from cnnviz.network import INPUT_UID, Network

BYTES_PER_VALUE = 4
MAX_PARAMETERS = 2**40

TensorKey = tuple[str, str, tuple[int, ...]]
"""(uid of the layer, PyTorch's name of the tensor, its shape): what learning belongs to."""


class Row(Struct, frozen=True, gc=False):
    """All that is known of one layer in its place. What cannot be known is None.

    `problem` is set where the fault is; layers after it have `input` None and just wait.
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

    @property
    def waiting(self) -> bool:
        """Whether a problem before this layer keeps it from being worked out."""
        return self.input is None and self.problem is None

    @property
    def trainable(self) -> int | None:
        """How many of the parameters training changes: all, or none where the layer is frozen."""
        return 0 if self.layer.frozen else self.parameter_count

    @property
    def frozen(self) -> bool:
        """Whether the layer has tensors, and they stay as they are."""
        return self.layer.frozen and bool(self.parameters or self.buffers)

    @property
    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Parameters and buffers together."""
        return {**self.parameters, **self.buffers}


class Fix(Struct, frozen=True):
    """A way out of a problem, ready to be applied: the network as it would be."""

    label: Message
    network: Network


class Report(Struct, frozen=True):
    """What `analyze` found; `rows` has one row a layer, in their order."""

    network: Network
    rows: tuple[Row, ...]
    parameters: int
    buffers: int
    multiply_adds: int
    activation_bytes: int
    depth: int
    output: Shape | None
    problem: Problem | None
    """The first thing that keeps the network from working, wherever it is."""
    problem_uid: str
    """The layer that has it, `INPUT_UID` where there are no layers, "" where all is well."""
    fixes: tuple[Fix, ...]

    @property
    def receptive_field(self) -> ReceptiveField | None:
        """What a value of the last layer that still has maps sees of the input."""
        found = None
        for row in self.rows:
            if isinstance(row.output, Maps):
                found = row.receptive_field
        return found

    def row(self, uid: str) -> Row:
        """The row of a layer. Raises KeyError."""
        return self.rows[self.network.index(uid)]

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

    Never raises: what does not work out is the report's problem.
    """
    rows: list[Row] = []
    shape: Shape = network.input.shape
    field = ReceptiveField.of_input(network.input.height, network.input.width)
    parameters = buffers = multiply_adds = depth = 0
    values = shape.size
    broken: tuple[str, Problem] | None = None
    for layer in network.layers:
        if broken is not None:
            rows.append(Row(layer))
            continue
        found = layer.output_shape(shape)
        if isinstance(found, Problem):
            broken = (layer.uid, found)
            rows.append(Row(layer, shape, problem=found))
            continue
        tensors = layer.parameters(shape)
        kept = layer.buffers(shape)
        count = sum(map(prod, tensors.values()))
        kept_count = sum(map(prod, kept.values()))
        if parameters + count > MAX_PARAMETERS:
            broken = (layer.uid, _too_many(shape, parameters + count))
            rows.append(Row(layer, shape, problem=broken[1]))
            continue
        products = layer.multiply_adds(shape, found)
        field = layer.receptive_field(field, found)
        rows.append(
            Row(layer, shape, found, tensors, kept, count, kept_count, products, field, None)
        )
        parameters += count
        buffers += kept_count
        multiply_adds += products
        values += found.size
        depth += products > 0
        shape = found
    if broken is None and classes is not None:
        wrong = _wrong_output(network, shape, classes)
        if wrong is not None:
            uid = network.layers[-1].uid if network.layers else INPUT_UID
            broken = (uid, wrong)
            if rows:
                rows[-1] = msgspec.structs.replace(rows[-1], problem=wrong)
    return Report(
        network,
        tuple(rows),
        parameters,
        buffers,
        multiply_adds,
        values * BYTES_PER_VALUE,
        depth,
        None if broken is not None and rows and rows[-1].output is None else shape,
        broken[1] if broken else None,
        broken[0] if broken else "",
        _fixes(network, *broken) if broken else (),
    )


def _wrong_output(network: Network, shape: Shape, classes: int) -> Problem | None:
    """The problem of a network that does not end in one number a class."""
    if shape == Vector(classes):
        return None
    last = network.layers[-1] if network.layers else None
    before = (last,) if last is not None else ()
    detail = Message("The data set has {classes:,} classes.", classes=classes)
    if isinstance(shape, Maps):
        return Problem(
            shape,
            Message(
                "The network ends in {shape} feature maps, but one number a class is needed.",
                shape=str(shape),
            ),
            detail,
            (
                Repair(
                    Message("Add flatten and dense {n:,}", n=classes),
                    (*before, Flatten(), Dense(units=classes)),
                ),
                Repair(
                    Message("Add global avg pool and dense {n:,}", n=classes),
                    (*before, GlobalAvgPool(), Flatten(), Dense(units=classes)),
                ),
            ),
        )
    repairs = [Repair(Message("Add dense {n:,}", n=classes), (*before, Dense(units=classes)))]
    if isinstance(last, Dense):
        changed = msgspec.structs.replace(last, units=classes)
        repairs.insert(0, Repair(Message("Units {n:,}", n=classes), (changed,)))
    return Problem(
        shape,
        Message(
            "The network ends in {n:,} numbers, but the data set has {classes:,} classes.",
            n=shape.length,
            classes=classes,
        ),
        Message("The last layer gives one number, a logit, for each class."),
        tuple(repairs),
    )


def _too_many(shape: Shape, count: int) -> Problem:
    return Problem(
        shape,
        Message(
            "The network would have {count:,} parameters; at most {limit:,} are counted.",
            count=count,
            limit=MAX_PARAMETERS,
        ),
        Message("No computer holds that many. Use fewer filters or units."),
        (Repair(Message("Delete this layer"), ()),),
    )


def _fixes(network: Network, uid: str, problem: Problem) -> tuple[Fix, ...]:
    fixes = []
    if uid == INPUT_UID:
        return tuple(Fix(r.label, network.insert(0, *r.layers)) for r in problem.repairs)
    index = network.index(uid)
    layer = network.layers[index]
    if problem == wants_maps(layer, problem.received):
        # The nearest place that still has maps is before the flatten.
        place = next((i for i, n in enumerate(network.layers) if isinstance(n, Flatten)), None)
        if place is not None and place < index:
            label = Message("Move before {layer}", layer=network.layers[place].name)
            fixes.append(Fix(label, network.move([layer.uid], place)))
    fixes += [Fix(r.label, network.replace(uid, *r.layers)) for r in problem.repairs]
    return tuple(fixes)
