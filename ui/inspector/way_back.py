"""From what the engine found on the way back to the arithmetic of one δ or gradient; no widgets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec
import numpy as np

from cnnviz.arithmetic import DISABLED, Absent, Listed, Place, Reading, dims
from cnnviz.arithmetic.backward import Flow, Return, fork, hand_back, learn
from cnnviz.arithmetic.backward.loss import error
from cnnviz.arithmetic.backward.update import update
from cnnviz.arithmetic.sources import sources_of
from cnnviz.explain import maps_behind
from cnnviz.layers import (
    Activation,
    BatchNorm,
    Branches,
    Conv2d,
    Dense,
    Layer,
    LocallyConnected2d,
    Maps,
    TransposedConv2d,
    enabled,
)
from cnnviz.message import Message
from cnnviz.network import INPUT_UID
from ui.colors import natural_limit
from ui.i18n import text, tr
from ui.inspector.pixel_reading import agree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cnnviz.analysis import Report, Row
    from cnnviz.arithmetic.values import Step
    from cnnviz.engine.protocol.studies import WentBack
    from cnnviz.training import Training

LOSS_UID = "loss"
"""Of the loss, where it stands among the layers."""


class Quantity(NamedTuple):
    """What of a layer is worked out.

    input: δ of what it reads, of a block what the merge hands to branch `which`. fork: δ of a
    block's input. tensor: the gradient of the parameter `name`. batch: of a batch norm, as a step
    of training has it, δ of what it reads, or with `name` the gradient of a parameter.
    """

    kind: Literal["input", "fork", "tensor", "batch"] = "input"
    which: int = 0
    name: str = ""

    @property
    def learns(self) -> bool:
        """Whether it is the gradient of a parameter."""
        return bool(self.name)

    @property
    def key(self) -> str:
        """A word for it, such as for a tab."""
        return f"{self.kind} {self.which} {self.name}"


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """The way back of one image, unpacked; arrays are read-only float32.

    deltas, channels, limits: of every layer, by uid. All else belongs to `uid`; see `WentBack`.
    """

    step: int
    target: int
    logits: np.ndarray
    loss: float
    norm: float
    deltas: Mapping[str, np.ndarray]
    channels: Mapping[str, int]
    limits: Mapping[str, float]
    uid: str
    sources: Sequence[np.ndarray]
    handed: Sequence[np.ndarray]
    forked: Sequence[np.ndarray]
    tensors: Mapping[str, np.ndarray]
    gradients: Mapping[str, np.ndarray]
    column: int
    ends: dict[int, float] = field(default_factory=dict)

    def limit(self, values: np.ndarray) -> float:
        """The end of the colours for one of these arrays; found once, as some are very large."""
        found = self.ends.get(id(values))
        if found is None:
            found = self.ends[id(values)] = limit_of(values)
        return found


def course_of(found: WentBack, uid: str, step: int) -> Course:
    """Unpack what was found."""
    return Course(
        step,
        found.target,
        np.array(found.logits, np.float32),
        found.loss,
        found.norm,
        {delta.uid: delta.array() for delta in found.deltas},
        {delta.uid: delta.channels for delta in found.deltas},
        {delta.uid: delta.limit for delta in found.deltas},
        uid,
        [tensor.array() for tensor in found.sources],
        [tensor.array() for tensor in found.handed],
        [tensor.array() for tensor in found.forked],
        {tensor.name: tensor.array() for tensor in found.tensors},
        {tensor.name: tensor.array() for tensor in found.gradients},
        found.column,
    )


@dataclass(frozen=True, slots=True, eq=False)
class WorkedBack:
    """The arithmetic of one δ or gradient, and what stands around it.

    row: the layer, None for the loss. computed: PyTorch's value. delta: δ of the output; seen: what
    stands at the input: its values for a gradient, else δ that is handed back. result: δ or
    gradient as a whole. update: the lines of a step of the optimiser, for a gradient.
    """

    row: Row | None
    quantity: Quantity
    place: Place
    flow: Flow
    computed: float
    delta: np.ndarray
    seen: np.ndarray
    result: np.ndarray
    update: tuple[Step, ...] = ()
    column: int = 0
    grey: bool = False
    """Whether the input is the image itself."""
    limits: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """The ends of the colours of delta, seen and result."""

    @property
    def agrees(self) -> bool:
        """Whether PyTorch's value is the one that was worked out, but for rounding."""
        return agree(self.flow, self.computed)

    @property
    def learns(self) -> bool:
        """Whether it is the gradient of a parameter."""
        return self.quantity.learns


def quantities(row: Row) -> list[Quantity]:
    """What can be worked out of a layer, what it hands back first."""
    if isinstance(row.layer, Branches):
        found = [Quantity("fork")]
        return found + [Quantity("input", which) for which in range(len(row.layer.branches))]
    own = [Quantity(), *(Quantity("tensor", name=name) for name in row.parameters)]
    if isinstance(row.layer, BatchNorm) and not row.frozen:
        own += [Quantity("batch"), *(Quantity("batch", name=name) for name in row.parameters)]
    return own


def size_of(report: Report, row: Row, quantity: Quantity) -> tuple[int, ...]:
    """How many values a quantity has along each axis."""
    if quantity.learns:
        return row.parameters[quantity.name]
    if quantity.kind == "fork":
        return () if row.input is None else dims(row.input)
    sources = sources_of(report, row.layer.uid)
    return dims(sources[quantity.which].shape) if quantity.which < len(sources) else ()


def result_of(course: Course, quantity: Quantity) -> np.ndarray | None:
    """All values of a quantity as PyTorch has them at rest; None where they are not there."""
    if quantity.learns:
        return course.gradients.get(quantity.name)
    values = course.forked[:1] if quantity.kind == "fork" else course.handed
    return values[quantity.which] if quantity.which < len(values) else None


def belongs(report: Report, course: Course) -> bool:
    """Whether a course can be one of this network: another one, or the same before an edit, may
    have layers with the same uids."""
    for uid, delta in course.deltas.items():
        if uid == INPUT_UID:
            continue
        output = report.row(uid).output if uid in report.places else None
        if output is None or not _fits(delta, dims(output)):
            return False
    if course.uid not in report.places:
        return True
    row = report.row(course.uid)
    found = ((result_of(course, one), size_of(report, row, one)) for one in quantities(row))
    return all(result is None or _fits(result, size) for result, size in found)


def _fits(values: np.ndarray, size: tuple[int, ...]) -> bool:
    """Of large arrays only a part is there."""
    return values.ndim == len(size) and all(
        n <= most for n, most in zip(values.shape, size, strict=True)
    )


def work_back(
    report: Report, course: Course, uid: str, quantity: Quantity, place: Place
) -> WorkedBack | Absent:
    """Work out a δ or a gradient of a layer, with the numbers of a course."""
    row = report.row(uid)
    missing = _missing(report, course, row)
    if missing is not None:
        return Absent(missing)
    result, delta = result_of(course, quantity), course.deltas[uid]
    sources = sources_of(report, uid)
    on_the_way = Absent(Message("The values are on their way."))
    size = size_of(report, row, quantity)
    if result is None or result.ndim != len(size) or row.input is None:
        return on_the_way
    at = (place[0], place[1] - course.column) if quantity.name == "weight" and (
        result.ndim == 2 and result.shape != size) else place  # fmt: skip
    if any(not 0 <= n < most for n, most in zip(at, result.shape, strict=True)):
        inside = all(n < most for n, most in zip(place, size, strict=True))
        large = Absent(Message("This layer is too large to be looked at as a whole."))
        return large if inside and result.ndim != 2 else on_the_way
    if quantity.kind == "fork":
        flow: Flow | Absent = fork(row.input, course.forked[1:], place)
    else:
        shapes = [source.shape for source in sources]
        behind = maps_behind(report, uid)
        reading = Reading(row, course.sources, shapes, course.tensors, place, behind)
        back = Return(reading, delta, quantity.which, quantity.name, course.column)
        flow = learn(back) if quantity.kind == "tensor" else hand_back(back)
    if isinstance(flow, Absent):
        return flow
    seen = course.sources[0] if quantity.kind == "tensor" else result
    return WorkedBack(
        row, quantity, place, flow, float(result[at]), delta, seen, result, (), course.column,
        quantity.kind == "tensor" and row.source == INPUT_UID,
        (course.limit(delta), course.limit(seen), course.limit(result)),
    )  # fmt: skip


def _missing(report: Report, course: Course, row: Row) -> Message | None:
    if row.off:
        return DISABLED
    if row.layer.uid != course.uid or row.output is None:
        return Message("The values are on their way.")
    if course.uid in course.deltas:
        return None
    if is_softmax(row.layer) and enabled(report.network.layers)[-1].uid == course.uid:
        return Message(
            "This softmax is left to the loss: both together hand back probability − target. "
            "Choose the loss among all layers to see it."
        )
    return Message("The values are on their way.")


def with_update(worked: WorkedBack, course: Course, training: Training, rate: float) -> WorkedBack:
    """The same with the step that the optimiser makes of a gradient."""
    weight = weight_of(worked, course)
    if worked.quantity.kind != "tensor" or weight is None:
        return worked
    bias = worked.quantity.name == "bias"
    steps = update(training, rate, weight, worked.flow.value, course.norm, bias=bias)
    return replace(worked, update=steps)


def weight_of(worked: WorkedBack, course: Course) -> float | None:
    """The parameter whose gradient is worked out."""
    values = course.tensors.get(worked.quantity.name)
    if values is None:
        return None
    place = worked.place
    if values.ndim == 2 and len(place) == 2 and worked.row is not None:
        whole = worked.row.parameters[worked.quantity.name]
        place = (place[0], place[1] - course.column) if values.shape != whole else place
    return float(values[place])


def work_error(course: Course, training: Training, index: int, names: Sequence[str]) -> WorkedBack:
    """The error that the loss hands to an output; names: of the classes."""
    flow = error(training, course.logits, course.target, index)
    if isinstance(flow.picture, Listed) and len(names) == len(course.logits):
        named = msgspec.structs.replace(flow.picture, labels=tuple(names))
        flow = msgspec.structs.replace(flow, picture=named)
    errors = errors_of(course, training)
    return WorkedBack(
        None, Quantity(), (index,), flow, float(errors[index]), errors, course.logits, errors,
        limits=(limit_of(errors), limit_of(course.logits), limit_of(errors)),
    )  # fmt: skip


def errors_of(course: Course, training: Training) -> np.ndarray:
    """δ of all logits, as PyTorch has it: that of the last layer before the loss."""
    values = list(course.deltas.values())[-1]
    if values.shape == course.logits.shape:
        return values
    count = len(course.logits)
    return np.array([error(training, course.logits, course.target, n).value for n in range(count)])


def reader_of(report: Report, uid: str) -> tuple[str, Quantity]:
    """Who hands δ to a layer's output, or to the "input": the layer that reads it and what it works
    out there, a block by its fork or by its merge; `LOSS_UID` where that is the loss."""
    if uid == logits_uid(report):
        return LOSS_UID, Quantity()
    for row in report.rows:  # a block comes before what is in it, which reads the same
        if row.source == uid and not row.off:
            return row.layer.uid, Quantity("fork" if isinstance(row.layer, Branches) else "input")
    for row in report.rows:
        if isinstance(row.layer, Branches) and not row.off:
            for which, branch in enumerate(map(enabled, row.layer.branches)):
                if branch and branch[-1].uid == uid:
                    return row.layer.uid, Quantity("input", which)
    return LOSS_UID, Quantity()


def logits_uid(report: Report) -> str:
    """The layer whose output the loss reads: the last one, or the one before a softmax."""
    last = enabled(report.network.layers)[-1]
    return report.row(last.uid).source if is_softmax(last) else last.uid


def is_softmax(layer: Layer) -> bool:
    """Whether a layer at the end is left to the loss."""
    return isinstance(layer, Activation) and layer.function == "softmax"


def branch_of(report: Report, uid: str, which: int) -> tuple[str, Quantity]:
    """Who hands back what arrives at a fork from a branch: its first layer, or the merge itself."""
    block = report.row(uid).layer
    assert isinstance(block, Branches)
    branch = enabled(block.branches[which])
    if not branch:
        return uid, Quantity("input", which)
    first = branch[0]
    return first.uid, Quantity("fork" if isinstance(first, Branches) else "input")


def axes_of(row: Row, quantity: Quantity) -> tuple[str, ...]:
    """What the numbers of a place are called; () where they are those of maps or of a vector."""
    if not quantity.learns:
        return ()
    count = len(row.parameters[quantity.name])
    names = _AXES.get((type(row.layer), count))
    if names is None and count == 1:
        return (tr("Map") if isinstance(row.input, Maps) else tr("Value"),)
    return () if names is None else tuple(text(name) for name in names)


_FILTER, _MAP = Message("Output map"), Message("Input map")
_ROW, _COLUMN = Message("Row"), Message("Column")
_AXES: dict[tuple[type[Layer], int], tuple[Message, ...]] = {
    (Conv2d, 4): (_FILTER, _MAP, _ROW, _COLUMN),
    (Conv2d, 3): (Message("Connection"), _ROW, _COLUMN),
    (Conv2d, 1): (_FILTER,),
    (TransposedConv2d, 4): (_MAP, _FILTER, _ROW, _COLUMN),
    (TransposedConv2d, 1): (_FILTER,),
    (LocallyConnected2d, 3): (Message("Position"), _FILTER, Message("Weight")),
    (LocallyConnected2d, 2): (Message("Position"), _FILTER),
    (Dense, 2): (Message("Unit"), Message("Input")),
    (Dense, 1): (Message("Unit"),),
}
"""By kind and by how many axes a tensor has."""


def next_index(place: Place, size: tuple[int, ...]) -> Place:
    """The next place, the last axis first; of maps it stays in the map."""
    changed = list(place)
    for axis in reversed(range(max(len(size) - 2, 0), len(size))):
        changed[axis] += 1
        if changed[axis] < size[axis]:
            break
        changed[axis] = 0
    return tuple(changed)


def limit_of(values: np.ndarray) -> float:
    """The end of the colours for some values."""
    return natural_limit(np.asarray(values, np.float32)) or 1.0
