"""A strict reader of the binary version of CIFAR-10 and CIFAR-100.

A file is a row of records without a header: the label (for CIFAR-100 the coarse label and then the
fine one), then 1,024 red, 1,024 green and 1,024 blue values, each plane row by row
(https://www.cs.toronto.edu/~kriz/cifar.html). The version for Python is pickled, and never read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnviz.atomic import unreadable
from cnnviz.data.errors import DataError
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

SIDE, CHANNELS = 32, 3
PIXELS = SIDE * SIDE * CHANNELS
_STEP_RECORDS = 1000  # 2 to 3 ms


def read_steps(
    paths: Sequence[Path], records: int, classes: int, labels: int = 1
) -> Generator[None, None, tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """Read files one behind the other, in steps of a few milliseconds.

    records: in each file. labels: bytes before the pixels; the last of them is the one to learn.
    Returns images (count, 32, 32, 3) and labels (count,), both read-only uint8.

    Raises DataError for a file that is missing, too short or too long, or with a label that is out
    of range.
    """
    size = labels + PIXELS
    images = np.empty((len(paths) * records, SIDE, SIDE, CHANNELS), np.uint8)
    found = np.empty(len(images), np.uint8)
    for number, path in enumerate(paths):
        try:
            if path.stat().st_size != records * size:
                raise DataError(
                    Message(
                        "{file} has {found:,} bytes instead of {expected:,}. "
                        "Get the file again from its source.",
                        file=path.name,
                        found=path.stat().st_size,
                        expected=records * size,
                    )
                )
            with path.open("rb") as stream:
                for start in range(0, records, _STEP_RECORDS):
                    some = min(_STEP_RECORDS, records - start)
                    data = np.frombuffer(stream.read(some * size), np.uint8).reshape(some, size)
                    place = slice(number * records + start, number * records + start + some)
                    planes = data[:, labels:].reshape(some, CHANNELS, SIDE, SIDE)
                    images[place] = planes.transpose(0, 2, 3, 1)
                    found[place] = data[:, labels - 1]
                    yield
        except (OSError, ValueError) as error:  # ValueError: it became shorter meanwhile
            raise DataError(unreadable(path, error)) from error
    wrong = np.flatnonzero(found >= classes)
    if wrong.size:
        raise DataError(
            Message(
                "{file} gives item {index:,} the label {label}, but labels go from 0 to {last}. "
                "Get the file again from its source.",
                file=paths[int(wrong[0]) // records].name,
                index=int(wrong[0]) % records,
                label=int(found[wrong[0]]),
                last=classes - 1,
            )
        )
    images.flags.writeable = found.flags.writeable = False
    return images, found
