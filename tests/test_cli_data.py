"""The command `data`, and training from what is no MNIST."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from cnnviz.data import published
from cnnviz.data.catalogue import DATA_SETS, key_of
from cnnviz.data.published import Kept, Package, Published
from cnnviz.data.storage import VARIABLE
from cnnviz.files import open_project, save_network
from cnnviz.layers import Conv2d, Dense, Flatten, MaxPool, Size
from cnnviz.network import Input, Network
from tests.data.published import idx
from tests.data.web import serving
from tests.support.command_line import Command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.data.web import Web

NET = Network(
    layers=(Conv2d(filters=8, kernel=Size(5, 5)), MaxPool(), Flatten(), Dense(units=10)),
    input=Input(28, 28, 1),
)


@pytest.fixture
def command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Command:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "data"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return Command(capsys)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """A server from which a small KMNIST can be had."""
    chance = np.random.default_rng(0)
    known = DATA_SETS["kmnist"]
    labels = np.arange(40) % 10
    with serving() as found:
        files = []
        for part in ("train", "t10k"):
            for name, values in (
                (f"{part}-images-idx3-ubyte.gz", chance.integers(0, 255, (40, 28, 28))),
                (f"{part}-labels-idx1-ubyte.gz", labels),
            ):
                data = found.files[f"/{name}"] = idx(values)
                digest = hashlib.sha256(data).hexdigest()
                files.append(Published(name, len(data), digest, (f"{found.address}/{name}",)))
        kept = tuple(Kept("kmnist", file.name) for file in files)
        package = Package("kmnist", tuple(files), kept)
        monkeypatch.setattr(published, "PACKAGES", {"kmnist": package})
        monkeypatch.setattr("cnnviz.data.fetching.PACKAGES", {"kmnist": package})
        monkeypatch.setattr("cnnviz.cli.data.PACKAGES", {**published.PACKAGES})
        assert known.package == "kmnist"
        yield found


def test_the_list_says_what_is_here(command: Command) -> None:
    said = command("data", "list", "--json")
    assert said.code == 0
    lines = {line["name"]: line for line in json.loads(said.out)}
    assert set(lines) == set(DATA_SETS)
    assert lines["mnist"]["here"] is lines["toy_edges"]["here"] is True
    assert lines["cifar10"]["here"] is False
    assert lines["cifar10"]["bytes"] == 170_052_171
    assert lines["cifar100"]["image"] == [32, 32, 3]
    words = command("data", "list").out
    assert "170 MB to fetch" in words
    assert "old Japanese handwriting" in words


def test_get_fetches_and_train_finds_it(
    command: Command, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = command("data", "get", "kmnist")
    assert said.code == 0, said.err
    assert "kmnist is here now" in said.err
    assert len(web.asked) == 4
    assert "here already" in command("data", "get", "kmnist").err
    assert len(web.asked) == 4


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("Fashion-MNIST", "fashion_mnist"),
        ("fashion-mnist", "fashion_mnist"),
        ("CIFAR-10", "cifar10"),
        ("emnist letters", "emnist_letters"),
        ("mnist", "mnist"),
        ("emnist", "emnist"),  # a package, not a data set
        ("no such thing", "no such thing"),
    ],
)
def test_a_data_set_may_be_called_as_people_write_it(words: str, key: str) -> None:
    assert key_of(words) == key


def test_the_commands_know_it_by_that_name(command: Command, web: Web, tmp_path: Path) -> None:
    assert command("data", "get", "KMNIST").code == 0
    said = command("train", "tiny", "--dataset", "Oriented-Edges", "--out", str(tmp_path / "n"))
    assert "no data set “Oriented-Edges”" in said.err
    said = command("train", "tiny", "--dataset", "toy-edges", "--new-head", "--steps", "1",
                   "--out", str(tmp_path / "n.cnnviz"))  # fmt: skip
    assert said.code == 0, said.err


def test_add_takes_a_folder(command: Command, web: Web, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    for name, data in web.files.items():
        (stick / name[1:]).write_bytes(data)
    assert command("data", "add", "kmnist", stick).code == 0
    assert web.asked == []
    assert len(list((tmp_path / "data" / "kmnist").iterdir())) == 4


def test_what_cannot_be_had_is_a_sentence(command: Command, web: Web, tmp_path: Path) -> None:
    for path in list(web.files):
        web.statuses[path] = 404
    for arguments, words in (
        (("data", "get", "kmnist"), "404 Not Found"),
        (("data", "get", "mnist"), "nothing to fetch for “mnist”"),
        (("data", "add", "kmnist", tmp_path / "nowhere"), "train-images-idx3-ubyte.gz"),
        (("train", "tiny", "--dataset", "kmnist"), "data get kmnist"),
        (("train", "tiny", "--dataset", f"folder:{tmp_path}/nowhere"), "is not there"),
    ):
        said = command(*arguments)
        assert said.code == 2, arguments
        assert words in said.err
        assert said.err.count("\n") <= 2


FEW = ("--device", "cpu", "--steps", "150", "--batch-size", "50", "--learning-rate", "0.003")


def test_a_toy_set_is_learned_in_a_moment(command: Command, tmp_path: Path) -> None:
    net, out = tmp_path / "net.json", tmp_path / "out.cnnviz"
    save_network(net, NET)
    arguments = ("train", net, "--dataset", "toy_edges", *FEW, "--json")
    said = command(*arguments)
    assert said.code == 1
    assert "10 numbers, but the data set has 4 classes" in said.err
    said = command(*arguments, "--new-head", "--out", out)
    assert said.code == 0, said.err
    assert json.loads(said.out)["test_accuracy"] > 0.9
    opened = open_project(out)
    assert opened.project.dataset == "toy_edges"
    assert len(opened.weights) == 4
    image = tmp_path / "edge.png"
    pixels = np.zeros((56, 56), np.uint8)
    pixels[30:] = 250
    Image.fromarray(pixels).save(image)
    found = json.loads(command("predict", out, image, "--json").out)
    shares = found[0]["probabilities"]
    assert max(shares, key=shares.get) == "horizontal"


def test_a_folder_in_colour(command: Command, tmp_path: Path) -> None:
    pictures, chance = tmp_path / "pictures", np.random.default_rng(0)
    for name, colour in (("blue", (20, 30, 200)), ("red", (200, 40, 20))):
        (pictures / name).mkdir(parents=True)
        for number in range(30):
            noise = chance.integers(-20, 20, (40, 60, 3))
            values = np.clip(np.full((40, 60, 3), colour) + noise, 0, 255).astype(np.uint8)
            Image.fromarray(values).save(pictures / name / f"{number}.png")
    (pictures / "red" / "broken.png").write_bytes(b"no")
    (pictures / "empty").mkdir()
    net, out = tmp_path / "net.json", tmp_path / "out.cnnviz"
    save_network(net, Network(input=Input(16, 16, 3), layers=NET.layers))
    said = command(
        "train", net, "--dataset", f"folder:{pictures}", "--new-head", *FEW, "--out", out, "--json"
    )
    assert said.code == 0, said.err
    assert "1 of 61 pictures" in said.err
    assert "broken.png" in said.err
    assert "without pictures were left out (empty)" in said.err
    assert json.loads(said.out)["test_accuracy"] == 1
    found = json.loads(command("predict", out, pictures / "red" / "3.png", "--json").out)
    assert found[0]["probabilities"]["red"] > 0.9
    # The folder may go; the project says what it was.
    pictures.rename(tmp_path / "elsewhere")
    folder = open_project(out).project.dataset
    assert not isinstance(folder, str)
    assert folder.classes == ("blue", "red")
    assert command("summary", out).code == 0
    assert "is not there" in command("train", out, *FEW).err
