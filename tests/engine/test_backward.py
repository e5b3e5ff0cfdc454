"""What goes back through a network is autograd's, layer by layer, and leaves no trace."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.analysis import Report, analyze
from cnnviz.arithmetic import Reading
from cnnviz.arithmetic.backward import Flow, Return, fork, hand_back, learn
from cnnviz.arithmetic.backward.loss import error
from cnnviz.arithmetic.sources import sources_of
from cnnviz.engine import studies
from cnnviz.engine.build import Model, build
from cnnviz.engine.loss import loss_of
from cnnviz.engine.probe import at_rest, seen
from cnnviz.engine.protocol import Studied, Study
from cnnviz.engine.protocol.studies import Backward, Look, WentBack
from cnnviz.engine.studies import backward as room
from cnnviz.layers import Activation, Branches, Conv2d, Dense, Flatten, Layer, MaxPool, Size
from cnnviz.network import Input, Network, named_by_place
from cnnviz.training import Training
from tests.arithmetic.backward.returned import some
from tests.arithmetic.seen import TOLERANCE
from tests.engine.desk import LONG, QUICK, RESTLESS, Desk, same
from tests.support.networks import working_networks

IMAGE = np.random.default_rng(7).integers(0, 256, (28, 28), np.uint8)


def question(uid: str = "", **changes: Any) -> Backward:
    asked = Backward(Look(IMAGE.tobytes(), 28, 28, 1), 3, "cross_entropy", 0.0, uid)
    return msgspec.structs.replace(asked, **changes)


def went_back(model: Model, asked: Backward) -> WentBack:
    own = room._parameters(model, asked.uid)
    with at_rest(model), torch.enable_grad(), room._wanted(list(own.values())):
        return room._finding(model, asked, "cpu", own)


def block_network(merge: Any, *, softmax: bool = False) -> Network:
    inner = (Conv2d(uid="c", filters=3, kernel=Size(3, 3), padding="same"), Activation(uid="r"))
    deep = Branches(uid="deep", merge="add", branches=((), (Activation(uid="t", function="tanh"),)))
    block = Branches(uid="block", merge=merge, branches=((), inner, (deep,)))
    layers: list[Layer] = [
        Conv2d(uid="start", filters=3, kernel=Size(5, 5), stride=Size(2, 2), padding="same"),
        block,
        MaxPool(uid="p"),
        Flatten(uid="f"),
        Dense(uid="d", units=10),
    ]
    if softmax:
        layers.append(Activation(uid="s", function="softmax"))
    return Network(input=Input(12, 12, 1)).with_layers(layers)


def check(report: Report, model: Model, asked: Backward) -> None:
    """Everything that the layer of a question hands back and learns is worked out from its δ."""
    row = report.row(asked.uid)
    finding = went_back(model, asked)
    deltas = {delta.uid: delta.array() for delta in finding.deltas}
    if asked.uid not in deltas:
        return
    sources = [tensor.array() for tensor in finding.sources]
    tensors = {tensor.name: tensor.array() for tensor in finding.tensors}
    shapes = [source.shape for source in sources_of(report, asked.uid)]

    def back(place: tuple[int, ...], which: int = 0, name: str = "") -> Return:
        reading = Reading(row, sources, shapes, tensors, place)
        return Return(reading, deltas[asked.uid], which, name)

    for which, tensor in enumerate(finding.handed):
        for place in some(tensor.shape, 12):
            near(hand_back(back(place, which)), float(tensor.array()[place]))
    for tensor in finding.gradients:
        for place in some(tensor.shape, 12):
            near(learn(back(place, name=tensor.name)), float(tensor.array()[place]))
    if finding.forked:
        whole, *parts = [tensor.array() for tensor in finding.forked]
        assert row.input is not None
        for place in some(whole.shape, 12):
            near(fork(row.input, parts, place), float(whole[place]))
    elif not isinstance(row.layer, Branches) and "/" not in row.path:
        sent = finding.handed[0].array()
        np.testing.assert_array_equal(deltas[row.source], sent[: len(deltas[row.source])])


def near(flow: object, computed: float) -> None:
    assert isinstance(flow, Flow), flow
    if np.isfinite(computed):
        assert abs(flow.value - computed) <= TOLERANCE * max(flow.absolute, 1e-30)


@settings(max_examples=40)
@given(network=working_networks(classes=10), seed=st.integers(0, 9))
def test_every_layer_of_random_networks(network: Network, seed: int) -> None:
    report = analyze(network, 10)
    model = build(report, {}, seed)
    x = seen(model, question().look, "cpu").clone(memory_format=torch.contiguous_format)
    x.requires_grad_()
    loss = loss_of(Training(), model(x), torch.tensor([3]))
    (expected,) = torch.autograd.grad(loss, [x])
    scale = float(expected.abs().max()) or 1.0
    for row in report.rows[:6]:
        finding = went_back(model, question(row.layer.uid, max_maps=10_000))
        delta = next(delta for delta in finding.deltas if delta.uid == "input").array()
        if np.isfinite(scale):
            np.testing.assert_allclose(delta, expected[0].numpy(), rtol=1e-3, atol=1e-4 * scale)
        assert finding.loss == pytest.approx(float(loss.detach()), rel=1e-4, abs=1e-6, nan_ok=True)
        assert {tensor.name for tensor in finding.gradients} == set(row.parameters)
    assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize("merge", ["add", "concat", "multiply"])
@pytest.mark.parametrize("softmax", [False, True])
def test_forks_and_merges_of_every_depth(merge: Any, softmax: bool) -> None:
    report = analyze(block_network(merge, softmax=softmax), 10)
    model = build(report, {}, 3)
    for row in report.rows:
        check(report, model, question(row.layer.uid, max_maps=100))
    finding = went_back(model, question("s"))
    assert ("s" in {delta.uid for delta in finding.deltas}) is False


@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
def test_the_last_delta_is_the_error_of_the_loss(loss: Any) -> None:
    report = analyze(block_network("add"), 10)
    model = build(report, {}, 3)
    finding = went_back(model, question("d", loss=loss, label_smoothing=0.1))
    training = Training(loss=loss, label_smoothing=0.1)
    delta = next(d.array() for d in finding.deltas if d.uid == "d")
    for index in range(10):
        flow = error(training, np.array(finding.logits), 3, index)
        near(flow, float(delta[index]))


def test_a_frozen_layer_has_gradients_and_stays_frozen() -> None:
    network = named_by_place(block_network("add"))
    frozen = [
        msgspec.structs.replace(layer, frozen=True) if isinstance(layer, Dense) else layer
        for layer in network.layers
    ]
    report = analyze(network.with_layers(frozen), 10)
    model = build(report, {}, 3)
    uid = report.rows[-1].layer.uid
    finding = went_back(model, question(uid, clipped=True))
    assert {tensor.name for tensor in finding.gradients} == {"weight", "bias"}
    assert not any(p.requires_grad for p in room._parameters(model, uid).values())
    assert finding.norm > 0


def test_the_length_of_all_gradients_is_that_of_training() -> None:
    report = analyze(block_network("add"), 10)
    model = build(report, {}, 3)
    finding = went_back(model, question(clipped=True))
    x = seen(model, question().look, "cpu")
    loss_of(Training(), model(x), torch.tensor([3])).backward()
    norm = torch.nn.utils.get_total_norm([p.grad for p in model.parameters() if p.grad is not None])
    assert finding.norm == pytest.approx(float(norm), rel=1e-5)


def test_of_a_large_dense_layer_some_inputs_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MAX_VALUES", 200)
    report = analyze(block_network("add"), 10)
    model = build(report, {}, 3)
    finding = went_back(model, question("d", column=50))
    weight = next(tensor for tensor in finding.tensors if tensor.name == "weight")
    assert weight.shape == (10, 20)
    assert finding.column == 7  # 27 inputs in all
    assert next(t for t in finding.gradients if t.name == "weight").shape == (10, 20)


def test_a_run_does_not_notice(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studies, "SHARE", 1.0)
    desk.load(RESTLESS)
    desk.train(QUICK)
    desk.work()
    alone = desk.weights()
    other = Desk()
    other.load(RESTLESS)
    other.train(QUICK)
    for number in range(30):
        other.tell(Study(number, "backward", question("conv", clipped=True)))
        for _ in range(2):
            if other.engine.busy:
                other.engine.advance()
    other.work()
    assert [answer for answer in other.all(Studied) if answer.finding is not None]
    assert same(alone, other.weights())


def test_a_question_about_another_network_is_answered(desk: Desk) -> None:
    desk.load(RESTLESS)
    desk.train(LONG)
    desk.tell(Study(1, "backward", question("nowhere")))
    while not desk.all(Studied):
        desk.engine.advance()
    finding = desk.all(Studied)[-1].finding
    assert isinstance(finding, WentBack)
    assert not finding.sources
