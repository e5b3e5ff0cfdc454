"""The data sets that come with the program."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from cnnviz.assets import asset_path
from cnnviz.data.errors import DataError
from cnnviz.data.idx import drain, read_labelled_steps
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class DataSet:
    """What is known of a data set without opening its files.

    `name` is its key in projects and on the command line, and its folder in the assets.
    """

    name: str
    title: Message
    classes: tuple[str, ...]
    height: int
    width: int
    channels: int
    train_count: int
    test_count: int
    source: str
    licence: str


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """The images and labels of a data set, all read-only uint8.

    Images are (count, height, width), 0 for no ink to 255 for full ink; labels are (count,).
    """

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.uint8]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.uint8]


DATA_SETS: Mapping[str, DataSet] = MappingProxyType(
    {
        data_set.name: data_set
        for data_set in (
            DataSet(
                name="mnist",
                title=Message("MNIST"),
                classes=tuple("0123456789"),
                height=28,
                width=28,
                channels=1,
                train_count=60_000,
                test_count=10_000,
                source="Yann LeCun, Corinna Cortes, Christopher J. C. Burges",
                licence="CC BY-SA 3.0",
            ),
        )
    }
)


def data_set(name: str) -> DataSet:
    """The data set with this name; DataError where there is none."""
    found = DATA_SETS.get(name)
    if found is None:
        raise DataError(
            Message(
                "There is no data set “{name}”. Choose one of these: {known}.",
                name=name,
                known=", ".join(DATA_SETS),
            )
        )
    return found


def load_steps(name: str) -> Generator[None, None, Samples]:
    """Load a data set in steps of a few milliseconds; the return value holds it whole.

    Raises DataError for an unknown name and for files that are not what they should be.
    """
    known = data_set(name)
    train = yield from _labelled_steps(known, "train", known.train_count)
    test = yield from _labelled_steps(known, "t10k", known.test_count)
    return Samples(*train, *test)


def load(name: str) -> Samples:
    """Load a data set at once, about a third of a second for MNIST; errors as in `load_steps`."""
    return drain(load_steps(name))


def load_test_steps(
    name: str,
) -> Generator[None, None, tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """Load the test images and their labels alone, in steps; errors as in `load_steps`."""
    known = data_set(name)
    return (yield from _labelled_steps(known, "t10k", known.test_count))


def test_images(name: str) -> NDArray[np.uint8]:
    """The test images alone, (count, height, width); read once and then kept."""
    return _test_half(name)[0]


def test_labels(name: str) -> NDArray[np.uint8]:
    """The labels of `test_images`, (count,)."""
    return _test_half(name)[1]


@lru_cache(maxsize=1)
def _test_half(name: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    return drain(load_test_steps(name))


def _labelled_steps(
    known: DataSet, part: str, count: int
) -> Generator[None, None, tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    folder = asset_path("datasets", known.name)
    return read_labelled_steps(
        folder / f"{part}-images-idx3-ubyte.gz",
        folder / f"{part}-labels-idx1-ubyte.gz",
        (count, known.height, known.width),
        len(known.classes),
    )
