"""The command line: what it prints, what it returns, and that it never shows a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnviz.analysis import analyze
from cnnviz.cli import main
from cnnviz.data import datasets
from cnnviz.data.datasets import Samples
from cnnviz.data.datasets import test_images as mnist_images
from cnnviz.files import open_project, save_network, save_project
from cnnviz.layers import BatchNorm, Conv2d, Dense, Flatten, MaxPool, Size
from cnnviz.network import Network, named_by_place
from cnnviz.presets import PRESETS, first_start, preset
from cnnviz.project import Project

ROOT = Path(__file__).parent.parent
SMALL = named_by_place(
    Network(name="Small", layers=(MaxPool(kernel=Size(4, 4)), Flatten(), Dense(units=10)))
)


class Said:
    """One run of the command line: its exit code and what it printed."""

    def __init__(self, code: int, out: str, err: str) -> None:
        assert "Traceback" not in err
        self.code = code
        self.out = out
        self.err = err

    @property
    def sentence(self) -> str:
        """Standard error where that is one sentence and nothing else was printed."""
        assert self.out == ""
        assert self.err.count("\n") == 1, self.err
        assert self.err.endswith((".\n", "--help.\n"))
        return self.err.strip()


class Command:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Said:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as error:  # argparse
            code = int(error.code or 0)
        captured = self._capsys.readouterr()
        return Said(code, captured.out, captured.err)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


def program(*arguments: object, code: str = "") -> Said:
    """The command line as a process of its own, as a person would start it."""
    start = ["-c", code] if code else ["-m", "cnnviz"]
    done = subprocess.run(
        [sys.executable, "-W", "error", *start, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"},
    )
    return Said(done.returncode, done.stdout, done.stderr)


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


# --- train -----------------------------------------------------------------------------------


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of a tenth of MNIST, so that an epoch takes no time."""
    chance = np.random.default_rng(0)
    labels = np.arange(600).astype(np.uint8) % 10
    images = (chance.random((600, 28, 28)) * 60).astype(np.uint8)
    for index, label in enumerate(labels):
        images[index, 2 * label : 2 * label + 3] = 255
    samples = Samples(images[:500], labels[:500], images[500:], labels[500:])
    from cnnviz.engine import inline

    monkeypatch.setattr(inline, "load", lambda name: samples)


ARGUMENTS = ("--epochs", "3", "--batch-size", "50", "--learning-rate", "0.03", "--device", "cpu")


@pytest.mark.usefixtures("few")
def test_training_saves_and_measures_what_was_learned(command: Command, tmp_path: Path) -> None:
    net, out = tmp_path / "net.json", tmp_path / "out.cnnviz"
    save_network(net, SMALL)
    said = command("train", net, *ARGUMENTS, "--seed", "5", "--out", out, "--json")
    assert said.code == 0
    result = json.loads(said.out)
    assert set(result) == {"test_accuracy", "test_loss", "seconds", "images_per_second", "steps"}
    assert result["steps"] == 30
    assert 0.9 < result["test_accuracy"] <= 1
    assert result["test_loss"] < 1
    assert result["images_per_second"] == pytest.approx(1500 / result["seconds"])
    assert "30/30" in said.err
    assert f"Saved {out}." in said.err
    opened = open_project(out)
    assert opened.note is None
    assert opened.project.seed == 5
    assert opened.project.training.epochs == 3
    assert opened.project.training.learning_rate == 0.03
    assert set(opened.weights) == set(analyze(SMALL).tensor_keys())


@pytest.mark.usefixtures("few")
def test_the_same_seed_gives_the_same_weights_and_another_others(
    command: Command, tmp_path: Path
) -> None:
    net, out = tmp_path / "net.json", tmp_path / "out.cnnviz"
    save_network(net, SMALL)

    def learned(seed: int) -> list[bytes]:
        assert command("train", net, *ARGUMENTS, "--seed", seed, "--out", out).code == 0
        return [values.tobytes() for _, values in sorted(open_project(out).weights.items())]

    assert learned(1) == learned(1)
    assert learned(1) != learned(2)


@pytest.mark.usefixtures("few")
def test_training_goes_on_from_what_the_file_has_learned(command: Command, tmp_path: Path) -> None:
    out = tmp_path / "out.cnnviz"
    save_project(out, Project(SMALL), {})
    losses = []
    for _ in range(2):
        said = command("train", out, *ARGUMENTS, "--out", out, "--json")
        losses.append(json.loads(said.out)["test_loss"])
    assert "Going on from the weights" in said.err
    assert losses[1] < losses[0]


@pytest.mark.usefixtures("few")
def test_without_out_it_says_that_nothing_is_saved(command: Command, tmp_path: Path) -> None:
    net = tmp_path / "net.json"
    save_network(net, SMALL)
    said = command("train", net, *ARGUMENTS)
    assert said.code == 0
    assert said.out.startswith("Test accuracy ")
    assert "Nothing was saved" in said.err
    assert list(tmp_path.iterdir()) == [net]


@pytest.mark.usefixtures("few")
def test_a_loss_that_is_no_number_is_explained(command: Command, tmp_path: Path) -> None:
    net, out = tmp_path / "net.json", tmp_path / "out.cnnviz"
    save_network(net, SMALL.insert(2, Dense(uid="d", units=30)))
    rate = ("--learning-rate", "1000", "--optimizer", "sgd", "--momentum", "0.99")
    said = command("train", net, "--batch-size", "50", "--epochs", "50", *rate, "--out", out)
    assert said.code == 1
    assert said.out == ""
    assert "The loss is no longer a number" in said.err.splitlines()[-1]
    assert not out.exists()


@pytest.mark.usefixtures("few")
def test_what_a_batch_of_one_breaks_is_a_sentence(command: Command, tmp_path: Path) -> None:
    net = tmp_path / "net.json"
    save_network(net, SMALL.insert(2, BatchNorm(uid="b")))
    said = command("train", net, "--batch-size", "1", "--device", "cpu")
    assert said.code == 2
    assert "larger batch size" in said.err.splitlines()[-1]


def test_a_network_that_no_memory_holds(command: Command, tmp_path: Path) -> None:
    net = tmp_path / "net.json"
    huge = (Flatten(), Dense(units=10**6), Dense(units=10**5), Dense(units=10))
    save_network(net, Network(layers=huge))
    said = command("train", net, "--device", "cpu")
    assert said.code == 2
    assert "MB free" in said.sentence


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent differently there")
def test_ctrl_c_saves_what_was_learned(tmp_path: Path) -> None:
    out = tmp_path / "out.cnnviz"
    process = subprocess.Popen(
        [sys.executable, "-m", "cnnviz", "train", "first-start", "--epochs", "500", "--json",
         "--device", "cpu", "--out", str(out)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert process.stderr is not None
    # The bar appears when the first step is about to be done.
    seen = ""
    while "steps/s" not in seen:
        character = process.stderr.read(1)
        assert character, seen
        seen += character
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    printed, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert printed == ""
    assert "Traceback" not in said
    assert "Interrupted after " in said.splitlines()[-1]
    assert f"Saved {out}" in said
    opened = open_project(out)
    assert set(opened.weights) == set(analyze(opened.project.network).tensor_keys())
    assert opened.project.training.epochs == 500


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
