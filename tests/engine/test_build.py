"""Models from reports: every tensor has its own start, and keeps what it has learned."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cnnviz.analysis import TensorKey, analyze
from cnnviz.engine.build import Model, build, derived_seed
from cnnviz.layers import (
    Activation,
    BatchNorm,
    Conv2d,
    Dense,
    Flatten,
    GroupNorm,
    Initialisation,
    Layer,
    LayerNorm,
    LocallyConnected2d,
    Size,
    Subsampling,
    TransposedConv2d,
)
from cnnviz.layers.initialisation import Recipe
from cnnviz.network import Input, Network
from tests.engine.desk import RESTLESS, small_network
from tests.support.networks import networks

IMAGE = Input(9, 9, 8)


def tensors(
    network: Network, seed: int = 0, weights: dict[TensorKey, np.ndarray] | None = None
) -> dict[TensorKey, np.ndarray]:
    """All tensors of a freshly built model."""
    model = build(analyze(network), weights or {}, seed)
    return {key: tensor.detach().numpy().copy() for key, tensor in model.tensors()}


@settings(max_examples=30)
@given(network=networks(count=6))
def test_the_same_seed_gives_the_same_model_to_the_last_number(network: Network) -> None:
    """Nothing is left as it lay in memory, counters included."""
    report = analyze(network)
    one, other = build(report, {}, 5).state_dict(), build(report, {}, 5).state_dict()
    assert one.keys() == other.keys()
    for name, tensor in one.items():
        assert torch.equal(tensor, other[name]), name


def test_another_seed_gives_another_start() -> None:
    one, other = tensors(RESTLESS, 1), tensors(RESTLESS, 2)
    drawn = [key for key in one if key[0] in {"conv", "dense"}]
    assert len(drawn) == 4
    for key in drawn:
        assert not np.array_equal(one[key], other[key])


@settings(max_examples=30)
@given(network=networks(count=6), data=st.data())
def test_an_edit_of_one_layer_changes_no_start_of_another(
    network: Network, data: st.DataObject
) -> None:
    """Of those at least that receive the same as before: PyTorch's range depends on the inputs."""
    before, receives = tensors(network), inputs(network)
    index = data.draw(st.integers(0, len(network.layers)))
    extra = Conv2d(uid="new", filters=2, kernel=Size(1, 1))
    edits = [network.insert(index, extra), network.insert(index, BatchNorm(uid="new"))]
    if network.layers:
        edits.append(network.remove([network.layers[index - 1].uid]))
        edits.append(network.move([network.layers[index - 1].uid], 0))
    for edited in edits:
        after, receive = tensors(edited), inputs(edited)
        for key in before.keys() & after.keys():
            if receives[key[0]] == receive[key[0]]:
                assert np.array_equal(before[key], after[key]), key


def inputs(network: Network) -> dict[str, object]:
    return {row.layer.uid: row.input for row in analyze(network).rows}


def test_all_starts_differ_from_each_other() -> None:
    """Two layers alike do not start alike, nor do weight and bias of one."""
    layers = [Conv2d(uid=uid, filters=8, kernel=Size(1, 1)) for uid in "abc"]
    found = tensors(Network(input=Input(4, 4, 8)).with_layers(layers))
    values = [tuple(tensor.ravel()[:8]) for tensor in found.values()]
    assert len(set(values)) == len(values) == 6


def test_the_seed_of_a_purpose_is_the_same_on_every_machine() -> None:
    assert derived_seed(0, "conv", "weight") == 1460284620418699103
    assert derived_seed(2**53, "", "bias") == 7497375275275987522
    assert derived_seed(1, "ab", "c") != derived_seed(1, "a", "bc")


@pytest.mark.parametrize("groups", [1, 4])
def test_convolutions_start_as_pytorchs_do(groups: int) -> None:
    torch.manual_seed(0)
    layer = Conv2d(uid="c", filters=2000, kernel=Size(5, 3), groups=groups)
    found = tensors(Network(input=Input(9, 9, 8)).with_layers([layer]))
    check_start(found, "c", nn.Conv2d(8, 2000, (5, 3), groups=groups))


def test_dense_layers_start_as_pytorchs_do() -> None:
    torch.manual_seed(0)
    layers = [Flatten(uid="f"), Dense(uid="d", units=3000)]
    check_start(tensors(Network(input=Input(6, 6)).with_layers(layers)), "d", nn.Linear(36, 3000))


def check_start(found: dict[TensorKey, np.ndarray], uid: str, reference: nn.Module) -> None:
    """Uniform, within the same bounds: the deciles are those of PyTorch's own draw."""
    for name, drawn in reference.named_parameters():
        key = (uid, name, tuple(drawn.shape))
        ours, theirs = found[key].ravel(), drawn.detach().numpy().ravel()
        bound = np.abs(theirs).max()
        assert np.abs(ours).max() == pytest.approx(bound, rel=0.02), name
        deciles = np.linspace(0, 1, 11)
        np.testing.assert_allclose(
            np.quantile(ours, deciles), np.quantile(theirs, deciles), atol=0.12 * bound
        )


@pytest.mark.parametrize("affine", [True, False])
def test_batch_norm_starts_as_pytorchs_does(affine: bool) -> None:
    network = small_network(BatchNorm(uid="norm", affine=affine))
    model = build(analyze(network), {}, 3)
    ours = next(m for m in model.modules() if isinstance(m, nn.BatchNorm2d))
    theirs = nn.BatchNorm2d(3, affine=affine)
    assert ours.state_dict().keys() == theirs.state_dict().keys()
    for name, tensor in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[name], tensor), name


def test_live_weights_come_before_stored_ones_and_those_before_the_seed() -> None:
    network = RESTLESS
    report = analyze(network)
    start = tensors(network, 7)
    keys = list(start)
    stored = {key: np.full_like(start[key], 2) for key in keys[:4]}
    other = build(report, {}, 8)
    live = {key: tensor for key, tensor in other.tensors() if key in keys[2:6]}
    model = build(report, stored, 7, keep=live)
    expected = {**start, **stored, **{k: t.detach().numpy() for k, t in live.items()}}
    for key, tensor in model.tensors():
        assert np.array_equal(tensor.detach().numpy(), expected[key]), key
    # What was taken over is a copy: the old model may go on, and go away.
    with torch.no_grad():
        for tensor in live.values():
            tensor.fill_(9)
    for key, tensor in model.tensors():
        assert not (tensor == 9).any(), key


def test_tensors_of_another_shape_or_layer_are_not_taken() -> None:
    start = tensors(small_network())
    wrong = {
        ("conv", "weight", (4, 1, 5, 5)): np.ones((4, 1, 5, 5), np.float32),
        ("other", "bias", (3,)): np.ones(3, np.float32),
    }
    found = tensors(small_network(), weights=wrong)
    for key, tensor in start.items():
        assert np.array_equal(found[key], tensor), key


def test_stored_weights_are_not_written_to() -> None:
    """History keeps them, read-only, for undo."""
    stored = tensors(small_network())
    for tensor in stored.values():
        tensor.flags.writeable = False
    before = {key: tensor.copy() for key, tensor in stored.items()}
    model = build(analyze(small_network()), stored, 0)
    with torch.no_grad():
        for _, live in model.tensors():
            live.add_(1)
    for key, value in before.items():
        assert np.array_equal(stored[key], value)


def test_a_network_with_a_problem_is_built_up_to_it() -> None:
    network = small_network()
    broken = network.insert(2, Dense(uid="too early"))
    model = build(analyze(broken, 10), {}, 0)
    assert not model.complete
    assert [row.layer.uid for row in model.rows] == ["conv", "relu"]
    assert len(model.blocks) == 2
    model = build(analyze(Network(), 10), {}, 0)
    assert not model.complete
    assert not list(model.parameters())


def test_a_softmax_at_the_end_is_left_to_the_loss_and_one_before_it_is_not() -> None:
    soft = Activation(uid="soft", function="softmax")
    plain = small_network()
    ended = plain.with_layers([*plain.layers, soft])
    inside = plain.insert(1, soft)
    x = torch.rand(2, 1, 28, 28)
    models: list[Model] = [build(analyze(n, 10), {}, 0).eval() for n in (plain, ended, inside)]
    with torch.inference_mode():
        logits, also_logits, others = (model(x) for model in models)
    assert torch.equal(logits, also_logits)
    assert not torch.allclose(logits, others)


def test_every_parameter_learns() -> None:
    """All that analysis counts as parameters has a gradient, and nothing else has."""
    model = build(analyze(RESTLESS, 10), {}, 0)
    model(torch.rand(4, 1, 28, 28)).square().sum().backward()
    parameters = [
        (row.layer.uid, name, shape) for row in model.rows for name, shape in row.parameters.items()
    ]
    learning = [key for key, tensor in model.tensors() if tensor.grad is not None]
    assert sorted(learning) == sorted(parameters)
    assert len(list(model.parameters())) == len(parameters)


def test_the_network_is_a_value_to_the_model() -> None:
    network = small_network()
    before = msgspec.json.encode(network)
    build(analyze(network), {}, 0)
    assert msgspec.json.encode(network) == before


def start_of(layer: Layer, image: Input = IMAGE) -> dict[str, np.ndarray]:
    """The tensors of a layer right behind the image, by name."""
    layers = [Flatten(uid="f"), layer] if isinstance(layer, Dense) else [layer]
    found = tensors(Network(input=image).with_layers(layers))
    return {name: values for (uid, name, _), values in found.items() if uid == layer.uid}


@pytest.mark.parametrize(
    ("recipe", "reference"),
    [
        ("kaiming_normal", lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu")),
        ("kaiming_uniform", lambda w: nn.init.kaiming_uniform_(w, nonlinearity="relu")),
        ("xavier_normal", nn.init.xavier_normal_),
        ("xavier_uniform", nn.init.xavier_uniform_),
        ("normal", lambda w: nn.init.normal_(w, 0, 0.05)),
        ("uniform", lambda w: nn.init.uniform_(w, -0.05, 0.05)),
        ("lecun_1998", lambda w: nn.init.uniform_(w, -2.4 / (8 * 15), 2.4 / (8 * 15))),
        ("zeros", nn.init.zeros_),
        ("constant", lambda w: nn.init.constant_(w, 0.05)),
    ],
)
def test_recipes_are_pytorchs(recipe: Recipe, reference: Callable[..., object]) -> None:
    """The deciles are those of PyTorch's own draw; biases are 0."""
    torch.manual_seed(0)
    layer = Conv2d(uid="c", filters=1000, kernel=Size(5, 3), initialisation=Initialisation(recipe))
    found = start_of(layer)
    assert not found["bias"].any()
    drawn = torch.empty(1000, 8, 5, 3)
    reference(drawn)
    spread = max(float(drawn.abs().max()), 1e-9)
    deciles = np.linspace(0.1, 0.9, 9)
    np.testing.assert_allclose(
        np.quantile(found["weight"], deciles), np.quantile(drawn.numpy(), deciles), atol=spread / 50
    )


def test_numbers_by_hand_are_in_every_kernel() -> None:
    laplace = Initialisation("by_hand", values=(0, 1, 0, 1, -4, 1, 0, 1, 0))
    weight = start_of(Conv2d(uid="c", filters=4, initialisation=laplace))["weight"]
    assert weight.shape == (4, 8, 3, 3)
    assert (weight == np.reshape(laplace.values, (3, 3))).all()
    by_hand = Initialisation("by_hand", values=(1, 2, 3, 4))
    dense = start_of(Dense(uid="d", units=3, initialisation=by_hand), Input(2, 2, 1))["weight"]
    assert (dense == [1, 2, 3, 4]).all()
    stamp = TransposedConv2d(uid="t", filters=2, kernel=Size(3, 3), initialisation=laplace)
    assert (start_of(stamp)["weight"] == np.reshape(laplace.values, (3, 3))).all()
    local = start_of(LocallyConnected2d(uid="l", filters=2, initialisation=laplace))["weight"]
    assert (local.reshape(-1, 3, 3) == np.reshape(laplace.values, (3, 3))).all()


@pytest.mark.parametrize("recipe", ["kaiming_normal", "kaiming_uniform", "xavier_normal"])
def test_recipes_of_a_transposed_convolution_are_pytorchs(recipe: Recipe) -> None:
    """Which counts for them as for the convolution that hands gradients back."""
    torch.manual_seed(0)
    start = Initialisation(recipe)
    layer = TransposedConv2d(
        uid="t", filters=500, kernel=Size(5, 3), groups=2, initialisation=start
    )
    drawn = torch.empty(start_of(layer)["weight"].shape)
    keywords = {"nonlinearity": "relu"} if recipe.startswith("kaiming") else {}
    getattr(nn.init, f"{recipe}_")(drawn, **keywords)
    assert float(start_of(layer)["weight"].std()) == pytest.approx(float(drawn.std()), rel=0.02)


@pytest.mark.parametrize(
    ("layer", "reference"),
    [
        (
            TransposedConv2d(uid="t", filters=60, kernel=Size(5, 3)),
            nn.ConvTranspose2d(8, 60, (5, 3)),
        ),
        (LayerNorm(uid="n"), nn.LayerNorm((8, 9, 9))),
        (GroupNorm(uid="n", groups=2), nn.GroupNorm(2, 8)),
        (Activation(uid="a", function="prelu"), nn.PReLU(8)),
    ],
    ids=["transposed", "layer norm", "group norm", "prelu"],
)
def test_other_kinds_start_as_pytorchs_do(layer: Layer, reference: nn.Module) -> None:
    for name, drawn in reference.named_parameters():
        ours, theirs = start_of(layer)[name], drawn.detach().numpy()
        assert ours.shape == theirs.shape
        if isinstance(layer, TransposedConv2d):
            assert np.abs(ours).max() == pytest.approx(np.abs(theirs).max(), rel=0.05)
        else:
            np.testing.assert_array_equal(ours, theirs)


def test_subsampling_starts_as_an_average() -> None:
    found = start_of(Subsampling(uid="s", kernel=Size(2, 3)))
    assert found["weight"].tolist() == pytest.approx([1 / 6] * 8)
    assert not found["bias"].any()


def test_a_slope_of_ones_own_is_where_prelu_starts() -> None:
    found = start_of(Activation(uid="a", function="prelu", slope=0.1))
    assert found["weight"].tolist() == pytest.approx([0.1] * 8)


def test_group_norm_learns_from_an_image_that_needs_no_gradient() -> None:
    """PyTorch's CPU kernel crashes there in the memory order that the engine uses."""
    network = Network(input=Input(13, 11, 3)).with_layers([GroupNorm(uid="g", groups=3)])
    model = build(analyze(network), {}, 0)
    x = torch.rand(8, 3, 13, 11).contiguous(memory_format=torch.channels_last)
    model(x).square().sum().backward()
    assert all(p.grad is not None for p in model.parameters())
