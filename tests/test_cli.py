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
from cnnviz.layers import BatchNorm, Conv2d, Dense, Flatten, Size
from cnnviz.network import Network
from cnnviz.presets import PRESETS, first_start, preset
from cnnviz.project import Project
from tests.support.command_line import ROOT, SMALL, Command, program


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


# --- summary ---------------------------------------------------------------------------------


def test_summary_as_json_is_what_the_design_says(command: Command, tmp_path: Path) -> None:
    network = SMALL.insert(0, BatchNorm()).insert(0, Conv2d(filters=4, kernel=Size(5, 3)))
    save_network(tmp_path / "net.json", network)
    said = command("summary", tmp_path / "net.json", "--json")
    assert said.code == 0
    assert said.err == ""
    assert json.loads(said.out) == {
        "layers": [
            {
                "path": "0",
                "type": "conv2d",
                "output_shape": [24, 26, 4],
                "parameters": 64,
                "buffers": 0,
                "multiply_adds": 37_440,
                "receptive_field": [5, 3],
                "problem": None,
            },
            {
                "path": "1",
                "type": "batch_norm",
                "output_shape": [24, 26, 4],
                "parameters": 8,
                "buffers": 8,
                "multiply_adds": 0,
                "receptive_field": [5, 3],
                "problem": None,
            },
            {
                "path": "2",
                "type": "max_pool",
                "output_shape": [6, 6, 4],
                "parameters": 0,
                "buffers": 0,
                "multiply_adds": 0,
                "receptive_field": [8, 6],
                "problem": None,
            },
            {
                "path": "3",
                "type": "flatten",
                "output_shape": [144],
                "parameters": 0,
                "buffers": 0,
                "multiply_adds": 0,
                "receptive_field": [8, 6],
                "problem": None,
            },
            {
                "path": "4",
                "type": "dense",
                "output_shape": [10],
                "parameters": 1450,
                "buffers": 0,
                "multiply_adds": 1440,
                "receptive_field": [28, 26],
                "problem": None,
            },
        ],
        "parameters": 1522,
        "buffers": 8,
        "multiply_adds": 38_880,
    }


def test_summary_of_a_broken_network(command: Command, tmp_path: Path) -> None:
    broken = SMALL.insert(1, Conv2d(kernel=Size(9, 9)))
    save_network(tmp_path / "net.json", broken)
    said = command("summary", tmp_path / "net.json", "--json")
    assert said.code == 1
    document = json.loads(said.out)
    rows = document["layers"]
    assert [row["path"] for row in rows] == ["0", "1", "2", "3"]
    assert rows[0]["output_shape"] == [7, 7, 1]
    assert rows[0]["problem"] is None
    for row in rows[1:]:
        for name in ("output_shape", "parameters", "buffers", "multiply_adds", "receptive_field"):
            assert row[name] is None
    assert rows[1]["problem"] == "The 9×9 kernel is larger than its 7×7 input."
    assert rows[2]["problem"] is rows[3]["problem"] is None
    assert document["parameters"] == 0
    said = command("summary", tmp_path / "net.json")
    assert said.code == 1
    assert "Layer 1 (Conv): The 9×9 kernel is larger" in said.out.splitlines()[-1]
    # A headline that begins with the name of the layer is not given it a second time.
    save_network(tmp_path / "net.json", Network(layers=(Dense(),)))
    said = command("summary", tmp_path / "net.json")
    assert said.out.splitlines()[-1].startswith("Layer 0: Dense needs a vector")


@pytest.mark.parametrize("name", PRESETS)
def test_totals_are_the_sums_of_the_rows(command: Command, name: str) -> None:
    said = command("summary", name, "--json")
    assert said.code == 0
    document = json.loads(said.out)
    for total in ("parameters", "buffers", "multiply_adds"):
        assert document[total] == sum(row[total] for row in document["layers"])


def test_a_project_must_fit_its_data_set_and_a_network_alone_need_not(
    command: Command, tmp_path: Path
) -> None:
    network = SMALL.with_layers((*SMALL.layers[:-1], Dense(uid="d", units=7)))
    save_network(tmp_path / "net.json", network)
    save_project(tmp_path / "net.cnnviz", Project(network), {})
    assert command("summary", tmp_path / "net.json").code == 0
    said = command("summary", tmp_path / "net.cnnviz", "--json")
    assert said.code == 1
    row = json.loads(said.out)["layers"][-1]
    assert row["output_shape"] == [7]
    assert "10 classes" in row["problem"]


def test_summary_as_a_table_is_aligned(command: Command) -> None:
    said = command("summary", "vgg-16")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0] == "VGG-16"
    assert "138,357,544" in lines[-1]
    assert "15,470,264,320" in lines[-1]
    end = lines[1].index("parameters") + len("parameters")
    for line, row in zip(lines[3:-1], analyze(preset("vgg-16")).rows, strict=True):
        assert line[:end].endswith(f" {row.parameter_count:,}")


def test_an_empty_network(command: Command, tmp_path: Path) -> None:
    save_network(tmp_path / "net.json", Network())
    said = command("summary", tmp_path / "net.json", "--json")
    assert said.code == 0
    assert json.loads(said.out) == {"layers": [], "parameters": 0, "buffers": 0, "multiply_adds": 0}
    assert command("summary", tmp_path / "net.json").code == 0


# --- bad input -------------------------------------------------------------------------------


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


# --- predict ---------------------------------------------------------------------------------


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    save_project(tmp_path / "trained.cnnviz", *first_start())
    return tmp_path / "trained.cnnviz"


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


# --- export ----------------------------------------------------------------------------------


def test_export_prints_or_writes_the_script(
    command: Command, tmp_path: Path, trained: Path
) -> None:
    printed = command("export", "lenet-tutorial", "--to", "pytorch")
    assert printed.code == 0
    assert "nn.Linear(1024, 1024)" in printed.out
    assert printed.err == ""
    out = tmp_path / "script.py"
    said = command("export", trained, "--to", "pytorch", "--out", out)
    assert said.code == 0
    assert said.out == ""
    assert "script.safetensors" in said.err
    assert (tmp_path / "script.safetensors").exists()
    assert "'script.safetensors'" in out.read_text(encoding="utf-8")
    said = command("export", "tiny", "--to", "pytorch", "--out", tmp_path / "tiny.py")
    assert not (tmp_path / "tiny.safetensors").exists()
    name = tmp_path / "same.safetensors"
    assert command("export", trained, "--to", "pytorch", "--out", name).code == 2
    assert not name.exists()


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("keras", "layers.Conv2D(8, 5)"),
        ("svg", "<svg"),
        ("markdown", "| /0 | Conv | Filters 8, Kernel 5×5 |"),
        ("csv", '/0,Conv,"Filters 8, Kernel 5×5"'),
    ],
)
def test_export_prints_or_writes_all_that_is_text(
    command: Command, tmp_path: Path, to: str, words: str
) -> None:
    printed = command("export", "tiny", "--to", to)
    assert printed.code == 0
    assert words in printed.out
    out = tmp_path / "network"
    said = command("export", "tiny", "--to", to, "--out", out)
    assert said.code == 0
    assert words in out.read_text(encoding="utf-8-sig")


def test_a_network_with_a_problem_is_drawn(command: Command, tmp_path: Path) -> None:
    net = tmp_path / "net.json"
    save_network(net, SMALL.remove(["1"]))
    said = command("export", net, "--to", "svg")
    assert said.code == 0
    assert "does not fit" in said.out
    assert command("export", net, "--to", "keras").code == 1


def test_a_network_for_other_classes_is_exported(command: Command, tmp_path: Path) -> None:
    """ImageNet's 1,000 are more than the ten digits; fewer could not be learned from them."""
    for to, words in (("pytorch", "nn.Linear(512, 1000)"), ("svg", ">1,000<"), ("csv", "1000")):
        said = command("export", "resnet-18", "--to", to)
        assert said.code == 0
        assert words in said.out
        assert "does not fit" not in said.out
    net = tmp_path / "net.json"
    save_network(net, Network(layers=(Flatten(), Dense(units=3))))
    assert command("export", net, "--to", "svg").code == 0
    assert "10 classes" in command("export", net, "--to", "pytorch").sentence


def test_onnx_wants_a_file_and_its_packages(
    command: Command, tmp_path: Path, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "--out FILE.onnx" in command("export", "tiny", "--to", "onnx").sentence
    out = tmp_path / "network.onnx"
    monkeypatch.setattr("cnnviz.engine.onnx.PACKAGES", ("no_such_package",))
    said = command("export", trained, "--to", "onnx", "--out", out)
    assert said.code == 2
    assert "pip install no_such_package" in said.sentence
    assert not out.exists()


def test_pictures_are_said_to_need_the_window(command: Command) -> None:
    assert "need the window" in command("export", "--help").out


# --- as a program ----------------------------------------------------------------------------

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


# --- compare ---------------------------------------------------------------------------------


def test_compare_two_networks(command: Command, tmp_path: Path) -> None:
    said = command("compare", "vgg-16", "vgg-19", "--json")
    assert said.code == 0
    document = json.loads(said.out)
    assert (document["left"], document["right"]) == ("VGG-16", "VGG-19")
    assert document["totals"]["parameters"]["difference"] == 143_667_240 - 138_357_544
    broken = tmp_path / "broken.json"
    save_network(broken, SMALL.insert(1, Conv2d(kernel=Size(9, 9))))
    said = command("compare", "tiny", broken)
    assert said.code == 1
    assert "only on the right (+)" in said.out.splitlines()[-1]
    said = command("compare", "tiny", "nothing")
    assert said.code == 2


def test_states_of_one_project_are_compared_by_their_layers(
    command: Command, tmp_path: Path
) -> None:
    before = Network(layers=(Conv2d(uid="u1"), Conv2d(uid="u2"), Flatten(uid="u3")))
    for name, network in (("a", before), ("b", before.move(["u1"], 2))):
        save_project(tmp_path / f"{name}.cnnviz", Project(network), {})
    said = command("compare", tmp_path / "a.cnnviz", tmp_path / "b.cnnviz", "--json")
    assert [row["differs"][:1] for row in json.loads(said.out)["rows"]].count(["place"]) == 1


# --- import ----------------------------------------------------------------------------------


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
