"""A strict reader of gzipped IDX files, the format in which MNIST and its relatives come.

An IDX file has a magic number (two zero bytes, the type of the values, the number of dimensions),
one big-endian 32-bit integer a dimension, and then the values, the last dimension running fastest
(http://yann.lecun.com/exdb/mnist/). Only unsigned bytes (type 8) are read here.

Nothing that a file says is believed: it is read to its end and must hold exactly what its header
announces, and the header exactly what the caller expects.
"""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np

from cnnviz.atomic import unreadable
from cnnviz.data.errors import DataError
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Generator
    from os import PathLike

    from numpy.typing import NDArray

MAX_BYTES = 1 << 30
"""More values than this are refused before any memory is asked for."""

T = TypeVar("T")

_STEP_BYTES = 1 << 19  # 2 to 3 ms of decompression
_GZIP_MAGIC = b"\x1f\x8b"
_UNSIGNED_BYTE = 8


def read_idx(path: str | PathLike[str], shape: tuple[int | None, ...]) -> NDArray[np.uint8]:
    """Read a whole file at once; everything else as in `read_idx_steps`."""
    return drain(read_idx_steps(path, shape))


def read_idx_steps(
    path: str | PathLike[str], shape: tuple[int | None, ...]
) -> Generator[None, None, NDArray[np.uint8]]:
    """Read a file in steps of a few milliseconds, so that the caller can do other things between.

    `shape` is what must be found, (count, height, width) for images or (count,) for labels; None
    stands for any size above 0. Returns a read-only uint8 array of the shape in the file.

    Raises DataError for a file that is missing, not gzip, cut off, damaged, that has another magic
    number or shape, announces more than MAX_BYTES, or holds fewer or more values than it announces.
    """
    path = Path(path)
    try:
        with path.open("rb") as raw:
            if raw.read(2) != _GZIP_MAGIC:
                raise DataError(
                    Message(
                        "{file} is not compressed with gzip, as it should be. "
                        "Get the file again from its source.",
                        file=path.name,
                    )
                )
            raw.seek(0)
            with gzip.GzipFile(fileobj=raw) as stream:
                return (yield from _values_steps(stream, path.name, shape))
    except EOFError as error:
        raise DataError(
            Message(
                "{file} is cut off in the middle. Get the file again from its source.",
                file=path.name,
            )
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(
            Message(
                "{file} is damaged: its compressed data do not add up. "
                "Get the file again from its source.",
                file=path.name,
            )
        ) from error
    except FileNotFoundError as error:
        raise DataError(
            Message(
                "{file} is missing. Put it into {folder}, or install CNNviz again.",
                file=path.name,
                folder=str(path.parent),
            )
        ) from error
    except OSError as error:
        raise DataError(unreadable(path, error)) from error


def read_labelled_steps(
    images_path: str | PathLike[str],
    labels_path: str | PathLike[str],
    shape: tuple[int | None, int, int],
    classes: int,
) -> Generator[None, None, tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """Read images of `shape` (count, height, width) and their labels, 0 to `classes` - 1, in steps.

    Returns (images, labels), both read-only. Raises DataError as `read_idx_steps` does, and where
    there are not as many labels as images, or a label is out of range.
    """
    images = yield from read_idx_steps(images_path, shape)
    labels = yield from read_idx_steps(labels_path, (None,))
    if len(images) != len(labels):
        raise DataError(
            Message(
                "{images_file} holds {images:,} images but {labels_file} {labels:,} labels. "
                "Use two files that belong together.",
                images_file=Path(images_path).name,
                images=len(images),
                labels_file=Path(labels_path).name,
                labels=len(labels),
            )
        )
    wrong = np.flatnonzero(labels >= classes)
    if wrong.size:
        raise DataError(
            Message(
                "{file} gives item {index:,} the label {label}, but labels go from 0 to {last}. "
                "Get the file again from its source.",
                file=Path(labels_path).name,
                index=int(wrong[0]),
                label=int(labels[wrong[0]]),
                last=classes - 1,
            )
        )
    return images, labels


def _values_steps(
    stream: gzip.GzipFile, file: str, expected: tuple[int | None, ...]
) -> Generator[None, None, NDArray[np.uint8]]:
    shape = _read_header(stream, file, expected)
    total = math.prod(shape)
    values = np.empty(total, np.uint8)
    view = values.data
    done = 0
    while done < total:
        # Never asks for more than is announced, so a bomb has nothing to grow in.
        count = stream.readinto(view[done : done + _STEP_BYTES])
        if not count:
            raise DataError(
                Message(
                    "{file} holds {found:,} values, but its header announces {expected:,}. "
                    "Get the file again from its source.",
                    file=file,
                    found=done,
                    expected=total,
                )
            )
        done += count
        yield
    if stream.read(1):  # also where gzip compares its checksum
        raise DataError(
            Message(
                "{file} goes on after the {expected:,} values that its header announces. "
                "Get the file again from its source.",
                file=file,
                expected=total,
            )
        )
    values.flags.writeable = False
    return values.reshape(shape)


def _read_header(
    stream: gzip.GzipFile, file: str, expected: tuple[int | None, ...]
) -> tuple[int, ...]:
    magic = _UNSIGNED_BYTE << 8 | len(expected)
    header = stream.read(4)
    found = int.from_bytes(header, "big")
    if len(header) == 4 and found != magic:
        raise DataError(
            Message(
                "{file} begins with the magic number {found}, but {expected} was expected: "
                "it holds another kind of data. Check that images and labels are not mixed up.",
                file=file,
                found=f"0x{found:08x}",
                expected=f"0x{magic:08x}",
            )
        )
    header += stream.read(4 * len(expected))
    if len(header) < 4 + 4 * len(expected):
        raise DataError(
            Message("{file} ends inside its header. Get the file again from its source.", file=file)
        )
    shape = tuple(int(size) for size in np.frombuffer(header, ">u4", offset=4))
    if any(
        size == 0 or wanted not in {None, size}
        for size, wanted in zip(shape, expected, strict=True)
    ):
        raise DataError(
            Message(
                "{file} announces data of {found}, but {expected} was expected. "
                "Use the file that belongs to this data set.",
                file=file,
                found="×".join(map(str, shape)),
                expected="×".join("n" if size is None else str(size) for size in expected),
            )
        )
    if math.prod(shape) > MAX_BYTES:
        raise DataError(
            Message(
                "{file} announces {found:,} values, more than the {limit:,} that can be read. "
                "Use a smaller file.",
                file=file,
                found=math.prod(shape),
                limit=MAX_BYTES,
            )
        )
    return shape


def drain(steps: Generator[object, None, T]) -> T:
    """Go through all steps at once and return their result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return cast("T", end.value)
