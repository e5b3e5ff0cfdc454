"""Runs as the window keeps them, with a real engine: they grow, end, stand, and go on elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from cnnviz.files import open_project, save_project
from tests.ui.desk_link import DeskLink
from tests.ui.room import RATE, Room, furnished

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from cnnviz.project import Weights
    from cnnviz.runs import KeptRun


@pytest.fixture
def room(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    yield from furnished(monkeypatch)


def newest(room: Room) -> KeptRun:
    run = room.session.runs.newest
    assert run is not None
    return run


def equal(one: Weights, other: Weights) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[k], other[k]) for k in one)


def train_on(room: Room, steps: int) -> None:
    """Go on, to just that step, and pause."""
    while room.client.progress is None or room.client.progress.step < steps:
        room.client.step()
        room.link.work()


# --- growing ------------------------------------------------------------------------------------


def test_a_run_appears_as_it_starts_and_grows(room: Room) -> None:
    assert not room.session.runs.all
    room.begin(3)
    run = newest(room)
    assert (run.id, run.state, run.device, run.threads) == ("r1", "running", "cpu", 1)
    assert run.project == room.session.project
    assert run.from_seed
    assert run.train.steps.tolist() == list(range(1, run.step + 1))
    room.client.stop()
    room.link.work()
    assert newest(room).state == "stopped"
    assert room.session.runs.standing is None


def test_its_moments_are_those_of_the_run_and_the_newest_is_the_last(room: Room) -> None:
    start = room.weights()
    room.begin(12)
    room.client.stop()
    room.link.work()
    run = newest(room)
    assert run.kept_steps[:7] == (0, 1, 2, 3, 5, 7, 10)
    assert run.kept_steps[-1] == run.step
    assert equal(run.initial, start)
    assert equal(run.moments[-1].weights, room.weights())


def test_the_next_run_is_another_one_and_begins_from_what_was_learned(room: Room) -> None:
    room.train(3)
    room.train(2)
    first, second = room.session.runs.all
    assert [first.id, second.id] == ["r1", "r2"]
    assert not second.from_seed
    assert equal(second.initial, first.moments[-1].weights)


def test_a_setting_that_is_changed_on_the_way_is_marked(room: Room) -> None:
    room.begin(3)
    training = msgspec.structs.replace(room.session.project.training, learning_rate=0.5)
    room.session.set_training(training, RATE)
    room.link.work(4)
    [change] = newest(room).changes
    assert (change.field, change.after) == ("learning_rate", 0.5)
    assert newest(room).settings.learning_rate != 0.5


def test_an_edit_ends_the_run_and_it_is_kept(room: Room) -> None:
    room.begin(3)
    room.session.set_field("dense", "units", 12)
    room.link.work()
    assert newest(room).state == "stopped"
    assert room.session.runs.standing is None
    room.session.undo()
    room.link.work()
    assert [run.state for run in room.session.runs.all] == ["stopped"]


def test_another_project_knows_nothing_of_a_run_that_went_on(room: Room) -> None:
    room.begin(3)
    room.session.open(room.session.project, {}, None)
    room.link.work()
    assert not room.session.runs.all
    assert room.session.runs.standing is None
    room.train(2)
    assert [run.id for run in room.session.runs.all] == ["r1"]


def test_a_run_that_cannot_begin_leaves_nothing_behind(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("no room")

    with monkeypatch.context() as patch:
        patch.setattr("cnnviz.engine.runner.devices.check_fits", refuse)
        room.client.train()
        room.link.work()
    assert not room.session.runs.all
    room.train(2)
    assert [run.id for run in room.session.runs.all] == ["r1"]


# --- once more ----------------------------------------------------------------------------------


def losses(room: Room) -> list[float]:
    return newest(room).train.loss.tolist()


def test_a_run_again_gives_the_same_losses_to_the_last_bit(room: Room) -> None:
    room.train(5)
    room.train(5)  # from what the first has learned
    assert not newest(room).from_seed
    before = losses(room)

    assert room.session.run_again("r2")
    room.train(5)

    count = min(len(before), len(losses(room)))
    assert count >= 5
    assert losses(room)[:count] == before[:count]
    assert newest(room).id == "r3"


def test_with_another_learning_rate_only_the_first_loss_is_the_same(room: Room) -> None:
    room.train(5)
    before = losses(room)

    room.session.run_again("r1", learning_rate=0.5)
    room.train(5)

    assert losses(room)[0] == before[0]
    assert losses(room)[1] != before[1]


def test_what_was_learned_since_is_brought_back_by_undo(room: Room) -> None:
    room.train(5)
    learned = room.weights()
    room.session.run_again("r1")
    room.link.work()
    assert not equal(room.weights(), learned)
    room.session.undo()
    room.link.work()
    assert equal(room.weights(), learned)


# --- going on -----------------------------------------------------------------------------------


def test_reopened_it_goes_on_as_if_it_had_never_been_closed(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_on(room, 5)
    room.link.work()
    assert newest(room).state == "paused"
    path = tmp_path / "x.cnnviz"
    session = room.session
    save_project(
        path, session.project, session.state.weights,
        runs=session.runs.all, standing=session.runs.standing,
    )  # fmt: skip
    train_on(room, 9)
    through, curve = room.weights(), losses(room)
    room.client.close()

    again = Room()
    opened = open_project(path)
    again.session.open(
        opened.project, opened.weights, path, runs=opened.runs, standing=opened.standing
    )
    again.link.work()
    assert again.client.paused
    assert not again.session.modified
    assert again.client.progress is not None
    assert again.client.progress.step == 5
    assert again.client.curves["train"].steps.tolist() == [1, 2, 3, 4, 5]
    train_on(again, 9)

    assert equal(again.weights(), through)
    assert losses(again) == curve
    assert [run.id for run in again.session.runs.all] == ["r1"]
    again.client.close()


def test_it_goes_on_also_where_the_file_was_there_before_the_engine(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_on(room, 4)
    session = room.session
    kept = session.project, session.state.weights, session.runs.all, session.runs.standing
    room.client.close()
    with monkeypatch.context() as patch:
        patch.setattr(DeskLink, "start", lambda _: None)  # it takes its time
        again = Room()
    again.session.open(kept[0], kept[1], None, runs=kept[2], standing=kept[3])
    again.client.close()
    again.client.start()
    again.link.work()
    assert again.client.paused
    again.client.close()


def test_pressed_at_once_it_goes_on(room: Room) -> None:
    train_on(room, 4)
    session = room.session
    kept = session.project, session.state.weights, session.runs.all, session.runs.standing
    session.open(kept[0], kept[1], None, runs=kept[2], standing=kept[3])
    room.link.listen()
    room.link.tell()
    assert room.client.training  # the data are being read
    room.client.step()
    room.link.work()
    assert newest(room).step >= 5
    assert [run.id for run in session.runs.all] == ["r1"]


def test_closing_while_it_is_put_where_it_stood_loses_nothing(room: Room) -> None:
    train_on(room, 4)
    session = room.session
    kept = session.project, session.state.weights, session.runs.all, session.runs.standing
    session.open(kept[0], kept[1], None, runs=kept[2], standing=kept[3])
    room.client.pause()
    room.link.work()
    assert room.client.paused
    assert session.runs.standing is kept[3]
    assert not session.modified


def test_a_run_that_does_not_fit_its_network_stops_and_the_weights_stay(room: Room) -> None:
    train_on(room, 4)
    session = room.session
    standing = session.runs.standing
    assert standing is not None
    broken = msgspec.structs.replace(
        standing, memory={("x", "weight.exp_avg", (1,)): np.ones(1, np.float32)}
    )
    kept, weights = session.runs.all, room.weights()
    session.open(session.project, session.state.weights, None, runs=kept, standing=broken)
    room.link.work()
    assert newest(room).state == "failed"
    assert "cannot be resumed" in room.troubles[-1]
    assert equal(room.weights(), weights)
    assert session.runs.standing is None


def test_after_the_engine_has_died_it_goes_on_from_where_it_was_last_told_to_stand(
    room: Room,
) -> None:
    room.begin(4)
    engine = room.link.engine
    assert engine is not None
    engine.runner.snapshot(final=False)
    room.link.work(3)
    told = room.session.runs.standing
    assert told is not None
    room.link.die()
    assert newest(room).state == "paused"
    assert newest(room).step == told.place.step
    room.link.work()
    train_on(room, told.place.step + 4)
    found = room.weights(), losses(room)

    other = Room()
    train_on(other, told.place.step + 4)
    assert equal(found[0], other.weights())
    assert found[1] == losses(other)
    other.client.close()


def test_an_engine_that_dies_before_it_has_told_anything_leaves_a_stopped_run(room: Room) -> None:
    room.begin(2)
    room.session.runs.stand(None)
    room.link.die()
    assert newest(room).state == "stopped"


def test_editing_while_there_is_no_engine_ends_the_run(room: Room) -> None:
    train_on(room, 3)
    room.link.die()
    room.session.set_field("dense", "units", 12)
    room.link.work()
    assert room.session.runs.standing is None
    assert not room.client.paused


# --- undo ---------------------------------------------------------------------------------------


def drawn(room: Room) -> list[float]:
    return room.client.curves["train"].lines["loss"].ys.tolist()


def test_undo_of_an_edit_brings_the_curves_of_the_run_back_with_its_weights(room: Room) -> None:
    room.train(5)
    run, weights, layers = newest(room), room.weights(), room.client.layers
    assert layers.lines("conv") is not None
    assert drawn(room) == pytest.approx(run.train.loss.tolist())
    room.session.set_field("dense", "bias", False)
    room.link.work()
    room.session.undo()
    room.link.work()
    assert equal(room.weights(), weights)
    assert drawn(room) == pytest.approx(run.train.loss.tolist())
    assert room.client.layers is layers
    room.session.redo()
    room.link.work()
    assert drawn(room) == []
    room.session.undo()
    room.train(2)
    assert newest(room) is not run
    assert drawn(room) == pytest.approx(newest(room).train.loss.tolist())


def test_undo_leads_from_run_to_run(room: Room) -> None:
    room.train(5)
    room.train(2)
    first, second = room.session.runs.all
    assert drawn(room) == pytest.approx(second.train.loss.tolist())
    while room.session.undo_label is not None and drawn(room) != pytest.approx(
        first.train.loss.tolist()
    ):
        room.session.undo()
        room.link.work()
    assert equal(room.weights(), first.moments[-1].weights)
    room.session.undo()
    room.link.work()
    assert drawn(room) == []


def test_weights_that_are_no_runs_end_bring_no_curves(room: Room) -> None:
    room.train(3)
    room.session.reset_weights()
    room.link.work()
    assert drawn(room) == []
    room.session.undo()
    room.link.work()
    assert drawn(room) == pytest.approx(newest(room).train.loss.tolist())
    room.session.delete_runs("r1")
    room.session.set_field("dense", "bias", False)
    room.link.work()
    room.session.undo()
    room.link.work()
    assert drawn(room) == [], "nobody wants that run any more"


@pytest.mark.parametrize("paused", [False, True])
def test_undo_of_an_edit_that_ended_a_run_brings_its_curves_back(room: Room, paused: bool) -> None:
    room.begin(5)
    if paused:
        room.client.pause()
        room.link.work()
    room.session.set_field("dense", "bias", False)
    room.link.work()
    run = newest(room)
    assert run.over
    room.session.undo()
    room.link.work()
    assert equal(room.weights(), run.moments[-1].weights)
    assert drawn(room) == pytest.approx(newest(room).train.loss.tolist())
