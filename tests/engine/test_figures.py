"""The figures of the layers are what PyTorch and numpy say, and measuring changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.analysis import analyze
from cnnviz.engine import figures
from cnnviz.engine.batches import DeviceData
from cnnviz.engine.build import build
from cnnviz.engine.device import available
from cnnviz.engine.figures import BINS, EVERY, FIRST, LayerWatch
from cnnviz.engine.protocol import Figures, LayerFigures, Progress
from cnnviz.engine.train import Run
from cnnviz.layers import Activation, BatchNorm, Conv2d, Dense, Flatten, MaxPool, Size
from cnnviz.network import Network
from cnnviz.training import Training
from tests.engine.desk import QUICK, RESTLESS, Desk, samples
from tests.engine.runs import finish, identical, run_of, state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnnviz.analysis import Row

PLAIN = Training(optimizer="sgd", momentum=0.0, learning_rate=0.1, batch_size=16, epochs=1)
SHORT = msgspec.structs.replace(PLAIN, run_length="steps", steps=90, batch_size=2)
NETWORK = Network(
    layers=(
        Conv2d(uid="conv", filters=4, kernel=Size(5, 5)),
        BatchNorm(uid="norm"),
        Activation(uid="relu"),
        MaxPool(uid="pool"),
        Flatten(uid="flat"),
        Dense(uid="out", units=10),
    )
)


def watched(network: Network, training: Training = PLAIN, device: str = "cpu") -> Run:
    model = build(analyze(network, 10), {}, 0, device=device)
    run = Run(model, DeviceData(samples(), device), training, 0)
    run.watch = LayerWatch(run.model, run.weights)
    return run


def _pairs(run: Run) -> Iterator[tuple[Row, nn.Sequential]]:
    return zip(run.model.layers, run.model.blocks, strict=True)


def after_one_step(run: Run) -> dict[str, LayerFigures]:
    next(run.work)
    assert run.watch is not None
    [found] = run.watch.take()
    assert found.step == 1
    return {layer.uid: layer for layer in found.layers}


def test_gradients_and_ratios_are_those_of_the_step() -> None:
    run = watched(NETWORK)
    blocks = {row.layer.uid: block for row, block in _pairs(run)}
    before = {
        uid: [p.detach().clone() for p in block.parameters()] for uid, block in blocks.items()
    }
    found = after_one_step(run)
    for uid in ("conv", "norm", "out"):
        found_there = [p.grad for p in blocks[uid].parameters() if p.grad is not None]
        gradients = torch.cat([gradient.reshape(-1) for gradient in found_there])
        weights = torch.cat([p.reshape(-1) for p in before[uid]])
        assert found[uid].gradient == pytest.approx(float(gradients.norm()), rel=1e-5)
        ratio = PLAIN.learning_rate * float(gradients.norm()) / float(weights.norm())
        assert found[uid].ratio == pytest.approx(ratio, rel=1e-3)
    relu = found["relu"]
    assert (relu.gradient, relu.ratio, relu.weights) == (None, None, None)


def test_gradients_are_told_as_they_were_before_they_were_cut() -> None:
    whole = after_one_step(watched(NETWORK))
    cut = after_one_step(watched(NETWORK, msgspec.structs.replace(PLAIN, clipping=0.01)))
    for uid in ("conv", "out"):
        assert cut[uid].gradient == pytest.approx(whole[uid].gradient)
        assert (cut[uid].ratio or 0) < (whole[uid].ratio or 0)


def test_histograms_are_numpys() -> None:
    run = watched(NETWORK)
    found = after_one_step(run)
    conv = next(run.model.blocks[0].parameters()).detach().numpy()
    spread = found["conv"].weights
    assert spread is not None
    assert [spread.low, spread.high] == pytest.approx([conv.min(), conv.max()])
    counts, _ = np.histogram(conv, BINS)
    assert sum(spread.counts) == conv.size
    assert np.abs(np.array(spread.counts) - counts).max() <= 1  # at an edge rounding may decide
    outputs: dict[str, np.ndarray] = {}
    with torch.inference_mode():
        images = run.model.sight.seen(run.data.train_images[run.order(0)[:16]])
        run.model.eval()
        run.model.look(images, lambda uid, values: outputs.update({uid: values.numpy()}))
    for uid, values in outputs.items():
        seen = found[uid].outputs
        assert seen is not None
        assert sum(seen.counts) <= figures.MOST
        assert values.min() - 1e-5 <= seen.low <= seen.high <= values.max() + 1e-5


def test_of_large_tensors_values_from_all_over_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "MOST", 100)
    monkeypatch.setattr(figures, "MOST_WEIGHTS", 100)
    found = after_one_step(watched(NETWORK))
    whole = after_one_step(_watched_whole(monkeypatch))
    assert found["out"].weights is not None
    assert 50 < sum(found["out"].weights.counts) <= 100
    assert found["out"].ratio == pytest.approx(whole["out"].ratio, rel=0.6)


def _watched_whole(monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(figures, "MOST_WEIGHTS", 1 << 20)
    return watched(NETWORK)


def test_a_dead_relu_is_seen() -> None:
    network = NETWORK.with_layers(tuple(n for n in NETWORK.layers if n.uid != "norm"))
    assert after_one_step(watched(network))["relu"].dead == 0
    run = watched(network)
    _, bias = run.model.blocks[0].parameters()
    with torch.no_grad():
        bias[:3] = -100.0
    found = after_one_step(run)
    assert found["relu"].dead == 0.75
    assert found["conv"].dead is None


def test_frozen_layers_have_outputs_alone() -> None:
    frozen = msgspec.structs.replace(NETWORK.layers[0], frozen=True)
    found = after_one_step(watched(NETWORK.replace("conv", frozen)))
    assert (found["conv"].gradient, found["conv"].weights) == (None, None)
    assert found["conv"].outputs is not None


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_measuring_changes_nothing(precision: str) -> None:
    """Of a network with dropout and running statistics."""
    training = msgspec.convert(msgspec.to_builtins(QUICK) | {"precision": precision}, Training)
    quiet = run_of(RESTLESS, training)
    finish(quiet)
    run = run_of(RESTLESS, training)
    run.watch = LayerWatch(run.model, run.weights)
    finish(run)
    assert run.watch.take()
    assert identical(state(quiet.model), state(run.model))


@pytest.mark.parametrize("error", [NotImplementedError, torch.OutOfMemoryError])
def test_a_device_that_cannot_measure_trains_all_the_same(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = run_of(RESTLESS)
    finish(quiet)
    run = run_of(RESTLESS)
    run.watch = LayerWatch(run.model, run.weights)

    def fail(*_: object) -> None:
        run.model.eval()
        raise error

    monkeypatch.setattr(run.watch, "after", fail)
    finish(run)
    assert identical(state(quiet.model), state(run.model))
    assert run.watch is None


def test_it_is_measured_often_at_first_and_then_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(figures, "SHARE", 1e9)  # whatever it takes
    run = watched(NETWORK, SHORT)
    finish(run)
    assert run.watch is not None
    assert [found.step for found in run.watch.take()] == [*FIRST, FIRST[-1] + EVERY]
    assert run.watch.take() == []


def test_what_takes_long_is_measured_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "SHARE", 1e-6)
    run = watched(NETWORK, SHORT)
    finish(run)
    assert run.watch is not None
    assert [found.step for found in run.watch.take()] == list(FIRST)


def test_the_engine_tells_them(desk: Desk) -> None:
    desk.load(NETWORK)
    desk.train(PLAIN, steps=3)
    desk.work()
    told = [found.step for message in desk.all(Progress) for found in message.figures]
    assert told == [1, 2]


@pytest.mark.gpu
def test_no_step_waits_for_the_device() -> None:
    if "cuda:0" not in available():
        pytest.skip("PyTorch finds no CUDA device on this machine")
    run = watched(NETWORK, device="cuda:0")
    next(run.work)
    torch.cuda.synchronize()
    watch = run.watch
    assert watch is not None
    images = run.model.sight.seen(run.data.train_images[:16])
    before_mode = torch.cuda.get_sync_debug_mode()
    torch.cuda.set_sync_debug_mode("error")
    try:
        before = watch.before(1)
        assert before is not None
        watch.after(1, before, images, 0.01)
    finally:
        torch.cuda.set_sync_debug_mode(before_mode)
    assert len(watch.take()) == 2


def test_they_survive_the_wire() -> None:
    found = after_one_step(watched(NETWORK))
    told = Figures(1, list(found.values()))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(told), type=Figures) == told
