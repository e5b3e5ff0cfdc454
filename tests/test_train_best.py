"""The recipe for 99.7 %: its network, and the average of its weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.analysis import analyze
from scripts.train_best import DECAY, Average, network


def test_the_network_is_the_one_that_is_described() -> None:
    report = analyze(network(), 10)
    assert report.problem is None
    filters = [(1, 32), (32, 32), (32, 64), (64, 64)]
    convolutions = sum(9 * before * after + 2 * after for before, after in filters)
    assert report.trainable == convolutions + (7 * 7 * 64 + 1) * 256 + 257 * 10


def test_the_average_is_that_of_the_formula_and_the_weights_come_back() -> None:
    linear, batch_norm = nn.Linear(2, 3), nn.BatchNorm1d(3)
    average = Average(nn.Sequential(linear, batch_norm))
    bias, norm = linear.bias, batch_norm.running_var
    assert isinstance(norm, torch.Tensor)
    expected = np.stack((bias.detach().numpy(), norm.numpy())).astype(np.float64)
    chance = np.random.default_rng(0)
    for step in range(1, 6001):
        values = chance.random((2, 3)).astype(np.float32)
        with torch.no_grad():
            bias.copy_(torch.from_numpy(values[0]))
            norm.copy_(torch.from_numpy(values[1]))
        average.follow()
        decay = min(DECAY, step / (step + 10))
        expected = decay * expected + (1 - decay) * values
    with average.in_place():
        found = np.stack((bias.detach().numpy(), norm.numpy()))
        assert found == pytest.approx(expected, rel=1e-4)
    assert np.array_equal(np.stack((bias.detach().numpy(), norm.numpy())), values)
