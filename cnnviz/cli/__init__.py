"""The command line: summary, compare, train, data, predict, import and export, without a window.

Exit codes: 0 all is well, 1 the network has a problem or its training failed, 2 something that was
given cannot be used, 130 interrupted. What is wrong is one sentence on standard error.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from cnnviz import __version__
from cnnviz.cli.commands import compare, export, import_weights, predict, summary
from cnnviz.cli.common import GOOD, INTERRUPTED, PROBLEM, UNUSABLE, ProblemError, say
from cnnviz.cli.data import add_data, get_data, list_data
from cnnviz.cli.training import train
from cnnviz.data.catalogue import DATA_SETS
from cnnviz.layers import Field, fields_of
from cnnviz.message import UserError
from cnnviz.preparation import Preparation
from cnnviz.presets import PRESETS
from cnnviz.training import Training

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


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
        say(str(error))
        return PROBLEM
    except UserError as error:
        say(str(error))
        return UNUSABLE
    except KeyboardInterrupt:
        say("Interrupted.")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough. Nothing is left to flush at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return GOOD


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        say(f"{message[:1].upper()}{message[1:]}. Try {self.prog} --help.")
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
    command.add_argument(
        "--dataset",
        metavar="NAME",
        help=f"what to learn from: {', '.join(DATA_SETS)}, or folder:PATH for a folder that holds "
        "a folder of pictures for each class, which are made as large as the network's input",
    )
    command.add_argument(
        "--new-head",
        action="store_true",
        help="a dense layer for the classes of the data set in the place of the last one",
    )
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
    settings = command.add_argument_group("how the data are prepared, where it differs as well")
    for field in fields_of(Preparation):
        _add_setting(settings, field)

    command = commands.add_parser("data", help="which data sets there are, and getting one")
    kinds = command.add_subparsers(required=True, metavar="COMMAND")
    named = f"one of {', '.join(name for name, known in DATA_SETS.items() if known.package)}"
    command = kinds.add_parser("list", help="every known data set")
    command.set_defaults(command=list_data)
    command.add_argument("--json", action="store_true", help="as JSON")
    command = kinds.add_parser("get", help="fetch one from the network")
    command.set_defaults(command=get_data)
    command.add_argument("name", metavar="NAME", help=named)
    command = kinds.add_parser("add", help="take one from a file, without a network")
    command.set_defaults(command=add_data)
    command.add_argument("name", metavar="NAME", help=named)
    command.add_argument("path", metavar="FILE", type=Path, help="the archive, or a folder")

    command = commands.add_parser("predict", help="what a trained network sees in images")
    command.set_defaults(command=predict)
    command.add_argument("file", metavar="FILE.cnnviz")
    command.add_argument(
        "images", metavar="IMAGE", nargs="+", help="a picture of one digit, or whatever it learned"
    )
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
        choices=["pytorch", "reference", "keras", "onnx", "svg", "markdown", "csv"],
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
    """An option for a setting of training or of the data, from its declaration."""
    option = f"--{field.name.replace('_', '-')}"
    words = str(field.help).replace("%", "%%")
    if field.kind == "bool":
        group.add_argument(option, action=argparse.BooleanOptionalAction, help=words)
    elif field.kind == "choice":
        group.add_argument(option, choices=field.choices, help=words)
    elif field.kind == "classes":
        group.add_argument(option, nargs="*", metavar="CLASS", help=words)
    else:
        group.add_argument(option, type=int if field.kind == "int" else float, help=words)
