"""The command `train`."""

from __future__ import annotations

import itertools
import json
import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from cnnviz.analysis import analyze
from cnnviz.atomic import check_replaceable
from cnnviz.cli.common import (
    GOOD,
    INTERRUPTED,
    PROBLEM,
    ProblemError,
    check_works,
    classes_of,
    open_named,
    say,
)
from cnnviz.cli.recording import Recording
from cnnviz.data.catalogue import key_of
from cnnviz.data.datasets import check_here, data_set
from cnnviz.files import save_project
from cnnviz.message import Message, UserError
from cnnviz.preparation import Preparation
from cnnviz.project import Project
from cnnviz.reasons import reason_of
from cnnviz.training import Training
from cnnviz.transfer import with_new_head

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from cnnviz.engine.team import Team
    from cnnviz.engine.train import Run
    from cnnviz.files import Opened

_FOLDER = "folder:"
_POINTS_SECONDS, _POINTS_STEPS = 0.1, 10
"""How often the progress bar reads the loss, which makes the program wait for the device; in a team
steps are counted, which are the same for all."""


def train(options: argparse.Namespace) -> int:
    """Train a network and save it with what it has learned."""
    opened, _ = open_named(options.network)
    project = _with_options(opened.project, options)
    if options.new_head:
        project = _with_new_head(project)
    check_works(analyze(project.network, classes_of(project)))
    check_here(project.dataset)
    out: Path | None = options.out
    if out is not None:
        check_replaceable(out)
    from cnnviz.engine.team import joined

    with joined(options.device) as team:
        if team is None:
            with _interruptible() as interrupted:
                return _train(options, opened, project, None, interrupted)
        with _interruptible_together(team):
            return _train(options, opened, project, team, lambda: team.agreed)


def _train(
    options: argparse.Namespace,
    opened: Opened,
    project: Project,
    team: Team | None,
    interrupted: Callable[[], bool],
) -> int:
    """Train, alone or in a team, of which one tells and saves."""
    from cnnviz.engine.inline import (
        choose_device,
        explaining,
        learned,
        prepare_run,
        threads_in_use,
    )
    from cnnviz.engine.team import LostError

    leads = team is None or team.leads
    tell = say if leads else _nothing
    out: Path | None = options.out
    device, note = choose_device(options.device if team is None else team.device)
    if note is not None:
        tell(str(note))
    if opened.weights:
        tell("Going on from the weights in the file.")
    lost: LostError | None = None
    with explaining(device):
        run = prepare_run(project, opened.weights, device, options.threads, team)
        keys = analyze(project.network).tensor_keys()
        recording = Recording(
            opened.runs,
            project,
            run,
            device,
            threads_in_use(),
            from_seed=not any(key in opened.weights for key in keys),
            learned=lambda: learned(run.model),
        )
        if run.data.note is not None:
            tell(str(run.data.note))
        started = time.perf_counter()
        try:
            _advance(run, recording, interrupted, team)
        except LostError as error:
            lost = error
        except UserError as error:
            if not leads:  # the first one meets the same and says it
                return PROBLEM
            raise ProblemError(str(error)) from error
        seconds = time.perf_counter() - started
        weights = learned(run.model)
    if out is not None and leads:
        kept = recording.end("stopped" if interrupted() or lost else "finished")
        save_project(out, project, weights, runs=(*opened.runs, kept))
    saved = "Nothing was saved, because --out names no file" if out is None else f"Saved {out}"
    if lost is not None:
        tell(f"Ended after {run.step:,} of {run.steps:,} steps. {saved}.")
        raise lost
    if interrupted():
        tell(f"Interrupted after {run.step:,} of {run.steps:,} steps. {saved}.")
        return INTERRUPTED
    if run.ended_early is not None:
        tell(str(run.ended_early))
    tell(f"{saved}.")
    if not leads:
        return GOOD
    if run.test is None:
        raise AssertionError("a run that has ended has been measured")
    result = {
        "test_accuracy": run.test.accuracy,
        "test_loss": run.test.loss,
        "seconds": seconds,
        "images_per_second": run.images / seconds,
        "steps": run.step,
    }
    if run.validation is not None:
        result["validation_accuracy"] = run.validation.accuracy
        result["validation_loss"] = run.validation.loss
    if options.json:
        print(json.dumps(result), flush=True)
    else:
        if run.validation is not None:
            aside = run.validation
            print(f"Validation accuracy {aside.accuracy:.2%}, validation loss {aside.loss:.4f}.")
        print(
            f"Test accuracy {run.test.accuracy:.2%}, test loss {run.test.loss:.4f}, "
            f"{seconds:,.1f} s on {device}, {run.images / seconds:,.0f} images a second."
        )
    return GOOD


def _advance(
    run: Run, recording: Recording, interrupted: Callable[[], bool], team: Team | None
) -> None:
    """Do the run to its end, or to an interruption, with a progress bar on standard error."""
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread that watches the bar
    quick = sys.stderr.isatty()
    with tqdm(
        total=run.steps,
        unit=" steps",
        file=sys.stderr,
        mininterval=0.1 if quick else 5,
        disable=team is not None and not team.leads,
    ) as bar:
        due = 0.0
        for _ in run.work:
            bar.update(run.step - bar.n)
            recording.follow()
            now = time.perf_counter()
            # A loss that is no number is to end a whole team after the same step.
            if now >= due if team is None else run.step % _POINTS_STEPS == 0:
                due = now + _POINTS_SECONDS
                _show(run, recording, bar)
            if interrupted():
                recording.take()
                return
        _show(run, recording, bar)


def _show(run: Run, recording: Recording, bar: Any) -> None:
    recording.take()  # raises where the loss is no longer a number
    words = [f"loss {run.loss:.4f}"] if run.loss is not None else []
    if run.test is not None:
        words.append(f"test {run.test.accuracy:.2%}")
    if words:
        bar.set_postfix_str(", ".join(words), refresh=False)


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Let Ctrl+C be asked for between two steps, so that no step is left half-done.

    A second one ends the program at once.
    """
    pressed = False

    def press(number: int, frame: object) -> None:
        nonlocal pressed
        pressed = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _interruptible_together(team: Team) -> Iterator[None]:
    """Let Ctrl+C, or torchrun's SIGTERM, end the whole team between two steps.

    Both may come, as torchrun passes on what it gets; who does not want to wait for the end of a
    step sends SIGKILL, as torchrun does after half a minute.
    """

    def press(number: int, frame: object) -> None:
        team.leaving = True

    before = {number: signal.signal(number, press) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _nothing(sentence: str) -> None:
    """In the place of `say` where another process says it."""


def _with_new_head(project: Project) -> Project:
    network = with_new_head(analyze(project.network), classes_of(project))
    # The new layer needs a uid, or it would take that of a place for the one that it has replaced.
    taken = {layer.uid for _, layer in network.walk()}
    names = (f"head{number}" for number in itertools.count(1))
    network = network.named(lambda: next(name for name in names if name not in taken))
    return msgspec.structs.replace(project, network=network)


def _source(project: Project, options: argparse.Namespace) -> object:
    """The data set that the command line names, as a project has it; None where it names none.

    Raises:
        UserError: it is a folder that cannot be used.
    """
    name: str | None = options.dataset
    if name is None or not name.startswith(_FOLDER):
        return None if name is None else key_of(name)
    from cnnviz.data.folders import image_folder

    image = project.network.input
    folder, note = image_folder(
        Path(name.removeprefix(_FOLDER)), image.height, image.width, image.channels
    )
    if note is not None:
        say(str(note))
    return msgspec.to_builtins(folder)


def _with_options(project: Project, options: argparse.Namespace) -> Project:
    """The project with the settings that the command line names.

    Raises:
        UserError: one of them is out of its limits.
    """
    given = _named(options, Training)
    for length in ("steps", "epochs"):
        if length in given:  # who names one means that one
            given = {"run_length": length, **given}
    prepared = _named(options, Preparation)
    for way, amount in (("share", "validation_share"), ("number", "validation_images")):
        if amount in prepared:
            prepared = {"validation": way, **prepared}
    changes: dict[str, Any] = {
        "training": {**msgspec.to_builtins(project.training), **given},
        "preparation": {**msgspec.to_builtins(project.preparation), **prepared},
    }
    changes |= {
        name: value
        for name, value in (("seed", options.seed), ("dataset", _source(project, options)))
        if value is not None
    }
    try:
        changed = msgspec.convert({**msgspec.to_builtins(project), **changes}, Project)
    except msgspec.ValidationError as error:
        raise UserError(
            Message("The settings cannot be used: {reason}.", reason=reason_of(error))
        ) from None
    classes = data_set(changed.dataset).classes
    unknown = [name for name in changed.preparation.classes if name not in classes]
    if unknown:
        raise UserError(
            Message(
                "The data set has no class {name}. Choose of these: {known}.",
                name=repr(unknown[0]),
                known=", ".join(classes),
            )
        )
    return changed


def _named(options: argparse.Namespace, kind: type[Struct]) -> dict[str, Any]:
    """The settings of a kind that the command line names."""
    found = {field.name: getattr(options, field.name) for field in msgspec.structs.fields(kind)}
    return {name: value for name, value in found.items() if value is not None}
