"""MNIST as it comes with the program, against what is published of it."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from cnnviz.assets import asset_path
from cnnviz.data import datasets
from cnnviz.data.errors import DataError

# How often each digit occurs, from the description of the data set.
TRAIN_COUNTS = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
TEST_COUNTS = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.fixture(scope="module")
def mnist() -> datasets.Samples:
    return datasets.load("mnist")


def test_shapes_and_types(mnist: datasets.Samples) -> None:
    known = datasets.data_set("mnist")
    size = (known.height, known.width)
    assert mnist.train_images.shape == (known.train_count, *size) == (60_000, 28, 28)
    assert mnist.test_images.shape == (known.test_count, *size) == (10_000, 28, 28)
    assert mnist.train_labels.shape == (60_000,)
    assert mnist.test_labels.shape == (10_000,)
    assert known.classes == ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
    for array in (mnist.train_images, mnist.train_labels, mnist.test_images, mnist.test_labels):
        assert array.dtype == np.uint8
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_contents(mnist: datasets.Samples) -> None:
    assert np.bincount(mnist.train_labels).tolist() == TRAIN_COUNTS
    assert np.bincount(mnist.test_labels).tolist() == TEST_COUNTS
    assert mnist.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert mnist.test_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    # The mean and deviation with which every tutorial normalises MNIST.
    assert mnist.train_images.mean() / 255 == pytest.approx(0.1307, abs=5e-5)
    assert mnist.train_images.std() / 255 == pytest.approx(0.3081, abs=5e-5)


@pytest.mark.parametrize("part", ["train", "t10k"])
def test_the_reader_gives_the_bytes_of_the_file(mnist: datasets.Samples, part: str) -> None:
    path = asset_path("datasets", "mnist", f"{part}-images-idx3-ubyte.gz")
    values = zlib.decompress(path.read_bytes(), wbits=31)[16:]
    images = mnist.train_images if part == "train" else mnist.test_images
    assert images.tobytes() == values


def test_loading_in_steps_gives_the_same(mnist: datasets.Samples) -> None:
    steps = datasets.load_steps("mnist")
    count = 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            samples = end.value
            break
        count += 1
    assert count > 50  # 55 MB in slices of a few milliseconds
    assert np.array_equal(samples.train_images, mnist.train_images)
    assert np.array_equal(samples.test_labels, mnist.test_labels)


def test_test_images_alone(mnist: datasets.Samples) -> None:
    assert np.array_equal(datasets.test_images("mnist"), mnist.test_images)
    assert np.array_equal(datasets.test_labels("mnist"), mnist.test_labels)
    assert datasets.test_images("mnist") is datasets.test_images("mnist")


@pytest.mark.parametrize("read", [datasets.data_set, datasets.load, datasets.test_images])
def test_unknown_name(read: object) -> None:
    assert callable(read)
    with pytest.raises(DataError, match=r"no data set “../mnist”\. Choose one of these: mnist"):
        read("../mnist")


def test_source_and_licence_lie_beside_the_files() -> None:
    known = datasets.data_set("mnist")
    text = asset_path("datasets", "mnist", "README.md").read_text(encoding="utf-8")
    assert known.source in text
    assert "creativecommons.org/licenses/by-sa/3.0" in text
    assert str(known.licence) == "CC BY-SA 3.0"
