"""What a network sees: the same numbers as plain numpy, wherever an image comes in."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.analysis import analyze
from cnnviz.data.catalogue import DATA_SETS
from cnnviz.data.datasets import load
from cnnviz.data.datasets import test_images as of_tests
from cnnviz.data.equalisation import equalised
from cnnviz.data.greys import GREYS, PHOTOS, greys_of
from cnnviz.engine import sight as room
from cnnviz.engine.batches import DeviceData, fit
from cnnviz.engine.build import build
from cnnviz.engine.inline import probabilities
from cnnviz.engine.prepared import prepared_steps
from cnnviz.engine.probe import look
from cnnviz.engine.protocol import Probe
from cnnviz.engine.sight import Sight
from cnnviz.layers import Dense, Flatten
from cnnviz.network import INPUT_UID, Input, Network, named_by_place
from cnnviz.preparation import Preparation
from cnnviz.project import Project
from tests.engine.desk import samples
from tests.support.projects import random_weights

SCALINGS = ("unit", "standardised", "one_deviation", "two_deviations")
PLAIN = Preparation()


def in_numpy(images: np.ndarray, how: Preparation, dataset: str) -> np.ndarray:
    """uint8 (count, height, width, channels) as a network of that size sees them; the oracle."""
    if how.equalisation:
        images = equalised(images, how.tiles, how.clip_limit)
    x = images.astype(np.float64) / 255
    if how.scaling == "standardised":
        return (x - greys_of(dataset).mean) / greys_of(dataset).deviation
    if how.scaling == "unit":
        return x
    mean = x.mean((1, 2, 3), keepdims=True)
    deviation = np.maximum(x.std((1, 2, 3), keepdims=True), 1 / 255)
    times = {"one_deviation": 1, "two_deviations": 2}[how.scaling]
    return np.clip((x - mean) / (times * deviation), -1, 1)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 12),
    st.integers(1, 12),
    st.sampled_from([1, 3]),
    st.sampled_from(SCALINGS),
    st.booleans(),
    st.integers(1, 3),
    st.integers(0, 2**31),
    st.sampled_from([1, 8, 64, 256]),
)
def test_torch_sees_what_numpy_sees(
    height: int,
    width: int,
    channels: int,
    scaling: str,
    equalisation: bool,
    tiles: int,
    seed: int,
    greys: int,
) -> None:
    chance = np.random.default_rng(seed)
    images = chance.integers(0, greys, (3, height, width, channels)).astype(np.uint8)
    how = Preparation(scaling=scaling, equalisation=equalisation, tiles=tiles)  # type: ignore[arg-type]
    dataset = "mnist" if channels == 1 else "cifar10"
    sight = Sight(Input(height, width, channels), how, dataset)
    expected = in_numpy(images, how, dataset).transpose(0, 3, 1, 2)
    found = sight.look(images, "cpu").numpy()
    np.testing.assert_allclose(found, expected, atol=1e-5)
    low, high = sight.range
    assert low - 1e-5 <= found.min() <= found.max() <= high + 1e-5


def test_by_default_it_is_what_it_was() -> None:
    images = of_tests("mnist")[:20]
    for size in (28, 32, 14):
        image = Input(size, size)
        expected = fit(torch.from_numpy(images.copy()), image)
        assert torch.equal(Sight(image).look(images, "cpu"), expected)


def test_zeros_around_an_image_are_black_however_it_is_scaled() -> None:
    sight = Sight(Input(32, 32), Preparation(scaling="standardised"))
    seen = sight.look(of_tests("mnist")[:4], "cpu")
    assert torch.allclose(seen[:, :, 0], torch.tensor(-0.1307 / 0.3081))


def test_all_training_images_together_have_mean_0_and_deviation_1() -> None:
    images = load("mnist").train_images[::3]
    seen = Sight(Input(), Preparation(scaling="standardised")).look(images, "cpu")
    assert abs(float(seen.mean())) < 0.01
    assert abs(float(seen.std()) - 1) < 0.01


@pytest.mark.parametrize("name", [name for name, known in DATA_SETS.items() if not known.package])
def test_the_greys_of_a_data_set_are_measured(name: str) -> None:
    images = load(name).train_images.astype(np.float32) / 255
    images = images.reshape(*images.shape[:3], -1)
    mean, deviation = (getattr(images, of)((0, 1, 2), dtype=np.float64) for of in ("mean", "std"))
    assert GREYS[name].mean == tuple(np.round(mean, 4))
    assert GREYS[name].deviation == tuple(np.round(deviation, 4))


def test_what_was_never_measured_is_taken_for_photos() -> None:
    assert greys_of("holiday") == PHOTOS
    assert PHOTOS.of(3) == PHOTOS
    assert PHOTOS.of(1).mean == (round(sum(PHOTOS.mean) / 3, 4),)


NETWORK = named_by_place(Network(layers=(Flatten(), Dense(units=10))))
EVERYTHING = Preparation(scaling="two_deviations", equalisation=True, tiles=3)


def test_a_drawing_a_prediction_and_the_test_images_are_seen_alike() -> None:
    project = Project(NETWORK, preparation=EVERYTHING)
    weights = random_weights(NETWORK)
    model = build(analyze(NETWORK, 10), weights, 0)
    model.sight = Sight(NETWORK.input, EVERYTHING, "mnist")
    raw = samples().test_images[:1]
    probed = look(model, Probe(1, raw.tobytes(), 28, 28, 1), revision=0, step=0, device="cpu")
    expected = in_numpy(raw[..., None], EVERYTHING, "mnist")[0, ..., 0]
    seen = next(layer for layer in probed.layers if layer.uid == INPUT_UID).array()[0]
    np.testing.assert_allclose(seen, expected, atol=1e-5)
    shares = probabilities(project, weights, raw)[0]
    np.testing.assert_allclose(probed.probabilities, shares, atol=1e-5)
    steps = prepared_steps(samples(), EVERYTHING, tuple("0123456789"))
    prepared = samples()
    try:
        while True:
            next(steps)
    except StopIteration as end:
        prepared = end.value
    of_data = model.sight.seen(DeviceData(prepared, "cpu").test_images[:1])
    np.testing.assert_allclose(of_data[0, 0].numpy(), expected, atol=1e-5)


def test_every_data_set_has_greys_for_each_of_its_channels() -> None:
    for name, known in DATA_SETS.items():
        assert len(greys_of(name).mean) == len(greys_of(name).deviation) == known.channels
        assert name in GREYS


def test_there_is_no_other_way_from_an_image_to_a_network() -> None:
    """What is done with every image would be forgotten on another one."""
    engine = Path(room.__file__).parent
    using = {
        path.name
        for path in engine.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and node.module == "cnnviz.engine.batches"
        and any(alias.name == "fit" for alias in node.names)
    }
    assert using == {"sight.py"}
