"""A kept run as files: settings as JSON, curves as CSV, weights as safetensors; and back.

Files of others hold no surprise: each part is read strictly and on its own, and one that is bad
costs nothing but itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec
import numpy as np
from msgspec import Struct
from msgspec.structs import astuple

from cnnviz.analysis import analyze
from cnnviz.confusion import Examination
from cnnviz.message import Message, UserError
from cnnviz.project import RUN_ID
from cnnviz.project_file import decode_project, encode_project
from cnnviz.runs.curves import Changed, Curve, Point, RunState
from cnnviz.runs.model import KeptRun
from cnnviz.runs.moments import RUN_BYTES, Moment
from cnnviz.runs.standing import Place, Standing
from cnnviz.strict_json import check_header, decode_json
from cnnviz.tensors import TableError, header_length, metadata, pieces, table
from cnnviz.weights_file import decode_weights, stored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnnviz.analysis import Report, TensorKey
    from cnnviz.project import Weights

VERSION = 1
RUN_PART = "run.json"
CURVES_PART = "curves.csv"
EXAMINATION_PART = "examination.csv"
INITIAL_PART = "initial.safetensors"
STATE_PART = "state.safetensors"

MAX_TEXT_BYTES = 16 << 20
MAX_MOMENTS = 200
MAX_STATE_BYTES = 512 << 20

RUNS_FOLDER = "runs"

Piece = bytes | memoryview
Read = Callable[[str, int], bytes | bytearray | None]
"""Gives a part by its name, of so many bytes at most; None: there is none. Raises UserError."""


class Part(NamedTuple):
    """A file of a run.

    source: what it is made of; the same object gives the same bytes.
    make: gives the bytes in pieces; large arrays are not copied.
    """

    source: object
    make: Callable[[], list[Piece]]


_CURVES = ("train", "validation", "test")
_CURVES_HEAD = "curve,step,loss,accuracy"
_MEANS = ",mean_loss,mean_accuracy"
"""Where points have gone from a long curve: the means over the steps since the point before."""
_EXAMINATION_HEAD = "label,predicted,confidence"
_PLACES = ",place"

_Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 50)]


class _File(Struct):
    """`run.json`. Unknown members are passed over: version 1 grows by optional ones."""

    id: Annotated[str, msgspec.Meta(pattern=RUN_ID)]
    began: float
    project: msgspec.Raw
    format: str = "cnnviz-run"
    version: int = VERSION
    device: Annotated[str, msgspec.Meta(max_length=100)] = ""
    threads: _Count = 0
    from_seed: bool = True
    state: RunState = "stopped"
    explanation: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    step: _Count = 0
    steps: _Count = 0
    seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    changes: tuple[Changed, ...] = ()
    examined: _Count | None = None
    moments: Annotated[tuple[_Count, ...], msgspec.Meta(max_length=MAX_MOMENTS)] = ()


# --- writing ------------------------------------------------------------------------------------


def parts_of(run: KeptRun) -> dict[str, Part]:
    """The files of a run by their names."""
    parts = {
        RUN_PART: Part(run, lambda: [_encoded(run)]),
        CURVES_PART: Part(run, lambda: [_curves(run).encode()]),
    }
    found = run.examination
    if found is not None:
        parts[EXAMINATION_PART] = Part(found, lambda: [_answers(found).encode()])

    def made(weights: Weights) -> Part:
        return Part(weights, lambda: pieces(stored(analyze(run.project.network), weights)))

    first = run.moments[0] if run.moments and run.moments[0].step == 0 else None
    if run.initial and (first is None or first.weights is not run.initial):
        parts[INITIAL_PART] = made(run.initial)
    for moment in run.moments:
        parts[moment_part(moment.step)] = made(moment.weights)
    return parts


def moment_part(step: int) -> str:
    """The name of the file with the weights of a step."""
    return f"moments/{step}.safetensors"


def state_part(standing: Standing) -> list[Piece]:
    """Where a run stands and what its optimiser remembers, as one file."""
    about = {"run": standing.run, "place": msgspec.json.encode(standing.place).decode()}
    tensors = {f"{uid}.{name}": values for (uid, name, _), values in standing.memory.items()}
    return pieces(tensors, about)


def _encoded(run: KeptRun) -> bytes:
    file = _File(
        id=run.id,
        began=run.began,
        project=msgspec.Raw(encode_project(run.project)),
        device=run.device,
        threads=run.threads,
        from_seed=run.from_seed,
        state=run.state,
        explanation="" if run.explanation is None else str(run.explanation)[:2000],
        step=run.step,
        steps=run.steps,
        seconds=run.seconds,
        changes=run.changes,
        examined=None if run.examination is None else run.examination.step,
        moments=run.kept_steps,
    )
    return msgspec.json.encode(file)


def _curves(run: KeptRun) -> str:
    curves: list[Curve] = [getattr(run, name) for name in _CURVES]
    means = any(curve.has_means for curve in curves)
    lines = [_CURVES_HEAD + (_MEANS if means else "")]
    for name, curve in zip(_CURVES, curves, strict=True):
        columns = [column.tolist() for column in astuple(curve)[: None if means else 3]]
        lines += [",".join((name, *map(repr, row))) for row in zip(*columns, strict=True)]
    return "\n".join(lines) + "\n"


def _answers(found: Examination) -> str:
    columns = (found.labels.tolist(), found.predicted.tolist(), found.confidence.tolist())
    rows = [f"{a},{b},{c!r}" for a, b, c in zip(*columns, strict=True)]
    head = _EXAMINATION_HEAD
    if found.places is not None:
        head += _PLACES
        rows = [f"{row},{place}" for row, place in zip(rows, found.places.tolist(), strict=True)]
    return "\n".join((head, *rows)) + "\n"


# --- reading ------------------------------------------------------------------------------------


class Damage(Struct):
    """What of the runs of a file could not be used."""

    parts: list[str] = []

    def message(self, file: str) -> Message | None:
        """One sentence for all of it; None where all could be used."""
        if not self.parts:
            return None
        return Message(
            "Of the runs that are kept in {file}, {n:,} parts are damaged and were left out "
            "({part} for one). All else is there.",
            file=file,
            n=len(self.parts),
            part=self.parts[0],
        )


def read_run(run: str, read: Read, damage: Damage) -> KeptRun | None:
    """A run from its parts; what of them is bad is left out and noted.

    Returns None where nothing of the run could be read.
    """

    def note(part: str) -> None:
        damage.parts.append(f"{run}/{part}")

    try:
        data = read(RUN_PART, MAX_TEXT_BYTES)
        kept, moments, examined = _decoded(run, bytes(data or b""))
    except UserError:
        note(RUN_PART)
        return None
    changes: dict[str, Any] = {}
    try:
        data = read(CURVES_PART, MAX_TEXT_BYTES)
        changes |= {} if data is None else _read_curves(bytes(data))
    except (UserError, ValueError):
        note(CURVES_PART)
    try:
        data = None if examined is None else read(EXAMINATION_PART, MAX_TEXT_BYTES)
        if data is not None and examined is not None:
            changes["examination"] = _read_answers(bytes(data), examined)
    except (UserError, ValueError):
        note(EXAMINATION_PART)
    report = analyze(kept.project.network)
    left = RUN_BYTES
    found: list[Moment] = []
    for step in sorted(set(moments)):
        weights = _weights(moment_part(step), read, report, left, note)
        if weights:
            found.append(Moment(step, weights))
            left -= found[-1].bytes
    initial = found[0].weights if found and found[0].step == 0 else None
    if initial is None:
        initial = _weights(INITIAL_PART, read, report, left, note) or {}
    return msgspec.structs.replace(kept, moments=tuple(found), initial=initial, **changes)


def _decoded(run: str, data: bytes) -> tuple[KeptRun, tuple[int, ...], int | None]:
    check_header(data, "cnnviz-run", VERSION)
    file = decode_json(data, _File)
    if file.id != run or not math.isfinite(file.began):
        raise UserError(Message("The name of the run is not that of its folder."))
    project = msgspec.structs.replace(decode_project(bytes(file.project)), runs=())
    kept = KeptRun(
        id=run,
        began=file.began,
        project=project,
        from_seed=file.from_seed,
        device=file.device,
        threads=file.threads,
        # Nothing goes on in a file; `resumed` says what can be gone on with.
        state=file.state if file.state in ("finished", "failed") else "stopped",
        explanation=Message("{text}", text=file.explanation) if file.explanation else None,
        step=file.step,
        steps=file.steps,
        seconds=file.seconds,
        changes=file.changes,
    )
    return kept, file.moments, file.examined


def _read_curves(data: bytes) -> dict[str, Curve]:
    head, *rows = data.decode("ascii").splitlines()
    if head not in (_CURVES_HEAD, _CURVES_HEAD + _MEANS):
        raise ValueError("other columns")
    found: dict[str, list[list[str]]] = {name: [] for name in _CURVES}
    for row in rows:
        name, *cells = row.split(",")
        if name not in found or len(cells) != head.count(","):
            raise ValueError("no point of a curve")
        found[name].append(cells)
    return {name: _curve(cells) for name, cells in found.items()}


def _curve(rows: list[list[str]]) -> Curve:
    """From a row for each point: step, loss, accuracy and, where points have gone, their means."""
    points = [Point(int(step), float(loss), float(accuracy)) for step, loss, accuracy, *_ in rows]
    if not all(0 <= point.step < 1 << 50 for point in points):
        raise ValueError("no steps")
    curve = Curve.of(points)
    if rows and len(rows[0]) > 3:
        means = np.array([row[3:] for row in rows], np.float64).T
        means.flags.writeable = False
        curve = Curve(curve.steps, curve.loss, curve.accuracy, *means)
    shares = (curve.accuracy, curve.mean_accuracy)
    if not all(np.isfinite(losses).all() for losses in (curve.loss, curve.mean_loss)):
        raise ValueError("no losses")
    if not all(((share >= 0) & (share <= 1)).all() for share in shares):
        raise ValueError("no shares")
    if (np.diff(curve.steps) < 1).any():
        raise ValueError("steps that do not rise")
    return curve


def _read_answers(data: bytes, step: int) -> Examination:
    head, *rows = data.decode("ascii").splitlines()
    if head not in (_EXAMINATION_HEAD, _EXAMINATION_HEAD + _PLACES):
        raise ValueError("other columns")
    columns = head.count(",") + 1
    values = np.array([row.split(",") for row in rows], np.float64).reshape(len(rows), columns)
    places = values[:, 3].astype(np.int64) if columns == 4 else None
    if places is not None and not ((places >= 0) & (places == values[:, 3])).all():
        raise ValueError("no places of images")
    classes = values[:, :2]
    whole = (classes == np.floor(classes)).all() and (classes >= 0).all() and (classes < 256).all()
    if not whole or not ((values[:, 2] >= 0) & (values[:, 2] <= 1)).all():
        raise ValueError("no answers")
    labels, predicted = classes.astype(np.uint8).T
    confidence = values[:, 2].astype(np.float32)
    return Examination(step, labels.copy(), predicted.copy(), confidence, places)


def _weights(
    part: str, read: Read, report: Report, limit: int, note: Callable[[str], None]
) -> Weights | None:
    """The weights in a part; None where there is none, or it is bad or too much."""
    try:
        data = read(part, limit + (1 << 20))
        if data is None:
            return None
        weights, trouble = decode_weights(report, data, part)
    except UserError:
        note(part)
        return None
    if trouble is not None or len(weights) != len(report.tensor_keys()):
        note(part)
        return None
    return weights


def read_standing(data: bytes | bytearray, runs: Mapping[str, KeptRun]) -> Standing:
    """Where a run of these stands.

    Raises:
        UserError: that cannot be read, or there is no such run.
    """
    try:
        length = header_length(bytes(data[:8]), len(data))
        header = bytes(data[8 : 8 + length])
        about, tensors = metadata(header), table(header, len(data))
        place = msgspec.json.decode(about.get("place", ""), type=Place)
        run = about.get("run", "")
        if run not in runs:
            raise TableError("there is no such run")
        if any(tensor.dtype != "F32" for tensor in tensors):
            raise TableError("its numbers are of another type")
    except (TableError, msgspec.MsgspecError, ValueError) as error:
        raise UserError(
            Message(
                "Where the run stood could not be read ({reason}); it cannot be resumed. "
                "Its weights are there.",
                reason=str(error),
            )
        ) from error
    memory: dict[TensorKey, np.ndarray] = {}
    for tensor in tensors:
        uid, weight, what = ("", "", *tensor.name.rsplit(".", 2))[-3:]
        values = np.frombuffer(data, "<f4", tensor.size, tensor.start).copy().reshape(tensor.shape)
        values.flags.writeable = False
        memory[uid, f"{weight}.{what}", tensor.shape] = values
    return Standing(run, place, memory)
