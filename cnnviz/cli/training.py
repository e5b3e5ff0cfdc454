"""The command `train`."""

from __future__ import annotations

import json
import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from cnnviz.analysis import analyze
from cnnviz.atomic import check_replaceable
from cnnviz.cli.common import (
    GOOD,
    INTERRUPTED,
    ProblemError,
    check_works,
    classes_of,
    open_named,
    say,
)
from cnnviz.data.datasets import data_set
from cnnviz.files import save_project
from cnnviz.message import Message, UserError
from cnnviz.project import Project
from cnnviz.training import Training

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from cnnviz.engine.train import Run

_POINTS_SECONDS = 0.1
"""How often the progress bar reads the loss, which makes the program wait for the device."""


def train(options: argparse.Namespace) -> int:
    """Train a network and save it with what it has learned."""
    opened, _ = open_named(options.network)
    project = _with_options(opened.project, options)
    check_works(analyze(project.network, classes_of(project)))
    out: Path | None = options.out
    if out is not None:
        check_replaceable(out)
    from cnnviz.engine.inline import choose_device, explaining, learned, prepare_run

    device, note = choose_device(options.device)
    if note is not None:
        say(str(note))
    if opened.weights:
        say("Going on from the weights in the file.")
    with explaining(device), _interruptible() as interrupted:
        run = prepare_run(project, opened.weights, device, options.threads)
        started = time.perf_counter()
        try:
            _advance(run, interrupted)
        except UserError as error:
            raise ProblemError(str(error)) from error
        seconds = time.perf_counter() - started
        weights = learned(run.model)
    if out is not None:
        save_project(out, project, weights)
    saved = "Nothing was saved, because --out names no file" if out is None else f"Saved {out}"
    if interrupted():
        say(f"Interrupted after {run.step:,} of {run.steps:,} steps. {saved}.")
        return INTERRUPTED
    if run.ended_early is not None:
        say(str(run.ended_early))
    say(f"{saved}.")
    if run.test is None:
        raise AssertionError("a run that has ended has been measured")
    result = {
        "test_accuracy": run.test.accuracy,
        "test_loss": run.test.loss,
        "seconds": seconds,
        "images_per_second": run.images / seconds,
        "steps": run.step,
    }
    if options.json:
        print(json.dumps(result), flush=True)
    else:
        print(
            f"Test accuracy {run.test.accuracy:.2%}, test loss {run.test.loss:.4f}, "
            f"{seconds:,.1f} s on {device}, {run.images / seconds:,.0f} images a second."
        )
    return GOOD


def _advance(run: Run, interrupted: Callable[[], bool]) -> None:
    """Do the run to its end, or to an interruption, with a progress bar on standard error."""
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread that watches the bar
    quick = sys.stderr.isatty()
    with tqdm(
        total=run.steps, unit=" steps", file=sys.stderr, mininterval=0.1 if quick else 5
    ) as bar:
        due = 0.0
        for _ in run.work:
            bar.update(run.step - bar.n)
            now = time.perf_counter()
            if now >= due:
                due = now + _POINTS_SECONDS
                _show(run, bar)
            if interrupted():
                return
        _show(run, bar)


def _show(run: Run, bar: Any) -> None:
    points, _, _ = run.take_points()  # raises where the loss is no longer a number
    words = [f"loss {points[-1].loss:.4f}"] if points else []
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


def _with_options(project: Project, options: argparse.Namespace) -> Project:
    """The project with the settings that the command line names.

    Raises:
        UserError: one of them is out of its limits.
    """
    names = (field.name for field in msgspec.structs.fields(Training))
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    for length in ("steps", "epochs"):
        if length in given:  # who names one means that one
            given = {"run_length": length, **given}
    training = {**msgspec.to_builtins(project.training), **given}
    changes: dict[str, Any] = {"training": training}
    changes |= {
        name: value
        for name, value in (("seed", options.seed), ("dataset", options.dataset))
        if value is not None
    }
    try:
        changed = msgspec.convert({**msgspec.to_builtins(project), **changes}, Project)
    except msgspec.ValidationError as error:
        raise UserError(
            Message("The settings cannot be used: {reason}.", reason=str(error))
        ) from None
    data_set(changed.dataset)
    return changed
