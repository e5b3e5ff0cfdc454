"""The way back of a step of training, against PyTorch's own modules in training."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
import torch

from cnnviz.arithmetic.backward.batch import (
    Batch,
    batch_norm_gradient_in_training,
    batch_norm_in_training,
)
from cnnviz.engine.as_trained import companions, drawn
from cnnviz.engine.protocol import Studied, Study
from cnnviz.engine.protocol.studies import BackwardInTraining, Look, WentBackInTraining
from cnnviz.layers import BatchNorm, Dense, Flatten, Maps, Vector
from cnnviz.network import Network
from tests.arithmetic.seen import TOLERANCE
from tests.engine.desk import LONG, QUICK, RESTLESS, Desk, same, samples, small_network

IMAGE = samples(0, 1).test_images[0]
WITHOUT_CHANCE = small_network(BatchNorm(uid="norm"))
OF_VECTORS = WITHOUT_CHANCE.with_layers(
    (*WITHOUT_CHANCE.layers[:3], Flatten(uid="flat"), Dense(uid="hidden", units=6),
     BatchNorm(uid="norm", affine=False), Dense(uid="dense", units=10))
)  # fmt: skip


def question(number: int = 1) -> BackwardInTraining:
    return BackwardInTraining(Look.of(IMAGE), 3, "cross_entropy", 0.1, "norm", number, 5)


def went_back(desk: Desk, asked: BackwardInTraining) -> WentBackInTraining:
    desk.tell(Study(1, "training", asked))
    desk.work()
    finding = desk.last(Studied).finding
    assert desk.last(Studied).note is None, desk.last(Studied).note
    assert isinstance(finding, WentBackInTraining)
    return finding


@pytest.mark.parametrize("network", [WITHOUT_CHANCE, OF_VECTORS])
def test_it_is_what_a_step_of_training_does(desk: Desk, network: Network) -> None:
    desk.load(network)
    finding = went_back(desk, question())
    bench = desk.engine.bench
    model, data = bench.model, bench._data
    assert model is not None
    assert data is not None
    x = torch.cat([model.sight.look(IMAGE[None], "cpu"), companions(model, data[3], 5)])
    labels = torch.cat([torch.tensor([3]), data[3].train_labels[drawn(model, data[3], 5)]])
    place = [layer.uid for layer in network.layers].index("norm")
    for block in model.blocks[:place]:
        x = block(x)
    x = x.detach().requires_grad_()
    norm = model.blocks[place][-1]
    own = type(norm)(norm.num_features, eps=norm.eps, affine=norm.affine).train()
    own.load_state_dict(norm.state_dict())
    y = own(x)
    logits = y
    for block in model.blocks[place + 1 :]:
        logits = block(logits)
    loss = torch.nn.functional.cross_entropy(logits, labels, label_smoothing=0.1)
    delta, handed, *gradients = torch.autograd.grad(loss, [y, x, *own.parameters()])
    assert finding.loss == pytest.approx(float(loss.detach()), rel=1e-5)
    np.testing.assert_allclose(finding.handed.array(), handed[0].numpy(), rtol=1e-3, atol=1e-7)
    np.testing.assert_allclose(finding.delta.array(), delta[0].numpy(), rtol=1e-3, atol=1e-7)
    assert len(finding.x.array()) == len(x) == 32
    np.testing.assert_allclose(finding.read.array(), x[0].detach().numpy(), rtol=1e-4, atol=1e-6)
    assert [found.name for found in finding.gradients] == [n for n, _ in own.named_parameters()]
    for found, gradient in zip(finding.gradients, gradients, strict=True):
        np.testing.assert_allclose(found.array(), gradient.numpy(), rtol=1e-3, atol=1e-6)
    # And the three terms make of it what PyTorch does.
    layer = network.layer("norm")
    assert isinstance(layer, BatchNorm)
    values = finding.handed.array()
    shape = Maps(values.shape[1], values.shape[2], 3) if values.ndim == 3 else Vector(6)
    batch = Batch(finding.x.array(), finding.deltas.array(), finding.factor)
    for where in np.ndindex(values.shape[1:]):
        flow = batch_norm_in_training(layer, batch, shape, (1, *where))
        assert abs(flow.value - float(values[1, *where])) <= TOLERANCE * flow.absolute
    for found in finding.gradients:
        flow = batch_norm_gradient_in_training(layer, batch, found.name, shape, 1)
        assert abs(flow.value - float(found.array()[1])) <= TOLERANCE * flow.absolute


def test_neither_a_run_nor_the_model_notices(desk: Desk) -> None:
    desk.load(RESTLESS)
    desk.train(QUICK)
    desk.work()
    alone = desk.weights()
    other = Desk()
    other.load(RESTLESS)
    other.train(QUICK)
    for number in range(20):
        other.tell(Study(number, "training", question()))
        for _ in range(2):
            if other.engine.busy:
                other.engine.advance()
    other.work()
    assert any(isinstance(a.finding, WentBackInTraining) for a in other.all(Studied))
    assert same(alone, other.weights())


def test_no_gradient_and_no_statistic_stays_behind(desk: Desk) -> None:
    desk.load(RESTLESS)
    model = desk.engine.bench.model
    assert model is not None
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    went_back(desk, question())
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[name]), name
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_question_about_another_network_is_answered(desk: Desk) -> None:
    desk.load(RESTLESS)
    desk.train(LONG)
    desk.tell(Study(1, "training", msgspec.structs.replace(question(), uid="nowhere")))
    while not desk.all(Studied):
        desk.engine.advance()
    assert desk.last(Studied).note is not None
