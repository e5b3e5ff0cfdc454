"""Training by the command line: what it saves, measures and explains."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest

from cnnviz.analysis import analyze
from cnnviz.data.datasets import Samples
from cnnviz.files import open_project, save_network, save_project
from cnnviz.layers import BatchNorm, Dense, Flatten
from cnnviz.network import Network
from cnnviz.preparation import Preparation
from cnnviz.project import Project
from tests.support.command_line import ROOT, SMALL, Command


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
    [kept] = opened.runs
    assert (kept.state, kept.step, kept.steps, kept.from_seed) == ("finished", 30, 30, True)
    assert kept.train.steps.tolist() == list(range(1, 31))
    assert kept.kept_steps == (0, 1, 2, 3, 5, 7, 10, 15, 20, 30)
    assert kept.moments[-1].weights.keys() == opened.weights.keys()
    last = kept.moments[-1].weights
    assert all(np.array_equal(last[key], opened.weights[key]) for key in last)
    assert kept.test.last is not None
    assert kept.test.last.accuracy == result["test_accuracy"]
    assert kept.examination is not None

    again = tmp_path / "again.cnnviz"
    assert command("train", out, *ARGUMENTS, "--out", again).code == 0
    runs = open_project(again).runs
    assert [(run.id, run.from_seed) for run in runs] == [("r1", True), ("r2", False)]


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
    assert "GB free" in said.sentence


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent differently there")
def test_ctrl_c_saves_what_was_learned(tmp_path: Path) -> None:
    out = tmp_path / "out.cnnviz"
    process = subprocess.Popen(
        [sys.executable, "-m", "cnnviz", "train", "first-start", "--epochs", "500", "--json",
         "--device", "cpu", "--out", str(out)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    with process:
        try:
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
        finally:
            process.kill()
    assert process.returncode == 130
    assert printed == ""
    assert "Traceback" not in said
    assert "Interrupted after " in said.splitlines()[-1]
    assert f"Saved {out}" in said
    opened = open_project(out)
    assert set(opened.weights) == set(analyze(opened.project.network).tensor_keys())
    assert opened.project.training.epochs == 500


@pytest.mark.usefixtures("few")
def test_every_setting_has_its_option(command: Command, tmp_path: Path) -> None:
    net, out = tmp_path / "net.json", tmp_path / "out.cnnviz"
    save_network(net, SMALL)
    given = {
        "optimizer": "sgd", "learning_rate": 0.02, "momentum": 0.8, "dampening": 0.1,
        "nesterov": False, "beta1": 0.8, "beta2": 0.9, "alpha": 0.7, "epsilon": 1e-6,
        "weight_decay": 1e-4, "clipping": 3.0, "schedule": "cosine", "step_epochs": 3,
        "factor": 0.3, "plateau_patience": 2, "rise": 0.2, "final_share": 0.1, "warm_up": 3,
        "loss": "mean_squared_error", "label_smoothing": 0.05, "batch_size": 100,
        "run_length": "steps", "epochs": 2, "steps": 8, "stopping_patience": 5,
        "target_error": 0.5, "shift": 1, "branches_apart": True, "precision": "float32",
    }  # fmt: skip
    prepared = {
        "classes": ["3", "5", "7"], "images": 150, "validation": "number", "validation_share": 20.0,
        "validation_images": 60, "label_noise": 10.0, "split_seed": 3, "equalisation": True,
        "clip_limit": 4.0, "tiles": 3, "scaling": "standardised", "move": 5.0, "rotate": 6.0,
        "zoom": 7.0, "shear": 8.0, "flip": "both", "elastic": 9.0, "elastic_width": 3.0,
        "noise": 11.0, "erase": 12.0, "unchanged": 13.0,
    }  # fmt: skip
    options: list[str] = []
    for name, value in {**given, **prepared}.items():
        option = name.replace("_", "-")
        values = value if isinstance(value, list) else [str(value)]
        options += [f"--no-{option}"] if value is False else [f"--{option}"]
        options += [] if isinstance(value, bool) else values
    said = command("train", net, *options, "--threads", "1", "--device", "cpu", "--out", out)
    assert said.code == 0
    assert "8/8" in said.err
    assert "Validation accuracy" in said.out
    assert msgspec.to_builtins(open_project(out).project.training) == given
    assert open_project(out).project.preparation == msgspec.convert(prepared, Preparation)


@pytest.mark.usefixtures("few")
def test_who_names_a_share_means_it(command: Command, tmp_path: Path) -> None:
    net = tmp_path / "net.json"
    save_network(net, SMALL)
    said = command("train", net, "--steps", "3", "--validation-share", "30", "--json")
    assert 0 <= json.loads(said.out)["validation_accuracy"] <= 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--classes", "3", "cat"), "no class 'cat'"),
        (("--validation-share", "95"), "validation_share"),
        (("--flip", "sideways"), "--flip"),
    ],
)
def test_what_cannot_be_prepared_is_refused(
    command: Command, options: tuple[str, ...], words: str
) -> None:
    said = command("train", "perceptron", *options)
    assert said.code == 2
    assert words in said.err


@pytest.mark.usefixtures("few")
def test_steps_are_counted_where_steps_are_named(command: Command, tmp_path: Path) -> None:
    net = tmp_path / "net.json"
    save_network(net, SMALL)
    said = command("train", net, "--steps", "3", "--batch-size", "50", "--json")
    assert json.loads(said.out)["steps"] == 3


@pytest.mark.usefixtures("few")
def test_an_early_end_is_told(command: Command, tmp_path: Path) -> None:
    net = tmp_path / "net.json"
    save_network(net, SMALL)
    said = command("train", net, *ARGUMENTS, "--epochs", "30", "--target-error", "40")
    assert said.code == 0
    assert "the target is 40 %" in said.err


@pytest.mark.parametrize("threads", ["0", "-1", "two"])
def test_no_threads_are_refused(command: Command, threads: str) -> None:
    said = command("train", "tiny", "--threads", threads)
    assert said.code == 2
    assert "--threads" in said.err
