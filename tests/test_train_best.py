"""The recipe for 99.7 %: its network, and the average of its weights."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.analysis import analyze
from cnnviz.recipes import THOROUGH, project_of
from scripts.train_best import DECAY, Average, moved_by_one

WIDTHS = (32, 64, 64, 64, 128, 128)
"""Filters of each convolution."""


def test_the_recipe_is_the_one_that_is_described() -> None:
    project = project_of(THOROUGH)
    report = analyze(project.network, 10)
    assert report.problem is None
    filters = [(25, 32), *((9 * one, other) for one, other in itertools.pairwise(WIDTHS))]
    convolutions = sum(before * after + 2 * after for before, after in filters)
    assert report.trainable == convolutions + (6 * 6 * 128 + 1) * 10
    assert project.preparation.augments


def test_an_image_moved_by_one_pixel_is_so_in_all_ways_and_nothing_comes_round() -> None:
    dot = torch.zeros(1, 1, 5, 5)
    dot[0, 0, 2, 4] = 1
    found = torch.cat(list(moved_by_one(dot)))
    assert torch.equal(found.sum((1, 2, 3)), torch.tensor([1.0, 1, 0] * 3))
    places = {tuple(place) for place in found[:, 0].nonzero()[:, 1:].tolist()}
    assert places == {(row, column) for row in (1, 2, 3) for column in (3, 4)}


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
