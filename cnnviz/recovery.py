"""Autosaves, and finding those of programs that have ended without tidying up.

A running program has at most one autosave, and beside it a lock file on which it holds a lock of
the operating system. Such a lock ends with its process, however that dies, so that a save whose
lock is free was left behind. Process numbers would not do: they are given out again.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from cnnviz.atomic import reason_of
from cnnviz.files import SUFFIX, Opened, open_part, open_project, save_project
from cnnviz.message import Message, UserError
from cnnviz.run_folder import RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnnviz.project import Project, Weights
    from cnnviz.runs import KeptRun, Standing

_NOTE_PART = "recovery.json"
_LOCK_SUFFIX = ".lock"
_RUNS_SUFFIX = ".parts"


class Orphan(Struct, frozen=True):
    """An autosave that was left behind.

    original: the file that the project belonged to, None where it had never been saved.
    time: when the autosave was written, in seconds since 1970.
    """

    file: Path
    original: Path | None
    time: float


class Recovery:
    """The autosave of this program, and those that others left behind, in one folder.

    The folder is made when it is needed. Where its file system has no locks, autosaves are written
    but never offered: a save that may belong to a running program is left alone.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: Path | None = None
        self._lock: int | None = None
        self._runs: RunFolder | None = None

    def write(
        self,
        project: Project,
        weights: Weights,
        original: Path | None,
        runs: Iterable[KeptRun] = (),
        standing: Standing | None = None,
    ) -> None:
        """Put the project into this program's autosave, in the place of the one before.

        Of runs only what is new is written, into a folder beside it; they come first, so that the
        one that stands is there.

        Raises:
            UserError: it cannot be written; the one before is still there.
        """
        note = {"path": None if original is None else str(original)}
        # The names of files may hold bytes that are no text; json keeps them, escaped.
        more = {_NOTE_PART: json.dumps(note).encode()}
        file = self._own_file()
        if self._runs is None:
            self._runs = RunFolder(_runs_of(file))
        try:
            self._runs.write(runs)
        finally:  # where there is no room for runs there may be some for the network
            save_project(file, project, weights, more, standing=standing)

    def discard(self) -> None:
        """Remove this program's autosave: its project is safe elsewhere, or not wanted."""
        if self._file is None:
            return
        with contextlib.suppress(OSError):
            self._file.unlink()
        RunFolder(_runs_of(self._file)).delete()
        self._release()

    def orphans(self) -> tuple[Orphan, ...]:
        """The saves of programs that no longer run, the newest first."""
        found = []
        with contextlib.suppress(OSError):
            for file in self._folder.glob(f"*{SUFFIX}"):
                if file != self._file and not _is_held(_lock_of(file)):
                    # It may go at any moment, when another program opens or deletes it.
                    with contextlib.suppress(OSError):
                        found.append(Orphan(file, _original_of(file), file.stat().st_mtime))
        return tuple(sorted(found, key=lambda orphan: orphan.time, reverse=True))

    def open(self, orphan: Orphan) -> Opened:
        """Read a save that was left behind and make it this program's autosave.

        Raises:
            UserError: it is damaged, and stays where it is; or another program was quicker.
        """
        opened = open_project(orphan.file, _runs_of(orphan.file))
        own = self._own_file()
        try:
            orphan.file.replace(own)
            RunFolder(_runs_of(own)).delete()
            if _runs_of(orphan.file).is_dir():
                _runs_of(orphan.file).replace(_runs_of(own))
        except OSError as error:
            raise UserError(
                Message(
                    "The autosave could not be taken over ({reason}). Perhaps another window has "
                    "recovered it already.",
                    reason=reason_of(error),
                )
            ) from error
        _remove(_lock_of(orphan.file))
        return opened

    def delete(self, orphan: Orphan) -> None:
        """Remove a save that was left behind and is not wanted."""
        _remove(orphan.file)
        RunFolder(_runs_of(orphan.file)).delete()
        _remove(_lock_of(orphan.file))

    def _own_file(self) -> Path:
        """Where this program's autosave belongs. Its lock is held before the file exists."""
        if self._file is not None:
            return self._file
        file = self._folder / f"{os.urandom(8).hex()}{SUFFIX}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(_lock_of(file), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise UserError(
                Message(
                    "There is no autosave, because {folder} cannot be written to ({reason}). "
                    "Save the project yourself.",
                    folder=str(self._folder),
                    reason=reason_of(error),
                )
            ) from error
        with contextlib.suppress(OSError):
            _acquire(self._lock)
        self._file = file
        return file

    def _release(self) -> None:
        if self._file is not None and self._lock is not None:
            os.close(self._lock)  # first: Windows deletes no open file
            _remove(_lock_of(self._file))
        self._file = self._lock = self._runs = None


def _lock_of(file: Path) -> Path:
    return file.with_suffix(_LOCK_SUFFIX)


def _runs_of(file: Path) -> Path:
    return file.with_suffix(_RUNS_SUFFIX)


def _original_of(file: Path) -> Path | None:
    try:
        note = json.loads(open_part(file, _NOTE_PART) or b"{}")
        return Path(note["path"])
    except (UserError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _remove(file: Path) -> None:
    with contextlib.suppress(OSError):
        file.unlink()


def _is_held(lock: Path) -> bool:
    """Whether a running program holds the lock, or that cannot be found out."""
    try:
        number = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        _acquire(number)
    except OSError:
        return True
    finally:
        os.close(number)  # which gives back what was just acquired
    return False


if sys.platform == "win32":
    import msvcrt

    def _acquire(number: int) -> None:
        """Lock an open file without waiting. Raises OSError where another one holds it."""
        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _acquire(number: int) -> None:
        """Lock an open file without waiting. Raises OSError where another one holds it."""
        # Not lockf: its locks end when the process closes any other handle of the same file.
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
