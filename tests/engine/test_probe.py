"""Looking shows what a plain forward pass computes, and leaves no trace."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cnnviz.analysis import analyze
from cnnviz.engine.batches import fit
from cnnviz.engine.build import Model, build
from cnnviz.engine.probe import look, thinning
from cnnviz.engine.protocol import Probe, Probed
from cnnviz.layers import (
    Activation,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    Size,
)
from cnnviz.network import INPUT_UID, Input, Network
from tests.engine.desk import RESTLESS, small_network
from tests.layers.modules import stack_of
from tests.support.networks import networks

IMAGE = np.random.default_rng(3).integers(0, 256, (28, 28), np.uint8)


def ask(model: Model, uid: str = "", max_maps: int = 64, image: np.ndarray = IMAGE) -> Probed:
    probe = Probe(7, image.tobytes(), image.shape[0], image.shape[1], 1, uid, max_maps)
    return look(model, probe, revision=3, step=5, device="cpu")


@settings(max_examples=40)
@given(network=networks(count=6, depth=0), classes=st.sampled_from([3, 10]))
def test_every_layer_shows_what_pytorch_computes(network: Network, classes: int) -> None:
    """Against the printed modules, one after the other, in PyTorch's usual memory layout."""
    report = analyze(network, classes)
    model = build(report, {}, 1)
    probed = ask(model)
    with torch.inference_mode():
        x = fit(torch.from_numpy(IMAGE[None].copy()), network.input).contiguous()
        assert [layer.uid for layer in probed.layers] == [
            INPUT_UID,
            *(row.layer.uid for row in model.rows),
        ]
        np.testing.assert_array_equal(probed.layers[0].array(), x[0])
        learned = dict(model.tensors())
        for row, shown in zip(model.rows, probed.layers[1:], strict=True):
            assert row.input is not None
            stack = stack_of(row.layer, row.input)
            for name, shape in row.tensors.items():
                getattr(stack[-1], name).copy_(learned[row.layer.uid, name, shape])
            x = stack(x)
            values = shown.array()
            np.testing.assert_allclose(values, x[0].numpy(), rtol=1e-4, atol=1e-5)
            assert shown.channels == x.shape[1]
            assert shown.limit == pytest.approx(
                float(np.abs(values[np.isfinite(values)]).max(initial=0)), rel=1e-6
            )
    if report.problem is None:
        answer = x if model.ends_in_softmax else x.softmax(1)
        np.testing.assert_allclose(probed.probabilities, answer[0].numpy(), rtol=1e-3, atol=1e-5)
        assert sum(probed.probabilities) == pytest.approx(1, abs=1e-5)
    else:
        assert probed.probabilities == []


def test_softmax_of_the_books() -> None:
    layers = [Flatten(uid="f"), Activation(uid="s", function="softmax")]
    network = Network(input=Input(1, 1, 3)).with_layers(layers)
    x = torch.tensor([[3.0, 1, -3]]).reshape(1, 3, 1, 1)
    with torch.inference_mode():
        for block in build(analyze(network, 3), {}, 0).blocks:
            x = block(x)
    assert [round(value, 3) for value in x[0].tolist()] == [0.879, 0.119, 0.002]


def test_a_look_leaves_no_trace() -> None:
    """No chance is used up, running statistics and the mode stay, and the threads too."""
    model = build(analyze(RESTLESS, 10), {}, 0)
    for training in (True, False):
        model.train(training)
        state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        chance, threads = torch.get_rng_state(), torch.get_num_threads()
        first = ask(model)
        assert ask(model).layers[-1].array().tolist() == first.layers[-1].array().tolist()
        assert torch.equal(torch.get_rng_state(), chance)
        assert torch.get_num_threads() == threads
        assert all(module.training == training for module in model.modules())
        for name, tensor in model.state_dict().items():
            assert torch.equal(tensor, state[name]), name
        assert all(tensor.grad is None for tensor in model.parameters())


def test_a_look_multiplies_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also on GPUs whose default is less, to which training goes back."""
    model = build(analyze(RESTLESS, 10), {}, 0)
    seen: list[bool] = []
    look_inside = model.look

    def looked(*arguments: Any) -> Any:
        seen.append(torch.backends.cudnn.allow_tf32)
        return look_inside(*arguments)

    monkeypatch.setattr(model, "look", looked)
    for before in (True, False):
        torch.backends.cudnn.allow_tf32 = before
        ask(model)
        assert torch.backends.cudnn.allow_tf32 is before
    torch.backends.cudnn.allow_tf32 = True
    assert seen == [False, False]


def test_a_look_in_the_middle_of_a_gradient_leaves_the_gradient_alone() -> None:
    model = build(analyze(RESTLESS, 10), {}, 0).train()
    torch.manual_seed(0)
    loss = model(torch.rand(4, 1, 28, 28)).square().sum()
    ask(model)
    loss.backward()
    assert all(tensor.grad is not None for tensor in model.parameters())


def test_dropout_does_nothing_and_batch_norm_uses_what_it_has_gathered() -> None:
    model = build(analyze(RESTLESS, 10), {}, 0).train()
    norm = next(m for m in model.modules() if isinstance(m, nn.BatchNorm2d))
    assert norm.running_mean is not None
    norm.running_mean.fill_(0.5)
    maps = {layer.uid: layer.array() for layer in ask(model).layers}
    np.testing.assert_allclose(maps["norm"], (maps["pool"] - 0.5) / np.sqrt(1 + 1e-5), atol=1e-6)
    np.testing.assert_array_equal(maps["drop"], maps["norm"])


def test_as_many_maps_as_are_asked_for_and_all_of_the_selected_layer() -> None:
    network = small_network(filters=9)
    model = build(analyze(network, 10), {}, 0)
    whole = {layer.uid: layer for layer in ask(model).layers}
    some = ask(model, "relu", max_maps=4)
    for layer in some.layers:
        everything = whole[layer.uid]
        values = everything.array()
        cut = layer.uid in {"conv", "pool"}
        np.testing.assert_array_equal(layer.array(), values[:4] if cut else values)
        assert layer.channels == everything.channels
        assert layer.limit == everything.limit  # of the whole layer, shown or not
    assert whole["conv"].shape == (9, 12, 12)


def test_maps_of_one_value_are_all_sent_as_those_of_a_vector_are() -> None:
    """A card has room for hundreds of such cells."""
    layers = (Conv2d(uid="conv", filters=40), GlobalAvgPool(uid="pool"))
    model = build(analyze(Network(layers=layers), 10), {}, 0)
    shapes = {layer.uid: layer.shape for layer in ask(model, max_maps=24).layers}
    assert shapes["conv"] == (24, 26, 26)
    assert shapes["pool"] == (40, 1, 1)


def test_layers_that_are_asked_for_as_a_whole() -> None:
    model = build(analyze(small_network(filters=9), 10), {}, 0)
    probe = Probe(7, IMAGE.tobytes(), 28, 28, 1, "pool", 4, ("conv", "gone"))
    seen = look(model, probe, revision=3, step=5, device="cpu")
    shown = {layer.uid: layer.shape[0] for layer in seen.layers}
    assert (shown["conv"], shown["relu"], shown["pool"]) == (9, 4, 9)


def test_maps_of_small_cards_are_thinned_out() -> None:
    model = build(analyze(small_network(filters=9), 10), {}, 0)
    whole = {layer.uid: layer for layer in ask(model).layers}
    sides = {"conv": 5, "relu": 0, "pool": 1, "dense": 2}
    probe = Probe(7, IMAGE.tobytes(), 28, 28, 1, "pool", 4, sides=sides)
    shown = {
        layer.uid: layer for layer in look(model, probe, revision=3, step=5, device="cpu").layers
    }
    assert {uid: layer.step for uid, layer in shown.items() if layer.step != 1} == {
        "conv": 2,
        "relu": 0,
    }
    np.testing.assert_array_equal(shown["conv"].array(), whole["conv"].array()[:4, ::2, ::2])
    assert shown["relu"].array().size == 0
    np.testing.assert_array_equal(shown["pool"].array(), whole["pool"].array())  # is selected
    for uid, layer in shown.items():
        assert (layer.channels, layer.limit) == (whole[uid].channels, whole[uid].limit)


@given(width=st.integers(1, 5000), side=st.integers(1, 5000))
def test_enough_is_left_and_not_twice_as_much(width: int, side: int) -> None:
    step = thinning(width, side)
    assert len(range(0, width, step)) >= min(width, side)
    assert step == 1 or width // step < 2 * side
    assert thinning(width, 0) == 0


def test_the_weights_of_the_selected_layer_and_of_no_other() -> None:
    model = build(analyze(RESTLESS, 10), {}, 0)
    assert ask(model).weights == []
    for uid, names in {
        "conv": ["weight", "bias"],
        "norm": ["weight", "bias", "running_mean", "running_var"],
        "relu": [],
        "gone": [],
    }.items():
        found = ask(model, uid).weights
        assert [tensor.name for tensor in found] == names
        learned = dict(model.tensors())
        for tensor in found:
            np.testing.assert_array_equal(tensor.array(), learned[tensor.key].detach().numpy())


def test_of_a_very_large_layer_the_first_can_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    network = small_network(filters=9)  # maps of 12×12, a dense layer of 10 units
    model = build(analyze(network, 10), {}, 0)
    maps = {layer.uid: layer for layer in ask(model).layers}["conv"]
    monkeypatch.setattr("cnnviz.engine.probe.MAX_VALUES", 3 * 12 * 12)
    cut = {layer.uid: layer for layer in ask(model, "conv").layers}["conv"]
    np.testing.assert_array_equal(cut.array(), maps.array()[:3])
    assert (cut.channels, cut.limit) == (9, maps.limit)
    dense = network.layers[-1].uid
    weight, bias = (
        tensor.detach().numpy() for (uid, *_), tensor in model.tensors() if uid == dense
    )
    monkeypatch.setattr("cnnviz.engine.probe.MAX_VALUES", 4 * weight.shape[1])
    found = [tensor.array() for tensor in ask(model, dense).weights]
    np.testing.assert_array_equal(found[0], weight[:4])
    np.testing.assert_array_equal(found[1], bias)


def test_the_input_is_what_the_network_sees() -> None:
    layers = [Conv2d(uid="c", filters=1, kernel=Size(1, 1)), Flatten(uid="f"), Dense(uid="d")]
    network = Network(input=Input(32, 32, 3)).with_layers(layers)
    seen = ask(build(analyze(network), {}, 0)).layers[0]
    assert seen.shape == (3, 32, 32)
    assert seen.channels == 3
    values = seen.array()
    assert not values[:, :2].any()
    np.testing.assert_allclose(values[1, 2:30, 2:30], IMAGE / 255, atol=1e-7)


def test_values_that_are_no_numbers_are_shown_as_they_are() -> None:
    """A diverged network is looked at too; the answer is not a crash."""
    model = build(analyze(small_network(), 10), {}, 0)
    with torch.no_grad():
        next(model.parameters()).fill_(float("nan"))
    probed = ask(model)
    assert np.isnan(probed.layers[1].array()).all()
    assert np.isnan(probed.probabilities).all()


def test_an_empty_network_shows_its_input() -> None:
    probed = ask(build(analyze(Network(), 10), {}, 0))
    assert [layer.uid for layer in probed.layers] == [INPUT_UID]
    assert probed.probabilities == []


def test_a_probe_of_a_batch_norm_on_a_vector() -> None:
    layers = [Flatten(uid="f"), BatchNorm(uid="n"), Dropout(uid="x"), Dense(uid="d", units=10)]
    model = build(analyze(Network().with_layers(layers), 10), {}, 0).train()
    assert len(ask(model).probabilities) == 10


def test_of_a_very_large_layer_any_part_can_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    network = small_network(filters=9)
    model = build(analyze(network, 10), {}, 0)
    learned = {key[1]: t.detach().numpy() for key, t in model.tensors() if key[0] == "dense"}
    monkeypatch.setattr("cnnviz.engine.probe.MAX_VALUES", 3 * learned["weight"].shape[1])
    for wanted, first in ((0, 0), (5, 5), (9, 7)):
        probe = Probe(7, IMAGE.tobytes(), 28, 28, 1, "dense", first=wanted)
        seen = look(model, probe, revision=3, step=5, device="cpu")
        found = {tensor.name: tensor.array() for tensor in seen.weights}
        assert seen.first == first
        np.testing.assert_array_equal(found["weight"], learned["weight"][first : first + 3])
        np.testing.assert_array_equal(found["bias"], learned["bias"])
