"""The network that a class works out by hand: its data, its weights, and its whole way back."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from cnnviz.analysis import analyze
from cnnviz.data.datasets import data_set, load
from cnnviz.engine.build import build
from cnnviz.engine.protocol.studies import Backward, Look
from cnnviz.engine.studies import backward as room
from cnnviz.export.formats import text_of
from cnnviz.layers import Dense, Initialisation, Problem, Vector
from cnnviz.recipes import TWO_INPUTS, project_of


def test_the_data_are_the_four_points_of_exclusive_or() -> None:
    samples, known = load("toy_two_inputs"), data_set("toy_two_inputs")
    assert (known.height, known.width, known.channels) == (1, 2, 1)
    for images, labels in (
        (samples.train_images, samples.train_labels),
        (samples.test_images, samples.test_labels),
    ):
        points = map(tuple, (images[:, 0] // 255).tolist())
        assert dict(zip(points, labels.tolist(), strict=True)) == {
            (0, 0): 0,
            (1, 1): 0,
            (0, 1): 1,
            (1, 0): 1,
        }


def test_the_network_fits_its_data_and_starts_as_it_says() -> None:
    project = project_of(TWO_INPUTS)
    assert project.dataset == "toy_two_inputs"
    report = analyze(project.network, 2)
    assert report.problem is None
    model = build(report, {}, project.seed)
    tensors = {(uid, name): tensor.tolist() for (uid, name, _), tensor in model.tensors()}
    first, second = (layer.uid for layer in project.network.layers if isinstance(layer, Dense))
    assert tensors[first, "weight"] == pytest.approx(np.array([[0.5, 0.4], [0.9, 1.0]]))
    assert tensors[second, "weight"] == pytest.approx(np.array([[0.5, 0.3], [-0.2, 0.6]]))
    assert tensors[first, "bias"] == tensors[second, "bias"] == [0, 0]


def test_it_goes_back_as_with_pencil_and_paper() -> None:
    """For the inputs 1 and 0, of the class "different"."""
    hidden = [1 / (1 + math.exp(-w)) for w in (0.5, 0.9)]  # its first column
    logits = [0.5 * hidden[0] + 0.3 * hidden[1], -0.2 * hidden[0] + 0.6 * hidden[1]]
    powers = [math.exp(z) for z in logits]
    error = [powers[0] / sum(powers), powers[1] / sum(powers) - 1]
    back = [error[0] * 0.5 - error[1] * 0.2, error[0] * 0.3 + error[1] * 0.6]
    back = [d * h * (1 - h) for d, h in zip(back, hidden, strict=True)]
    project = project_of(TWO_INPUTS)
    report = analyze(project.network, 2)
    model = build(report, {}, 0)
    first, second = (layer.uid for layer in project.network.layers if isinstance(layer, Dense))
    look = Look(bytes([255, 0]), 1, 2, 1)
    for uid, expected in ((first, np.outer(back, [1, 0])), (second, np.outer(error, hidden))):
        asked = Backward(look, 1, "cross_entropy", 0.0, uid)
        own = room._parameters(model, uid)
        with torch.enable_grad(), room._wanted(list(own.values())):
            found = room._finding(model, asked, "cpu", own)
        gradient = next(t.array() for t in found.gradients if t.name == "weight")
        np.testing.assert_allclose(gradient, expected, rtol=1e-5, atol=1e-7)
        assert found.loss == pytest.approx(-math.log(1 + error[1]), rel=1e-5)


def test_one_step_of_all_four_points_is_the_mean_of_their_gradients() -> None:
    project = project_of(TWO_INPUTS)
    samples = load("toy_two_inputs")
    assert project.training.batch_size == len(samples.train_images)
    assert project.training.optimizer == "sgd"
    assert project.training.momentum == 0
    model = build(analyze(project.network, 2), {}, 0)
    x = torch.from_numpy(samples.train_images.copy()).float().div(255)[:, None]
    y = torch.from_numpy(samples.train_labels.copy()).long()
    optimizer = torch.optim.SGD(model.parameters(), lr=project.training.learning_rate)
    for _ in range(project.training.steps):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    assert (model(x).argmax(1) == y).all()  # it has learned exclusive or
    assert float(loss.detach()) < 0.05


def test_numbers_by_hand_may_be_those_of_all_units() -> None:
    every = Initialisation("by_hand", values=(1, 2, 3, 4, 5, 6))
    dense = Dense(units=2, initialisation=every)
    assert dense.output_shape(Vector(3)) == Vector(2)
    assert isinstance(dense.output_shape(Vector(4)), Problem)
    alike = Dense(units=2, initialisation=Initialisation("by_hand", values=(1, 2, 3)))
    assert alike.output_shape(Vector(3)) == Vector(2)


def test_exported_programs_start_with_the_same_numbers() -> None:
    project = project_of(TWO_INPUTS)
    report = analyze(project.network, 2)
    torch_program = text_of("pytorch", project, report)
    assert "[0.5, 0.4, 0.9, 1.0]" in torch_program
    assert "reshape(2, 2)" in torch_program
    keras_program = text_of("keras", project, report)
    assert "np.reshape([0.5, 0.9, 0.4, 1.0], (2, 2))" in keras_program
