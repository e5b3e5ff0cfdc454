"""Data sets from the network, and from files and USB sticks, each checked by its checksum.

Nothing here begins by itself: a person asks for it. What is fetched halfway is kept and gone on
with the next time, also from another address, because the checksum judges the whole.
"""

from __future__ import annotations

import hashlib
import shutil
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from cnnviz import __version__
from cnnviz.atomic import replacing, unreadable
from cnnviz.data.errors import DataError
from cnnviz.data.published import PACKAGES, Kept, Package, Published
from cnnviz.data.storage import data_folder
from cnnviz.data.unpacking import unpack_steps
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from http.client import HTTPResponse

TIMEOUT_SECONDS = 15.0
ATTEMPTS = 3
"""For each address, where no attempt brings anything."""
PAUSE_SECONDS = 1.0
"""After the first failure; twice as long after each further one."""
SPARE_BYTES = 32 << 20
_CHUNK = 1 << 17
_NO_SUCH_RANGE = 416
_TRY_AGAIN = frozenset((408, 416, 425, 429, 500, 502, 503, 504))
_HASH_CHUNK = 1 << 22
_LARGEST_CONTENT = 1 << 26

Doing = Literal["fetching", "waiting", "checking", "unpacking"]


@dataclass(frozen=True, slots=True)
class Step:
    """How far something is: bytes done of all, and what is being done with which file."""

    doing: Doing
    file: str
    done: int
    total: int


def package_of(name: str) -> Package:
    """A package by its name or that of one of its data sets; DataError where there is none."""
    for package in PACKAGES.values():
        if name == package.name or name in {kept.data_set for kept in package.kept}:
            return package
    raise DataError(
        Message(
            "There is nothing to fetch for “{name}”. These can be fetched: {known}.",
            name=name,
            known=", ".join(PACKAGES),
        )
    )


def missing(package: Package) -> tuple[Kept, ...]:
    """What of a package is not on this machine."""
    return tuple(each for each in package.kept if not _place(each).is_file())


# --- from the network ------------------------------------------------------------------------


def fetch_steps(package: Package) -> Generator[Step, None, None]:
    """Fetch what is missing of a package, check it and keep it.

    Closing the generator cancels it; what has been fetched stays and is gone on with.

    Raises DataError where no address gives the file as it was published, and UserError where there
    is no room for it.
    """
    there = missing(package)
    for file in package.files:
        kept = [each for each in there if each.member or each.name == file.name]
        if not kept:
            continue
        part = data_folder() / "incoming" / f"{file.sha256[:16]}-{file.name}"
        _check_room(part.parent, file, kept)
        yield from _fetch_file_steps(file, part)
        yield from _keep_steps(part, kept, moved=True)


def _fetch_file_steps(file: Published, part: Path) -> Generator[Step, None, None]:
    """Bring a whole and sound file to `part`; addresses are tried one after the other."""
    last: Message | None = None
    for address in file.addresses:
        failures = 0
        while failures < ATTEMPTS:
            before = _size(part)
            try:
                yield from _transfer_steps(file, address, part)
                if (yield from _is_sound_steps(file, part)):
                    return
                part.unlink(missing_ok=True)
                if before:  # it may be what was there already that is wrong
                    continue
                last = Message(
                    "{file} from {host} is not what was published: its checksum differs. "
                    "Nothing was kept of it.",
                    file=file.name,
                    host=_host(address),
                )
                break  # this address would send the same again
            except _TransferError as error:
                failures = 1 if _size(part) > before else failures + 1
                last = error.message
                if error.final:
                    break
                yield from _wait_steps(file, part, PAUSE_SECONDS * 2 ** (failures - 1))
    raise DataError(last or Message("There is no address for {file}.", file=file.name))


def _transfer_steps(file: Published, address: str, part: Path) -> Generator[Step, None, None]:
    """Go on with what is there. Raises _TransferError where the connection fails or is cut."""
    have = _size(part)
    if have > file.size:
        part.unlink()
        have = 0
    if have == file.size:
        return
    yield Step("fetching", file.name, have, file.size)
    try:
        with _open(address, have) as response:
            if have and not _goes_on_at(response, have):
                have = 0
            length = response.headers.get("Content-Length")
            if length is not None and length != str(file.size - have):
                raise _TransferError(_something_else(file, address), final=True)
            with part.open("r+b" if have else "wb") as out:
                out.seek(have)
                while data := response.read(_CHUNK):
                    if have + len(data) > file.size:
                        raise _TransferError(_something_else(file, address), final=True)
                    out.write(data)
                    have += len(data)
                    yield Step("fetching", file.name, have, file.size)
    except _broken() as error:
        if _is_full(error):
            raise DataError(_no_room(part.parent, file.size - have)) from error
        code = getattr(error, "code", None)
        if code is not None:  # an answer, though not the wanted one
            error.close()  # type: ignore[attr-defined]
        if code == _NO_SUCH_RANGE:
            part.unlink(missing_ok=True)
        refused = code is not None and code not in _TRY_AGAIN
        raise _TransferError(_unreachable(address, error), final=refused) from error
    if have < file.size:
        raise _TransferError(
            Message(
                "The connection to {host} was cut after {done:,} of {total:,} bytes. Try again: it "
                "goes on from there.",
                host=_host(address),
                done=have,
                total=file.size,
            )
        )


class _TransferError(Exception):
    """One attempt has failed; another one may not."""

    def __init__(self, message: Message, *, final: bool = False) -> None:
        super().__init__(str(message))
        self.message = message
        self.final = final  # the same address would answer the same


def _something_else(file: Published, address: str) -> Message:
    return Message(
        "{host} sends something else in the place of {file}, such as a login page. Check the "
        "network, or take the data set from a file.",
        host=_host(address),
        file=file.name,
    )


def _open(address: str, have: int) -> HTTPResponse:
    """Ask for a file from a byte on. Only the web: an answer cannot lead to a file of this disk."""
    from urllib import request  # slow to import, and most people fetch nothing

    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler, request.UnknownHandler, request.HTTPHandler, request.HTTPSHandler,
        request.HTTPDefaultErrorHandler, request.HTTPRedirectHandler, request.HTTPErrorProcessor,
    ):  # fmt: skip
        opener.add_handler(handler())
    headers = {"User-Agent": f"CNNviz/{__version__}", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    response: HTTPResponse = opener.open(
        request.Request(address, headers=headers), timeout=TIMEOUT_SECONDS
    )
    return response


def _goes_on_at(response: HTTPResponse, have: int) -> bool:
    """Whether the server sends the rest, and not all of it anew."""
    said = response.headers.get("Content-Range", "")
    return response.status == 206 and said.startswith(f"bytes {have}-")


def _broken() -> tuple[type[Exception], ...]:
    from http.client import HTTPException

    return (OSError, HTTPException)  # URLError and HTTPError are OSErrors


def _unreachable(address: str, error: Exception) -> Message:
    reason = getattr(error, "reason", None) or error
    words = getattr(reason, "strerror", None) or str(reason) or type(error).__name__
    code = getattr(error, "code", None)
    return Message(
        "{host} could not be reached ({reason}). Check the network, or take the data set from a "
        "file.",
        host=_host(address),
        reason=f"{code} {words}" if code else words,
    )


def _host(address: str) -> str:
    return urlsplit(address).netloc


def _wait_steps(file: Published, part: Path, seconds: float) -> Generator[Step, None, None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield Step("waiting", file.name, _size(part), file.size)
        time.sleep(min(0.05, seconds))


# --- from a file or a folder -----------------------------------------------------------------


def add_steps(package: Package, path: Path) -> Generator[Step, None, None]:
    """Take a package from an archive, or from a folder that holds its files, or from one of them.

    Raises DataError where a file is missing there or is not what was published, and UserError where
    there is no room.
    """
    try:
        sources = _find(package, path)
    except OSError as error:
        raise DataError(unreadable(path, error)) from error
    for file, source in sources:
        kept = [each for each in package.kept if each.member or each.name == file.name]
        _check_room(data_folder() / "incoming", file, kept, fetched=True)
        if not (yield from _is_sound_steps(file, source)):
            raise DataError(
                Message(
                    "{file} is not what was published: its checksum differs. It may be cut off, or "
                    "another version. Get it again from its source.",
                    file=source.name,
                )
            )
        yield from _keep_steps(source, kept, moved=False)


def _find(package: Package, path: Path) -> list[tuple[Published, Path]]:
    """Where each file of a package is."""
    if path.is_file() and len(package.files) == 1:
        return [(package.files[0], path)]  # whatever a browser has called it
    folder = path if path.is_dir() else path.parent
    there: dict[str, Path] = {}
    for each in [folder, *(inner for inner in sorted(folder.iterdir()) if inner.is_dir())]:
        for entry in each.iterdir():
            there.setdefault(entry.name.lower(), entry)
    found = [(file, there.get(file.name.lower())) for file in package.files]
    for file, source in found:
        if source is None:
            raise DataError(
                Message(
                    "There is no {file} in {folder}. Choose the folder that holds the files as "
                    "they are published: {known}.",
                    file=file.name,
                    folder=str(folder),
                    known=", ".join(each.name for each in package.files),
                )
            )
    return [(file, source) for file, source in found if source is not None]


# --- both ------------------------------------------------------------------------------------


def _is_sound_steps(file: Published, path: Path) -> Generator[Step, None, bool]:
    """Whether a file is what was published; or packed anew, with the same in it."""
    try:
        size = path.stat().st_size
        whole = hashlib.sha256()
        content = hashlib.sha256()
        plain = zlib.decompressobj(wbits=31) if file.same else None
        done = unpacked = 0
        with path.open("rb") as stream:
            while data := stream.read(_HASH_CHUNK):
                whole.update(data)
                if plain is not None and unpacked <= _LARGEST_CONTENT:
                    try:
                        more = plain.decompress(data, _LARGEST_CONTENT)
                    except zlib.error:
                        plain = None
                    else:
                        content.update(more)
                        unpacked += len(more)
                done += len(data)
                yield Step("checking", file.name, done, max(size, 1))
    except OSError as error:
        raise DataError(unreadable(path, error)) from error
    at_end = plain is not None and plain.eof and not plain.unused_data
    same = at_end and content.hexdigest() == file.same
    return whole.hexdigest() == file.sha256 or same


def _keep_steps(source: Path, kept: Sequence[Kept], *, moved: bool) -> Generator[Step, None, None]:
    """Keep what is wanted of a file that has been checked."""
    packed = [each for each in kept if each.member]
    total = sum(each.size or 0 for each in packed) or source.stat().st_size
    for done in unpack_steps(source, packed, data_folder()) if packed else ():
        yield Step("unpacking", source.name, min(done, total), total)
    for each in kept:
        if each.member:
            continue
        _place(each).parent.mkdir(parents=True, exist_ok=True)
        if moved:
            source.replace(_place(each))
            continue
        with source.open("rb") as stream, replacing(_place(each)) as out:
            while data := stream.read(_HASH_CHUNK):
                out.write(data)
                yield Step("unpacking", each.name, out.tell(), total)
    if moved:
        source.unlink(missing_ok=True)


def _place(kept: Kept) -> Path:
    return data_folder() / kept.data_set / kept.name


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _check_room(
    folder: Path, file: Published, kept: Sequence[Kept], *, fetched: bool = False
) -> None:
    """Raises DataError where a file and what is unpacked of it do not fit the disk."""
    part = folder / f"{file.sha256[:16]}-{file.name}"
    unpacked = sum(each.size or file.size // len(kept) for each in kept if each.member or fetched)
    wanted = unpacked if fetched else unpacked + file.size - _size(part)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise DataError(unreadable(folder, error)) from error
    if free < wanted + SPARE_BYTES:
        raise DataError(_no_room(folder, wanted))


def _no_room(folder: Path, wanted: int) -> Message:
    return Message(
        "There is no room for {wanted:,} bytes in {folder}. Make room; what has "
        "been fetched is kept, and fetching goes on from there.",
        wanted=wanted,
        folder=str(folder),
    )


def _is_full(error: Exception) -> bool:
    import errno

    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
