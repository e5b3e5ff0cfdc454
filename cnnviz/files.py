"""Projects as files: `.cnnviz`, a zip of `project.json` and `weights.safetensors`.

A file may come from anywhere. Nothing that it says about itself is believed, nothing in it is run,
and it makes the program ask for no more memory than a small multiple of its own size. Version 1
grows by optional fields only.

What a network has learned is worth more than a tidy file: tensors that do not fit the network are
left out and a note says so, while the network itself opens.
"""

from __future__ import annotations

import codecs
import io
import json
import stat
import struct
import zipfile
import zlib
from contextlib import contextmanager
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any

import msgspec
import numpy as np
from msgspec import Struct

from cnnviz.analysis import Report, TensorKey, analyze
from cnnviz.atomic import replacing, unreadable
from cnnviz.data.datasets import data_set
from cnnviz.message import Message, UserError
from cnnviz.network import Network
from cnnviz.network_file import decode_network, encode_network
from cnnviz.project import VERSION, Project, Weights
from cnnviz.strict_json import check_header, decode_json
from cnnviz.tensors import TableError, finite, header_length, table
from cnnviz.tensors import pieces as tensor_pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SUFFIX = ".cnnviz"
PROJECT_PART = "project.json"
WEIGHTS_PART = "weights.safetensors"
DISABLED_PART = "disabled.safetensors"
"""What is needed once all disabled layers are enabled again, and not as the network is now: their
own tensors, and those of layers that receive another shape from them."""

MAX_JSON_BYTES = 16 << 20
"""Ten thousand layers take three megabytes."""

_CHUNK = 1 << 20
_MAX_RATIO = 20
"""How far weights may unpack. Ours are stored as they are; learned numbers hardly shrink at all."""


class Opened(Struct, frozen=True):
    """What a file held. `note` says what of it could not be used; None where all could."""

    project: Project
    weights: Weights
    note: Message | None = None


def save_project(
    path: Path,
    project: Project,
    weights: Weights,
    more: Mapping[str, bytes] = MappingProxyType({}),
) -> None:
    """Write a project and what its present network has learned, wholly or not at all; also what it
    has learned with all layers enabled.

    more: further parts of the archive by name, which `open_project` passes over.

    Raises:
        UserError: the file cannot be written.
    """
    tensors = _stored(analyze(project.network), weights)
    whole = _all_enabled(project.network)
    later = {} if whole is project.network else _stored(analyze(whole), weights)
    later = {name: values for name, values in later.items() if values is not tensors.get(name)}
    with replacing(path) as stream, zipfile.ZipFile(stream, "w") as archive:
        parts = {PROJECT_PART: encode_project(project), **more}
        for name, data in parts.items():
            archive.writestr(_entry(name), data, zipfile.ZIP_DEFLATED)
        for name, held in ((WEIGHTS_PART, tensors), (DISABLED_PART, later)):
            if not held:
                continue
            entry = _entry(name)
            entry.compress_type = zipfile.ZIP_STORED
            pieces = tensor_pieces(held)
            entry.file_size = sum(map(len, pieces))
            with archive.open(entry, "w") as part:
                for piece in pieces:
                    part.write(piece)


def save_network(path: Path, network: Network) -> None:
    """Write a network alone as `.json`, wholly or not at all. Raises UserError."""
    with replacing(path) as stream:
        stream.write(encode_network(network))


def open_project(path: Path) -> Opened:
    """Read a `.cnnviz`.

    Raises:
        UserError: what is wrong with the file, in one sentence.
    """
    with _archive(path) as archive:
        data = _part(archive, path, PROJECT_PART, MAX_JSON_BYTES)
        limit = _MAX_RATIO * path.stat().st_size + _CHUNK
        stored = _part(archive, path, WEIGHTS_PART, limit)
        later = _part(archive, path, DISABLED_PART, limit)
    if data is None:
        raise UserError(
            Message(
                "{file} is a zip archive without a {part}, so it is no CNNviz project. "
                "Choose another file.",
                file=path.name,
                part=PROJECT_PART,
            )
        )
    project = decode_project(bytes(data))
    weights: Weights = {}
    notes = []
    for data, network in ((later, _all_enabled(project.network)), (stored, project.network)):
        if data is not None:
            found, note = decode_weights(analyze(network), data, path.name)
            weights = {**weights, **found}
            notes += [] if note is None else [note]
    return Opened(project, weights, notes[-1] if notes else None)


def _all_enabled(network: Network) -> Network:
    return network.with_enabled([layer.uid for _, layer in network.walk()], enabled=True)


def open_any(path: Path) -> Opened:
    """Read a project, or a network alone as `.json`, by what is in the file. Raises UserError."""
    with _reading(path) as stream:
        zipped = path.suffix == SUFFIX or stream.peek(2).startswith(b"PK")
        data = b"" if zipped else bytes(_read(stream, path, path.name, MAX_JSON_BYTES))
    if zipped:
        return open_project(path)
    data = data.removeprefix(codecs.BOM_UTF8)  # some editors put it there
    network = decode_network(data)
    _refuse_twice(data)
    return Opened(Project(network), {})


def open_part(path: Path, name: str) -> bytes | None:
    """A small part of a `.cnnviz` by its name; None where there is none. Raises UserError."""
    with _archive(path) as archive:
        data = _part(archive, path, name, MAX_JSON_BYTES)
    return None if data is None else bytes(data)


def encode_project(project: Project) -> bytes:
    """The project as readable JSON: a setting a line, a layer a line."""
    document = msgspec.to_builtins(project)
    del document["network"]
    if not document["preparation"]:  # older versions know none, and read a file without
        del document["preparation"]
    lines = [f"{json.dumps(name)}: {_by_line(value)}" for name, value in document.items()]
    network = encode_network(project.network).decode().rstrip().replace("\n", "\n ")
    return "{{{}}}\n".format(",\n ".join([*lines, f'"network": {network}'])).encode()


def _by_line(value: object) -> str:
    """A value as JSON; of an object each member on a line of its own."""
    if isinstance(value, dict):
        members = (f"{json.dumps(name)}: {_by_line(member)}" for name, member in value.items())
        return "{{\n  {}}}".format(",\n  ".join(members))
    return msgspec.json.encode(value).decode()


def decode_project(data: bytes) -> Project:
    """Read a project from JSON.

    Raises:
        UserError: what was found, what was expected and where, in one sentence.
    """
    data = data.removeprefix(codecs.BOM_UTF8)
    check_header(data, "cnnviz-project", VERSION)
    project = decode_json(data, Project)
    # The network has a format and a version of its own, and its layers need their uids.
    network = decode_network(bytes(decode_json(data, _Parts).network))
    _refuse_twice(data)
    data_set(project.dataset)
    return msgspec.structs.replace(project, network=network)


class _Parts(Struct):
    network: msgspec.Raw


def _refuse_twice(data: bytes) -> None:
    """Refuse a name that occurs twice in an object: readers differ in which of the two they take.

    data: JSON that has been decoded as a known type, so it is neither deep nor has huge numbers.
    """

    def once(pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            twice = next(name for index, name in enumerate(names) if name in names[:index])
            raise UserError(
                Message(
                    "The file is ambiguous: {name} occurs twice in the same place. Remove one.",
                    name=repr(twice),
                )
            )

    json.loads(data, object_pairs_hook=once)


# --- weights ---------------------------------------------------------------------------------


def encode_weights(report: Report, weights: Weights) -> bytes | None:
    """What the present network has learned, as safetensors by "uid.tensor"; None for nothing.

    Layers that wait for a problem to be mended have no shapes yet; what they learned last is kept,
    so that it is there when the problem has been mended.
    """
    tensors = _stored(report, weights)
    return b"".join(tensor_pieces(tensors)) if tensors else None


def _stored(report: Report, weights: Weights) -> dict[str, np.ndarray]:
    working, waiting = set(report.tensor_keys()), _waiting(report)
    return {
        f"{key[0]}.{key[1]}": values
        for key, values in weights.items()
        if key in working or key[0] in waiting
    }


def decode_weights(
    report: Report, data: bytes | bytearray, file: str
) -> tuple[Weights, Message | None]:
    """The tensors in a safetensors file that belong to the network, and a note where some do not.

    Raises:
        UserError: it is no safetensors file, or damaged; `file` is the name to blame.
    """
    try:
        length = header_length(bytes(data[:8]), len(data))
        tensors = table(bytes(data[8 : 8 + length]), len(data))
    except TableError as error:
        raise UserError(
            Message(
                "The weights in {file} are damaged ({reason}). Use another copy of the file.",
                file=file,
                reason=str(error),
            )
        ) from error
    working, waiting = set(report.tensor_keys()), _waiting(report)
    weights: dict[TensorKey, np.ndarray] = {}
    left_out = []
    for tensor in tensors:
        uid, _, name = tensor.name.rpartition(".")
        key = uid, name, tensor.shape
        if tensor.dtype != "F32" or (key not in working and uid not in waiting):
            left_out.append(tensor.name)
            continue
        # A copy, so that a tensor that is thought better of does not hold on to all of the file.
        values = np.frombuffer(data, "<f4", tensor.size, tensor.start).copy().reshape(key[2])
        values.flags.writeable = False
        if not finite(values):
            return {}, Message(
                "The saved weights hold numbers that are not finite (in {tensor}), so they were "
                "left out. The network starts from its seed; train it anew.",
                tensor=tensor.name,
            )
        weights[key] = values
    if not left_out:
        return weights, None
    return weights, Message(
        "Saved weights that do not fit the network were left out ({n:,} of {total:,} tensors, "
        "{tensor} for one). Those parts start from the seed.",
        n=len(left_out),
        total=len(tensors),
        tensor=left_out[0],
    )


def _waiting(report: Report) -> set[str]:
    return {row.layer.uid for row in report.rows if row.output is None}


# --- the archive -----------------------------------------------------------------------------


class _Bounded(io.BufferedReader):
    """A file that hands out no large piece at once, such as a table of a million entries."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            size = _CHUNK
        if size > _CHUNK:
            raise zipfile.BadZipFile("its table of contents is too long")
        return super().read(size)


@contextmanager
def _reading(path: Path) -> Iterator[_Bounded]:
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


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    with _reading(path) as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                yield archive
        except (
            zipfile.BadZipFile,
            zlib.error,
            struct.error,
            EOFError,
            NotImplementedError,
            OverflowError,
            ValueError,
        ) as error:
            raise UserError(
                Message(
                    "{file} is no CNNviz project, or it is damaged ({reason}). Choose another file "
                    "or another copy.",
                    file=path.name,
                    reason=str(error) or "it ends too early",
                )
            ) from error


def _part(archive: zipfile.ZipFile, path: Path, name: str, limit: int) -> bytearray | None:
    """A file of the archive by its name; None where there is none."""
    entries = [entry for entry in archive.infolist() if entry.filename == name]
    if not entries:
        return None
    if len(entries) > 1:
        raise UserError(
            Message(
                "{file} holds {part} twice, so it is not clear which one counts. Choose another "
                "copy.",
                file=path.name,
                part=name,
            )
        )
    entry = entries[0]
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
        return _read(stream, path, name, limit)


def _read(stream: IO[bytes], path: Path, part: str, limit: int) -> bytearray:
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


def _entry(name: str) -> zipfile.ZipInfo:
    """An entry without a date, so that the same project gives the same file."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFREG | 0o644) << 16
    return entry
