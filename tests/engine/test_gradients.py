"""Gradients that vanish or explode are told with what helps, and sound ones are left in peace."""

from __future__ import annotations

import msgspec
import pytest

from cnnviz.analysis import analyze
from cnnviz.engine.build import build
from cnnviz.engine.gradients import TIMES, GradientWatch
from cnnviz.engine.protocol import Figures, LayerFigures, Progress
from cnnviz.layers import Activation, BatchNorm, Dense, Flatten, Initialisation, Layer
from cnnviz.network import Network, named_by_place
from cnnviz.presets import preset
from cnnviz.training import Training
from tests.engine.desk import RESTLESS, Desk

SHORT = Training(optimizer="sgd", learning_rate=1e-4, batch_size=16, run_length="steps", steps=21)


def deep(layers: int, *between: Layer, start: Initialisation | None = None) -> Network:
    """Dense layers of 32 units, one after another."""
    dense = Dense(units=32) if start is None else Dense(units=32, initialisation=start)
    stack = [layer for _ in range(layers) for layer in (dense, *between)]
    return named_by_place(Network().with_layers([Flatten(), *stack, Dense(units=10)]))


def warned(desk: Desk, network: Network, training: Training = SHORT) -> list[str]:
    """What has been said of a short run, each thing once."""
    desk.load(network)
    desk.train(training)
    desk.work()
    assert desk.last(Progress).state == "finished"
    said = [str(p.warning.message()) for p in desk.all(Progress) if p.warning is not None]
    return list(dict.fromkeys(said))


def test_behind_many_sigmoids_they_vanish(desk: Desk) -> None:
    said = warned(desk, deep(8, Activation(function="sigmoid")))
    assert len(said) == 1, "and not with another number each time"
    assert said[0].startswith("The gradients vanish on their way back")
    assert "Batch norm between the layers" in said[0]


def test_what_is_said_helps(desk: Desk) -> None:
    assert warned(desk, deep(8, BatchNorm(), Activation(function="relu"))) == []


@pytest.mark.parametrize("name", ["lenet-tutorial", "lenet-5"])
def test_of_known_networks_nothing_is_said(desk: Desk, name: str) -> None:
    assert warned(desk, preset(name)) == []


def test_of_a_small_one_neither(desk: Desk) -> None:
    assert warned(desk, RESTLESS) == []


def test_from_large_weights_they_explode(desk: Desk) -> None:
    large = Initialisation("normal", 1.0)
    network = deep(5, Activation(function="relu"), start=large)
    slow = msgspec.structs.replace(SHORT, learning_rate=1e-12)
    said = warned(desk, network, slow)
    assert len(said) == 1
    assert said[0].startswith("The gradients explode")
    assert "clipping" in said[0]
    cut = Desk()
    assert warned(cut, network, msgspec.structs.replace(slow, clipping=1.0)) == []


def test_one_batch_says_little_and_it_is_taken_back() -> None:
    watch = GradientWatch(build(analyze(deep(1)), {}, 0))

    def hear(first: float, last: float) -> str:
        rows = [LayerFigures("1", gradient=first), LayerFigures("2", gradient=last)]
        watch.hear([Figures(1, rows)])
        return str(watch.message(clipped=False) or "")

    for _ in range(TIMES - 1):
        assert hear(1e-8, 1.0) == ""
    assert "vanish" in hear(1e-8, 1.0)
    assert hear(1.0, 1.0) == ""
    for _ in range(TIMES):
        assert hear(0.0, 1.0) == "", "dead, which is told elsewhere"
    for _ in range(TIMES):
        found = hear(1e6, 1e6)
    assert "explode" in found
    watch.hear([Figures(2, [])])
