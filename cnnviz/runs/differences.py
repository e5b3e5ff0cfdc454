"""What differed between runs: a line for each thing, a column for each run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct

from cnnviz.analysis import analyze
from cnnviz.data.datasets import data_set
from cnnviz.layers import Branches, fields_of
from cnnviz.message import Message, listed
from cnnviz.preparation import PREPARATION_NAMES, Preparation
from cnnviz.training import TRAINING_NAMES, Training

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnnviz.layers import Layer
    from cnnviz.project import Project
    from cnnviz.runs.model import KeptRun

Kind = Literal["setting", "network", "result"]
Value = int | float | str | bool | Message | None

_NOT_COMPARED = {"uid", "branches"}
_STATES = {
    "loading": Message("not begun"),
    "running": Message("running"),
    "paused": Message("paused"),
    "finished": Message("finished"),
    "stopped": Message("stopped"),
    "failed": Message("failed"),
}


class Line(Struct, frozen=True, eq=False):
    """One line of the table.

    name: what it is called in code, such as "learning_rate", "seed", "u3.filters", "accuracy".
    title: what a person reads. kind: what the line is about.
    values: one for each run, in the order of the runs. None where a run has no such thing (a layer
    that is not in its network, a setting without a meaning beside its others, no test yet); a
    Message is to be translated.
    share: whether the numbers are shares, 0 to 1, to be shown as per cent.
    """

    name: str
    title: Message
    kind: Kind
    values: tuple[Value, ...]
    share: bool = False

    @property
    def differs(self) -> bool:
        """Whether not all values are the same."""
        return any(value != self.values[0] for value in self.values[1:])


def differences(runs: Sequence[KeptRun], *, everything: bool = False) -> tuple[Line, ...]:
    """What differed between runs, then how each of them ended.

    Settings and parts of the network have a line where they differ, and with `everything` also
    where a setting was the same and has a meaning; results always have one.
    """
    if not runs:
        return ()
    lines = [*_settings(runs), *_networks([run.project for run in runs])]
    kept = (
        line
        for line in lines
        if line.differs or (everything and any(value is not None for value in line.values))
    )
    return (*kept, *results(runs))


def results(runs: Sequence[KeptRun]) -> tuple[Line, ...]:
    """How each run ended: state, steps, losses and accuracies, time."""
    tests = [run.test for run in runs]
    lines = [
        Line("state", Message("State"), "result", tuple(_STATES[run.state] for run in runs)),
        Line("steps_done", Message("Steps done"), "result", tuple(run.step for run in runs)),
        Line(
            "train_loss",
            Message("Last training loss"),
            "result",
            tuple(run.train.last.loss if run.train.last else None for run in runs),
        ),
        Line(
            "test_loss",
            Message("Last test loss"),
            "result",
            tuple(test.last.loss if test.last else None for test in tests),
        ),
        Line(
            "test_accuracy",
            Message("Last test accuracy"),
            "result",
            tuple(test.last.accuracy if test.last else None for test in tests),
            share=True,
        ),
        Line(
            "best_accuracy",
            Message("Best test accuracy"),
            "result",
            tuple(float(test.accuracy.max()) if len(test) else None for test in tests),
            share=True,
        ),
        Line("seconds", Message("Seconds"), "result", tuple(run.seconds for run in runs)),
    ]
    if any(len(run.validation) for run in runs):
        last = tuple(run.validation.last for run in runs)
        values = tuple(point.accuracy if point else None for point in last)
        title = Message("Last validation accuracy")
        lines.insert(4, Line("validation_accuracy", title, "result", values, share=True))
    if any(run.train.thinned for run in runs):
        points = tuple(_points_kept(run) for run in runs)
        lines.append(Line("points", Message("Training curve"), "result", points))
    return tuple(lines)


def _points_kept(run: KeptRun) -> Message:
    """Drawn without smoothing, the curve of a long run lies between its lowest and its highest."""
    if not run.train.thinned:
        return Message("each step")
    return Message("{points:,} points, the lowest and highest", points=len(run.train))


def _settings(runs: Sequence[KeptRun]) -> Iterator[Line]:
    """Every setting of the projects, whoever declares it: training, seed, data and their kind."""
    projects = [run.project for run in runs]
    titles = tuple(data_set(project.dataset).title for project in projects)
    yield Line("dataset", Message("Data set"), "setting", titles)
    yield from _fields("", projects)
    for field in msgspec.structs.fields(type(projects[0])):
        parts = [getattr(project, field.name) for project in projects]
        if field.name != "network" and all(isinstance(part, Struct) for part in parts):
            yield from _fields("" if field.name == "training" else f"{field.name}.", parts)
    yield Line("device", Message("Device"), "setting", tuple(run.device for run in runs))
    yield Line("threads", Message("Threads"), "setting", tuple(run.threads for run in runs))
    changes = tuple(len(run.changes) for run in runs)
    yield Line("changes", Message("Changed on the way"), "setting", changes)
    starts = tuple(
        Message("the seed") if run.from_seed else Message("learned before") for run in runs
    )
    yield Line("start", Message("Initial weights"), "setting", starts)


def _fields(prefix: str, parts: Sequence[Struct]) -> Iterator[Line]:
    for field in fields_of(type(parts[0])):
        values = tuple(_plain(_meant(part, field.name)) for part in parts)
        yield Line(prefix + field.name, field.title, "setting", values)


def _meant(part: Struct, name: str) -> Any:
    """A setting; None where it has no meaning beside the others."""
    if isinstance(part, Training | Preparation) and not part.shown(name):
        return None
    return getattr(part, name)


def _networks(projects: Sequence[Project]) -> Iterator[Line]:
    networks = [project.network for project in projects]
    if all(network == networks[0] for network in networks[1:]):
        return
    reports = [analyze(network) for network in networks]
    shapes = tuple(str(network.input.shape) for network in networks)
    yield Line("input", Message("Input"), "network", shapes)
    counts = tuple(sum(not row.off for row in report.rows) for report in reports)
    yield Line("layers", Message("Layers"), "network", counts)
    parameters = tuple(report.parameters for report in reports)
    yield Line("parameters", Message("Parameters"), "network", parameters)
    layers = [{layer.uid: layer for _, layer in network.walk()} for network in networks]
    places: dict[str, int] = {}
    for known in layers:
        for place, uid in enumerate(known, start=1):
            places.setdefault(uid, place)
    for uid, place in places.items():
        yield from _layer(uid, place, [known.get(uid) for known in layers])
    orders = [[uid for uid in known if all(uid in one for one in layers)] for known in layers]
    if any(order != orders[0] for order in orders[1:]):
        words = tuple(
            Message("as in the first") if one == orders[0] else Message("another") for one in orders
        )
        yield Line("order", Message("Order of the layers"), "network", words)


def _layer(uid: str, place: int, layers: Sequence[Layer | None]) -> Iterator[Line]:
    there = [layer for layer in layers if layer is not None]
    name = there[0].name
    if len(there) < len(layers) or len({type(layer) for layer in there}) > 1:
        names = tuple(None if layer is None else layer.name for layer in layers)
        yield Line(uid, Message("Layer {place}", place=place), "network", names)
        return
    title = Message(
        "Layer {place}, {layer}: {setting}", place=place, layer=name, setting=Message("Enabled")
    )
    enabled = tuple(_plain(layer.enabled) for layer in there)
    yield Line(f"{uid}.enabled", title, "network", enabled)
    for field in fields_of(type(there[0])):
        if field.name in _NOT_COMPARED:
            continue
        values = tuple(_plain(getattr(layer, field.name)) for layer in there)
        title = Message(
            "Layer {place}, {layer}: {setting}", place=place, layer=name, setting=field.title
        )
        yield Line(f"{uid}.{field.name}", title, "network", values)
    if isinstance(there[0], Branches):
        counts = tuple(len(layer.branches) for layer in there if isinstance(layer, Branches))
        branches = Message("Branches")
        title = Message(
            "Layer {place}, {layer}: {setting}", place=place, layer=name, setting=branches
        )
        yield Line(f"{uid}.branches", title, "network", counts)


def _plain(value: Any) -> Value:
    """A value as a table shows it: words of settings become messages, sizes become text."""
    if isinstance(value, bool):
        return Message("on") if value else Message("off")
    if isinstance(value, str):
        return (TRAINING_NAMES | PREPARATION_NAMES).get(value, value)
    if isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        return listed(value) or Message("all")
    return value if isinstance(value, int | float | Message) or value is None else str(value)
