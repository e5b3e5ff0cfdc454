"""What the commands share: exit codes, sentences on standard error, networks by name."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cnnviz.data.datasets import data_set
from cnnviz.export.table import problem_line
from cnnviz.files import Opened, open_any
from cnnviz.message import Message, UserError
from cnnviz.presets import PRESETS
from cnnviz.recipes import project_of

if TYPE_CHECKING:
    from cnnviz.analysis import Report
    from cnnviz.project import Project

GOOD, PROBLEM, UNUSABLE, INTERRUPTED = 0, 1, 2, 130


class ProblemError(Exception):
    """The network does not work, or its training has failed; the message is for the person."""


def say(sentence: str) -> None:
    """Tell the person something that is no result."""
    print(sentence, file=sys.stderr, flush=True)


def open_named(name: str) -> tuple[Opened, Path | None]:
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
        say(str(opened.note))
    return opened, path


def classes_of(project: Project) -> int:
    """How many classes the project's data set has. Raises UserError."""
    return len(data_set(project.dataset).classes)


def check_works(report: Report) -> None:
    """Raises ProblemError where the network does not."""
    if report.problem is not None:
        raise ProblemError(problem_line(report))
