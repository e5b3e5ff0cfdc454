"""MNIST as it comes with the program, against what is published of it; and the other sets."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from cnnviz.assets import asset_path
from cnnviz.data import datasets
from cnnviz.data.catalogue import DATA_SETS
from cnnviz.data.errors import AbsentError, DataError
from cnnviz.data.folders import ImageFolder
from cnnviz.data.published import PACKAGES
from cnnviz.data.storage import VARIABLE
from tests.data.published import write_emnist

if TYPE_CHECKING:
    from pathlib import Path

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


# --- the others ------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where data sets are kept."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


IMAGES = np.random.default_rng(0).integers(0, 256, (60, 28, 28), np.uint8)


def test_what_is_known_of_each_fits_together() -> None:
    for name, known in DATA_SETS.items():
        assert known.name == name
        assert known.channels in (1, 3)
        assert len(set(known.classes)) == len(known.classes)
        assert not known.package or known.package in PACKAGES
    kept = {each.data_set for package in PACKAGES.values() for each in package.kept}
    assert kept == {name for name, known in DATA_SETS.items() if known.package}


def test_the_classes_of_emnist_and_cifar_are_as_many_as_published() -> None:
    counts = {name: len(known.classes) for name, known in DATA_SETS.items()}
    assert counts["emnist_balanced"] == 47
    assert counts["emnist_letters"] == 26
    assert counts["emnist_digits"] == counts["cifar10"] == counts["kmnist"] == 10
    assert counts["cifar100"] == 100
    # The mapping that comes with EMNIST: 36 is a, 46 is t.
    balanced = DATA_SETS["emnist_balanced"].classes
    assert (balanced[10], balanced[36], balanced[46]) == ("A", "a", "t")
    # The alphabet decides CIFAR-100's order, as its makers' list of names has it.
    fine = DATA_SETS["cifar100"].classes
    assert (fine[0], fine[19], fine[99]) == ("apple", "cattle", "worm")
    assert list(fine) == sorted(fine)


def test_letters_stand_upright_and_begin_with_a(folder: Path) -> None:
    labels = np.arange(60) % 26 + 1
    write_emnist(folder / "emnist_letters", "letters", IMAGES, labels)
    samples = datasets.load("emnist_letters")
    assert np.array_equal(samples.train_images, IMAGES)
    assert samples.test_labels.tolist() == (labels - 1).tolist()
    assert not samples.train_images.flags.writeable


def test_letters_without_a_class_are_refused(folder: Path) -> None:
    write_emnist(folder / "emnist_letters", "letters", IMAGES, np.zeros(60))
    with pytest.raises(DataError, match="A label of EMNIST letters is 0"):
        datasets.load("emnist_letters")


def test_digits_begin_with_0(folder: Path) -> None:
    labels = np.arange(60) % 10
    write_emnist(folder / "emnist_digits", "digits", IMAGES, labels)
    assert datasets.load("emnist_digits").train_labels.tolist() == labels.tolist()


@pytest.mark.parametrize("name", [name for name, known in DATA_SETS.items() if known.package])
def test_what_is_absent_is_said_in_a_sentence(folder: Path, name: str) -> None:
    package = DATA_SETS[name].package
    with pytest.raises(AbsentError, match=f"not on this machine.*data get {package}"):
        datasets.load(name)


def test_a_folder_is_loaded_with_a_note_of_what_was_skipped(folder: Path) -> None:
    pictures = folder / "pictures"
    for label, name in enumerate(("ants", "bees")):
        (pictures / name).mkdir(parents=True)
        for number in range(6):
            Image.new("RGB", (20, 10), (label * 200, number, 0)).save(
                pictures / name / f"{number}.png"
            )
    (pictures / "bees" / "broken.png").write_bytes(b"no picture")
    source = ImageFolder(str(pictures), 8, 8, 3, ("ants", "bees"))
    samples = datasets.load(source)
    assert samples.train_images.shape[1:] == (8, 8, 3)
    assert len(samples.train_labels) + len(samples.test_labels) == 12
    assert "1 of" in str(samples.note)
    assert "bees/broken.png" in str(samples.note)
    known = datasets.data_set(source)
    assert (known.title.values["name"], known.classes) == ("pictures", ("ants", "bees"))


def test_an_absent_folder_is_said_in_a_sentence(tmp_path: Path) -> None:
    source = ImageFolder(str(tmp_path / "gone"), 8, 8, 1, ("a", "b"))
    with pytest.raises(AbsentError, match="gone is not there"):
        datasets.load(source)
    with pytest.raises(AbsentError, match="gone is not there"):
        datasets.check_here(source)
