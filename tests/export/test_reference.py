"""A reference script repeats a run of the engine: the same weights, batches and chance."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
import safetensors.numpy
import torch

from cnnviz.analysis import analyze
from cnnviz.data.datasets import Samples, load
from cnnviz.data.idx import drain
from cnnviz.engine.batches import DeviceData
from cnnviz.engine.build import build
from cnnviz.engine.inline import beginning, learned
from cnnviz.engine.prepared import prepared_steps
from cnnviz.engine.sight import Sight
from cnnviz.engine.train import Run
from cnnviz.export.formats import write
from cnnviz.export.loop import LOSSES
from cnnviz.export.pytorch import pytorch_source
from cnnviz.layers import (
    Activation,
    BatchNorm,
    Branches,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    MaxPool,
    Size,
)
from cnnviz.message import UserError
from cnnviz.network import Network, named_by_place
from cnnviz.preparation import Preparation
from cnnviz.presets import preset
from cnnviz.project import Project, Weights
from cnnviz.training import Training
from tests.export.test_pytorch import run, write_idx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LAYERS = (
    Conv2d(filters=4, kernel=Size(5, 5), bias=False),
    BatchNorm(),
    Activation(),
    MaxPool(kernel=Size(4, 4), stride=Size(4, 4)),
    Flatten(),
    Dropout(rate=0.3),
    Dense(units=10),
)
WITH_NORM = named_by_place(Network(layers=LAYERS))
ENSEMBLE = named_by_place(
    Network(layers=(Branches(branches=3 * (LAYERS,)), Activation(function="softmax")))
)
TUTORIAL = Training(learning_rate=1e-3, batch_size=64, epochs=5, precision="reference")


@pytest.fixture(autouse=True)
def _threads_as_they_were() -> Iterator[None]:
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def some_of_mnist(images: int) -> Samples:
    """The first images of MNIST's test set to learn from, and the last hundred to test with."""
    known = load("mnist")
    return Samples(
        known.test_images[:images],
        known.test_labels[:images],
        known.test_images[-100:],
        known.test_labels[-100:],
    )


def written(folder: Path, samples: Samples) -> Path:
    """As the data set is published."""
    folder.mkdir()
    for part, images, labels in (
        ("train", samples.train_images, samples.train_labels),
        ("t10k", samples.test_images, samples.test_labels),
    ):
        write_idx(folder / f"{part}-images-idx3-ubyte", images)
        write_idx(folder / f"{part}-labels-idx1-ubyte", labels)
    return folder


def losses_of_the_engine(project: Project, weights: Weights, samples: Samples) -> list[float]:
    torch.set_num_threads(1)  # as the script is run
    model = build(analyze(project.network, 10), weights, project.seed)
    model.sight = Sight(project.network.input, project.preparation, "mnist")
    samples = drain(prepared_steps(samples, project.preparation, tuple("0123456789")))
    ours = Run(model, DeviceData(samples, "cpu"), project.training, project.seed)
    for _ in ours.work:
        pass
    return [point.loss for point in ours.take_points()[0]]


@pytest.mark.parametrize(
    ("network", "training", "images", "steps"),
    [
        pytest.param(
            preset("lenet-tutorial"),
            msgspec.structs.replace(TUTORIAL, shift=2),
            1280,
            100,
            id="the tutorial LeNet, with dropout and a shift",
        ),
        pytest.param(
            preset("lenet-5"),
            msgspec.structs.replace(
                TUTORIAL, precision="float32", schedule="cosine", warm_up=5, clipping=1.0
            ),
            1280,
            100,
            id="LeNet-5, at full speed",
        ),
        pytest.param(
            WITH_NORM,
            msgspec.structs.replace(
                TUTORIAL, optimizer="rmsprop", schedule="one_cycle", label_smoothing=0.1, epochs=4
            ),
            129,
            8,
            id="an image left over that batch norm cannot take",
        ),
        pytest.param(
            WITH_NORM,
            msgspec.structs.replace(
                TUTORIAL, optimizer="sgd", loss="mean_squared_error", run_length="steps", steps=7
            ),
            200,
            7,
            id="counted in steps",
        ),
        pytest.param(
            ENSEMBLE,
            msgspec.structs.replace(TUTORIAL, branches_apart=True, epochs=2),
            197,
            8,
            id="branches that learn apart, but from the five images left over",
        ),
    ],
)
def test_the_first_losses_are_those_of_the_engine(
    tmp_path: Path, network: Network, training: Training, images: int, steps: int
) -> None:
    samples = some_of_mnist(images)
    report = analyze(network, 10)
    project = Project(network, training=training, seed=11)
    weights = beginning(report, {}, seed=4)  # of a run that began otherwise than by its own seed
    script = tmp_path / "reference.py"
    assert write("reference", script, project, report, weights) is not None

    data = written(tmp_path / "data", samples)
    said = run(script, "--data", str(data), "--epochs", str(training.epochs))

    theirs = [float(loss) for loss in re.findall(r"step \d+: loss (\S+)", said)]
    ours = losses_of_the_engine(project, weights, samples)
    assert len(theirs) == min(steps, LOSSES)
    np.testing.assert_allclose(theirs, ours[:LOSSES], rtol=1e-4)


def test_it_begins_with_the_weights_beside_it(tmp_path: Path) -> None:
    report = analyze(WITH_NORM, 10)
    weights = beginning(report, {}, seed=4)
    script = tmp_path / "reference.py"
    beside = write("reference", script, Project(WITH_NORM), report, weights)
    assert beside is not None
    held = safetensors.numpy.load_file(beside)
    known = {key[:2]: values for key, values in weights.items()}
    assert np.array_equal(held["0.weight"], known["0", "weight"])
    source = script.read_text(encoding="utf-8")
    assert 'device = "cpu"' in source
    assert "autocast" not in source


def test_without_initial_weights_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Train first"):
        write("reference", tmp_path / "x.py", Project(WITH_NORM), analyze(WITH_NORM, 10), {})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("shift", "preparation"),
    [
        (0, Preparation(move=10, rotate=15, elastic=20, noise=5, erase=20, label_noise=10)),
        (
            2,
            Preparation(
                classes=("0", "3", "8"),
                validation="number",
                validation_images=30,
                equalisation=True,
                scaling="two_deviations",
                zoom=20,
                flip="both",
            ),
        ),
        (2, Preparation(rotate=15, unchanged=40)),
        (1, Preparation(rotate=15, unchanged=60, scaling="standardised")),
    ],
)
def test_prepared_images_are_repeated(tmp_path: Path, shift: int, preparation: Preparation) -> None:
    samples, report = some_of_mnist(600), analyze(WITH_NORM, 10)
    training = msgspec.structs.replace(TUTORIAL, shift=shift, epochs=3)
    project = Project(WITH_NORM, training=training, seed=3, preparation=preparation)
    weights = beginning(report, {}, seed=4)
    script = tmp_path / "reference.py"
    write("reference", script, project, report, weights)
    data = written(tmp_path / "data", samples)
    said = run(script, "--data", str(data), "--epochs", "3")
    theirs = [float(loss) for loss in re.findall(r"step \d+: loss (\S+)", said)]
    ours = losses_of_the_engine(project, weights, samples)
    assert len(theirs) == len(ours) > 5
    np.testing.assert_allclose(theirs, ours, rtol=1e-4)


def test_a_bfloat16_run_is_repeated_in_float32() -> None:
    training = msgspec.structs.replace(TUTORIAL, precision="bfloat16")
    project = Project(WITH_NORM, training=training)
    report = analyze(WITH_NORM, 10)
    assert "autocast" in pytorch_source(project, report)
    assert "autocast" not in pytorch_source(project, report, reference=True)


def test_the_engine_s_reference_lies_plain_and_the_next_run_does_not() -> None:
    data = DeviceData(some_of_mnist(64), "cpu")
    model = build(analyze(WITH_NORM, 10), {}, 0)
    Run(model, data, TUTORIAL, 0)
    assert dict(model.tensors())["0", "weight", (4, 1, 5, 5)].is_contiguous()
    before = learned(model)
    Run(model, data, Training(), 0)
    after = learned(model)
    assert all(np.array_equal(before[key], after[key]) for key in before)
    standard = [getattr(module, "standard", None) for module in model.modules()]
    assert False in standard
    assert True not in standard
