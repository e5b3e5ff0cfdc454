"""Runs of small networks without an engine around them, and their weights held side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from cnnviz.analysis import analyze
from cnnviz.engine.batches import DeviceData
from cnnviz.engine.build import Model, build
from cnnviz.engine.train import Run
from cnnviz.network import Network
from cnnviz.training import Training
from tests.engine.desk import QUICK, samples

if TYPE_CHECKING:
    from cnnviz.runs import Point


def model_of(network: Network, seed: int = 0) -> Model:
    return build(analyze(network, 10), {}, seed)


def run_of(
    network: Network, training: Training = QUICK, seed: int = 0, data: DeviceData | None = None
) -> Run:
    return Run(model_of(network, seed), data or DeviceData(samples(), "cpu"), training, seed)


def finish(run: Run) -> list[Point]:
    """To the end; the training curve."""
    for _ in run.work:
        pass
    return run.take_points()[0]


def state(model: nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def identical(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[n], other[n]) for n in one)
