"""A safetensors file from anywhere: its table of contents, and its tensors one by one.

Nothing that the file says about itself is believed before it has been checked, nothing in it is
run, and nothing is read before it is asked for.
"""

from __future__ import annotations

import re
import stat
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from cnnviz.atomic import unreadable
from cnnviz.message import Message, UserError
from cnnviz.tensors import Stored, TableError, finite, header_length, table

if TYPE_CHECKING:
    from pathlib import Path

_PIECES = re.compile(r"[0-9]{1,9}|[^0-9]+")
_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
READABLE = frozenset(_DTYPES)
"""What becomes float32; whole numbers are no weights."""


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
        if not finite(values):
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
            header = stream.read(header_length(head, found.st_size))
            tensors = table(header, found.st_size)
    except TableError as error:
        raise _damaged(path, str(error)) from None
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise UserError(unreadable(path, error)) from error
    return TensorFile(path, tuple(sorted(tensors, key=lambda tensor: natural(tensor.name))))


def natural(name: str) -> tuple[tuple[bool, int, str], ...]:
    """What to sort names by so that conv2 comes before conv10."""
    return tuple(
        (False, int(part), "") if part.isdecimal() else (True, 0, part)
        for part in _PIECES.findall(name)
    )


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
