"""The engine and its words: what it says to what it is told."""

from __future__ import annotations

from multiprocessing import Pipe

import msgspec
import numpy as np
import pytest

from cnnviz.analysis import analyze
from cnnviz.engine import keeping
from cnnviz.engine.protocol import (
    Failed,
    Pause,
    Probe,
    Probed,
    Progress,
    Ready,
    Settings,
    Snapshot,
    Stop,
    ToEngine,
    UseThreads,
    frames,
)
from cnnviz.engine.worker import Inbox
from cnnviz.layers import Dense, Flatten
from cnnviz.network import INPUT_UID, Input, Network
from tests.engine.desk import (
    LONG,
    QUICK,
    RESTLESS,
    Desk,
    begin,
    points,
    same,
    small_network,
    start_of,
    sums,
)


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


def test_of_looks_that_wait_one_after_the_other_the_newest_is_taken() -> None:
    window, engine = Pipe()
    inbox = Inbox(engine)
    looks = [Probe(number, b"", 0, 0, 1) for number in range(5)]
    said: list[ToEngine] = [*looks[:3], Pause(), looks[3], looks[4]]
    for message in said:
        for frame in frames(message):
            window.send_bytes(frame)
    taken = []
    while inbox.waits:
        taken.append(inbox.take())
    assert taken == [looks[2], Pause(), looks[4]]


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
    assert "fixed" in str(desk.last(Failed).reason.message())
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
    before = sums(desk)
    desk.work(3)
    assert sums(desk) == before
    desk.tell(Settings(LONG))
    desk.work(2)  # one may be the end of an epoch
    assert sums(desk) != before
    desk.tell(Pause(), Settings(still))
    before = sums(desk)
    desk.train(still, steps=2)
    desk.work()
    assert sums(desk) == before
    desk.train(LONG, steps=2)  # said with Train it applies as well
    desk.work()
    assert sums(desk) != before


@pytest.mark.parametrize(
    ("cores", "age", "most", "least"),
    [
        (2, 0.0, 30, 15),
        (2, 600.0, 30, 15),
        (1, 0.0, 4, 3),
        (1, 7.5, 2.1, 1.5),
        (1, 600.0, 1.1, 0.8),
    ],
)
def test_progress_is_told_as_often_as_it_costs_the_run_little(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, cores: int, age: float, most: float, least: float
) -> None:
    """Thirty times a second; where it computes with all cores, three or four times, and the more
    seldom the longer the run is."""
    monkeypatch.setattr("cnnviz.engine.device.cores", lambda: cores)
    desk.tell(UseThreads(threads=1))
    assert desk.last(Ready).crowded == (cores == 1)
    now = [0.0]

    def clock() -> float:
        now[0] += 0.001
        return now[0]

    monkeypatch.setattr("cnnviz.engine.runner.time.perf_counter", clock)
    desk.load(small_network())
    desk.train(LONG)
    while (run := desk.engine.runner.run) is None:
        desk.work(1)
    run.seconds = age
    desk.said.clear()
    started = now[0]
    desk.work(2000)
    told, seconds = desk.all(Progress), now[0] - started
    assert least <= len(told) / seconds <= most
    assert sum(len(message.train) for message in told) > 50


def test_a_long_run_tells_what_it_has_learned_now_and_then(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SNAPSHOT_SECONDS", 0.0)
    monkeypatch.setattr(keeping, "SNAPSHOT_SHARE", 1.0)
    begin(desk, steps=6)
    snapshots = desk.all(Snapshot)
    assert len(snapshots) >= 2
    assert not any(snapshot.final for snapshot in snapshots)
    steps = [snapshot.step for snapshot in snapshots]
    assert steps == sorted(steps)
    assert not same(snapshots[0].weights(), snapshots[-1].weights())
    desk.tell(Stop())


def test_no_weights_are_told_before_the_curves_reach_them(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a run would go on, after the engine has died, with a gap in its curves."""
    monkeypatch.setattr(keeping, "SNAPSHOT_SECONDS", 0.0)
    monkeypatch.setattr(keeping, "SNAPSHOT_SHARE", 1.0)
    begin(desk, steps=6)
    desk.tell(Pause())
    desk.tell(Stop())
    reached, kept = 0, list[int]()
    for message in desk.said:
        if isinstance(message, Progress) and message.train:
            reached = message.train[-1].step
        if isinstance(message, Snapshot):
            assert reached == message.step
            kept.append(message.step)
    assert len(set(kept)) >= 2
