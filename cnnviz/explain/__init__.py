"""A report in worked formulas and sentences, with the layer's own numbers in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnviz.explain import blocks, normalisation, others, pools, transposed, windows
from cnnviz.explain.formula import (
    Formula,
    Lane,
    Place,
    Term,
    bytes_text,
    count,
    formula,
    memory,
    num,
)
from cnnviz.explain.places import Seen, maps_behind, same_place, seen_by, seen_through
from cnnviz.explain.why import with_why
from cnnviz.layers import (
    Activation,
    AdaptiveAvgPool,
    AvgPool,
    BatchNorm,
    Branches,
    ChannelDropout,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    GroupNorm,
    Layer,
    LayerNorm,
    LocallyConnected2d,
    LocalResponseNorm,
    MaxPool,
    Problem,
    ReceptiveField,
    Subsampling,
    TransposedConv2d,
    ZeroPadding,
)
from cnnviz.memory import training_memory
from cnnviz.message import Message
from cnnviz.network import INPUT_UID
from cnnviz.training import TRAINING_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnnviz.analysis import Report, Row
    from cnnviz.training import Training

__all__ = [
    "EXPLAINERS",
    "Formula",
    "Seen",
    "Term",
    "explain",
    "explain_input",
    "maps_behind",
    "same_place",
    "seen_by",
    "seen_through",
    "totals",
]

EXPLAINERS: dict[type[Layer], Callable[[Any, Place], tuple[Formula, ...]]] = {
    Conv2d: windows.conv2d,
    TransposedConv2d: transposed.transposed_conv2d,
    LocallyConnected2d: windows.locally_connected2d,
    MaxPool: pools.max_pool,
    AvgPool: pools.avg_pool,
    AdaptiveAvgPool: pools.adaptive_avg_pool,
    GlobalAvgPool: pools.global_avg_pool,
    GlobalMaxPool: pools.global_max_pool,
    Subsampling: pools.subsampling,
    BatchNorm: normalisation.batch_norm,
    LayerNorm: normalisation.layer_norm,
    GroupNorm: normalisation.group_norm,
    LocalResponseNorm: normalisation.local_response_norm,
    Dropout: others.dropout,
    ChannelDropout: others.channel_dropout,
    ZeroPadding: others.zero_padding,
    Activation: others.activation,
    Flatten: others.flatten,
    Dense: others.dense,
    Branches: blocks.branches,
}
"""What each kind of layer has to explain."""


def explain(report: Report, uid: str) -> tuple[Formula, ...]:
    """The numbers of a layer; or first its problem; or what it waits for. Raises KeyError."""
    row = report.row(uid)
    first = (_problem(row.problem),) if row.problem is not None else ()
    if row.waiting:
        return (_waiting(report),)
    if row.input is None or row.output is None or row.receptive_field is None:
        return first
    if row.off:
        return (_disabled(row),)
    image = report.network.input.shape
    maps = maps_behind(report, uid)
    before = report.before(row)
    lanes = tuple(_lanes(report, row)) if isinstance(row.layer, Branches) else ()
    field = row.receptive_field
    place = Place(
        row.input, row.output, before, field, image, maps, _less(seen_by(report, uid), field), lanes
    )
    kept = (_kept(row.parameter_count),) if row.frozen else ()
    return (*first, *with_why((*EXPLAINERS[type(row.layer)](row.layer, place), *kept), row.layer))


def _less(seen: Seen | None, field: ReceptiveField) -> tuple[int, int] | None:
    """How many rows and columns are really seen, where that is less than the field."""
    if seen is None:
        return None
    size = seen.bottom - seen.top + 1, seen.right - seen.left + 1
    return size if size[0] < field.height or size[1] < field.width else None


def _lanes(report: Report, row: Row) -> Iterator[Lane]:
    if not isinstance(row.layer, Branches) or row.input is None:
        return
    for number, branch in enumerate(row.layer.computed):
        y = report.row(branch[-1].uid).output if branch else row.input
        if y is None:
            raise ValueError("a merged branch works")
        start = f"{row.path}/{number}/"
        within = [other for other in report.rows if other.path.startswith(start)]
        yield Lane(
            y,
            sum(other.parameter_count or 0 for other in within),
            sum(other.multiply_adds or 0 for other in within),
            identity=not branch,
        )


def explain_input(report: Report) -> tuple[Formula, ...]:
    """The numbers of the image that the network takes."""
    shape = report.network.input.shape
    first: tuple[Formula, ...] = ()
    if report.problem is not None and report.problem_uid == INPUT_UID:
        first = (_problem(report.problem),)
    values = formula(
        Message("Values"),
        (
            num(shape.height, "height"),
            "·",
            num(shape.width, "width"),
            "·",
            num(shape.channels, "channels"),
        ),
        count(shape.size),
        rule=Message("height·width·channels"),
        note=Message("each between 0 (black) and 1 (white)"),
    )
    return (*first, *with_why((values, memory(shape)), None))


def totals(
    report: Report, training: Training | None = None
) -> tuple[tuple[Message, str, Message], ...]:
    """(title, value, help) of the network as a whole, in the order to show them.

    training: how it is trained, which decides on the memory for it. Behind a problem nothing can be
    counted: the values are then lower bounds, marked "≥".
    """
    partial = any(row.output is None for row in report.rows)
    least = "≥ " if partial else ""
    frozen = any(row.frozen for row in report.rows)
    trainable = (
        Message("Trainable"),
        f"{least}{count(report.trainable)}",
        Message("How many of the parameters training changes; the others are frozen."),
    )
    buffers = (
        Message("Buffers"),
        f"{least}{count(report.buffers)}",
        Message("Running means and variances of batch norm: kept, but not trained."),
    )
    field = report.receptive_field
    sees = "—" if field is None else f"{least}{count(field.height)}×{count(field.width)} px"
    return (
        (
            Message("Parameters"),
            f"{least}{count(report.parameters)}",
            Message("How many numbers training changes; buffers are counted apart.")
            if not frozen
            else Message("How many numbers the network has learned or is to learn."),
        ),
        *((trainable,) if frozen else ()),
        *((buffers,) if report.buffers else ()),
        (
            Message("Multiply-adds"),
            f"{least}{count(report.multiply_adds)}",
            Message(
                "Products of weights and inputs for one image, of convolutions and dense layers. "
                "Biases, additions, norms, pooling and activations are not counted."
            ),
        ),
        (
            Message("Activations"),
            f"{least}{bytes_text(report.activation_bytes)}",
            Message("Memory of the input and of all outputs for one image, in float32."),
        ),
        *(() if training is None else (_training(report, training, least),)),
        (
            Message("Sees"),
            sees,
            Message("The input pixels that one value of the last feature maps depends on."),
        ),
        (
            Message("Depth"),
            f"{least}{count(report.depth)}",
            Message("How many layers with weights stand one after the other."),
        ),
    )


def _training(report: Report, training: Training, least: str) -> tuple[Message, str, Message]:
    found = training_memory(report, training)
    return (
        Message("Training memory"),
        f"{least}{bytes_text(found.total)}",
        Message(
            "Memory for a step of training, in float32: {weights} of weights and buffers, "
            "{gradients} of gradients, {optimizer} that {name} remembers, and {activations} of all "
            "outputs of a batch of {batch:,}, which the backward pass may need. PyTorch frees some "
            "of them early, and takes a little more for a moment.",
            weights=bytes_text(found.weights),
            gradients=bytes_text(found.gradients),
            optimizer=bytes_text(found.optimizer),
            name=TRAINING_NAMES[training.optimizer],
            activations=bytes_text(found.activations),
            batch=training.batch_size,
        ),
    )


def _kept(parameters: int | None) -> Formula:
    """Of a frozen layer."""
    said = Message("training leaves its {n:,} parameters as they are", n=parameters or 0)
    return Formula(Message("Frozen"), (Term(said),))


def _disabled(row: Row) -> Formula:
    said = Message("its input passes through unchanged; what it has learned is kept")
    title = Message("Disabled") if not row.layer.enabled else Message("Disabled with its block")
    return Formula(title, (Term(said),))


def _problem(problem: Problem) -> Formula:
    return Formula(problem.headline, rule=problem.detail, problem=True)


def _waiting(report: Report) -> Formula:
    name = report.network.layer(report.problem_uid).name
    return Formula(
        Message("Waiting for {layer} to be fixed", layer=name),
        rule=None if report.problem is None else report.problem.headline,
    )
