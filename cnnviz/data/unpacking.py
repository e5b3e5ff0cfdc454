"""What is kept of an archive, and nothing else of it, into a folder of its own.

An archive's own names lead nowhere: only members that are asked for are read, each to a name that
the program has chosen, and never more bytes than it may have. Links, devices and folders are no
members that anybody asks for.
"""

from __future__ import annotations

import gzip
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from cnnviz.atomic import replacing, unreadable
from cnnviz.data.errors import DataError
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from cnnviz.data.published import Kept

LARGEST_MEMBER = 1 << 29
"""Of a member whose size is not known beforehand."""
LARGEST_ARCHIVE = 3 << 30
"""Unpacked bytes that are gone through in search of members."""
MOST_MEMBERS = 10_000
_CHUNK = 1 << 20

_DAMAGE = (
    tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError,
    NotImplementedError, RuntimeError,
)  # fmt: skip


def unpack_steps(archive: Path, kept: Sequence[Kept], into: Path) -> Generator[int, None, None]:
    """Take members out of a .tar.gz or .zip; yields how many bytes have been written.

    into: the folder that holds a folder for each data set. A file is there as a whole or not at
    all. Raises DataError for an archive that is damaged, lacks a member or has one of another size
    or kind, and UserError where there is no room.
    """
    try:
        if zipfile.is_zipfile(archive):
            yield from _zip_steps(archive, kept, into)
        else:
            yield from _tar_steps(archive, kept, into)
    except _DAMAGE as error:
        raise DataError(
            Message(
                "{file} is damaged ({reason}). Get it again from its source.",
                file=archive.name,
                reason=str(error) or type(error).__name__,
            )
        ) from error
    except OSError as error:
        raise DataError(unreadable(archive, error)) from error


def _zip_steps(archive: Path, kept: Sequence[Kept], into: Path) -> Generator[int, None, None]:
    done = 0
    with zipfile.ZipFile(archive) as members:
        if len(members.infolist()) > MOST_MEMBERS:
            raise _strange(archive)
        for each in kept:
            try:
                entry = members.getinfo(each.member)
            except KeyError:
                raise _missing(archive, each.member) from None
            kind = entry.external_attr >> 16
            if entry.is_dir() or (kind and (kind & 0o170000) not in (0, 0o100000)):
                raise _strange(archive)
            with members.open(entry) as stream:
                done = yield from _write_steps(archive, stream, entry.file_size, each, into, done)


def _tar_steps(archive: Path, kept: Sequence[Kept], into: Path) -> Generator[int, None, None]:
    wanted = {each.member: each for each in kept}
    done = count = 0
    with (
        gzip.open(archive, "rb") as plain,
        tarfile.open(fileobj=cast("IO[bytes]", _Limited(plain, archive)), mode="r|") as members,
    ):
        for entry in members:
            count += 1
            if count > MOST_MEMBERS:
                raise _strange(archive)
            each = wanted.pop(entry.name, None)
            if each is None:
                continue
            stream = members.extractfile(entry) if entry.isreg() else None
            if stream is None:
                raise _strange(archive)
            done = yield from _write_steps(archive, stream, entry.size, each, into, done)
            if not wanted:
                break
    if wanted:
        raise _missing(archive, next(iter(wanted)))


def _write_steps(
    archive: Path, stream: IO[bytes], size: int, each: Kept, into: Path, done: int
) -> Generator[int, None, int]:
    """Write one member; returns `done` and what was written."""
    if size > LARGEST_MEMBER or (each.size is not None and size != each.size):
        raise _strange(archive)
    folder = into / each.data_set
    folder.mkdir(parents=True, exist_ok=True)
    left = size
    with replacing(folder / each.name) as out:
        while left:
            data = stream.read(min(_CHUNK, left))
            if not data:
                raise EOFError("it ends too early")
            out.write(data)
            left -= len(data)
            done += len(data)
            yield done
    return done


class _Limited:
    """A stream that ends in an error where an archive is far larger than it can honestly be."""

    def __init__(self, stream: gzip.GzipFile, archive: Path) -> None:
        self._stream, self._archive = stream, archive
        self._left = LARGEST_ARCHIVE

    def read(self, size: int) -> bytes:
        """Some bytes, as many as there may still be. Raises DataError."""
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise _strange(self._archive)
        return data


def _missing(archive: Path, member: str) -> DataError:
    return DataError(
        Message(
            "{file} holds no {member}, so it is another archive. Choose the one that belongs to "
            "this data set.",
            file=archive.name,
            member=member,
        )
    )


def _strange(archive: Path) -> DataError:
    return DataError(
        Message(
            "{file} is not packed as this data set is, so nothing of it was taken. Get it again "
            "from its source.",
            file=archive.name,
        )
    )
