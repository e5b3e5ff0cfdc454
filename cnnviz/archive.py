"""Zip archives that may come from anywhere: nothing that they say of themselves is believed, and
they make the program ask for no more memory than it allows."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections import Counter
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from cnnviz.atomic import unreadable
from cnnviz.message import Message, UserError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CHUNK = 1 << 20
_LARGEST_PIECE = 4 << 20
"""What is read at once at most, which is the table of contents: that of a thousand runs with forty
parts each is somewhat smaller."""
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    ValueError,
)
"""What unpacking raises where an archive is not what it says."""


class _Bounded(io.BufferedReader):
    """A file that hands out no large piece at once, such as a table of a million entries."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            size = _CHUNK
        if size > _LARGEST_PIECE:
            raise zipfile.BadZipFile("its table of contents is too long")
        return super().read(size)


@contextmanager
def reading(path: Path) -> Iterator[_Bounded]:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UserError(
                Message(
                    "{file} is a folder or a device. Choose a file.", file=path.name or str(path)
                )
            )
        with _Bounded(io.FileIO(path)) as stream:
            yield stream
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise UserError(unreadable(path, error)) from error


class Archive(zipfile.ZipFile):
    """A zip archive of which many parts are asked for, one by one."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(stream)
        self.ambiguous = {name for name, times in Counter(self.namelist()).items() if times > 1}
        """Names that several parts have."""


@contextmanager
def archive_of(path: Path) -> Iterator[Archive]:
    with reading(path) as stream:
        try:
            with Archive(stream) as archive:
                yield archive
        except DAMAGE as error:
            raise UserError(damaged(path, error)) from error


def damaged(path: Path, error: Exception) -> Message:
    """Why an archive, or a part of one, cannot be unpacked."""
    return Message(
        "{file} is no CNNviz project, or it is damaged ({reason}). Choose another file "
        "or another copy.",
        file=path.name,
        reason=str(error) or "it ends too early",
    )


def part_of(archive: Archive, path: Path, name: str, limit: int) -> bytearray | None:
    """A file of the archive by its name; None where there is none."""
    entry = archive.NameToInfo.get(name)
    if entry is None:
        return None
    if name in archive.ambiguous:
        raise UserError(
            Message(
                "{file} holds {part} twice, so it is not clear which one counts. Choose another "
                "copy.",
                file=path.name,
                part=name,
            )
        )
    if entry.flag_bits & 0x1:
        raise UserError(
            Message(
                "{file} is encrypted. Unpack it with its password and pack it again without one.",
                file=path.name,
            )
        )
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile(f"{name} is packed in an unknown way")
    with archive.open(entry) as stream:
        return read_all(stream, path, name, limit)


def read_all(stream: IO[bytes], path: Path, part: str, limit: int) -> bytearray:
    """All of a stream, piece by piece, because what its length is said to be may be a lie."""
    data = bytearray()
    while piece := stream.read(_CHUNK):
        data += piece
        if len(data) > limit:
            raise UserError(
                Message(
                    "{part} in {file} is larger than the {limit:,} bytes that are allowed. "
                    "Choose another file.",
                    file=path.name,
                    part=part,
                    limit=limit,
                )
            )
    return data


def entry_of(name: str) -> zipfile.ZipInfo:
    """An entry without a date, so that the same project gives the same file."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFREG | 0o644) << 16
    return entry
