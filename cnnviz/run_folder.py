"""Runs as files in a folder beside an autosave: what has been written once is not written again.

All runs of a project may take hundreds of megabytes, of which little changes from one autosave to
the next. The names are those that the parts have in a project's file.
"""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING

from cnnviz.archive import read_all
from cnnviz.atomic import reason_of, replacing
from cnnviz.message import Message, UserError
from cnnviz.runs.storage import RUNS_FOLDER, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cnnviz.runs import KeptRun


class RunFolder:
    """The folder of one autosave. It is made when there is a run to be kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written: dict[Path, object] = {}
        """What the files were made of."""

    def write(self, runs: Iterable[KeptRun]) -> None:
        """Let the folder hold these runs, and no others.

        Raises:
            UserError: a file cannot be written; what was there before is still there.
        """
        wanted, ids = set(), set()
        for run in runs:
            ids.add(run.id)
            for name, part in parts_of(run).items():
                file = self._folder / RUNS_FOLDER / run.id / name
                wanted.add(file)
                if self._written.get(file) is part.source:
                    continue
                _make(file.parent)
                with replacing(file) as stream:
                    for piece in part.make():
                        stream.write(piece)
                self._written[file] = part.source
        for file in set(self._written) - wanted:
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)
            del self._written[file]
        for run_id in set(runs_in(self._folder)) - ids:  # also of the program before
            shutil.rmtree(self._folder / RUNS_FOLDER / run_id, ignore_errors=True)

    def delete(self) -> None:
        """Remove the folder and all that is in it."""
        self._written.clear()
        shutil.rmtree(self._folder, ignore_errors=True)


def runs_in(folder: Path) -> list[str]:
    """The names of the folders of runs in such a folder."""
    try:
        return [file.parent.name for file in (folder / RUNS_FOLDER).glob("r*/run.json")]
    except OSError:
        return []


def part_in(folder: Path, name: str, limit: int) -> bytearray | None:
    """A part by its name; None where there is none. Raises UserError."""
    file = folder / name
    try:
        with file.open("rb") as stream:
            return read_all(stream, file, name, limit)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(
            Message(
                "{file} cannot be read ({reason}). Check that the file may be opened.",
                file=name,
                reason=reason_of(error),
            )
        ) from error


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            Message(
                "There is no autosave, because {folder} cannot be written to ({reason}). "
                "Save the project yourself.",
                folder=str(folder),
                reason=reason_of(error),
            )
        ) from error
