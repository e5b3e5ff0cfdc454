"""Files as wholes: replace one or leave it alone, and say why one cannot be read or written."""

from __future__ import annotations

import contextlib
import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from cnnviz.message import Message, UserError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A stream whose bytes become the file when the block ends well; else the old file stays.

    They go to a new file beside it first, and onto the disk, before they take its name: a full disk
    or a crash leaves the old file as it was. The permissions of the old file are kept, and where
    the path is a symbolic link, the file that it points to is replaced.

    Raises:
        UserError: the file cannot be written, with the system's reason.
    """
    try:
        target = path.resolve()
        mode = _mode_of(target)
        # A short name of its own, because the target's may be as long as names can be.
        beside = target.with_name(f".cnnviz-{os.urandom(8).hex()}.tmp")
        number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
        try:
            with os.fdopen(number, "wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            if mode is not None:
                beside.chmod(mode)
            beside.replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise
        _sync_folder(target.parent)
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
        raise UserError(
            Message(
                "{file} could not be written to {folder}: {reason}. What was there before is "
                "unchanged. Choose another place or make room.",
                file=path.name,
                folder=str(path.parent),
                reason=reason_of(error),
            )
        ) from error


def check_replaceable(path: Path) -> None:
    """Find out before a long work whether its result can be written. Raises UserError."""
    with contextlib.suppress(_NotYetError), replacing(path):
        raise _NotYetError


class _NotYetError(Exception):
    """Ends a `replacing` without replacing anything."""


def unreadable(path: Path, error: Exception) -> Message:
    """Why a file cannot be read, for a person."""
    if isinstance(error, FileNotFoundError):
        return Message(
            "There is no file {file} in {folder}. Check the name.",
            file=path.name,
            folder=str(path.parent),
        )
    return Message(
        "{file} cannot be read ({reason}). Check that the file may be opened.",
        file=path.name,
        reason=reason_of(error),
    )


def reason_of(error: Exception) -> str:
    """Why the system refused, in its own words and without the path."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


_BINARY = getattr(os, "O_BINARY", 0)  # on Windows, where files are text unless one says so


def _mode_of(target: Path) -> int | None:
    """The permissions to keep; None for a new file, which gets the usual ones."""
    try:
        found = target.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):
        raise UserError(
            Message("{file} is a folder. Choose another name for the file.", file=target.name)
        )
    if not os.access(target, os.W_OK):
        # The folder may well be writable, but who write-protects a file means the file.
        raise UserError(
            Message(
                "{file} is write-protected. Choose another name, or allow writing to it.",
                file=target.name,
            )
        )
    return stat.S_IMODE(found.st_mode)


def _sync_folder(folder: Path) -> None:
    """Put the new name itself on the disk, where a system can do that for a folder."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
