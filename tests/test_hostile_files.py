"""Whatever a file holds, it gets one sentence; it costs no memory, and nothing in it is run."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import re
import stat
import struct
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnviz.analysis import analyze
from cnnviz.files import (
    open_any,
    open_project,
    save_network,
    save_project,
)
from cnnviz.layers import Dense, Flatten
from cnnviz.message import UserError
from cnnviz.network import Network, named_by_place
from cnnviz.network_file import encode_network
from cnnviz.project import Project
from cnnviz.project_file import decode_project, encode_project
from tests.support.projects import (
    NETWORK,
    PROJECT,
    WEIGHTS,
    pack,
    parts_of,
    same,
    sentence,
)


@pytest.fixture
def good(tmp_path: Path) -> dict[str, bytes]:
    save_project(tmp_path / "good.cnnviz", PROJECT, WEIGHTS)
    return parts_of(tmp_path / "good.cnnviz")


def hostile_json() -> dict[str, bytes]:
    good = encode_project(PROJECT).decode()
    deep = 100_000
    return {
        "empty": b"",
        "zeros": bytes(1000),
        "list": b"[]",
        "number": b"1",
        "null": b"null",
        "not text": b"\xff\xfe{}",
        "half": good.encode()[: len(good) // 2],
        "more": good.encode() + b"{}",
        "other format": good.replace("cnnviz-project", "cnnviz-network").encode(),
        "other format inside": good.replace("cnnviz-network", "keras").encode(),
        "no format": b'{"network": {}}',
        "no network": b'{"format": "cnnviz-project", "version": 1}',
        "version 2": good.replace('"version": 1', '"version": 2').encode(),
        "version 2 inside": good.replace(
            'network", "version": 1', 'network", "version": 2'
        ).encode(),
        "version 0": good.replace('"version": 1', '"version": 0').encode(),
        "version huge": good.replace('"version": 1', f'"version": {"9" * 5000}').encode(),
        "seed huge": good.replace(str(2**53), "9" * 5000).encode(),
        "seed over": good.replace(str(2**53), str(2**53 + 1)).encode(),
        "rate NaN": good.replace("0.3", "NaN").encode(),
        "rate infinite": good.replace("0.3", "1e999").encode(),
        "rate text": good.replace("0.3", '"0.3"').encode(),
        "filters 0": good.replace('"filters": 3', '"filters": 0').encode(),
        "filters true": good.replace('"filters": 3', '"filters": true').encode(),
        "filters huge": good.replace('"filters": 3', '"filters": 1000000001').encode(),
        "kernel of three": good.replace("[5, 3]", "[5, 3, 1]").encode(),
        "unknown field": good.replace('"filters": 3', '"filters": 3, "run": "rm"').encode(),
        "unknown kind": good.replace("max_pool", "__import__").encode(),
        "unknown data set": good.replace("mnist", "../../etc").encode(),
        "twice the same field": good.replace('"filters": 3', '"filters": 3, "filters": 4').encode(),
        "twice the seed": good.replace('"version": 1', '"version": 1, "seed": 1', 1).encode(),
        "twice the same uid": good.replace('"u.7"', '"1"').encode(),
        "uid of the input": good.replace('"u.7"', '"input"').encode(),
        "deep lists": b"[" * deep + b"]" * deep,
        "deep objects": b'{"a":' * deep + b"1" + b"}" * deep,
        "deep in the network": good.replace('"name": "', f'"x": {"[" * deep}, "name": "').encode(),
        "deep in the header": (
            '{"format": "cnnviz-project", "network": ' + "[" * deep + "]" * deep + "}"
        ).encode(),
        "lone surrogate": good.replace("Zwölf", "\\ud800").encode(),
        "too many layers": encode_project(
            Project(Network(layers=tuple(Flatten(uid=f"u{n}") for n in range(10_001))))
        ),
    }


@pytest.mark.parametrize("name", hostile_json())
def test_hostile_json(tmp_path: Path, name: str) -> None:
    data = hostile_json()[name]
    path = pack(tmp_path / "bad.cnnviz", ("project.json", data))
    sentence(lambda: open_project(path))
    alone = tmp_path / "bad.json"
    alone.write_bytes(data)
    sentence(lambda: open_any(alone))


def test_hostile_json_of_a_network_alone(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    good = encode_network(NETWORK).decode()
    for data in (
        "",
        "[",
        "[" * 100_000,
        good.replace('"version": 1', '"version": 7'),
        good.replace('"filters": 3', '"filters": 3, "filters": 4'),
        good.replace('"filters": 3', '"filters": NaN'),
        good.replace('"height": 28', f'"height": {"2" * 5000}'),
        good.replace('"format": "cnnviz-network"', '"format": "cnnviz-project"'),
        " " * ((16 << 20) + 1),
    ):
        path.write_text(data, encoding="utf-8")
        sentence(lambda: open_any(path))


def test_not_an_archive(tmp_path: Path, good: dict[str, bytes]) -> None:
    path = tmp_path / "bad.cnnviz"
    whole = (tmp_path / "good.cnnviz").read_bytes()
    for data in (b"", b"PK", b"hello", b"\x80\x04\x95", whole[: len(whole) // 2], whole[50:]):
        path.write_bytes(data)
        sentence(lambda: open_project(path))
        sentence(lambda: open_any(path))


def test_an_archive_without_a_project(tmp_path: Path, good: dict[str, bytes]) -> None:
    weights = ("weights.safetensors", good["weights.safetensors"])
    path = tmp_path / "bad.cnnviz"
    assert "project.json" in sentence(lambda: open_project(pack(path)))
    assert "project.json" in sentence(lambda: open_project(pack(path, weights)))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["project.json", "weights.safetensors"])
def test_a_part_twice(tmp_path: Path, good: dict[str, bytes], name: str) -> None:
    path = pack(tmp_path / "bad.cnnviz", *good.items(), (name, good[name]))
    assert "twice" in sentence(lambda: open_project(path))


def test_paths_in_the_archive_lead_nowhere(tmp_path: Path, good: dict[str, bytes]) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    names = ["../evil", "/tmp/evil", "..\\evil", "C:\\evil", "a/../../evil", "project.json/../evil"]
    path = pack(folder / "odd.cnnviz", *good.items(), *((name, b"evil") for name in names))
    assert same(open_project(path).weights, WEIGHTS)
    assert not list(tmp_path.rglob("evil"))
    moved = pack(folder / "bad.cnnviz", *((f"../{name}", data) for name, data in good.items()))
    assert "project.json" in sentence(lambda: open_project(moved))


def test_a_link_in_the_archive_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "bad.cnnviz"
    with zipfile.ZipFile(path, "w") as archive:
        entry = zipfile.ZipInfo("project.json")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    assert "JSON" in sentence(lambda: open_project(path))


def test_an_encrypted_archive(tmp_path: Path, good: dict[str, bytes]) -> None:
    path = pack(tmp_path / "bad.cnnviz", *good.items(), how=zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for found in re.finditer(re.escape(signature), bytes(data)):
            data[found.start() + offset] |= 1
    path.write_bytes(data)
    assert "encrypted" in sentence(lambda: open_project(path))


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing(tmp_path: Path, good: dict[str, bytes], how: int) -> None:
    sentence(lambda: open_project(pack(tmp_path / "bad.cnnviz", *good.items(), how=how)))


def test_a_wrong_checksum(tmp_path: Path, good: dict[str, bytes]) -> None:
    path = pack(tmp_path / "bad.cnnviz", *good.items(), how=zipfile.ZIP_STORED)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"mnist", b"mnisu", 1))
    assert "CRC" in sentence(lambda: open_project(path))


def peak_of(call: Callable[[], Any]) -> int:
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["project.json", "weights.safetensors"])
@pytest.mark.parametrize("announced", [None, 10])
def test_a_bomb(tmp_path: Path, good: dict[str, bytes], name: str, announced: int | None) -> None:
    """300 MB of zeros in 300 KB; also where the archive says that they are ten bytes."""
    size = 300 << 20
    path = tmp_path / "bomb.cnnviz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for other, data in good.items():
            if other != name:
                archive.writestr(other, data)
        with archive.open(name, "w", force_zip64=False) as stream:
            for _ in range(size >> 20):
                stream.write(bytes(1 << 20))
    if announced is not None:
        lie = path.read_bytes().replace(struct.pack("<I", size), struct.pack("<I", announced))
        path.write_bytes(lie)
    assert peak_of(lambda: sentence(lambda: open_project(path))) < 60 << 20


def test_an_archive_of_a_million_entries(tmp_path: Path) -> None:
    path = tmp_path / "many.cnnviz"
    name = b"project.json"
    entry = b"PK\x01\x02" + bytes(24) + struct.pack("<H", len(name)) + bytes(16) + name
    count = 1_000_000
    table = entry * count
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, len(table), 0, 0)
    path.write_bytes(table + end)
    assert peak_of(lambda: sentence(lambda: open_project(path))) < 10 << 20


def with_weights(path: Path, data: bytes) -> Path:
    return pack(
        path, ("project.json", encode_project(PROJECT)), ("weights.safetensors", data), how=0
    )


def safetensors_file(header: object, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def test_damaged_weights(tmp_path: Path) -> None:
    path = tmp_path / "bad.cnnviz"
    tensor = {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}
    for data in (
        b"",
        b"\x80\x04pickle",
        struct.pack("<Q", 2**63) + b"{}",
        safetensors_file(b"{"),
        safetensors_file(b"[" * 100_000),
        safetensors_file({"u.7.bias": tensor}, bytes(8)),
        safetensors_file({"u.7.bias": {**tensor, "data_offsets": [0, 8]}}, bytes(8)),
        safetensors_file({"u.7.bias": {**tensor, "shape": [2**62, 2**62]}}, bytes(12)),
        safetensors_file({"u.7.bias": {**tensor, "dtype": "object"}}, bytes(12)),
        safetensors_file({"u.7.bias": tensor, "x": tensor}, bytes(12)),
        safetensors_file({"u.7.bias": {**tensor, "data_offsets": [-4, 8]}}, bytes(12)),
    ):
        text = sentence(lambda data=data: open_project(with_weights(path, data)))  # type: ignore[misc]
        assert "weights" in text


BIAS = ("u.7", "bias", (3,))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("u.7.bias", np.zeros(4, np.float32)),
        ("u.7.bias", np.zeros((3, 1), np.float32)),
        ("u.7.bias", np.zeros(3, np.float64)),
        ("u.7.bias", np.zeros(3, np.int32)),
        ("u.7.bias", np.zeros(0, np.float32)),
        ("other", np.zeros(3, np.float32)),
        ("", np.zeros(3, np.float32)),
        ("../u.7.bias", np.zeros(3, np.float32)),
        ("2.weight", np.zeros(3, np.float32)),
    ],
)
def test_tensors_that_do_not_fit_are_left_out_and_said_so(
    tmp_path: Path, name: str, values: np.ndarray
) -> None:
    tensors = {f"{key[0]}.{key[1]}": values for key, values in WEIGHTS.items()}
    tensors.pop("u.7.bias")
    data = safetensors.numpy.save({**tensors, name: values})
    opened = open_project(with_weights(tmp_path / "odd.cnnviz", data))
    assert opened.project == PROJECT
    assert same(opened.weights, {key: v for key, v in WEIGHTS.items() if key != BIAS})
    note = str(opened.note)
    assert f"1 of {len(tensors) + 1} tensors, {name} for one" in note


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_are_refused(tmp_path: Path, value: float) -> None:
    path = tmp_path / "odd.cnnviz"
    bias = np.array([0, value, 0], np.float32)
    save_project(path, PROJECT, {**WEIGHTS, BIAS: bias})
    opened = open_project(path)
    assert opened.project == PROJECT
    assert opened.weights == {}
    assert "not finite" in str(opened.note)
    assert "u.7.bias" in str(opened.note)


def test_a_network_far_too_large_opens_without_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.cnnviz"
    units = 10**5
    network = named_by_place(Network(layers=(Flatten(), Dense(units=units), Dense(units=units))))
    assert sum(prod(key[2]) for key in analyze(network).tensor_keys()) > 10**10
    save_project(path, Project(network), {})
    assert peak_of(lambda: open_project(path)) < 4 << 20


def test_files_that_are_none(tmp_path: Path) -> None:
    assert "folder" in sentence(lambda: open_any(tmp_path))
    assert "no file" in sentence(lambda: open_any(tmp_path / "no.cnnviz"))
    sentence(lambda: open_any(tmp_path / "no\0name"))
    sentence(lambda: open_any(tmp_path / ("x" * 300)))
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    sentence(lambda: open_any(circle))


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
def test_devices_and_pipes_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (Path("/dev/zero"), tmp_path / "pipe"):
        assert "device" in sentence(lambda path=path: open_any(path))  # type: ignore[misc]


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.json"
    save_network(path, NETWORK)

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(io, "FileIO", refuse)  # root may read everything
    assert os.strerror(errno.EACCES) in sentence(lambda: open_any(path))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damage_gives_a_sentence_or_the_same_project(
    tmp_path: Path, data: st.DataObject
) -> None:
    """Bytes changed, cut out or put in anywhere of a good file."""
    whole = tmp_path / "whole.cnnviz"
    if not whole.exists():
        save_project(whole, PROJECT, {BIAS: WEIGHTS[BIAS]})
    content = bytearray(whole.read_bytes())
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(start + 8, len(content))))
    content[start:end] = data.draw(st.binary(max_size=8))
    path = tmp_path / "damaged.cnnviz"
    path.write_bytes(content)
    try:
        opened = open_any(path)
    except UserError:
        return
    assert isinstance(opened.project, Project)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.data())
def test_any_json_in_the_place_of_any_other(data: st.DataObject) -> None:
    document = json.loads(encode_project(PROJECT))
    place: Any = document
    while True:
        key = data.draw(
            st.sampled_from(list(place) if isinstance(place, dict) else range(len(place)))
        )
        if isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
            place = place[key]
            continue
        place[key] = data.draw(JSON)
        break
    with contextlib.suppress(UserError):
        decode_project(json.dumps(document).encode())
