"""What training holds in memory, held against what PyTorch really keeps."""

from __future__ import annotations

from typing import get_args

import pytest
import torch

from cnnviz.analysis import Report, analyze
from cnnviz.engine.build import Model, build
from cnnviz.engine.device import check_fits
from cnnviz.explain import totals
from cnnviz.layers import BatchNorm, Conv2d, Dense, Flatten, LocallyConnected2d, Size
from cnnviz.memory import looking_memory, training_memory
from cnnviz.message import UserError
from cnnviz.network import Input, Network, named_by_place
from cnnviz.optimizers import optimizer_call
from cnnviz.presets import PRESETS, preset
from cnnviz.training import Optimizer, Training

SMALL = analyze(
    named_by_place(
        Network(input=Input(8, 8, 1)).with_layers(
            [Conv2d(filters=4), BatchNorm(), Flatten(), Dense(units=10)]
        )
    ),
    10,
)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("optimizer", get_args(Optimizer))
def test_the_optimiser_remembers_as_much_as_pytorchs(optimizer: Optimizer, momentum: float) -> None:
    training = Training(optimizer=optimizer, momentum=momentum)
    model = build(SMALL, {}, 1).train()
    call = optimizer_call(training)
    maker = getattr(torch.optim, call.name.rsplit(".", 1)[1])
    made = maker(model.parameters(), **call.keywords)
    model(torch.rand(2, 1, 8, 8)).sum().backward()
    made.step()
    kept = sum(
        value.nbytes
        for state in made.state.values()
        for name, value in state.items()
        if isinstance(value, torch.Tensor) and name != "step"
    )
    found = training_memory(SMALL, training)
    assert found.optimizer == kept
    assert found.gradients == sum(p.grad.nbytes for p in model.parameters() if p.grad is not None)
    tensors = [*model.parameters(), *model.buffers()]
    assert found.weights == sum(tensor.nbytes for tensor in tensors if tensor.dim())


def kept_by_pytorch(report: Report, batch: int) -> int:
    """Bytes of all tensors that wait for the backward pass, apart from weights; on no device."""
    with torch.device("meta"):
        model = Model(report).train()
    weights = {weight.untyped_storage()._cdata for weight in model.parameters()}
    kept: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        kept[storage._cdata] = storage  # held, so that no other gets its number
        return tensor

    image = report.network.input
    x = torch.empty(batch, image.channels, image.height, image.width, device="meta")
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model(x).square().sum()  # a loss reads the output
    return sum(storage.nbytes() for number, storage in kept.items() if number not in weights)


@pytest.mark.parametrize("name", PRESETS)
def test_the_activations_are_what_pytorch_may_keep(name: str) -> None:
    report, training = analyze(preset(name)), Training(batch_size=2)
    kept = kept_by_pytorch(report, 2)
    said = training_memory(report, training).activations
    assert 0.45 * said <= kept <= said


def test_frozen_layers_need_no_gradients() -> None:
    network = SMALL.network
    conv = network.layers[0]
    assert isinstance(conv, Conv2d)
    frozen = network.replace(conv.uid, Conv2d(uid=conv.uid, filters=4, frozen=True))
    before = training_memory(SMALL, Training())
    after = training_memory(analyze(frozen, 10), Training())
    assert before.gradients - after.gradients == 4 * (4 * 9 + 4)
    assert after.optimizer == 2 * after.gradients
    assert after.weights == before.weights


def test_what_is_too_large_is_refused_by_the_number_that_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    training = Training(batch_size=1000)
    needed = training_memory(SMALL, training).total
    monkeypatch.setattr("cnnviz.engine.device.free_memory", lambda device: needed)
    check_fits(SMALL, "cpu")
    with pytest.raises(UserError, match="smaller batch"):
        check_fits(SMALL, "cpu", training)
    monkeypatch.setattr("cnnviz.engine.device.free_memory", lambda device: 2 * needed)
    check_fits(SMALL, "cpu", training)
    assert looking_memory(SMALL) < needed


def test_locally_connected_layers_count_their_patches() -> None:
    """A hundred values for every position, where a convolution has the image alone."""

    def activations(layer: Conv2d | LocallyConnected2d) -> int:
        network = Network(input=Input(100, 100, 1)).with_layers([layer])
        return training_memory(analyze(named_by_place(network)), Training()).activations

    local = activations(LocallyConnected2d(filters=1, kernel=Size(10, 10)))
    shared = activations(Conv2d(filters=1, kernel=Size(10, 10)))
    assert local - shared == 4 * Training().batch_size * 91 * 91 * 100


def test_the_totals_say_what_the_memory_consists_of() -> None:
    training = Training(batch_size=50)
    found = {str(title): (value, str(words)) for title, value, words in totals(SMALL, training)}
    value, words = found["Training memory"]
    assert value == "125 KB"
    assert "a batch of 50" in words
    assert "that Adam remembers" in words
    assert found["Buffers"][0] == "8"
    assert "Training memory" not in [str(title) for title, _, _ in totals(SMALL)]
