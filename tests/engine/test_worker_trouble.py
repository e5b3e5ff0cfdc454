"""The engine where something cannot be done: it says why, and goes on."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
import torch

from cnnviz.analysis import analyze
from cnnviz.engine import bench, keeping, runner
from cnnviz.engine import device as devices
from cnnviz.engine.protocol import (
    Failed,
    Pause,
    Probed,
    Progress,
    Snapshot,
    Stop,
)
from cnnviz.layers import LIMIT, Conv2d, Dense, Dropout, Flatten, Size
from cnnviz.network import Input, Network
from cnnviz.project import Weights
from cnnviz.training import Training
from tests.engine.desk import (
    LONG,
    QUICK,
    Desk,
    begin,
    keys,
    points,
    same,
    small_network,
    sums,
)


# --- what does not fit ------------------------------------------------------------------------
def test_a_network_too_large_is_refused_before_anything_is_allocated(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def allocate(*_: object, **__: object) -> None:
        raise AssertionError("something was allocated")

    with monkeypatch.context() as patch:
        patch.setattr(bench, "build", allocate)
        patch.setattr(devices, "free_memory", lambda device: 100_000_000)
        desk.load(Network().with_layers([Flatten(uid="f"), Dense(uid="d", units=10**6)]))
    said = str(desk.last(Failed).reason.message())
    assert "100 MB free" in said
    assert "3.1 GB" in said
    desk.probe()
    assert desk.last(Probed).layers == []
    desk.train()
    assert not desk.engine.busy
    desk.load(small_network())
    desk.probe()
    assert len(desk.last(Probed).probabilities) == 10


def test_a_network_that_fits_to_look_at_may_be_too_large_to_train(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.load(small_network())
    report = analyze(small_network())
    enough = 4 * report.parameters + report.activation_bytes
    monkeypatch.setattr(devices, "free_memory", lambda device: 2 * enough)
    desk.load(small_network())
    assert not desk.all(Failed)
    desk.train()
    assert "smaller batch" in str(desk.last(Failed).reason.message())
    assert not desk.engine.busy
    desk.probe()
    assert len(desk.last(Probed).probabilities) == 10


@pytest.mark.parametrize(
    "network",
    [
        Network(input=Input(LIMIT, LIMIT)).with_layers(
            [Conv2d(uid="c", filters=LIMIT, kernel=Size(1, 1))]
        ),
        Network(input=Input(LIMIT, LIMIT, LIMIT)).with_layers([Flatten(uid="f")]),
        Network().with_layers([Flatten(uid="f"), Dense(uid="d", units=LIMIT)]),
    ],
    ids=["maps", "input", "units"],
)
def test_the_largest_sizes_are_refused_in_words(desk: Desk, network: Network) -> None:
    """Their bytes are more than a machine word can count; the words must arrive all the same."""
    desk.load(network)
    assert "The network needs about" in str(desk.last(Failed).reason.message())
    desk.probe()
    assert desk.last(Probed).layers == []


def test_running_out_of_memory_on_the_way_is_explained(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(desk)

    def exhausted(run: object, images: torch.Tensor) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB")

    with monkeypatch.context() as patch:
        patch.setattr("cnnviz.engine.measuring.Measured._seen", exhausted)
        desk.work()
    progress = desk.last(Progress)
    assert progress.state == "failed"
    assert progress.explanation is not None
    assert "smaller batch" in str(progress.explanation.message())
    desk.train(QUICK)
    desk.work()
    assert desk.last(Progress).state == "finished"


@pytest.mark.parametrize("where", ["forward", "backward"])
def test_a_step_without_memory_holds_the_run_and_can_be_made_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """The weights of the step before arrive, and gone on with the run is what it would have been,
    to the last bit."""
    plain = small_network()
    undisturbed = Desk()
    for one in (desk, undisturbed):
        one.load(plain)
        one.train(QUICK, steps=4)
        one.work()
    before, released = desk.weights(), list[str]()

    def exhausted(*_: object, **__: object) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB")

    target = {
        "forward": "cnnviz.engine.build.Model.forward",
        "backward": "torch.Tensor.backward",
    }[where]
    with monkeypatch.context() as patch:
        patch.setattr(target, exhausted)
        patch.setattr(devices, "release", released.append)
        desk.train(QUICK)
        desk.work()
        assert not desk.engine.busy
    progress = desk.last(Progress)
    assert (progress.state, progress.step, progress.exhausted) == ("paused", 4, True)
    assert progress.explanation is not None
    said = str(progress.explanation.message())
    assert said.startswith("CPU has run out of memory in step 5, with 32 images in a batch")
    assert released == ["cpu"]
    assert same(desk.weights(), before)
    assert desk.last(Snapshot).place is not None
    run = desk.engine.runner.run
    assert run is not None
    assert all(weight.grad is None for weight in run.weights)
    for one in (desk, undisturbed):
        one.train(QUICK)
        one.work()
    assert not desk.last(Progress).exhausted
    assert desk.last(Progress).state == "finished"
    assert points(desk) == points(undisturbed)
    assert same(desk.weights(), undisturbed.weights())


def test_without_memory_for_the_first_step_or_in_the_middle_of_an_epoch(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.load(small_network())
    for steps in (0, 5):
        with monkeypatch.context() as patch:
            patch.setattr("torch.Tensor.backward", _no_memory)
            desk.train(LONG, steps=1)
            desk.work()
        progress = desk.last(Progress)
        assert (progress.step, progress.exhausted) == (steps, True)
        desk.train(LONG, steps=5)
        desk.work()
        assert (desk.last(Progress).step, desk.last(Progress).state) == (steps + 5, "paused")


def test_what_fails_while_the_weights_are_moved_goes_back_to_sound_ones(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.load(small_network())
    desk.train(LONG, steps=3)
    desk.work()
    before = desk.weights()
    with monkeypatch.context() as patch:
        patch.setattr("torch.optim.SGD.step", _no_memory)
        desk.train(LONG)
        desk.work()
    progress = desk.last(Progress)
    assert (progress.state, progress.exhausted) == ("failed", False)
    assert same(desk.weights(), before)


def _no_memory(*_: object, **__: object) -> None:
    raise RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: not enough memory")


def test_data_that_cannot_be_read_are_explained(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cnnviz.data.datasets import load_steps

    with monkeypatch.context() as patch:
        patch.setattr(bench, "load_steps", lambda name: load_steps("no such set"))
        desk.load(small_network())
        desk.train()
        desk.work()
    progress = desk.last(Progress)
    assert progress.state == "failed"
    assert progress.explanation is not None
    assert "no such set" in str(progress.explanation.message())
    desk.train()
    desk.work()
    assert desk.last(Progress).state == "finished"


# --- a loss that is no number -----------------------------------------------------------------
WILD = Training(optimizer="sgd", learning_rate=1000.0, batch_size=32, epochs=1000)
LINEAR = small_network(Dropout(uid="drop", rate=0.1)).remove(["relu"])


def sound(weights: Weights) -> bool:
    return all(np.isfinite(value).all() for value in weights.values())


def test_divergence_stops_the_run_and_falls_back_to_sound_weights(desk: Desk) -> None:
    desk.load(LINEAR)
    desk.train(WILD)
    desk.work()
    progress = desk.last(Progress)
    assert progress.state == "failed"
    assert progress.explanation is not None
    assert "no longer a number" in str(progress.explanation.message())
    curve = points(desk)  # up to the step that was the last sound one
    assert [step for step, _ in curve] == list(range(1, progress.explanation.values["step"]))
    assert all(math.isfinite(loss) for _, loss in curve)
    snapshot = desk.last(Snapshot)
    assert snapshot.final
    assert sound(snapshot.weights())
    assert snapshot.step <= progress.step
    desk.probe("conv")
    shown = desk.last(Probed)
    assert np.isfinite(shown.probabilities).all()
    for tensor in shown.weights:
        assert np.array_equal(tensor.array(), snapshot.weights()[tensor.key])
    # And on it goes.
    desk.train(QUICK)
    desk.work()
    assert desk.last(Progress).state == "finished"


def diverge_unseen(desk: Desk) -> None:
    """A run whose weights are no numbers any more, before it has told or noticed."""
    desk.load(LINEAR)
    desk.train(WILD)
    desk.engine.runner.told = math.inf
    while desk.engine.runner.run is None or all(map(math.isfinite, sums(desk))):
        desk.work(1)
        desk.engine.runner.told = math.inf
    assert desk.engine.busy


@pytest.mark.parametrize("message", [Pause(), Stop()])
def test_divergence_that_is_noticed_by_being_held(desk: Desk, message: Pause | Stop) -> None:
    """Nobody is left with weights that are no numbers, and the window is not left in the dark."""
    diverge_unseen(desk)
    desk.tell(message)
    assert not desk.engine.busy
    progress = desk.last(Progress)
    assert progress.state == "failed"
    assert progress.explanation is not None
    assert sound(desk.weights())
    desk.probe()
    assert np.isfinite(desk.last(Probed).probabilities).all()


def test_divergence_does_not_hinder_an_edit(desk: Desk) -> None:
    diverge_unseen(desk)
    edited = LINEAR.remove(["drop"])
    desk.load(edited, keep=keys(LINEAR, edited))
    assert not desk.all(Failed)
    assert desk.last(Progress).state == "failed"
    desk.probe()
    shown = desk.last(Probed)
    assert shown.revision == 2
    assert np.isfinite(shown.probabilities).all()


def test_no_snapshot_ever_holds_what_is_no_number(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SNAPSHOT_SECONDS", 0.0)
    monkeypatch.setattr(keeping, "SNAPSHOT_SHARE", 1.0)
    monkeypatch.setattr(runner, "PROGRESS_SECONDS", math.inf)
    desk.load(LINEAR)
    desk.train(msgspec.structs.replace(WILD, epochs=10))
    desk.work()
    assert len(desk.all(Snapshot)) > 2
    assert all(sound(snapshot.weights()) for snapshot in desk.all(Snapshot))


def test_weights_that_are_no_numbers_from_the_start(desk: Desk) -> None:
    """They cannot come from a file of ours; the engine does not die of them even so."""
    wrong = {key: np.full(key[2], np.nan, np.float32) for key in keys(LINEAR)}
    desk.load(LINEAR, wrong)
    desk.train(QUICK)
    desk.work()
    assert desk.last(Progress).state == "failed"
    desk.load(LINEAR)
    desk.train(QUICK)
    desk.work()
    assert desk.last(Progress).state == "finished"
