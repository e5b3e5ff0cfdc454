"""On a real accelerator: every kind and short runs compute there what they compute on the CPU."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from cnnviz.analysis import analyze
from cnnviz.engine import device as devices
from cnnviz.engine.batches import DeviceData
from cnnviz.engine.build import Model, build
from cnnviz.engine.figures import LayerWatch
from cnnviz.engine.sight import Sight
from cnnviz.engine.train import Run
from cnnviz.layers import Dropout, Layer
from cnnviz.network import Network
from cnnviz.preparation import Preparation
from cnnviz.training import Training
from tests.engine.desk import samples, small_network
from tests.test_every_kind import layers, named, network_of

pytestmark = pytest.mark.gpu

PLAIN = Training(optimizer="sgd", momentum=0.0, learning_rate=0.05, batch_size=16, epochs=2)
SAME: dict[str, Any] = {"rtol": 1e-3, "atol": 1e-4}


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> str:
    """The first accelerator that works; with whole float32 numbers, as the CPU has."""
    found = next((name for name in devices.available() if name != "cpu"), None)
    if found is None:
        pytest.skip("PyTorch finds no accelerator on this machine")
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    return found


def run_on(
    device: str,
    network: Network,
    training: Training = PLAIN,
    preparation: Preparation | None = None,
) -> Run:
    model = build(analyze(network, 10), {}, 1, device=device)
    model.sight = Sight(model.input, preparation)
    run = Run(model, DeviceData(samples(), device), training, 1)
    run.watch = LayerWatch(model, run.weights)
    return run


def losses(run: Run) -> list[float]:
    for _ in run.work:
        pass
    train, test, _ = run.take_points()
    return [point.loss for point in train + test]


def weights(model: Model) -> dict[Any, np.ndarray]:
    return {key: tensor.detach().cpu().numpy() for key, tensor in model.tensors()}


KINDS = [
    layer
    for layer in layers()
    if layer.initialisation.recipe == "default" and "dropout" not in layer.kind
]
"""What dropout drops on one device it does not drop on another."""


@pytest.mark.parametrize("layer", KINDS, ids=named)
def test_every_kind_answers_and_learns_as_on_the_cpu(layer: Layer, device: str) -> None:
    network = network_of(layer)
    here, there = run_on("cpu", network), run_on(device, network)
    x = here.model.sight.seen(here.data.test_images[:8])
    with torch.inference_mode():
        found = there.model(devices.in_order(x.to(device))).cpu()
        torch.testing.assert_close(found, here.model(devices.in_order(x)), **SAME)
    for run in (here, there):
        run.learn(run.order(0)[:16])
    for key, value in weights(here.model).items():
        np.testing.assert_allclose(weights(there.model)[key], value, **SAME)
    assert there.watch is not None
    assert len(there.watch.take()) == 1


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "rmsprop"])
def test_a_short_run_has_the_losses_of_the_cpu(device: str, optimizer: str) -> None:
    rate = 0.05 if optimizer == "sgd" else 1e-3
    training = msgspec.structs.replace(PLAIN, optimizer=optimizer, learning_rate=rate)
    here, there = (losses(run_on(name, small_network(), training)) for name in ("cpu", device))
    np.testing.assert_allclose(there, here, rtol=5e-3, atol=1e-3)


def test_it_repeats_itself_with_chance(device: str) -> None:
    network = small_network(Dropout(rate=0.5))
    first, second = (losses(run_on(device, network)) for _ in range(2))
    np.testing.assert_allclose(first, second, **SAME)


@pytest.mark.parametrize(
    "preparation",
    [
        Preparation(scaling="standardised"),
        Preparation(move=10, rotate=5, zoom=10, shear=5, flip="both"),
        Preparation(elastic=30, noise=10, erase=30),
    ],
    ids=["standardised", "warped", "elastic noise erased"],
)
def test_images_are_prepared_on_the_device(device: str, preparation: Preparation) -> None:
    run = run_on(device, small_network(), preparation=preparation)
    assert all(np.isfinite(losses(run)))


def test_bfloat16_learns(device: str) -> None:
    training = msgspec.structs.replace(PLAIN, precision="bfloat16", epochs=20)
    run = run_on(device, small_network(), training)
    found = losses(run)
    assert found[-1] < found[0] / 2
    assert all(tensor.dtype == torch.float32 for tensor in run.weights)


def test_a_batch_that_does_not_fit_can_be_made_again(
    device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real allocation that fails, between two steps that do not."""
    from cnnviz.engine.train import ExhaustedError

    run = run_on(device, small_network())
    next(run.work)
    before = copy.deepcopy(weights(run.model))

    def too_much(x: torch.Tensor, *_: object) -> torch.Tensor:
        return torch.empty(2**46, device=x.device) + x.sum()

    with monkeypatch.context() as patch:
        patch.setattr("cnnviz.engine.stepping.augmented", too_much)
        with pytest.raises(ExhaustedError):
            for _ in run.work:
                pass
    devices.release(device)
    for key, value in weights(run.model).items():
        np.testing.assert_array_equal(value, before[key])
    run.begin_again()
    assert all(np.isfinite(losses(run)))


def test_no_step_waits_for_it(device: str) -> None:
    if not device.startswith("cuda"):
        pytest.skip("only CUDA tells who waits for it")
    preparation = Preparation(scaling="standardised", rotate=5, elastic=30, noise=10, erase=30)
    run = run_on(device, small_network(), preparation=preparation)
    indices = run.order(0)[:16]
    run.learn(indices)
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")
    try:
        run.learn(indices)
    finally:
        torch.cuda.set_sync_debug_mode("default")
