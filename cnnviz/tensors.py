"""The safetensors format: a table of contents, then the values of all tensors, without gaps.

Eight bytes with the length of a header, the header as JSON, then the values; described at
https://github.com/huggingface/safetensors. Reading and writing are our own: the library puts a file
together, and takes it apart, in one call that nothing else in the process can interrupt, which
stopped the window for seconds where VGG-16 was kept or opened.
"""

from __future__ import annotations

import json
import struct
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import numpy as np
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_HEADER_BYTES = 16 << 20
"""Ten thousand tensors take two megabytes."""
MAX_TENSORS = 100_000
_METADATA = "__metadata__"
_BYTES = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "C64": 8,
    "U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1,
}  # fmt: skip

_Natural = Annotated[int, msgspec.Meta(ge=0)]


class TableError(ValueError):
    """Why a table of contents cannot be believed, as half a sentence."""


class Stored(Struct, frozen=True):
    """A tensor of a file; `start` is the place of its first byte."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int

    @property
    def size(self) -> int:
        """How many values it has."""
        return prod(self.shape)


class _Entry(Struct, forbid_unknown_fields=True):
    dtype: str
    shape: Annotated[tuple[_Natural, ...], msgspec.Meta(max_length=16)]
    data_offsets: tuple[_Natural, _Natural]


def header_length(first: bytes, size: int) -> int:
    """How long the header is, from the first eight bytes of a file of `size` bytes.

    Raises:
        TableError: it does not fit into the file, or is too long.
    """
    length = int.from_bytes(first[:8], "little")
    if len(first) < 8 or length > size - 8:
        raise TableError("it is too short for its header")
    if length > MAX_HEADER_BYTES:
        raise TableError(f"its header is longer than {MAX_HEADER_BYTES:,} bytes")
    return length


def table(header: bytes, size: int) -> list[Stored]:
    """The tensors of a file of `size` bytes, in the order of their values.

    Nothing that the header says is believed before it has been checked.

    Raises:
        TableError: what is wrong with it.
    """
    first = 8 + len(header)
    tensors, end = [], 0
    for name, entry in sorted(_entries(header).items(), key=lambda one: one[1].data_offsets):
        start, stop = entry.data_offsets
        if start != end or stop < start:
            raise TableError(f"{name!r} does not begin where the tensor before it ends")
        if entry.dtype not in _BYTES:
            raise TableError(f"{name!r} is of the unknown type {entry.dtype!r}")
        if prod(entry.shape) * _BYTES[entry.dtype] != stop - start:
            raise TableError(f"{name!r} has another size than its shape")
        end = stop
        tensors.append(Stored(name, entry.dtype, entry.shape, first + start))
    if end != size - first:
        raise TableError("its values end before or after the file")
    return tensors


def _entries(header: bytes) -> dict[str, _Entry]:
    try:
        parts = msgspec.json.decode(header, type=dict[str, msgspec.Raw])
        metadata = parts.pop(_METADATA, None)
        if metadata is not None:
            msgspec.json.decode(metadata, type=dict[str, str])
        if len(parts) > MAX_TENSORS:
            raise TableError(f"it names more than {MAX_TENSORS:,} tensors")
        entries = {name: msgspec.json.decode(raw, type=_Entry) for name, raw in parts.items()}
        # Decoded as a known type, so it is neither deep nor has huge numbers.
        json.loads(header, object_pairs_hook=_once)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError) as error:
        raise TableError(str(error)) from None
    return entries


def _once(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise TableError("its header names something twice")


def metadata(header: bytes) -> dict[str, str]:
    """What a header says beside its tensors; it must have passed `table`, or be given to it after.

    Raises:
        TableError: it is not readable.
    """
    try:
        parts = msgspec.json.decode(header, type=dict[str, msgspec.Raw])
        about = parts.get(_METADATA)
        return {} if about is None else msgspec.json.decode(about, type=dict[str, str])
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError) as error:
        raise TableError(str(error)) from None


def pieces(
    tensors: Mapping[str, np.ndarray], about: Mapping[str, str] = MappingProxyType({})
) -> list[bytes | memoryview]:
    """The bytes of a file of float32 tensors: its header, and the arrays as they are.

    about: what the header says beside them.
    """
    header: dict[str, Any] = {_METADATA: dict(about)} if about else {}
    arrays: list[memoryview] = []
    end = 0
    for name, values in sorted(tensors.items()):
        array = np.ascontiguousarray(values, "<f4")
        start, end = end, end + array.nbytes
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [start, end]}
        arrays.append(array.reshape(-1).view(np.uint8).data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # so that the values lie at whole multiples of eight bytes
    return [struct.pack("<Q", len(text)), text, *arrays]


def finite(values: np.ndarray) -> bool:
    """Whether all values are finite. The extremes tell it without an array of truths: NaN is both.

    values: of any shape, and of a type that knows what is not finite.
    """
    return not values.size or bool(np.isfinite((values.min(), values.max())).all())
