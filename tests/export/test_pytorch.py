"""Exported scripts run on their own and compute what the engine computes."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import safetensors.numpy
import torch
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.analysis import analyze
from cnnviz.data.fitting import padding_to_fit
from cnnviz.engine.batches import fit
from cnnviz.engine.build import build
from cnnviz.engine.inline import learned
from cnnviz.engine.optimizing import optimizer_of
from cnnviz.export.pytorch import pytorch_source, pytorch_state
from cnnviz.layers import (
    Activation,
    AvgPool,
    BatchNorm,
    Border,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    MaxPool,
    Size,
)
from cnnviz.message import UserError
from cnnviz.network import Input, Network, named_by_place
from cnnviz.project import Project, Weights
from cnnviz.training import Training

EVERYTHING = named_by_place(
    Network(
        name="Everything",
        input=Input(33, 31, 3),
        layers=(
            Conv2d(filters=6, kernel=Size(3, 4), padding="same", stride=Size(2, 1), groups=3),
            BatchNorm(momentum=0.2, epsilon=1e-3),
            Activation(function="elu", slope=0.5),
            MaxPool(kernel=Size(3, 2), stride=Size(2, 2), padding="same"),
            AvgPool(kernel=Size(3, 2), stride=Size(2, 1), padding="same"),
            Conv2d(filters=4, padding=Border(2, 1), dilation=Size(2, 1), bias=False),
            AvgPool(padding=Border(1, 0)),
            AvgPool(kernel=Size(3, 3), stride=Size(1, 1), padding="same"),
            BatchNorm(affine=False),
            GlobalAvgPool(),
            Flatten(),
            Dropout(rate=0.1),
            Dense(units=7, bias=False),
            BatchNorm(),
            Dense(units=10),
            Activation(function="softmax"),
        ),
    )
)
SMALL = named_by_place(Network(layers=(Flatten(), Dense(units=10))))
PADDED = SMALL.with_input(Input(33, 30, 1))
RESIZED = SMALL.with_input(Input(20, 40, 1))


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def exported(folder: Path, network: Network, training: Training = Training()) -> ModuleType:  # noqa: B008
    path = folder / "exported.py"
    source = pytorch_source(Project(network, training=training), analyze(network, 10))
    path.write_text(source, encoding="utf-8")
    return load(path)


@pytest.mark.parametrize("network", [EVERYTHING, SMALL, PADDED, RESIZED])
def test_the_script_computes_what_the_engine_computes(tmp_path: Path, network: Network) -> None:
    report = analyze(network, 10)
    assert report.problem is None
    ours = build(report, {}, seed=5)
    chance = np.random.default_rng(0)
    images = torch.from_numpy(chance.integers(0, 256, (8, 28, 28), np.uint8))
    for _ in range(3):  # so that the running statistics are no longer what they start as
        ours(fit(images, network.input))
    ours.eval()
    state = pytorch_state(report, learned(ours))
    assert state is not None

    module = exported(tmp_path, network)
    theirs = module.build()
    shapes = {name: tuple(tensor.shape) for name, tensor in theirs.state_dict().items()}
    assert shapes == {name: values.shape for name, values in state.items()}
    assert sum(p.numel() for p in theirs.parameters()) == report.parameters
    theirs.load_state_dict({name: torch.from_numpy(v.copy()) for name, v in state.items()})
    theirs.eval()

    seen = module.prepare(images)
    assert torch.allclose(seen, fit(images, network.input), atol=1e-7)
    with torch.no_grad():
        assert torch.allclose(theirs(seen), ours(fit(images, network.input)), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "training",
    [
        Training(),
        Training(optimizer="adam", weight_decay=0.1, learning_rate=1e-7),
        Training(optimizer="adamw"),
        Training(optimizer="rmsprop", momentum=0.5),
        Training(optimizer="rmsprop", momentum=0),
        Training(optimizer="sgd", momentum=0, nesterov=True, weight_decay=1e-5),
        Training(optimizer="sgd", momentum=0.5, nesterov=True),
    ],
)
def test_the_script_trains_with_the_engine_s_optimiser(training: Training) -> None:
    report = analyze(SMALL, 10)
    source = pytorch_source(Project(SMALL, training=training), report)
    (call,) = re.findall(r"optimizer = (torch\.optim\..*)", source)
    model = build(report, {}, seed=0)
    theirs = eval(call, {"torch": torch, "model": model})
    ours = optimizer_of(list(model.parameters()), training)
    assert type(theirs) is type(ours)
    unlike = {"params", "fused"}
    assert {k: v for k, v in theirs.param_groups[0].items() if k not in unlike} == {
        k: v for k, v in ours.param_groups[0].items() if k not in unlike
    }


def write_idx(path: Path, values: np.ndarray) -> None:
    sizes = b"".join(size.to_bytes(4, "big") for size in values.shape)
    path.write_bytes(bytes([0, 0, 8, values.ndim]) + sizes + values.tobytes())


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    """257 images that are easy to tell apart: as many white rows as the label says."""
    folder = tmp_path / "digits"
    folder.mkdir()
    for part, count in (("train", 257), ("t10k", 40)):
        labels = (np.arange(count) % 10).astype(np.uint8)
        images = (np.arange(28)[None, :, None] < 2 * labels[:, None, None]) * np.uint8(255)
        write_idx(folder / f"{part}-images-idx3-ubyte", np.repeat(images, 28, 2).astype(np.uint8))
        write_idx(folder / f"{part}-labels-idx1-ubyte", labels)
    return folder


def run(script: Path, *arguments: str) -> str:
    """What the script prints, run by itself: it must not find this program."""
    return subprocess.run(
        [sys.executable, "-I", "-W", "error", str(script), *arguments],
        env={**os.environ, "OMP_NUM_THREADS": "1"},  # so little work is slower with more
        capture_output=True,
        text=True,
        check=True,
        cwd=script.parent,
    ).stdout


def test_the_script_runs_on_its_own(tmp_path: Path, digits: Path) -> None:
    # 257 = 2 · 128 + 1: the last batch has one image, which batch norm cannot take.
    script = tmp_path / "alone.py"
    report = analyze(EVERYTHING, 10)
    source = pytorch_source(Project(EVERYTHING), report)
    script.write_text(source, encoding="utf-8")
    printed = run(script, "--data", str(digits), "--epochs", "1")
    assert f"{report.parameters:,} parameters" in printed
    assert "epoch 1: training loss" in printed
    assert "test accuracy" in printed
    assert "cnnviz" not in source.replace("CNNviz", "")


def test_the_script_learns(tmp_path: Path, digits: Path) -> None:
    script = tmp_path / "learns.py"
    training = Training(epochs=10, batch_size=32, learning_rate=0.01)
    source = pytorch_source(Project(PADDED, training=training, seed=7), analyze(PADDED, 10))
    script.write_text(source, encoding="utf-8")
    first, second = run(script, "--data", str(digits)), run(script, "--data", str(digits))
    assert "test accuracy 1.0000" in first
    losses = r"training loss \S+|accuracy \S+"
    assert re.findall(losses, first) == re.findall(losses, second)


def test_the_script_starts_from_the_weights_beside_it(tmp_path: Path, digits: Path) -> None:
    report = analyze(SMALL, 10)
    # Unit k adds 1 for each white row up to 2k, and takes more for each beyond it.
    weight = np.where(np.arange(28)[None, :] < 2 * np.arange(10)[:, None], 1.0, -9.0)
    weights = {
        ("1", "weight", (10, 784)): np.repeat(weight, 28, 1).astype(np.float32),
        ("1", "bias", (10,)): np.zeros(10, np.float32),
    }
    state = pytorch_state(report, weights)
    assert state is not None
    (tmp_path / "it's.safetensors").write_bytes(safetensors.numpy.save(state))
    script = tmp_path / "learned.py"
    source = pytorch_source(Project(SMALL), report, "it's.safetensors")
    script.write_text(source, encoding="utf-8")
    arguments = ("--data", str(digits), "--epochs", "0")
    logits = np.repeat(weight, 28, 1) @ np.repeat(weight > 0, 28, 1).T
    expected = (logits.argmax(0) == np.arange(10)).mean()
    assert f"test accuracy {expected:.4f}" in run(script, *arguments)
    assert expected > 0.3
    assert f"{expected:.4f}" not in run(script, *arguments, "--from-scratch")


def test_without_the_data_there_is_a_sentence(tmp_path: Path) -> None:
    script = tmp_path / "alone.py"
    source = pytorch_source(Project(SMALL), analyze(SMALL, 10))
    script.write_text(source.replace("torchvision", "no_torchvision"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 1
    assert "holds no train-images-idx3-ubyte" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_network_that_does_not_work_is_not_exported() -> None:
    network = SMALL.insert(1, Conv2d())
    with pytest.raises(UserError, match="fixed"):
        pytorch_source(Project(network), analyze(network, 10))


def test_weights_are_exported_whole_or_not_at_all() -> None:
    report = analyze(SMALL, 10)
    bias: Weights = {("1", "bias", (10,)): np.zeros(10, np.float32)}
    assert pytorch_state(report, bias) is None
    assert pytorch_state(report, {}) is None


@given(st.text())
def test_a_name_cannot_get_out_of_the_docstring(name: str) -> None:
    network = Network(name=name, layers=SMALL.layers)
    plain = ast.parse(pytorch_source(Project(SMALL), analyze(SMALL, 10)))
    tree = ast.parse(pytorch_source(Project(network), analyze(network, 10)))
    assert ast.get_docstring(tree) is not None
    assert ast.dump(ast.Module(tree.body[1:], [])) == ast.dump(ast.Module(plain.body[1:], []))


def test_a_name_that_tries() -> None:
    network = Network(name='"""\nimport os; os.abort()\n"""\\', layers=SMALL.layers)
    tree = ast.parse(pytorch_source(Project(network), analyze(network, 10)))
    assert str(ast.get_docstring(tree)).startswith("import os; os.abort(). Exported")


def test_images_are_padded_a_little_and_resized_otherwise() -> None:
    assert padding_to_fit((28, 28), (28, 28)) == (0, 0, 0, 0)
    assert padding_to_fit((28, 28), (32, 32)) == (2, 2, 2, 2)  # LeNet-5
    assert padding_to_fit((28, 28), (28, 31)) == (1, 2, 0, 0)
    assert padding_to_fit((28, 28), (35, 28)) == (0, 0, 3, 4)
    for size in ((36, 28), (27, 28), (224, 224), (28, 27)):
        assert padding_to_fit((28, 28), size) is None
