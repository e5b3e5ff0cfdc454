"""The engine and its words: what it says to what it is told, also where that cannot be done."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
import torch

from cnnviz.analysis import TensorKey, analyze
from cnnviz.engine import device as devices
from cnnviz.engine import worker
from cnnviz.engine.build import build
from cnnviz.engine.protocol import (
    Failed,
    Pause,
    Probed,
    Progress,
    Ready,
    Settings,
    Snapshot,
    Stop,
    UseDevice,
)
from cnnviz.layers import LIMIT, Conv2d, Dense, Dropout, Flatten, Size
from cnnviz.network import INPUT_UID, Input, Network
from cnnviz.project import Training, Weights
from tests.engine.desk import QUICK, RESTLESS, TEST, TRAIN, Desk, same, small_network

LONG = msgspec.structs.replace(QUICK, epochs=1000)


def start_of(network: Network, seed: int = 0) -> Weights:
    model = build(analyze(network), {}, seed)
    return {key: tensor.detach().numpy().copy() for key, tensor in model.tensors()}


def begin(desk: Desk, steps: int = 4) -> None:
    """A long run, some steps in."""
    desk.load(RESTLESS)
    desk.train(LONG)
    while desk.engine._run is None or desk.engine._run.step < steps:
        desk.work(1)


# --- up ---------------------------------------------------------------------------------------


def test_it_tells_when_it_is_up(desk: Desk) -> None:
    (ready,) = desk.said
    assert isinstance(ready, Ready)
    assert ready.device in ready.devices
    assert ready.devices[-1] == "cpu"
    assert ready.threads == 1
    assert ready.note is None
    assert not desk.engine.busy


def test_a_probe_before_a_network_is_answered_with_nothing(desk: Desk) -> None:
    desk.probe()
    assert desk.last(Probed) == Probed(1, -1, 0, [], [], [])


def test_a_network_is_loaded_silently_and_then_shown(desk: Desk) -> None:
    desk.load(small_network())
    assert len(desk.said) == 1
    desk.probe("conv")
    probed = desk.last(Probed)
    assert (probed.id, probed.revision, probed.step) == (1, 1, 0)
    assert [layer.uid for layer in probed.layers] == [
        *(INPUT_UID, "conv", "relu", "pool", "flat", "dense"),
    ]
    assert len(probed.probabilities) == 10
    start = start_of(small_network())
    for tensor in probed.weights:
        assert np.array_equal(tensor.array(), start[tensor.key])


def test_a_broken_network_is_shown_up_to_the_problem_and_not_trained(desk: Desk) -> None:
    desk.load(small_network().insert(2, Dense(uid="early")))
    desk.probe()
    probed = desk.last(Probed)
    assert [layer.uid for layer in probed.layers] == [INPUT_UID, "conv", "relu"]
    assert probed.probabilities == []
    desk.train()
    assert "mended" in str(desk.last(Failed).reason.message())
    assert not desk.engine.busy
    assert not desk.all(Progress)


def test_training_nothing_is_refused(desk: Desk) -> None:
    desk.train()
    assert desk.all(Failed)
    assert not desk.engine.busy


def test_a_network_without_weights_fails_with_the_reason_and_can_be_mended(desk: Desk) -> None:
    desk.load(Network(input=Input(1, 1, 10)).with_layers([Flatten(uid="f")]))
    desk.train()
    desk.work()
    progress = desk.last(Progress)
    assert progress.state == "failed"
    assert progress.explanation is not None
    assert "no weights" in str(progress.explanation.message())
    desk.load(small_network())
    desk.train()
    desk.work()
    assert desk.last(Progress).state == "finished"


# --- a run ------------------------------------------------------------------------------------


def test_a_run_from_loading_to_the_end(desk: Desk) -> None:
    desk.load(small_network())
    desk.train()
    assert desk.engine.busy
    desk.work()
    assert desk.states()[0] == "loading"
    assert desk.states()[-1] == "finished"
    progress = desk.all(Progress)
    assert {message.run for message in progress} == {1}
    assert {message.revision for message in progress} == {1}
    last = progress[-1]
    assert last.step == last.steps == 6
    assert (last.epoch, last.epochs, last.batch, last.batches) == (2, 2, 3, 3)
    assert last.seconds_left == 0
    train = [point for message in progress for point in message.train]
    test = [point for message in progress for point in message.test]
    assert [point.step for point in train] == [1, 2, 3, 4, 5, 6]
    assert [point.step for point in test] == [3, 6]
    snapshot = desk.last(Snapshot)
    assert snapshot.final
    assert snapshot.revision == 1
    assert set(snapshot.weights()) == set(analyze(small_network()).tensor_keys())
    assert not same(snapshot.weights(), start_of(small_network()))
    # Whoever sees that it has finished has its weights already.
    assert desk.said.index(snapshot) < desk.said.index(last)


def test_the_weights_that_are_told_are_those_that_are_used(desk: Desk) -> None:
    desk.load(RESTLESS)
    desk.train()
    desk.work()
    desk.probe("conv")
    shown = desk.last(Probed)
    weights = desk.weights()
    for tensor in shown.weights:
        assert np.array_equal(tensor.array(), weights[tensor.key])
    other = Desk()
    other.load(RESTLESS, weights)
    other.probe()
    assert other.last(Probed).probabilities == shown.probabilities


def test_a_second_run_goes_on_from_the_weights_of_the_first(desk: Desk) -> None:
    desk.load(small_network())
    desk.train()
    desk.work()
    first = desk.weights()
    desk.said.clear()
    desk.train(msgspec.structs.replace(QUICK, learning_rate=0.0))
    desk.work()
    assert desk.last(Progress).run == 2
    assert same(desk.weights(), first)


def test_a_run_is_the_same_however_it_is_interrupted(desk: Desk) -> None:
    """Pauses, single steps, probes, and a rate that is told again: to the last bit."""
    desk.load(RESTLESS)
    desk.train()
    desk.work()
    expected, curve = desk.weights(), points(desk)
    other = Desk()
    other.load(RESTLESS)
    other.train(steps=2)
    other.work()
    other.probe("dense")
    other.train(steps=1)
    other.work()
    other.tell(Settings(QUICK))
    other.train()
    other.work(1)
    other.tell(Pause())
    other.probe()
    other.train()
    while other.engine.busy:
        other.work(1)
        other.probe()
    assert same(other.weights(), expected)
    assert points(other) == curve


def points(desk: Desk) -> list[tuple[int, float]]:
    return [(point.step, point.loss) for message in desk.all(Progress) for point in message.train]


def test_a_pause_holds_the_run_with_its_weights_and_curve(desk: Desk) -> None:
    begin(desk)
    desk.tell(Pause())
    assert not desk.engine.busy
    progress = desk.last(Progress)
    assert progress.state == "paused"
    assert len(points(desk)) == progress.step == 4
    assert desk.last(Snapshot).final
    assert desk.last(Snapshot).step == 4
    desk.tell(Pause())  # once is enough
    assert desk.last(Progress) is progress
    desk.train(LONG)
    assert desk.work(5) == 5
    desk.tell(Stop())
    assert len({message.run for message in desk.all(Progress)}) == 1


def test_single_steps(desk: Desk) -> None:
    desk.load(small_network())
    for step in (1, 2, 3, 4):  # across the end of an epoch
        desk.train(steps=1)
        desk.work()
        progress = desk.last(Progress)
        assert (progress.state, progress.step) == ("paused", step)
        assert desk.last(Snapshot).step == step
    assert len(points(desk)) == 4
    desk.train(steps=10)  # more than there are
    desk.work()
    assert desk.last(Progress).state == "finished"
    assert desk.last(Progress).step == 6


def test_a_stop_ends_the_run_and_keeps_what_was_learned(desk: Desk) -> None:
    begin(desk)
    desk.tell(Stop())
    assert desk.last(Progress).state == "stopped"
    assert len(points(desk)) == 4
    weights = desk.weights()
    assert not same(weights, start_of(RESTLESS))
    desk.probe("conv")
    for tensor in desk.last(Probed).weights:
        assert np.array_equal(tensor.array(), weights[tensor.key])
    before = len(desk.said)
    desk.tell(Stop(), Pause())
    assert len(desk.said) == before
    desk.train(QUICK)
    desk.work(5)
    assert desk.last(Progress).run == 2


def test_stop_and_pause_while_the_data_are_read(desk: Desk) -> None:
    for message in (Stop(), Pause()):
        desk.load(small_network())
        desk.train()
        desk.work(1)
        desk.tell(message)
        assert not desk.engine.busy
        assert desk.last(Progress).state == "stopped"
        assert not desk.all(Snapshot)


def test_nothing_to_hold_or_to_stop(desk: Desk) -> None:
    desk.tell(Pause(), Stop(), Settings(QUICK))
    desk.load(small_network())
    desk.tell(Pause(), Stop(), Settings(QUICK))
    assert len(desk.said) == 1


def test_a_learning_rate_changes_while_it_runs_and_while_it_waits(desk: Desk) -> None:
    begin(desk)
    still = msgspec.structs.replace(LONG, learning_rate=0.0)
    desk.tell(Settings(still))
    before = frozen(desk)
    desk.work(3)
    assert frozen(desk) == before
    desk.tell(Settings(LONG))
    desk.work(1)
    assert frozen(desk) != before
    desk.tell(Pause(), Settings(still))
    before = frozen(desk)
    desk.train(still, steps=2)
    desk.work()
    assert frozen(desk) == before
    desk.train(LONG, steps=2)  # said with Train it applies as well
    desk.work()
    assert frozen(desk) != before


def frozen(desk: Desk) -> list[float]:
    assert desk.engine._model is not None
    return [float(parameter.detach().sum()) for parameter in desk.engine._model.parameters()]


def test_progress_is_told_thirty_times_a_second_at_most(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]

    def clock() -> float:
        now[0] += 0.001
        return now[0]

    monkeypatch.setattr("cnnviz.engine.worker.time.perf_counter", clock)
    desk.load(small_network())
    desk.train(LONG)
    desk.work(1)
    desk.said.clear()
    started = now[0]
    desk.work(400)
    told = desk.all(Progress)
    assert 5 < len(told) <= (now[0] - started) * 30 + 2
    assert sum(len(message.train) for message in told) > 50


def test_a_long_run_tells_what_it_has_learned_now_and_then(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "SNAPSHOT_SECONDS", 0.0)
    monkeypatch.setattr(worker, "SNAPSHOT_SHARE", 1.0)
    begin(desk, steps=6)
    snapshots = desk.all(Snapshot)
    assert len(snapshots) >= 2
    assert not any(snapshot.final for snapshot in snapshots)
    steps = [snapshot.step for snapshot in snapshots]
    assert steps == sorted(steps)
    assert not same(snapshots[0].weights(), snapshots[-1].weights())
    desk.tell(Stop())


# --- edits ------------------------------------------------------------------------------------


def keys(*networks: Network) -> list[TensorKey]:
    """The tensors that all of them have."""
    found = [analyze(network).tensor_keys() for network in networks]
    return [key for key in found[0] if all(key in other for other in found[1:])]


def test_an_edit_in_the_middle_of_a_run_keeps_what_fits(desk: Desk) -> None:
    begin(desk)
    wider = RESTLESS.replace("dense", Dense(uid="dense", units=10, bias=False))
    wider = wider.insert(1, Conv2d(uid="new", filters=3, kernel=Size(3, 3), padding="same"))
    desk.load(wider, keep=keys(RESTLESS, wider))
    assert not desk.engine.busy
    snapshot = desk.last(Snapshot)
    assert (snapshot.revision, snapshot.final) == (1, True)
    progress = desk.last(Progress)
    assert (progress.revision, progress.state) == (1, "stopped")
    assert len(points(desk)) == 4
    learned, fresh = snapshot.weights(), start_of(wider)
    desk.train(msgspec.structs.replace(QUICK, learning_rate=0.0), steps=1)
    desk.work()
    now = desk.weights()
    assert set(now) == set(fresh)
    for key, value in now.items():
        if key[1].startswith("running"):
            continue  # a step moves it at any rate
        expected = learned if key in learned else fresh
        assert np.array_equal(value, expected[key]), key
    assert any(key[0] == "new" for key in now)
    assert desk.last(Progress).run == 2


def test_a_load_sets_what_it_brings_and_starts_the_rest_afresh(desk: Desk) -> None:
    begin(desk)
    brought = {key: np.full(key[2], 3, np.float32) for key in keys(RESTLESS)[:1]}
    desk.load(RESTLESS, brought, seed=9)
    desk.train(msgspec.structs.replace(QUICK, learning_rate=0.0), steps=1)
    desk.work()
    fresh = start_of(RESTLESS, seed=9)
    for key, value in desk.weights().items():
        if not key[1].startswith("running"):
            assert np.array_equal(value, brought.get(key, fresh[key])), key


def test_kept_tensors_that_do_not_exist_are_no_trouble(desk: Desk) -> None:
    desk.load(small_network(), keep=[("nobody", "weight", (1,)), ("conv", "bias", (99,))])
    desk.load(small_network(filters=5), keep=keys(small_network()))
    assert not desk.all(Failed)
    desk.probe()
    assert len(desk.last(Probed).probabilities) == 10


def test_tensors_that_a_message_brought_are_the_engines_own(desk: Desk) -> None:
    """Training them does not write into the message."""
    weights = start_of(small_network())
    desk.load(small_network(), weights)
    desk.train()
    desk.work()
    assert same(weights, start_of(small_network()))


# --- what does not fit ------------------------------------------------------------------------


def test_a_network_too_large_is_refused_before_anything_is_allocated(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def allocate(*_: object, **__: object) -> None:
        raise AssertionError("something was allocated")

    with monkeypatch.context() as patch:
        patch.setattr(worker, "build", allocate)
        patch.setattr(devices, "free_memory", lambda device: 100 << 20)
        desk.load(Network().with_layers([Flatten(uid="f"), Dense(uid="d", units=10**6)]))
    said = str(desk.last(Failed).reason.message())
    assert "100 MB free" in said
    assert "3,000 MB" in said.replace("2,998", "3,000")
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

    def exhausted(self: object, images: torch.Tensor) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB")

    with monkeypatch.context() as patch:
        patch.setattr("cnnviz.engine.train.Run._images", exhausted)
        desk.work()
    progress = desk.last(Progress)
    assert progress.state == "failed"
    assert progress.explanation is not None
    assert "smaller batch" in str(progress.explanation.message())
    desk.train(QUICK)
    desk.work()
    assert desk.last(Progress).state == "finished"


def test_data_that_cannot_be_read_are_explained(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cnnviz.data.datasets import load_steps

    with monkeypatch.context() as patch:
        patch.setattr(worker, "load_steps", lambda name: load_steps("no such set"))
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
    desk.engine._told = math.inf
    while desk.engine._run is None or all(map(math.isfinite, frozen(desk))):
        desk.work(1)
        desk.engine._told = math.inf
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
    monkeypatch.setattr(worker, "SNAPSHOT_SECONDS", 0.0)
    monkeypatch.setattr(worker, "SNAPSHOT_SHARE", 1.0)
    monkeypatch.setattr(worker, "PROGRESS_SECONDS", math.inf)
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


# --- devices ----------------------------------------------------------------------------------


def test_an_unknown_device_leaves_it_where_it_is(desk: Desk) -> None:
    before = desk.last(Ready)
    desk.tell(UseDevice("abacus:7"))
    assert len(desk.all(Ready)) == 2
    assert desk.last(Ready).device == before.device
    assert not desk.all(Failed)


def test_a_device_that_fails_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is promised by the driver, but does not answer: the next one, and a word about it."""
    monkeypatch.setattr(devices, "available", lambda: ["cuda:0", "xpu:3", "cpu"])
    asked: list[str] = []

    def works(device: str) -> bool:
        asked.append(device)
        return device == "cpu"

    monkeypatch.setattr(devices, "works", works)
    desk = Desk()
    ready = desk.last(Ready)
    assert ready.device == "cpu"
    assert ready.devices == ["cuda:0", "xpu:3", "cpu"]
    assert asked == ["cuda:0", "xpu:3", "cpu"]
    assert ready.note is not None
    assert "XPU:3" in str(ready.note.message())


def test_a_device_is_checked_by_what_it_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here there is no such device: asking it raises, and that is an answer."""
    assert devices.works("cpu")
    assert not devices.works("cuda:77")
    assert not devices.works("meta")

    monkeypatch.setattr(torch.Tensor, "to", lambda self, device: self)
    assert devices.works("imagined")
    right = [torch.nn.functional.conv2d]

    def right_once(x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
        return right.pop()(x, kernel) if right else torch.zeros(2, 4, 6, 6)

    monkeypatch.setattr(torch.nn.functional, "conv2d", right_once)
    assert not devices.works("imagined")


def test_the_wanted_device_comes_first_and_the_fastest_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = ["cuda:0", "cuda:1", "cpu"]
    monkeypatch.setattr(devices, "works", lambda device: device != "cuda:0")
    assert devices.choose("cuda:1", known) == ("cuda:1", None)
    assert devices.choose("cpu", known) == ("cpu", None)
    device, note = devices.choose(None, known)
    assert device == "cuda:1"
    assert "CUDA:0" in str(note)
    device, note = devices.choose("cuda:0", known)
    assert device == "cuda:1"
    assert note is not None
    monkeypatch.setattr(devices, "works", lambda device: False)
    device, note = devices.choose(None, ["cuda:0"])
    assert device == "cpu"
    assert "CUDA:0" in str(note)


def test_going_to_another_device_takes_the_weights_along(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyTorch's `cpu:0` stands in for another one."""
    begin(desk)
    monkeypatch.setattr(desk.engine, "_devices", ["cpu:0", "cpu"])
    monkeypatch.setattr(devices, "works", lambda device: True)
    desk.tell(UseDevice("cpu:0"))
    assert desk.last(Ready).device == "cpu:0"
    assert desk.last(Progress).state == "stopped"
    learned = desk.weights()
    desk.probe("conv")
    for tensor in desk.last(Probed).weights:
        assert np.array_equal(tensor.array(), learned[tensor.key])
    desk.train(QUICK)
    desk.work()
    assert desk.last(Progress).state == "finished"


def test_the_run_goes_on_where_the_wanted_device_fails(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(desk)
    monkeypatch.setattr(desk.engine, "_devices", ["cuda:0", "cpu"])
    monkeypatch.setattr(devices, "works", lambda device: device == "cpu")
    desk.tell(UseDevice("cuda:0"))
    ready = desk.last(Ready)
    assert ready.device == "cpu"
    assert ready.note is not None
    assert desk.engine.busy
    desk.tell(Stop())


@pytest.mark.gpu
def test_an_accelerator_trains_looks_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same network on the accelerator and then on the CPU gives the same answer."""
    if devices.available() == ["cpu"]:
        pytest.skip("PyTorch finds no accelerator on this machine")
    from tests.engine.desk import load_slowly

    monkeypatch.setattr(worker, "load_steps", load_slowly)
    desk = Desk()
    assert desk.last(Ready).device != "cpu"
    desk.load(RESTLESS)
    desk.train(Training(optimizer="adam", learning_rate=0.01, batch_size=16, epochs=20))
    desk.work()
    assert desk.last(Progress).state == "finished"
    assert desk.last(Progress).test[-1].accuracy > 0.8
    desk.probe("conv")
    there = desk.last(Probed)
    desk.tell(UseDevice("cpu"))
    desk.probe("conv")
    here = desk.last(Probed)
    np.testing.assert_allclose(here.probabilities, there.probabilities, atol=1e-3)
    for one, other in zip(here.weights, there.weights, strict=True):
        assert np.array_equal(one.array(), other.array())
    desk.train(QUICK)
    desk.work()
    assert desk.last(Progress).state == "finished"


def test_the_data_are_as_many_as_these_tests_say(desk: Desk) -> None:
    begin(desk, steps=1)
    assert desk.engine._run is not None
    assert len(desk.engine._run.data.train_labels) == TRAIN
    assert len(desk.engine._run.data.test_labels) == TEST
    desk.tell(Stop())
