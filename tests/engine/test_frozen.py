"""Frozen layers: what they have learned stays, to the last bit, while the others learn."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
import torch

from cnnviz.analysis import analyze
from cnnviz.engine.batches import DeviceData, fit
from cnnviz.engine.build import build
from cnnviz.engine.inline import learned
from cnnviz.engine.train import Run
from cnnviz.export.keras import keras_source
from cnnviz.export.pytorch import pytorch_source
from cnnviz.layers import Activation, BatchNorm, Conv2d, Dense, Flatten, Layer, MaxPool, Size
from cnnviz.message import UserError
from cnnviz.network import Network
from cnnviz.network_file import encode_network
from cnnviz.project import Project
from cnnviz.training import Optimizer, Training
from tests.engine.desk import samples

BODY: tuple[Layer, ...] = (
    Conv2d(uid="conv", filters=6, kernel=Size(5, 5)),
    BatchNorm(uid="norm"),
    Activation(uid="prelu", function="prelu"),
    MaxPool(uid="pool"),
    Flatten(uid="flat"),
    Dense(uid="hidden", units=20),
    Activation(uid="relu"),
    Dense(uid="head", units=10),
)
HEAD = "head"


def with_frozen(*uids: str) -> Network:
    return Network().with_layers(
        msgspec.structs.replace(layer, frozen=True) if layer.uid in uids else layer
        for layer in BODY
    )


def trained(network: Network, training: Training) -> tuple[Run, dict, dict]:
    """The run, and the weights before and after it."""
    model = build(analyze(network, 10), {}, 1)
    before = dict(learned(model))
    run = Run(model, DeviceData(samples(), "cpu"), training, 1)
    for _ in run.work:
        pass
    return run, before, dict(learned(model))


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "rmsprop"])
def test_everything_but_the_head_stays_to_the_last_bit(optimizer: Optimizer) -> None:
    """Weights, running statistics and all, whatever pulls at them."""
    frozen = [layer.uid for layer in BODY if layer.uid not in {HEAD, "relu", "pool", "flat"}]
    training = Training(
        optimizer=optimizer, epochs=3, batch_size=16, learning_rate=0.05, weight_decay=0.1
    )
    run, before, after = trained(with_frozen(*frozen), training)
    assert run.step == 18
    changed = {key[0] for key in before if not np.array_equal(before[key], after[key])}
    assert changed == {HEAD}
    assert {uid for uid, _, _ in before} == {*frozen, HEAD}


def test_the_head_learns_what_it_would_on_features_computed_once() -> None:
    """Behind frozen layers a dense layer learns as on its own, with their outputs as its data."""
    network = with_frozen("conv", "norm", "prelu", "hidden")
    training = Training(optimizer="sgd", epochs=2, batch_size=16, learning_rate=0.1, momentum=0)
    run, before, after = trained(network, training)
    model = build(analyze(network, 10), before, 1).eval()
    alone = torch.nn.Linear(20, 10)
    with torch.no_grad():
        alone.weight.copy_(torch.from_numpy(before[HEAD, "weight", (10, 20)]))
        alone.bias.copy_(torch.from_numpy(before[HEAD, "bias", (10,)]))
    optimizer = torch.optim.SGD(alone.parameters(), lr=0.1)
    for epoch in range(2):
        order = run.order(epoch)
        for indices in order.split(16):
            with torch.no_grad():
                x = fit(run.data.train_images[indices], model.input)
                for block in model.blocks[:-1]:
                    x = block(x)
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(alone(x), run.data.train_labels[indices])
            loss.backward()
            optimizer.step()
    expected = alone.weight.detach().numpy()
    assert np.allclose(after[HEAD, "weight", (10, 20)], expected, atol=1e-5)


def test_a_frozen_batch_norm_uses_its_running_statistics_in_training() -> None:
    network = with_frozen("norm")
    model = build(analyze(network, 10), {}, 1).train()
    x = torch.randn(8, 6, 24, 24)
    norm = model.blocks[1]
    assert torch.allclose(norm(x), x / (1 + 1e-5) ** 0.5, atol=1e-6)


def test_nothing_left_to_learn_is_a_sentence() -> None:
    report = analyze(with_frozen("conv", "norm", "prelu", "hidden", HEAD), 10)
    with pytest.raises(UserError, match="frozen"):
        Run(build(report, {}, 1), DeviceData(samples(), "cpu"), Training(), 1)


def test_parameters_and_trainable_ones_are_counted_apart() -> None:
    report = analyze(with_frozen("conv", "relu"), 10)
    assert report.parameters - report.trainable == 6 * 25 + 6
    assert report.row("conv").frozen
    assert not report.row("relu").frozen  # a ReLU has nothing to freeze
    model = build(report, {}, 1)
    assert report.trainable == sum(p.numel() for p in model.parameters() if p.requires_grad)


def test_freezing_changes_no_key_and_no_file_without_it() -> None:
    assert analyze(with_frozen("conv")).tensor_keys() == analyze(with_frozen()).tensor_keys()
    assert b"frozen" not in encode_network(with_frozen())
    assert encode_network(with_frozen("conv")).count(b'"frozen": true') == 1


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_single_filters_stay_while_the_others_of_their_layer_learn(optimizer: Optimizer) -> None:
    """Also where the optimiser makes all weights smaller in each step."""
    conv = msgspec.structs.replace(BODY[0], frozen_filters=(0, 3, 99))
    network = Network().with_layers((conv, *BODY[1:]))
    report = analyze(network, 10)
    assert report.row("conv").trainable == 6 * 26 - 2 * 26
    training = Training(
        optimizer=optimizer, epochs=2, batch_size=16, learning_rate=0.05, weight_decay=0.1
    )
    _, before, after = trained(network, training)
    for (uid, _name, _), values in before.items():
        if uid != "conv":
            continue
        now = after[uid, _name, values.shape]
        np.testing.assert_array_equal(now[[0, 3]], values[[0, 3]])
        assert (np.abs(now - values)[[1, 2, 4, 5]].reshape(4, -1).max(1) > 0).all()


def test_a_program_freezes_the_same_filters() -> None:
    conv = msgspec.structs.replace(BODY[0], frozen_filters=(1,))
    project = Project(Network().with_layers((conv, *BODY[1:])))
    report = analyze(project.network, 10)
    source = pytorch_source(project, report)
    assert "PartlyFrozenConv2d(1, 6, 5, held=(1,))" in source
    assert "class PartlyFrozenConv2d(nn.Conv2d):" in source
    assert "filters 1 of Conv 5×5 · 6 are frozen in CNNviz" in keras_source(project, report)
    assert encode_network(project.network) != encode_network(Network().with_layers(BODY))
