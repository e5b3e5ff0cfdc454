"""The writing of all formats that need neither torch nor Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import safetensors.numpy

from cnnviz.analysis import analyze
from cnnviz.atomic import replacing
from cnnviz.export.diagram import diagram
from cnnviz.export.keras import keras_source
from cnnviz.export.pytorch import pytorch_source, pytorch_state
from cnnviz.export.sheet import markdown, sheet
from cnnviz.layers import Vector
from cnnviz.message import Message, UserError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cnnviz.analysis import Report
    from cnnviz.network import Network
    from cnnviz.project import Project, Weights

    Say = Callable[[Message], str]


def report_for(name: str, network: Network, classes: int) -> Report:
    """What is exported: a network may end as it likes, as those with the 1,000 classes of ImageNet.

    Only a program that learns wants a number for each class of its data set, or more of them.
    """
    report = analyze(network)
    enough = isinstance(report.output, Vector) and report.output.length >= classes
    learns = name in ("pytorch", "reference", "keras")
    return analyze(network, classes) if learns and not enough else report


def text_of(name: str, project: Project, report: Report, say: Say = str) -> str:
    """The network as text of one of `TEXTS`; `say` translates what a person reads in it.

    Raises:
        UserError: a program is asked for, and the network has a problem.
    """
    match name:
        case "pytorch":
            return pytorch_source(project, report)
        case "reference":
            return pytorch_source(project, report, reference=True)
        case "keras":
            return keras_source(project, report)
        case "svg":
            return diagram(report, say)
        case "markdown":
            return markdown(report, say)
        case "csv":
            return sheet(report, say)
    raise ValueError(f"{name} is not text")


def write(
    name: str,
    path: Path,
    project: Project,
    report: Report,
    weights: Weights,
    say: Say = str,
    threads: int = 0,
) -> Path | None:
    """Write the network as one of `TEXTS` to a file.

    The weights of a PyTorch program go to a file beside it once everything has been learned; its
    path is returned. For a reference script they are those that a run begins with, and threads is
    how many it had; 0 is not known.

    Raises:
        UserError: a file cannot be written, or a program is asked for and there is a problem.
    """
    beside = None
    if name in ("pytorch", "reference"):
        beside = _write_weights(path, report, weights)
        if name == "reference" and beside is None:
            raise UserError(
                Message(
                    "A reference script begins with the initial weights of a run. Train first, if "
                    "only for a step."
                )
            )
        weights_file = beside.name if beside else None
        text = pytorch_source(
            project, report, weights_file, reference=name == "reference", threads=threads
        )
    else:
        text = text_of(name, project, report, say)
    # Spreadsheets take CSV for Latin-1 unless it begins with a mark.
    encoding = "utf-8-sig" if name == "csv" else "utf-8"
    with replacing(path) as stream:
        stream.write(text.encode(encoding))
    return beside


def _write_weights(path: Path, report: Report, weights: Weights) -> Path | None:
    if path.suffix == ".safetensors":
        raise UserError(Message("The script's own name must not be that of its weights. Use .py."))
    state = None if report.problem is not None else pytorch_state(report, weights)
    if not state:
        return None
    beside = path.with_suffix(".safetensors")
    with replacing(beside) as stream:
        stream.write(safetensors.numpy.save(state))
    return beside
