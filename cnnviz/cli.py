"""The command line: summary, compare, train, predict, import and export, without a window.

Exit codes: 0 all is well, 1 the network has a problem or its training failed, 2 something that was
given cannot be used, 130 interrupted. What is wrong is one sentence on standard error.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from cnnviz import __version__
from cnnviz.analysis import Report, analyze
from cnnviz.atomic import check_replaceable, replacing
from cnnviz.data.datasets import DATA_SETS, data_set
from cnnviz.export import TEXTS
from cnnviz.export.table import problem_line, summary_json, summary_table
from cnnviz.files import SUFFIX, Opened, open_any, save_project
from cnnviz.layers import Field, fields_of
from cnnviz.message import Message, UserError
from cnnviz.presets import PRESETS
from cnnviz.project import Project
from cnnviz.recipes import project_of
from cnnviz.training import Training

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cnnviz.engine.train import Run

GOOD, PROBLEM, UNUSABLE, INTERRUPTED = 0, 1, 2, 130

_POINTS_SECONDS = 0.1
"""How often the progress bar reads the loss, which makes the program wait for the device."""


class ProblemError(Exception):
    """The network does not work, or its training has failed; the message is for the person."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console may not know × or ⌊
    try:
        options = _parser().parse_args(arguments)
        command: Callable[[argparse.Namespace], int] = options.command
        return command(options)
    except ProblemError as error:
        _say(str(error))
        return PROBLEM
    except UserError as error:
        _say(str(error))
        return UNUSABLE
    except KeyboardInterrupt:
        _say("Interrupted.")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough. Nothing is left to flush at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return GOOD


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


# --- summary ---------------------------------------------------------------------------------


def summary(options: argparse.Namespace) -> int:
    """Shapes, counts and problems of a network, as a table or as JSON."""
    opened, path = _open(options.network)
    # A network alone belongs to no data set, and may end as it likes.
    alone = path is None or path.suffix != SUFFIX
    report = analyze(opened.project.network, None if alone else _classes(opened.project))
    print(summary_json(report) if options.json else summary_table(report))
    return GOOD if report.problem is None else PROBLEM


# --- compare ---------------------------------------------------------------------------------


def compare(options: argparse.Namespace) -> int:
    """Two networks layer by layer, as a table or as JSON."""
    from cnnviz.compare import compare as side_by_side
    from cnnviz.export.comparison import comparison_json, comparison_table

    opened = [_open(name) for name in (options.left, options.right)]
    left, right = (found.project.network for found, _ in opened)
    # States of one project have uids of their own; those that come from places mean nothing.
    mine, others = (
        {layer.uid for path, layer in net.walk() if layer.uid != path} for net in (left, right)
    )
    related = bool(mine & others)
    comparison = side_by_side(analyze(left), analyze(right), same_origin=related)
    names = (left.name or options.left, right.name or options.right)
    text = comparison_json if options.json else comparison_table
    print(text(comparison, names))
    broken = comparison.left.problem or comparison.right.problem
    return GOOD if broken is None else PROBLEM


# --- train -----------------------------------------------------------------------------------


def train(options: argparse.Namespace) -> int:
    """Train a network and save it with what it has learned."""
    opened, _ = _open(options.network)
    project = _with_options(opened.project, options)
    _check_works(analyze(project.network, _classes(project)))
    out: Path | None = options.out
    if out is not None:
        check_replaceable(out)
    from cnnviz.engine.inline import choose_device, explaining, learned, prepare_run

    device, note = choose_device(options.device)
    if note is not None:
        _say(str(note))
    if opened.weights:
        _say("Going on from the weights in the file.")
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
        _say(f"Interrupted after {run.step:,} of {run.steps:,} steps. {saved}.")
        return INTERRUPTED
    if run.ended_early is not None:
        _say(str(run.ended_early))
    _say(f"{saved}.")
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
    points, _ = run.take_points()  # raises where the loss is no longer a number
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


# --- predict ---------------------------------------------------------------------------------


def predict(options: argparse.Namespace) -> int:
    """What a trained network sees in images."""
    opened, _ = _open(options.file)
    classes = data_set(opened.project.dataset).classes
    report = analyze(opened.project.network, len(classes))
    _check_works(report)
    if any(key not in opened.weights for key in report.tensor_keys()):
        raise UserError(
            Message(
                "{file} holds no weights for some of its layers. Train the network first: "
                "python -m cnnviz train.",
                file=options.file,
            )
        )
    import numpy as np

    from cnnviz.data.images import digit_from_image

    images, paths = [], []
    for path in options.images:
        try:
            images.append(digit_from_image(path))
            paths.append(path)
        except UserError as error:  # the others can still be looked at
            _say(str(error))
    found = []
    if images:
        from cnnviz.engine.inline import explaining, probabilities

        with explaining("cpu"):
            rows = probabilities(report, opened.weights, np.stack(images)).tolist()
        found = [
            (str(path), sorted(zip(classes, row, strict=True), key=lambda pair: -pair[1]))
            for path, row in zip(paths, rows, strict=True)
        ]
    if options.json:
        print(
            json.dumps(
                [{"image": path, "probabilities": dict(shares)} for path, shares in found], indent=1
            )
        )
    else:
        for path, shares in found:
            print(f"{path}: {', '.join(f'{name} {share:.1%}' for name, share in shares)}")
    return GOOD if len(found) == len(options.images) else UNUSABLE


# --- export ----------------------------------------------------------------------------------


def export(options: argparse.Namespace) -> int:
    """The network in the language of another program."""
    from cnnviz.export.formats import report_for, text_of, write

    opened, _ = _open(options.network)
    project, name = opened.project, options.to
    report = report_for(name, project.network, _classes(project))
    out: Path | None = options.out
    if name in ("pytorch", "keras", "onnx"):
        _check_works(report)
    if out is None and name in TEXTS:
        print(text_of(name, project, report), end="")
        return GOOD
    if out is None:
        raise UserError(Message("An ONNX file is not text. Name it with --out FILE.onnx."))
    beside = None
    if name == "onnx":
        from cnnviz.engine.inline import explaining
        from cnnviz.engine.onnx import onnx_bytes

        with explaining("cpu"):
            model = onnx_bytes(report, opened.weights, project.seed)
        with replacing(out) as stream:
            stream.write(model)
    else:
        beside = write(name, out, project, report, opened.weights)
    _say(f"Saved {out}." if beside is None else f"Saved {out} and its weights, {beside}.")
    return GOOD


# --- import ----------------------------------------------------------------------------------


def import_weights(options: argparse.Namespace) -> int:
    """Take weights from a safetensors file into a network, and save both."""
    from cnnviz.importing.matching import match, sizes
    from cnnviz.importing.tensor_file import open_tensors
    from cnnviz.transfer import with_normaliser

    opened, _ = _open(options.network)
    check_replaceable(options.out)
    report = analyze(opened.project.network)
    matching = match(report, open_tensors(options.weights))
    taken = dict(matching.read())
    project = opened.project
    if options.imagenet:
        if project.network.input.channels != 3:
            raise UserError(
                Message("Only images of three channels can be normalised as for ImageNet.")
            )
        network, known = with_normaliser(project.network)
        project = msgspec.structs.replace(project, network=network)
        taken |= known
    save_project(options.out, project, {**opened.weights, **taken})
    total = len(report.tensor_keys())
    if options.json:
        print(
            json.dumps(
                {
                    "matched_by": matching.way,
                    "family": matching.family or None,
                    "matched": len(matching.matches),
                    "tensors": total,
                    "values": matching.values,
                    "missing": [
                        {"tensor": f"{miss.uid}.{miss.name}", "reason": str(miss.reason)}
                        for miss in matching.missing
                    ],
                    "unused": [
                        {"tensor": miss.name, "reason": str(miss.reason)}
                        for miss in matching.unused
                    ],
                }
            )
        )
        return GOOD
    print(f"{matching.said} {len(matching.matches):,} of {total:,} tensors were taken over.")
    for title, misses in (
        ("Left as they are in the network:", matching.missing),
        ("Not used from the file:", matching.unused),
    ):
        if misses:
            print(title)
        for miss in misses:
            name = f"{miss.uid}.{miss.name}" if miss.uid else miss.name
            print(f"  {name} {sizes(miss.shape)}: {miss.reason}")
    _say(f"Saved {options.out}.")
    return GOOD


# --- what the commands share -----------------------------------------------------------------


def _open(name: str) -> tuple[Opened, Path | None]:
    """A file by its path, or a preset by its name. Raises UserError."""
    path = Path(name)
    if name in PRESETS and not path.exists():
        return Opened(project_of(name), {}), None
    if not path.exists() and not path.suffix and path.name == name:
        raise UserError(
            Message(
                "There is no file and no preset {name}. The presets are: {known}.",
                name=repr(name),
                known=", ".join(PRESETS),
            )
        )
    opened = open_any(path)
    if opened.note is not None:
        _say(str(opened.note))
    return opened, path


def _classes(project: Project) -> int:
    return len(data_set(project.dataset).classes)


def _check_works(report: Report) -> None:
    if report.problem is not None:
        raise ProblemError(problem_line(report))


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        _say(f"{message[:1].upper()}{message[1:]}. Try {self.prog} --help.")
        self.exit(UNUSABLE)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m cnnviz", description="Convolutional networks, without the window."
    )
    parser.add_argument("--version", action="version", version=f"CNNviz {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    network = f"a .cnnviz or .json file, or a preset: {', '.join(PRESETS)}"

    command = commands.add_parser("summary", help="shapes, counts and problems of a network")
    command.set_defaults(command=summary)
    command.add_argument("network", metavar="FILE_OR_PRESET", help=network)
    command.add_argument("--json", action="store_true", help="as JSON")

    command = commands.add_parser("compare", help="two networks side by side")
    command.set_defaults(command=compare)
    command.add_argument("left", metavar="A", help=network)
    command.add_argument("right", metavar="B", help="the same")
    command.add_argument("--json", action="store_true", help="as JSON")

    command = commands.add_parser("train", help="train a network and save it")
    command.set_defaults(command=train)
    command.add_argument(
        "network",
        metavar="NET",
        help=f"{network}; what a .cnnviz has learned already is kept and trained on",
    )
    command.add_argument("--dataset", choices=DATA_SETS, help="what to learn from")
    command.add_argument("--seed", type=int, help="where chance starts")
    command.add_argument("--device", help="cpu, cuda:0, mps …; the fastest one if left out")
    command.add_argument("--out", type=Path, metavar="FILE.cnnviz", help="where to save")
    command.add_argument("--json", action="store_true", help="the results as a last line of JSON")
    command.add_argument(
        "--threads", type=_count, help="processor threads; as many as there are cores if left out"
    )
    settings = command.add_argument_group("settings, where they differ from the file's")
    for field in fields_of(Training):
        _add_setting(settings, field)

    command = commands.add_parser("predict", help="what a trained network sees in images")
    command.set_defaults(command=predict)
    command.add_argument("file", metavar="FILE.cnnviz")
    command.add_argument("images", metavar="IMAGE", nargs="+", help="a picture of one digit")
    command.add_argument("--json", action="store_true", help="as JSON")

    command = commands.add_parser("import", help="take weights from a .safetensors file")
    command.set_defaults(command=import_weights)
    command.add_argument("network", metavar="NET", help=network)
    command.add_argument("weights", type=Path, metavar="WEIGHTS.safetensors")
    command.add_argument("--out", type=Path, required=True, metavar="FILE.cnnviz")
    command.add_argument(
        "--imagenet",
        action="store_true",
        help="normalise images as for ImageNet, with a frozen batch norm in front",
    )
    command.add_argument("--json", action="store_true", help="what matched, as JSON")

    command = commands.add_parser(
        "export",
        help="the network as a program, a model, a drawing or a table",
        description="PNG and PDF need the window: choose Export in its File menu.",
    )
    command.set_defaults(command=export)
    command.add_argument("network", metavar="FILE", help=network)
    command.add_argument(
        "--to",
        required=True,
        choices=["pytorch", "keras", "onnx", "svg", "markdown", "csv"],
        help="onnx needs the packages onnx and onnxscript",
    )
    command.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="where to save, a PyTorch program with its learned weights beside it; all but ONNX is "
        "printed if left out",
    )
    return parser


def _count(text: str) -> int:
    """A whole number from 1; argparse says what was found instead."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def _add_setting(group: argparse._ArgumentGroup, field: Field) -> None:
    """An option for a setting of training, from its declaration."""
    option = f"--{field.name.replace('_', '-')}"
    words = str(field.help).replace("%", "%%")
    if field.kind == "bool":
        group.add_argument(option, action=argparse.BooleanOptionalAction, help=words)
    elif field.kind == "choice":
        group.add_argument(option, choices=field.choices, help=words)
    else:
        group.add_argument(option, type=int if field.kind == "int" else float, help=words)
