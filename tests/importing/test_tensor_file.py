"""Safetensors files from anywhere: the values are right, and what is wrong is one sentence."""

from __future__ import annotations

import json
import pickle  # noqa: TID251  # one of the files that must not be opened
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnviz.importing.tensor_file import natural, open_tensors
from cnnviz.message import UserError
from cnnviz.tensors import MAX_HEADER_BYTES

if TYPE_CHECKING:
    from pathlib import Path


ENTRY = '{"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}'


def written(path: Path, header: Any, data: bytes = b"", length: int | None = None) -> Path:
    """A file with this header, which may say anything."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + data)
    return path


def entry(shape: list[Any], start: Any, stop: Any, dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}


def read_all(path: Path) -> None:
    file = open_tensors(path)
    for tensor in file.tensors:
        file.read(tensor)


def refused(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        read_all(path)
    said = str(caught.value)
    assert path.name in said
    assert "\n" not in said
    return said


@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.float16, torch.bfloat16, torch.float64], ids=str
)
def test_decimal_numbers_of_any_width_become_float32(tmp_path: Path, dtype: torch.dtype) -> None:
    values = torch.linspace(-3, 3, 24).reshape(2, 3, 4).to(dtype)
    tensors = {"a.weight": values, "b": torch.ones((), dtype=dtype), "c": torch.zeros(0, 5)}
    safetensors.torch.save_file(tensors, tmp_path / "w.safetensors", {"format": "pt"})
    file = open_tensors(tmp_path / "w.safetensors")
    found = {tensor.name: file.read(tensor) for tensor in file.tensors}
    assert found.keys() == tensors.keys()
    for name, array in found.items():
        assert array.dtype == np.float32
        assert not array.flags.writeable
        np.testing.assert_array_equal(array, tensors[name].float().numpy())


def test_names_are_in_the_order_in_which_one_counts(tmp_path: Path) -> None:
    names = ["features.10.bias", "features.2.weight", "features.2.bias", "classifier.0.weight"]
    path = tmp_path / "w.safetensors"
    safetensors.numpy.save_file({name: np.zeros(1, np.float32) for name in names}, path)
    assert [tensor.name for tensor in open_tensors(path).tensors] == [
        "classifier.0.weight", "features.2.bias", "features.2.weight", "features.10.bias",
    ]  # fmt: skip
    assert natural("conv2") < natural("conv10") < natural("conv" + 30 * "9")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_numbers_that_are_not_finite_are_refused(tmp_path: Path, value: float) -> None:
    """1e300 is finite as float64, and is not as float32."""
    path = tmp_path / "w.safetensors"
    safetensors.numpy.save_file({"w": np.array([0.0, value])}, path)
    assert "not finite" in refused(path)


@pytest.mark.parametrize(
    ("header", "data", "said"),
    [
        ({"w": entry([2], 0, 8)}, b"\0" * 4, "end before or after"),
        ({"w": entry([2], 0, 8)}, b"\0" * 9, "end before or after"),
        ({"w": entry([3], 0, 8)}, b"\0" * 8, "another size"),
        ({"w": entry([2**62, 2**62], 0, 8)}, b"\0" * 8, "another size"),
        ({"w": entry([2], 4, 12)}, b"\0" * 12, "does not begin"),
        ({"v": entry([2], 0, 8), "w": entry([2], 4, 12)}, b"\0" * 12, "does not begin"),
        ({"w": entry([2], 8, 0)}, b"\0" * 8, "does not begin"),
        ({"w": entry([-2], 0, 8)}, b"\0" * 8, "Expected `int` >= 0"),
        ({"w": entry([2.5], 0, 8)}, b"\0" * 8, "Expected `int`"),
        ({"w": entry([True], 0, 4)}, b"\0" * 4, "Expected `int`"),
        ({"w": entry([1] * 20, 0, 4)}, b"\0" * 4, "length <= 16"),
        ({"w": {"dtype": "F32", "shape": [1]}}, b"\0" * 4, "data_offsets"),
        ({"w": entry([1], 0, 4) | {"code": "os"}}, b"\0" * 4, "unknown field"),
        ({"__metadata__": {"a": 1}}, b"", "Expected `str`"),
        (f'{{"w": {ENTRY}, "w": {ENTRY}}}'.encode(), b"\0" * 4, "twice"),
        (b"[" * 100_000, b"", "damaged"),
        (b"not json", b"", "damaged"),
        (b'{"w": "\xff"}', b"", "damaged"),
        (b"", b"", "damaged"),
    ],
)  # fmt: skip
def test_a_header_that_lies_is_a_sentence(
    tmp_path: Path, header: Any, data: bytes, said: str
) -> None:
    assert said in refused(written(tmp_path / "w.safetensors", header, data))


@pytest.mark.parametrize("length", [2**63, 2**64 - 1, MAX_HEADER_BYTES + 1, 100])
def test_a_header_that_is_said_to_be_huge_is_not_read(tmp_path: Path, length: int) -> None:
    path = written(tmp_path / "w.safetensors", {}, length=length)
    if length == MAX_HEADER_BYTES + 1:
        with path.open("r+b") as stream:
            stream.truncate(length + 100)
    assert "header" in refused(path)


def test_other_files_are_told_apart(tmp_path: Path) -> None:
    weights = tmp_path / "w.pth"
    torch.save({"w": torch.zeros(3)}, weights)
    assert "can run code" in refused(weights)
    weights.write_bytes(pickle.dumps({"w": 1}))
    assert "can run code" in refused(weights)
    weights.write_bytes(b"")
    assert "too short" in refused(weights)
    refused(tmp_path)
    refused(tmp_path / "missing.safetensors")


def test_a_file_that_shrinks_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    safetensors.numpy.save_file({"w": np.zeros(100, np.float32)}, path)
    file = open_tensors(path)
    with path.open("r+b") as stream:
        stream.truncate(path.stat().st_size - 1)
    with pytest.raises(UserError, match="shorter"):
        file.read(file.tensors[0])
    path.unlink()
    with pytest.raises(UserError, match=r"w\.safetensors"):
        file.read(file.tensors[0])


@given(st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_noise_is_refused_or_read(tmp_path: Path, noise: bytes) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(noise)
    try:
        read_all(path)
    except UserError as error:
        assert "w.safetensors" in str(error)  # noqa: PT017
