"""The command line: what it prints, what it returns, and that it never shows a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import safetensors.numpy
from PIL import Image

from cnnviz.analysis import analyze
from cnnviz.data import datasets
from cnnviz.data.datasets import test_images as mnist_images
from cnnviz.files import open_any, save_network, save_project
from cnnviz.layers import Conv2d, Dense, Flatten, Size
from cnnviz.network import Network
from cnnviz.presets import first_start, preset
from tests.support.command_line import ROOT, SMALL, Command, program

# --- bad input -----------------------------------------------------------------------------------


def test_bad_input_gets_one_sentence(command: Command, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{", encoding="utf-8")
    zero = tmp_path / "zero.json"
    zero.write_text(
        '{"format": "cnnviz-network", "version": 1, "layers": [{"type": "conv2d", "filters": 0}]}',
        encoding="utf-8",
    )
    good = tmp_path / "good.json"
    save_network(good, SMALL)
    out = tmp_path / "no" / "out.cnnviz"
    for arguments, words in (
        ((), "COMMAND"),
        (("dance",), "dance"),
        (("summary",), "FILE_OR_PRESET"),
        (("summary", "nix"), "presets are"),
        (("summary", tmp_path / "nix.json"), "no file nix.json"),
        (("summary", tmp_path), "folder"),
        (("summary", bad), "JSON"),
        (("summary", zero), "$.layers[0].filters"),
        (("summary", good, "--yaml"), "--yaml"),
        (("train", bad), "JSON"),
        (("train", good, "--epochs", "0"), "epochs"),
        (("train", good, "--epochs", "many"), "epochs"),
        (("train", good, "--seed", "-1"), "seed"),
        (("train", good, "--learning-rate", "nan"), "learning_rate"),
        (("train", good, "--learning-rate", "inf"), "learning_rate"),
        (("train", good, "--optimizer", "magic"), "optimizer"),
        (("train", good, "--batch-size", "0"), "batch_size"),
        (("train", good, "--dataset", "cats"), "cats"),
        (("train", good, "--device", "toaster"), "toaster"),
        (("train", good, "--out", out), "could not be written"),
        (("predict", good, good), "no weights"),
        (("predict", tmp_path / "nix.cnnviz", good), "nix.cnnviz"),
        (("export", good), "--to"),
        (("export", good, "--to", "cobol"), "cobol"),
        (("export", good, "--to", "pytorch", "--out", out), "could not be written"),
        (("export", good, "--to", "pytorch", "--out", tmp_path), "is a folder"),
    ):
        said = command(*arguments)
        assert said.code == 2, arguments
        assert words in said.sentence, arguments


def test_a_network_with_a_problem_is_neither_trained_nor_exported(
    command: Command, tmp_path: Path
) -> None:
    net = tmp_path / "net.json"
    save_network(net, SMALL.remove(["1"]))
    for arguments in (
        ("train", net, "--out", tmp_path / "x.cnnviz"),
        ("export", net, "--to", "pytorch"),
        ("predict", net, net),
    ):
        said = command(*arguments)
        assert said.code == 1
        assert "Dense needs a vector" in said.sentence
    assert list(tmp_path.iterdir()) == [net]


# --- predict -------------------------------------------------------------------------------------


def test_predict_names_the_likeliest_class_first(
    command: Command, tmp_path: Path, trained: Path
) -> None:
    seven, two = tmp_path / "seven.png", tmp_path / "two.png"
    Image.fromarray(mnist_images("mnist")[0]).save(seven)
    # As a photo of paper has it: large, and dark on light.
    large = Image.fromarray(255 - mnist_images("mnist")[1]).resize((300, 300))
    large.save(two)
    said = command("predict", trained, seven, two)
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0].startswith(f"{seven}: 7 ")
    assert lines[1].startswith(f"{two}: 2 ")

    found: list[dict[str, Any]] = json.loads(command("predict", trained, seven, "--json").out)
    assert [image["image"] for image in found] == [str(seven)]
    shares = found[0]["probabilities"]
    assert sorted(shares) == list("0123456789")
    assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
    assert list(shares.values()) == sorted(shares.values(), reverse=True)


def test_an_image_that_is_none_does_not_hide_the_others(
    command: Command, tmp_path: Path, trained: Path
) -> None:
    seven, bad = tmp_path / "seven.png", tmp_path / "bad.png"
    Image.fromarray(mnist_images("mnist")[0]).save(seven)
    bad.write_bytes(b"no picture")
    said = command("predict", trained, bad, seven, tmp_path / "nix.png")
    assert said.code == 2
    assert said.out.startswith(f"{seven}: 7 ")
    assert [line.split()[0] for line in said.err.splitlines()] == ["bad.png", "There"]
    assert command("predict", trained, bad, "--json").out == "[]\n"


def test_predict_refuses_weights_that_are_not_finite(command: Command, tmp_path: Path) -> None:
    project, weights = first_start()
    key = next(iter(weights))
    spoilt = {**weights, key: np.full(key[2], np.nan, np.float32)}
    save_project(tmp_path / "bad.cnnviz", project, spoilt)
    said = command("predict", tmp_path / "bad.cnnviz", "x.png")
    assert said.code == 2
    assert said.out == ""
    assert "not finite" in said.err


# --- as a program --------------------------------------------------------------------------------


BLOCKED = """
import sys
for name in {blocked}:
    sys.modules[name] = None
from cnnviz.cli import main
code = main(sys.argv[1:])
late = [name for name in ("torch", "PySide6", "pyqtgraph", "ui") if sys.modules.get(name)]
print("imported:", *late, file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize(
    "arguments", [("summary", "tiny", "--json"), ("export", "tiny", "--to", "pytorch")]
)
def test_without_torch_and_without_qt(arguments: tuple[str, ...]) -> None:
    blocked = ["PySide6", "shiboken6", "pyqtgraph", "torch"]
    said = program(*arguments, code=BLOCKED.format(blocked=blocked))
    assert said.code == 0
    assert said.out
    assert said.err == "imported:\n"


def test_prediction_works_without_qt(tmp_path: Path, trained: Path) -> None:
    Image.fromarray(mnist_images("mnist")[0]).save(tmp_path / "seven.png")
    blocked = ["PySide6", "shiboken6", "pyqtgraph", "ui"]
    code = BLOCKED.format(blocked=blocked)
    said = program("predict", trained, tmp_path / "seven.png", code=code)
    assert said.code == 0
    assert ": 7 " in said.out
    assert said.err == "imported: torch\n"


def test_the_module_runs_and_returns_its_code(tmp_path: Path) -> None:
    assert program("summary", "tiny").code == 0
    assert program("summary", tmp_path / "nix.json").code == 2
    said = program("--version")
    assert said.code == 0
    assert said.out.startswith("CNNviz ")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such pipes")
def test_a_reader_that_has_seen_enough(tmp_path: Path) -> None:
    net = tmp_path / "net.json"
    save_network(net, Network(layers=tuple(Flatten(uid=f"u{n}") for n in range(9_000))))
    command = f'"{sys.executable}" -m cnnviz summary "{net}" | head -1; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0
    assert done.stderr == ""


def test_a_console_that_knows_few_letters(tmp_path: Path) -> None:
    net = tmp_path / "net.json"
    broken = Network(name="Größe 大小", layers=(Conv2d(kernel=Size(99, 99)),))
    save_network(net, broken)
    done = subprocess.run(
        [sys.executable, "-m", "cnnviz", "summary", str(net)],
        capture_output=True, check=False, cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == b""


def test_no_data_set_is_read_to_look_at_a_network(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a data set was opened")

    monkeypatch.setattr(datasets, "read_labelled_steps", refuse)
    assert command("summary", "first-start").code == 0


# --- import --------------------------------------------------------------------------------------


def test_import_takes_published_weights(command: Command, tmp_path: Path) -> None:
    """By torchvision's names, with another head than the file's."""
    network = preset("alexnet")
    small = network.with_layers(
        msgspec.structs.replace(layer, units=8) if isinstance(layer, Dense) else layer
        for layer in network.layers
    )
    report = analyze(small)
    save_network(tmp_path / "net.json", small)
    places = {"0": "features.0", "3": "features.3", "6": "features.6", "8": "features.8"}
    tensors = {
        f"{places[uid]}.{name}": np.full(shape, 0.5, np.float16)
        for uid, name, shape in report.tensor_keys()
        if uid in places
    }
    tensors["classifier.6.weight"] = np.zeros((1000, 8), np.float16)
    safetensors.numpy.save_file(tensors, tmp_path / "w.safetensors")
    out = tmp_path / "out.cnnviz"
    said = command("import", tmp_path / "net.json", tmp_path / "w.safetensors", "--out", out)
    assert said.code == 0
    assert "torchvision's names (AlexNet, VGG). 8 of 16 tensors were taken over." in said.out
    assert "classifier.6.weight has the shape 1000×8" in said.out
    assert "classifier.6.weight 1000×8: no layer of the network takes it" in said.out
    opened = open_any(out)
    assert len(opened.weights) == 8
    assert all((values == 0.5).all() for values in opened.weights.values())
    said = command(
        "import", tmp_path / "net.json", tmp_path / "w.safetensors", "--out", out, "--json"
    )
    document = json.loads(said.out)
    said = command(
        "import", tmp_path / "net.json", tmp_path / "w.safetensors", "--out", out, "--imagenet"
    )
    assert said.code == 0
    opened = open_any(out)
    assert opened.project.network.layers[0].frozen
    assert opened.weights["normalise", "running_mean", (3,)].tolist() == pytest.approx(
        [0.485, 0.456, 0.406]
    )
    assert (document["matched_by"], document["matched"], document["tensors"]) == (
        "torchvision", 8, 16,
    )  # fmt: skip


def test_import_refuses_in_a_sentence(command: Command, tmp_path: Path) -> None:
    wrong = tmp_path / "w.safetensors"
    wrong.write_bytes(b"nothing of the kind")
    out = tmp_path / "out.cnnviz"
    said = command("import", "tiny", wrong, "--out", out)
    assert said.code == 2
    assert "is no safetensors file" in said.err
    assert not out.exists()
    safetensors.numpy.save_file({"w": np.zeros(3, np.float32)}, wrong)
    said = command("import", "tiny", wrong, "--out", out)
    assert said.code == 2
    assert "None of the 1 tensors" in said.err
