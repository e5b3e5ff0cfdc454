"""A safetensors file from anywhere: its table of contents, and its tensors one by one.

Nothing that the file says about itself is believed before it has been checked, nothing in it is
run, and nothing is read before it is asked for. The format is described at
https://github.com/huggingface/safetensors: eight bytes with the length of a header, the header as
JSON, then the values of all tensors, without gaps.
"""

from __future__ import annotations

import json
import re
import stat
from math import prod
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import numpy as np
from msgspec import Struct

from cnnviz.atomic import unreadable
from cnnviz.message import Message, UserError

if TYPE_CHECKING:
    from pathlib import Path

MAX_HEADER_BYTES = 16 << 20
"""Ten thousand tensors take two megabytes."""
MAX_TENSORS = 100_000
_PIECES = re.compile(r"[0-9]{1,9}|[^0-9]+")
_METADATA = "__metadata__"
_BYTES = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1,
    "U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1, "F8_E4M3": 1, "F8_E5M2": 1,
}  # fmt: skip
READABLE = frozenset({"F64", "F32", "F16", "BF16"})
"""What becomes float32; whole numbers are no weights."""

_Natural = Annotated[int, msgspec.Meta(ge=0)]


class _Entry(Struct, forbid_unknown_fields=True):
    dtype: str
    shape: Annotated[tuple[_Natural, ...], msgspec.Meta(max_length=16)]
    data_offsets: tuple[_Natural, _Natural]


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


class TensorFile(Struct, frozen=True):
    """What a file holds: its tensors in the order of their names, 2 before 10."""

    path: Path
    tensors: tuple[Stored, ...]

    def read(self, tensor: Stored) -> np.ndarray:
        """The values as float32 in an array of their own, with the tensor's shape.

        Raises:
            UserError: the file has gone or changed, or a value is not finite.
        """
        try:
            with self.path.open("rb") as stream:
                stream.seek(tensor.start)
                values = np.fromfile(stream, _DTYPES[tensor.dtype], tensor.size)
        except OSError as error:
            raise UserError(unreadable(self.path, error)) from error
        if len(values) < tensor.size:
            raise _damaged(self.path, "it has become shorter")
        if tensor.dtype == "BF16":  # the upper half of a float32
            values = (values.astype(np.uint32) << 16).view(np.float32)
        with np.errstate(over="ignore"):  # what is too large for float32 is not finite then
            values = values.astype(np.float32, copy=False)
        # The extremes tell it without an array of truths: NaN is both.
        if values.size and not np.isfinite((values.min(), values.max())).all():
            raise UserError(
                Message(
                    "{tensor} in {file} holds numbers that are not finite, so nothing was taken "
                    "from the file. Use another copy.",
                    tensor=tensor.name,
                    file=self.path.name,
                )
            )
        values = values.reshape(tensor.shape)
        values.flags.writeable = False
        return values


_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}


def open_tensors(path: Path) -> TensorFile:
    """Read and check the table of contents of a safetensors file.

    Raises:
        UserError: what is wrong with it, in one sentence.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise UserError(
                Message(
                    "{file} is a folder or a device. Choose a file.", file=path.name or str(path)
                )
            )
        with path.open("rb") as stream:
            head = stream.read(8)
            _refuse_pickles(path, head)
            length = int.from_bytes(head, "little")
            if len(head) < 8 or length > found.st_size - 8:
                raise _damaged(path, "it is too short for its header")
            if length > MAX_HEADER_BYTES:
                raise _damaged(path, f"its header is longer than {MAX_HEADER_BYTES:,} bytes")
            header = stream.read(length)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise UserError(unreadable(path, error)) from error
    entries = _entries(path, header)
    tensors = []
    end = 0
    for name, entry in sorted(entries.items(), key=lambda item: item[1].data_offsets):
        start, stop = entry.data_offsets
        if start != end or stop < start:
            raise _damaged(path, f"{name!r} does not begin where the tensor before it ends")
        each = _BYTES.get(entry.dtype)
        if each is not None and prod(entry.shape) * each != stop - start:
            raise _damaged(path, f"{name!r} has another size than its shape")
        end = stop
        tensors.append(Stored(name, entry.dtype, entry.shape, 8 + len(header) + start))
    if end != found.st_size - 8 - len(header):
        raise _damaged(path, "its values end before or after the file")
    return TensorFile(path, tuple(sorted(tensors, key=lambda tensor: natural(tensor.name))))


def natural(name: str) -> tuple[tuple[bool, int, str], ...]:
    """What to sort names by so that conv2 comes before conv10."""
    return tuple(
        (False, int(part), "") if part.isdecimal() else (True, 0, part)
        for part in _PIECES.findall(name)
    )


def _entries(path: Path, header: bytes) -> dict[str, _Entry]:
    try:
        parts = msgspec.json.decode(header, type=dict[str, msgspec.Raw])
        metadata = parts.pop(_METADATA, None)
        if metadata is not None:
            msgspec.json.decode(metadata, type=dict[str, str])
        if len(parts) > MAX_TENSORS:
            raise _damaged(path, f"it names more than {MAX_TENSORS:,} tensors")
        entries = {name: msgspec.json.decode(raw, type=_Entry) for name, raw in parts.items()}
        # Decoded as a known type, so it is neither deep nor has huge numbers.
        json.loads(header, object_pairs_hook=_once)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError) as error:
        raise _damaged(path, str(error)) from None
    return entries


def _once(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError("its header names something twice")


def _refuse_pickles(path: Path, head: bytes) -> None:
    """PyTorch's own files, which are zips of pickles or bare pickles, can run code."""
    if head.startswith((b"PK", b"\x80\x02", b"\x80\x04", b"\x80\x05")):
        raise UserError(
            Message(
                "{file} is no safetensors file. PyTorch's own files (.pt, .pth, .bin) can run code "
                "when they are opened, so CNNviz does not read them. Look for the same weights as "
                ".safetensors, or convert them where you trust them.",
                file=path.name,
            )
        )


def _damaged(path: Path, reason: str) -> UserError:
    return UserError(
        Message(
            "{file} is no safetensors file, or it is damaged ({reason}). Use another copy of the "
            "file.",
            file=path.name,
            reason=reason,
        )
    )
