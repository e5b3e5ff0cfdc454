"""Projects as files: `.cnnviz`, a zip of `project.json` and `weights.safetensors`, of a folder for
each run that is kept, and of `state.safetensors` where one of them is to be gone on with.

A file may come from anywhere. Nothing that it says about itself is believed, nothing in it is run,
and it makes the program ask for no more memory than a small multiple of its own size. Version 1
grows by optional fields only.

What a network has learned is worth more than a tidy file: tensors that do not fit the network are
left out and a note says so, while the network itself opens; and so are bad parts of runs.
"""

from __future__ import annotations

import codecs
import re
import zipfile
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct

from cnnviz.analysis import analyze
from cnnviz.archive import DAMAGE, archive_of, damaged, entry_of, part_of, read_all, reading
from cnnviz.atomic import replacing
from cnnviz.message import Message, UserError
from cnnviz.network_file import decode_network, encode_network
from cnnviz.project import Project, Weights
from cnnviz.project_file import decode_project, encode_project
from cnnviz.run_folder import part_in, runs_in
from cnnviz.runs import ALL_BYTES, KeptRun, Standing, number_of, resumed
from cnnviz.runs.storage import (
    MAX_STATE_BYTES,
    RUNS_FOLDER,
    STATE_PART,
    Damage,
    parts_of,
    read_run,
    read_standing,
    state_part,
)
from cnnviz.strict_json import refuse_twice
from cnnviz.tensors import pieces
from cnnviz.weights_file import decode_weights, stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from cnnviz.network import Network
    from cnnviz.runs.storage import Piece, Read

SUFFIX = ".cnnviz"
PROJECT_PART = "project.json"
WEIGHTS_PART = "weights.safetensors"
DISABLED_PART = "disabled.safetensors"
"""What is needed once all disabled layers are enabled again, and not as the network is now: their
own tensors, and those of layers that receive another shape from them."""

MAX_JSON_BYTES = 16 << 20
"""Ten thousand layers take three megabytes."""
MAX_RUNS = 1000
"""The newest; what a file holds of more is passed over."""

_CHUNK = 1 << 20
_MAX_RATIO = 20
"""How far weights may unpack. Ours are stored as they are; learned numbers hardly shrink at all."""
_RUN = re.compile(rf"{RUNS_FOLDER}/(r[1-9][0-9]{{0,8}})/run\.json")


class Opened(Struct, frozen=True):
    """What a file held. `note` says what of it could not be used; None where all could.

    standing: how one of the runs stands, which is paused then, and can be gone on with.
    """

    project: Project
    weights: Weights
    note: Message | None = None
    runs: tuple[KeptRun, ...] = ()
    standing: Standing | None = None


def save_project(
    path: Path,
    project: Project,
    weights: Weights,
    more: Mapping[str, bytes] = MappingProxyType({}),
    runs: Iterable[KeptRun] = (),
    standing: Standing | None = None,
) -> None:
    """Write a project and what its present network has learned, wholly or not at all; also what it
    has learned with all layers enabled.

    more: further parts of the archive by name, which `open_project` passes over.
    runs: those to be kept, the newest last; of more than `MAX_RUNS` the newest are. standing: how
    one of them stands, with just these weights.

    Raises:
        UserError: the file cannot be written.
    """
    tensors = stored(analyze(project.network), weights)
    whole = _all_enabled(project.network)
    later = {} if whole is project.network else stored(analyze(whole), weights)
    later = {name: values for name, values in later.items() if values is not tensors.get(name)}
    with replacing(path) as stream, zipfile.ZipFile(stream, "w") as archive:
        parts = {PROJECT_PART: encode_project(project), **more}
        for name, data in parts.items():
            archive.writestr(entry_of(name), data, zipfile.ZIP_DEFLATED)
        for name, held in ((WEIGHTS_PART, tensors), (DISABLED_PART, later)):
            if held:
                _store(archive, name, pieces(held))
        if standing is not None:
            _store(archive, STATE_PART, state_part(standing))
        for run in tuple(runs)[-MAX_RUNS:]:
            for name, part in parts_of(run).items():
                full = f"{RUNS_FOLDER}/{run.id}/{name}"
                if name.endswith(".safetensors"):
                    _store(archive, full, part.make())
                else:
                    archive.writestr(entry_of(full), b"".join(part.make()), zipfile.ZIP_DEFLATED)


def _store(archive: zipfile.ZipFile, name: str, parts: Sequence[Piece]) -> None:
    """Learned numbers, as they are: packing makes them no smaller."""
    entry = entry_of(name)
    entry.compress_type = zipfile.ZIP_STORED
    entry.file_size = sum(map(len, parts))
    with archive.open(entry, "w") as stream:
        for part in parts:
            stream.write(part)


def save_network(path: Path, network: Network) -> None:
    """Write a network alone as `.json`, wholly or not at all. Raises UserError."""
    with replacing(path) as stream:
        stream.write(encode_network(network))


def open_project(path: Path, beside: Path | None = None) -> Opened:
    """Read a `.cnnviz`.

    beside: a folder with runs that are not in it, as `cnnviz.run_folder` writes them.

    Raises:
        UserError: what is wrong with the file, in one sentence.
    """
    with archive_of(path) as archive:
        size = path.stat().st_size
        data = part_of(archive, path, PROJECT_PART, MAX_JSON_BYTES)
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
        note: Message | None = None
        whole = _all_enabled(project.network)
        for part, network in ((DISABLED_PART, whole), (WEIGHTS_PART, project.network)):
            data = part_of(archive, path, part, _MAX_RATIO * size + _CHUNK)
            if data is not None:
                found, trouble = decode_weights(analyze(network), data, path.name)
                weights, note = {**weights, **found}, trouble or note
        names = archive.namelist()
        if beside is not None:
            names += [f"{RUNS_FOLDER}/{run}/run.json" for run in runs_in(beside)]
        folders = [match[1] for match in map(_RUN.fullmatch, names) if match]

        def read(part: str, limit: int) -> bytearray | None:
            try:
                found = part_of(archive, path, part, min(limit, _MAX_RATIO * size + _CHUNK))
                return part_in(beside, part, limit) if found is None and beside else found
            except DAMAGE as error:  # of this part alone
                raise UserError(damaged(path, error)) from error

        runs, standing, more = read_runs(path.name, folders, read)
    return Opened(project, weights, together(note, more), runs, standing)


def _all_enabled(network: Network) -> Network:
    return network.with_enabled([layer.uid for _, layer in network.walk()], enabled=True)


def read_runs(
    file: str, folders: Iterable[str], read: Read
) -> tuple[tuple[KeptRun, ...], Standing | None, Message | None]:
    """The runs in these folders, how one of them stands, and what of all could not be used.

    read: gives a part of the file by its whole name.
    """
    damage = Damage()
    found: dict[str, KeptRun] = {}
    left = ALL_BYTES
    for run in sorted(set(folders), key=number_of)[-MAX_RUNS:]:
        kept = read_run(run, _within(f"{RUNS_FOLDER}/{run}/", left, read), damage)
        if kept is not None:
            found[run] = kept
            left -= kept.bytes
    standing, note = None, damage.message(file)
    try:
        data = read(STATE_PART, MAX_STATE_BYTES)
        standing = None if data is None else read_standing(data, found)
    except UserError as error:
        note = together(note, error.message)
    if standing is not None:
        found[standing.run] = resumed(found[standing.run], standing)
    return tuple(found.values()), standing, note


def _within(folder: str, left: int, read: Read) -> Callable[[str, int], bytes | bytearray | None]:
    """Reads in a folder, and no more than is left for all runs together."""
    return lambda part, limit: read(folder + part, min(limit, max(left, 0) + _CHUNK))


def together(one: Message | None, other: Message | None) -> Message | None:
    """Two sentences as one message."""
    if one is None or other is None:
        return one or other
    return Message("{what} {more}", what=one, more=other)


def open_any(path: Path) -> Opened:
    """Read a project, or a network alone as `.json`, by what is in the file. Raises UserError."""
    with reading(path) as stream:
        zipped = path.suffix == SUFFIX or stream.peek(2).startswith(b"PK")
        data = b"" if zipped else bytes(read_all(stream, path, path.name, MAX_JSON_BYTES))
    if zipped:
        return open_project(path)
    data = data.removeprefix(codecs.BOM_UTF8)  # some editors put it there
    network = decode_network(data)
    refuse_twice(data)
    return Opened(Project(network), {})


def open_part(path: Path, name: str) -> bytes | None:
    """A small part of a `.cnnviz` by its name; None where there is none. Raises UserError."""
    with archive_of(path) as archive:
        data = part_of(archive, path, name, MAX_JSON_BYTES)
    return None if data is None else bytes(data)
