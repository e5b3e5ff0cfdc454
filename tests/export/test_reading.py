"""Exported programs read every kind of data set as the program does."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from PIL import Image

from cnnviz.analysis import analyze
from cnnviz.data import cifar, datasets
from cnnviz.data.catalogue import DATA_SETS
from cnnviz.data.datasets import data_set
from cnnviz.data.folders import ImageFolder
from cnnviz.data.idx import read_labelled_steps
from cnnviz.data.storage import VARIABLE
from cnnviz.engine.batches import fit
from cnnviz.export.keras import keras_source
from cnnviz.export.pytorch import pytorch_source
from cnnviz.layers import Conv2d, Dense, Flatten, MaxPool, Size
from cnnviz.network import Input, Network, named_by_place
from cnnviz.project import Project
from cnnviz.training import Training
from tests.data.published import cifar as cifar_bytes
from tests.data.published import idx, write_emnist
from tests.export.test_pytorch import load as load_module

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from cnnviz.data.datasets import Source

CHANCE = np.random.default_rng(2)
FEW = 60


def project(source: Source) -> Project:
    """A network that works for the data set."""
    known = data_set(source)
    layers = (
        MaxPool(kernel=Size(4, 4)), Conv2d(filters=2), Flatten(),
        Dense(units=len(known.classes)),
    )  # fmt: skip
    image = Input(known.height + 2, known.width, known.channels)
    network = named_by_place(Network(layers=layers, input=image))
    return Project(network, dataset=source, training=Training(epochs=1, batch_size=50))


def write_idx(folder: Path, classes: int) -> None:
    for part in ("train", "t10k"):
        images = CHANCE.integers(0, 256, (FEW, 28, 28))
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(idx(images))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(idx(np.arange(FEW) % classes))


def write_cifar(folder: Path, names: list[str], rows: int, classes: int) -> None:
    for name in names:
        images = CHANCE.integers(0, 256, (FEW, 32, 32, 3), np.uint8)
        labels = np.arange(FEW) % classes
        columns = [labels] if rows == 1 else [labels // 5, labels]
        (folder / name).write_bytes(cifar_bytes(images, *columns))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Small files of every kind, and a program that takes them for whole ones."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    images = CHANCE.integers(0, 256, (FEW, 28, 28), np.uint8)
    write_emnist(tmp_path / "emnist_letters", "letters", images, np.arange(FEW) % 26 + 1)
    write_emnist(tmp_path / "emnist_balanced", "balanced", images, np.arange(FEW) % 47)
    for name in ("kmnist", "fashion_mnist", "cifar10", "cifar100"):
        (tmp_path / name).mkdir()
    write_idx(tmp_path / "kmnist", 10)
    write_idx(tmp_path / "fashion_mnist", 10)
    ten = [*(f"data_batch_{n}.bin" for n in range(1, 6)), "test_batch.bin"]
    write_cifar(tmp_path / "cifar10", ten, 1, 10)
    write_cifar(tmp_path / "cifar100", ["train.bin", "test.bin"], 2, 100)
    reader = read_labelled_steps
    monkeypatch.setattr(
        datasets,
        "read_labelled_steps",
        lambda one, two, shape, classes: reader(one, two, (None, *shape[1:]), classes),
    )
    records = cifar.read_steps

    def few(paths: list[Path], count: int, classes: int, labels: int = 1) -> object:
        return records(paths, FEW, classes, labels)

    monkeypatch.setattr(cifar, "read_steps", few)
    return tmp_path


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Pictures of many kinds, one of which is none."""
    folder = tmp_path / "pictures"
    for name in ("ants", "bees"):
        (folder / name).mkdir(parents=True)
        for number in range(8):
            size = (int(CHANCE.integers(40, 300)), int(CHANCE.integers(40, 300)), 3)
            picture = Image.fromarray(CHANCE.integers(0, 256, size, np.uint8))
            kind = ("png", "jpg", "bmp", "gif")[number % 4]
            picture.save(folder / name / f"{number}.{kind}")
        clear = Image.new("RGBA", (50, 20), (0, 0, 0, 0))
        clear.save(folder / name / "clear.png")
    (folder / "bees" / "broken.jpg").write_bytes(b"no")
    return folder


def script(tmp_path: Path, source: Source) -> tuple[ModuleType, Path]:
    wanted = project(source)
    path = tmp_path / "exported.py"
    report = analyze(wanted.network, len(data_set(source).classes))
    path.write_text(pytorch_source(wanted, report), encoding="utf-8")
    return load_module(path), path


def check(tmp_path: Path, source: Source, folder: Path) -> None:
    """The script's images, labels and what its network sees are the program's."""
    module, path = script(tmp_path, source)
    samples = datasets.load(source)
    for part, images, labels in (
        ("train", samples.train_images, samples.train_labels),
        ("t10k", samples.test_images, samples.test_labels),
    ):
        theirs, their_labels = module.load(folder, part)
        assert np.array_equal(theirs.numpy(), images)
        assert their_labels.tolist() == labels.tolist()
    seen = module.prepare(theirs[:7])
    ours = fit(torch.from_numpy(samples.test_images[:7].copy()), project(source).network.input)
    assert torch.allclose(seen, ours, atol=1e-6)
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", str(path), "--data", str(folder)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "test accuracy" in done.stdout


def test_a_script_makes_the_smallest_set_itself(tmp_path: Path) -> None:
    network = named_by_place(Network(layers=(Flatten(), Dense(units=2)), input=Input(1, 2, 1)))
    path = tmp_path / "exported.py"
    wanted = Project(network, dataset="toy_two_inputs")
    path.write_text(pytorch_source(wanted, analyze(network, 2)), encoding="utf-8")
    images, labels = load_module(path).load(tmp_path, "train")
    samples = datasets.load("toy_two_inputs")
    assert np.array_equal(images.numpy(), samples.train_images)
    assert labels.tolist() == samples.train_labels.tolist()


NAMES = [
    "toy_shapes", "toy_edges", "fashion_mnist", "kmnist", "emnist_letters", "emnist_balanced",
    "cifar10", "cifar100",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_pytorch_script_reads_what_the_program_reads(
    store: Path, tmp_path: Path, name: str
) -> None:
    check(tmp_path, name, store / name)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_pytorch_script_reads_a_folder_of_pictures(
    store: Path, pictures: Path, tmp_path: Path, channels: int
) -> None:
    source = ImageFolder(str(pictures), 20, 24, 3 if channels == 3 else 1, ("ants", "bees"), 14, 4)
    check(tmp_path, source, pictures)
    parted = tmp_path / "parted"
    for part in ("train", "test"):
        (parted / part).mkdir(parents=True)
    for name in ("ants", "bees"):
        (pictures / name).rename(parted / "train" / name)
        (parted / "test" / name).mkdir()
        moved = parted / "train" / name / "0.png"
        moved.rename(parted / "test" / name / "0.png")
    source = ImageFolder(str(parted), 20, 24, 3 if channels == 3 else 1, ("ants", "bees"), 14, 2)
    check(tmp_path, source, parted)


@pytest.mark.parametrize("name", ["kmnist", "cifar10", "emnist_digits"])
def test_what_is_missing_is_a_sentence(tmp_path: Path, name: str) -> None:
    _, path = script(tmp_path, name)
    done = subprocess.run(
        [sys.executable, "-I", str(path)],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 1
    assert f"is missing; FOLDER should hold {DATA_SETS[name].title}." in done.stderr
    assert "Traceback" not in done.stderr


def keras_reader(source: Source) -> dict[str, object]:
    """The functions of a Keras program that read its data."""
    wanted = project(source)
    report = analyze(wanted.network, len(data_set(source).classes))
    text = keras_source(wanted, report)
    compile(text, "exported", "exec")
    body = text[text.index("def prepare(") :]
    begin = min(body.index(word) for word in _STARTS if word in body)
    code = body[begin : body.index("def main(")]
    names: dict[str, object] = {"np": np}
    head = "import gzip, zlib\nfrom PIL import Image, ImageOps\n"
    exec(head + code, names)
    return names


_STARTS = ("SIDE = 28", "def read_idx(", "CLASSES = ", "def read(")


@pytest.mark.parametrize("name", NAMES)
def test_a_keras_program_reads_the_same(store: Path, tmp_path: Path, name: str) -> None:
    names = keras_reader(name)
    load = names["load"]
    assert callable(load)
    (images, labels), (test_images, test_labels) = load(store / name)
    samples = datasets.load(name)
    assert np.array_equal(images, samples.train_images)
    assert np.array_equal(labels, samples.train_labels)
    assert np.array_equal(test_images, samples.test_images)
    assert np.array_equal(test_labels, samples.test_labels)


def test_a_keras_program_reads_a_folder(store: Path, pictures: Path) -> None:
    source = ImageFolder(str(pictures), 20, 24, 3, ("ants", "bees"), 14, 4)
    load = keras_reader(source)["load"]
    assert callable(load)
    (images, _), (_, labels) = load(pictures)
    samples = datasets.load(source)
    assert np.array_equal(images, samples.train_images)
    assert np.array_equal(labels, samples.test_labels)
