"""Data sets by what a project names: one that the program knows, or a person's own folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np

from cnnviz.assets import asset_path
from cnnviz.data import cifar, folder_images, toys
from cnnviz.data.catalogue import DATA_SETS, DataSet
from cnnviz.data.class_names import as_written
from cnnviz.data.errors import AbsentError, DataError
from cnnviz.data.folders import ImageFolder, Part, absent_folder
from cnnviz.data.idx import drain, read_labelled_steps
from cnnviz.data.published import is_here
from cnnviz.data.storage import data_folder
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from numpy.typing import NDArray

    Labelled = tuple[NDArray[np.uint8], NDArray[np.uint8]]
    Reader = Callable[[DataSet, Part], Generator[None, None, Labelled]]

T = TypeVar("T")

_STEP_IMAGES = 2000

Source = str | ImageFolder
"""What a project may name: the name of a known data set, or a folder of pictures."""


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """The images and labels of a data set, all read-only uint8.

    Images are (count, height, width) or, in colour, (count, height, width, 3), from 0 to 255 (for
    handwriting: from no ink to full ink); labels are (count,).
    note: what of the data set could not be used; None where all could.
    """

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.uint8]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.uint8]
    note: Message | None = None


@lru_cache(maxsize=64)
def data_set(source: Source) -> DataSet:
    """What is known of a data set; DataError where there is none of that name."""
    if isinstance(source, ImageFolder):
        return DataSet(
            name="folder",
            title=Message("{name}", name=source.title),
            about=Message("Pictures of your own."),
            names=as_written(source.classes),
            height=source.height,
            width=source.width,
            channels=source.channels,
            train_count=source.train_count,
            test_count=source.test_count,
            source=source.path,
            licence=Message("your own"),
        )
    found = DATA_SETS.get(source)
    if found is None:
        raise DataError(
            Message(
                "There is no data set “{name}”. Choose one of these: {known}.",
                name=source,
                known=", ".join(DATA_SETS),
            )
        )
    return found


def check_here(source: Source) -> None:
    """Raises AbsentError where the files of a data set are not on this machine."""
    known = data_set(source)
    if isinstance(source, ImageFolder):
        if not Path(source.path).is_dir():
            raise absent_folder(source.path)
    elif not is_here(known.name):
        raise AbsentError(
            Message(
                "{name} is not on this machine. Get it in the menu Data, or with "
                "python -m cnnviz data get {key}.",
                name=known.title,
                key=known.package,
            )
        )


def load_steps(source: Source) -> Generator[None, None, Samples]:
    """Load a data set in steps of a few milliseconds; the return value holds it whole.

    Raises DataError for an unknown name, and for files that are missing or not what they should be.
    """
    if isinstance(source, ImageFolder):
        train, test = yield from _silent(folder_images.read_both_steps(source))
        note = folder_images.together((train, test))
        return Samples(train.images, train.labels, test.images, test.labels, note)
    first = yield from _part_steps(source, "train")
    second = yield from _part_steps(source, "test")
    return Samples(*first, *second)


def load(source: Source) -> Samples:
    """Load a data set at once, about a third of a second for MNIST; errors as in `load_steps`."""
    return drain(load_steps(source))


def load_test_steps(source: Source) -> Generator[None, None, Labelled]:
    """Load the test images and their labels alone, in steps; errors as in `load_steps`."""
    if isinstance(source, ImageFolder):
        found = yield from _silent(folder_images.read_steps(source, "test"))
        return found.images, found.labels
    return (yield from _part_steps(source, "test"))


def test_images(source: Source) -> NDArray[np.uint8]:
    """The test images alone, as in `Samples`; read once and then kept."""
    return _test_half(source)[0]


def test_labels(source: Source) -> NDArray[np.uint8]:
    """The labels of `test_images`, (count,)."""
    return _test_half(source)[1]


@lru_cache(maxsize=1)
def _test_half(source: Source) -> Labelled:
    return drain(load_test_steps(source))


def _part_steps(name: str, part: Part) -> Generator[None, None, Labelled]:
    known = data_set(name)
    check_here(name)
    return (yield from _READERS[known.name](known, part))


def _silent(steps: Generator[object, None, T]) -> Generator[None, None, T]:
    """The same steps, which say nothing of how far they are."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return cast("T", end.value)
        yield


# --- how each is read ------------------------------------------------------------------------


def _mnist_like(known: DataSet, part: Part) -> Generator[None, None, Labelled]:
    """Four IDX files, as MNIST has them."""
    folder = data_folder() / known.name if known.package else asset_path("datasets", known.name)
    beginning = "train" if part == "train" else "t10k"
    count = known.train_count if part == "train" else known.test_count
    return read_labelled_steps(
        folder / f"{beginning}-images-idx3-ubyte.gz",
        folder / f"{beginning}-labels-idx1-ubyte.gz",
        (count, known.height, known.width),
        len(known.classes),
    )


def _emnist(known: DataSet, part: Part) -> Generator[None, None, Labelled]:
    """IDX files whose images are transposed; the labels of the letters begin with 1."""
    split = known.name.removeprefix("emnist_")
    beginning = data_folder() / known.name / f"emnist-{split}-{part}"
    first = 1 if split == "letters" else 0
    images, labels = yield from read_labelled_steps(
        beginning.with_name(f"{beginning.name}-images-idx3-ubyte.gz"),
        beginning.with_name(f"{beginning.name}-labels-idx1-ubyte.gz"),
        (None, known.height, known.width),
        first + len(known.classes),
    )
    upright = yield from _transposed_steps(images)
    if first:
        if not labels.all():
            raise DataError(
                Message(
                    "A label of {name} is 0, but its labels begin with 1. "
                    "Get the files again from their source.",
                    name=known.title,
                )
            )
        labels = labels - np.uint8(first)
        labels.flags.writeable = False
    return upright, labels


def _transposed_steps(images: NDArray[np.uint8]) -> Generator[None, None, NDArray[np.uint8]]:
    """Images (count, height, width) with their rows as columns."""
    upright = np.empty((len(images), images.shape[2], images.shape[1]), np.uint8)
    for start in range(0, len(images), _STEP_IMAGES):
        some = slice(start, start + _STEP_IMAGES)
        upright[some] = images[some].transpose(0, 2, 1)
        yield
    upright.flags.writeable = False
    return upright


def _cifar_10(known: DataSet, part: Part) -> Generator[None, None, Labelled]:
    names = ["test_batch"] if part == "test" else [f"data_batch_{n}" for n in range(1, 6)]
    paths = [data_folder() / known.name / f"{name}.bin" for name in names]
    return cifar.read_steps(paths, 10_000, len(known.classes))


def _cifar_100(known: DataSet, part: Part) -> Generator[None, None, Labelled]:
    path = data_folder() / known.name / f"{part}.bin"
    count = known.train_count if part == "train" else known.test_count
    return cifar.read_steps([path], count, len(known.classes), labels=2)


def _toy(make: Callable[[int, int], Labelled]) -> Reader:
    def read(known: DataSet, part: Part) -> Generator[None, None, Labelled]:
        count = known.train_count if part == "train" else known.test_count
        yield
        images, labels = make(TOY_SEEDS[part], count)
        images.flags.writeable = labels.flags.writeable = False
        return images, labels

    return read


TOY_SEEDS: Mapping[Part, int] = {"train": 1, "test": 2}

_READERS: Mapping[str, Reader] = {
    "mnist": _mnist_like,
    "fashion_mnist": _mnist_like,
    "kmnist": _mnist_like,
    "emnist_balanced": _emnist,
    "emnist_letters": _emnist,
    "emnist_digits": _emnist,
    "cifar10": _cifar_10,
    "cifar100": _cifar_100,
    "toy_shapes": _toy(toys.shapes),
    "toy_edges": _toy(toys.edges),
    "toy_two_inputs": _toy(toys.two_inputs),
}
