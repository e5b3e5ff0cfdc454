"""Learning is never lost: edits, undo, redo and reset around runs, with an engine on the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from cnnviz.engine import device as devices
from cnnviz.layers import LIMIT, Activation, Dropout
from cnnviz.message import Message
from cnnviz.recipes import QUICK_STEPS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot


from tests.engine.desk import LONG
from tests.ui.room import RATE, Room, agree, furnished


@pytest.fixture
def room(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    yield from furnished(monkeypatch)


# --- the trap ---------------------------------------------------------------------------------


@pytest.mark.parametrize("uid", ["conv", "relu", "norm", "drop", "dense"])
def test_a_deleted_layer_comes_back_with_its_learning(room: Room, uid: str) -> None:
    room.train()
    before, weights = room.answer(), room.weights()
    room.session.delete(uid)
    room.answer()
    room.session.undo()
    assert room.answer() == before
    assert all(np.array_equal(room.weights()[key], value) for key, value in weights.items())
    room.session.redo()
    room.session.undo()
    assert room.answer() == before


@pytest.mark.parametrize("filters", [1, 3])
def test_a_value_typed_back_has_its_learning(room: Room, filters: int) -> None:
    """1, 13, 1: digit by digit, and the engine hears each."""
    room.session.set_field("conv", "filters", filters)
    room.session.end_field()
    room.train()
    before = room.answer()
    for typed in (1, 13, 1, filters):
        room.session.set_field("conv", "filters", typed)
        room.link.work(0)
    assert room.answer() == before
    for typed in (13, filters):  # and so fast that the engine hears them together
        room.session.set_field("conv", "filters", typed)
    assert room.answer() == before
    agree(room)


def test_a_number_too_large_typed_on_the_way_costs_nothing(room: Room) -> None:
    """It cannot be loaded at all; the layers that it has nothing to do with keep theirs too."""
    room.train()
    before = room.answer()
    room.session.set_field("conv", "filters", LIMIT)
    room.link.work(0)
    assert "The network needs about" in room.troubles[-1]
    room.session.set_field("conv", "filters", 3)
    assert room.answer() == before
    agree(room)


def test_so_it_is_where_only_the_memory_is_too_small(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dropout more, for which there is no room: no tensor is another one."""
    room.train()
    before = room.answer()
    with monkeypatch.context() as patch:
        patch.setattr(devices, "free_memory", lambda device: 0)
        room.session.insert([Dropout()], 1)
        room.link.work(0)
    assert room.troubles
    room.session.undo()
    assert room.answer() == before
    room.session.redo()
    assert room.answer() == pytest.approx(before, abs=1e-6)


def test_a_reset_and_its_undo(room: Room) -> None:
    fresh = room.answer()
    room.train()
    learned = room.answer()
    assert learned != fresh
    room.client.reset()
    assert room.answer() == fresh
    assert not len(room.client.curves["train"])
    room.session.undo()
    assert room.answer() == learned
    room.session.redo()
    assert room.answer() == fresh
    agree(room)


def test_undo_of_a_run_brings_the_weights_before_it(room: Room) -> None:
    fresh = room.answer()
    room.train()
    first = room.answer()
    room.train()
    second = room.answer()
    assert len({tuple(fresh), tuple(first), tuple(second)}) == 3
    for expected, go in (
        (first, room.session.undo),
        (fresh, room.session.undo),
        (first, room.session.redo),
        (second, room.session.redo),
    ):
        go()
        assert room.answer() == expected
        agree(room)


def test_learning_after_an_edit_does_not_touch_what_was_before_it(room: Room) -> None:
    room.train()
    before = room.answer()
    room.session.insert([Activation(function="tanh")], 1)
    room.train()
    after = room.answer()
    while room.session.undo_label != Message("Train"):
        room.session.undo()
    room.session.undo()
    room.session.undo()
    assert room.answer() == before
    for _ in range(2):
        room.session.redo()
    assert room.answer() == after


def test_another_seed_begins_elsewhere_and_back_again(room: Room) -> None:
    fresh = room.answer()
    room.session.set_seed(1)
    other = room.answer()
    assert other != fresh
    room.session.undo()
    assert room.answer() == fresh
    room.train()
    learned = room.answer()
    room.session.set_seed(2)
    assert room.answer() == learned  # it is for the next reset
    room.client.reset()
    assert room.answer() not in (fresh, learned, other)
    room.session.undo()
    room.session.undo()
    assert room.answer() == learned


# --- while it runs ----------------------------------------------------------------------------


def test_an_edit_in_the_middle_of_a_run_keeps_what_fits(room: Room) -> None:
    room.begin()
    room.session.set_field("dense", "bias", False)
    room.link.work(0)
    assert not room.client.training
    learned = room.session.state.weights
    truly = room.weights()
    assert ("dense", "bias", (10,)) not in truly
    assert len(truly) == 7
    for key, value in truly.items():
        assert np.array_equal(value, learned[key]), key
    agree(room)


@pytest.mark.parametrize("told", [True, False], ids=["told", "untold"])
def test_an_edit_undone_before_the_engine_has_answered(room: Room, told: bool) -> None:
    """Delete and undo, faster than what was learned can arrive here; with a snapshot of a moment
    ago and with none."""
    room.begin()
    if told:
        engine = room.link.engine
        assert engine is not None
        engine.runner.snapshot(final=False)
        room.link.work(3)
    truly = room.weights()
    room.session.delete("conv")
    room.session.undo()
    assert not room.link.from_engine
    room.link.work(0)
    assert all(np.array_equal(room.weights()[key], value) for key, value in truly.items())
    agree(room)
    assert len(room.known()) == len(truly)


def test_values_typed_faster_than_the_engine_answers(room: Room) -> None:
    room.begin()
    truly = room.weights()
    for filters in (1, 13, 3):
        room.session.set_field("conv", "filters", filters)
    room.link.work(0)
    assert all(np.array_equal(room.weights()[key], value) for key, value in truly.items())
    agree(room)


def test_a_learning_rate_told_and_taken_back_while_it_runs(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run goes on, with snapshots at any time."""
    room.begin()
    engine = room.link.engine
    assert engine is not None
    for snapshot in (False, True, True):
        faster = msgspec.structs.replace(LONG, learning_rate=0.06)
        room.session.set_training(faster, RATE)
        room.session.end_field()
        room.link.work(1)
        assert rate_of(room) == 0.06
        if snapshot:
            engine.runner.snapshot(final=False)
        room.link.work(1)
        room.session.undo()
        room.link.work(1)
        assert room.client.training
        assert rate_of(room) == LONG.learning_rate
        room.session.redo()
        room.link.work(1)
        assert room.client.training
        assert rate_of(room) == 0.06
        room.session.undo()
    room.link.work(3)
    assert room.client.progress is not None
    assert room.client.progress.run == 1
    assert len(room.client.curves["train"]) == room.client.progress.step
    room.client.stop()
    room.link.work()
    agree(room)


def rate_of(room: Room) -> float:
    engine = room.link.engine
    assert engine is not None
    assert engine.runner.run is not None
    return float(engine.runner.run.optimizer.param_groups[0]["lr"])


@pytest.mark.parametrize("told", [True, False], ids=["told", "untold"])
def test_undo_of_the_run_that_is_under_way(room: Room, told: bool) -> None:
    """It ends, and the weights before it are back, whether or not a snapshot has come yet."""
    fresh = room.answer()
    room.begin()
    engine = room.link.engine
    assert engine is not None
    if told:
        engine.runner.snapshot(final=False)
    room.link.work(1)
    assert room.session.undo_label == Message("Train")
    room.session.undo()
    assert room.answer() == fresh
    assert not engine.busy
    assert not room.client.training
    agree(room)
    room.session.redo()
    assert room.answer() != fresh  # what the run had learned until then
    agree(room)


def test_reset_of_the_run_that_is_under_way(room: Room) -> None:
    fresh = room.answer()
    room.begin()
    truly = room.weights()
    room.client.reset()
    assert room.answer() == fresh
    assert not room.client.training
    room.session.undo()
    room.link.work(0)
    assert all(np.array_equal(room.weights()[key], value) for key, value in truly.items())
    agree(room)


def test_a_new_name_does_not_disturb_a_run(room: Room) -> None:
    room.begin()
    room.session.rename("Mine")
    room.link.work(2)
    assert room.client.training
    room.session.undo()
    room.link.work(2)
    assert room.client.training


def test_a_paused_run_goes_on_where_it_was(room: Room) -> None:
    room.begin()
    room.client.pause()
    room.link.work()
    assert room.client.paused
    step = room.client.progress.step if room.client.progress else 0
    labels = room.session.undo_label
    room.session.set_training(msgspec.structs.replace(LONG, learning_rate=0.01), RATE)
    room.session.undo()
    room.link.work()
    assert room.client.paused
    room.client.step()
    room.link.work()
    assert room.client.progress is not None
    assert room.client.progress.step == step + 1
    assert room.session.undo_label == labels
    assert len(room.client.curves["train"]) == step + 1


def test_one_run_is_one_step_of_the_history(room: Room) -> None:
    room.client.step()
    room.link.work()
    room.client.step()
    room.link.work()
    room.client.train()
    room.link.work(3)
    room.client.stop()
    room.link.work()
    assert room.session.undo_label == Message("Train")
    room.session.undo()
    assert room.session.undo_label is None


def test_new_initial_weights_are_others_and_undo_brings_the_learning_back(room: Room) -> None:
    first = room.weights()
    room.train()
    before, learned = room.answer(), room.weights()
    seed = room.session.project.seed
    room.client.renew()
    room.answer()
    new = room.weights()
    assert room.session.project.seed == seed + 1
    for other in (first, learned):
        assert not np.array_equal(new["conv", "weight", (3, 1, 5, 5)],
                                  other["conv", "weight", (3, 1, 5, 5)])  # fmt: skip
    room.session.undo()
    assert room.session.project.seed == seed
    assert room.answer() == before


def test_untrained_weights_are_renewed_too(room: Room) -> None:
    """Where nothing was learned, nothing but the seed tells one state from the other."""
    first = room.weights()
    room.client.renew()
    room.link.work(0)
    assert not np.array_equal(room.weights()["dense", "weight", (10, 108)],
                              first["dense", "weight", (10, 108)])  # fmt: skip
    room.session.undo()
    room.link.work(0)
    agree(room)
    assert np.array_equal(room.weights()["dense", "weight", (10, 108)],
                          first["dense", "weight", (10, 108)])  # fmt: skip


@pytest.mark.parametrize("running", [False, True])
def test_a_quick_start_trains_at_once_and_undo_brings_the_learning_back(
    room: Room, running: bool
) -> None:
    room.train()
    before, learned = room.answer(), room.weights()
    if running:
        room.begin()
    room.client.quick_start()
    room.link.work(3)
    while room.client.progress is None or room.client.progress.step < 5:
        room.link.work(1)
    assert room.client.progress.steps == QUICK_STEPS
    assert not {key for key in room.weights() if key in learned}
    room.session.undo()
    room.link.work()
    assert not room.client.training
    if running:  # the step of the run that was under way
        room.session.undo()
    assert room.answer() == before
    assert all(np.array_equal(room.weights()[key], value) for key, value in learned.items())
