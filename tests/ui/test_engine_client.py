"""Learning is never lost: edits, undo, redo and reset around runs, with an engine on the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from cnnviz.engine import device as devices
from cnnviz.engine import worker
from cnnviz.engine.protocol import Load, Probe, Progress, Snapshot, Train
from cnnviz.layers import LIMIT, Activation, BatchNorm, Conv2d, Dense, Dropout, Flatten, Size
from cnnviz.message import Message
from cnnviz.network import Network
from cnnviz.project import Project, Training
from tests.engine.desk import QUICK, RESTLESS, load_slowly, samples
from tests.ui.desk_link import DeskLink
from ui.engine_client import EngineClient
from ui.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from cnnviz.project import Weights
    from ui.picture import Picture

RATE = Message("Learning rate")
LONG = msgspec.structs.replace(QUICK, epochs=1000)
IMAGE = samples(0, 1).test_images[0]


class Room:
    """A session and its engine client, as the window has them."""

    def __init__(self) -> None:
        self.session = Session(Project(RESTLESS, training=LONG), {})
        self.client = EngineClient(self.session)
        self.troubles: list[str] = []
        self.client.trouble.connect(lambda message: self.troubles.append(str(message)))
        self.client.start()
        self.client.show_image(IMAGE)
        self.link.work()

    @property
    def link(self) -> DeskLink:
        return DeskLink.newest

    def begin(self, steps: int = 6) -> None:
        """A run under way, nothing of which has been told as a snapshot."""
        self.client.train()
        self.link.work(1)
        while self.client.progress is None or self.client.progress.step < steps:
            assert self.client.training
            self.link.work(1)

    def train(self, steps: int = 6) -> None:
        """A run that is over."""
        self.begin(steps)
        self.client.stop()
        self.link.work()

    def answer(self) -> list[float]:
        """What the network makes of the image now; asks for it and lets it arrive."""
        self.link.work(0)
        self.client.show_image(IMAGE)
        self.link.work(0)
        assert self.client.picture is not None
        return self.client.picture.probabilities

    def weights(self) -> Weights:
        """What the engine really computes with."""
        engine = self.link.engine
        assert engine is not None
        assert engine._model is not None
        return {key: t.detach().numpy().copy() for key, t in engine._model.tensors()}

    def known(self) -> Weights:
        """What the session would save: of the tensors of the present network."""
        keys = self.session.report.tensor_keys()
        weights = self.session.state.weights
        return {key: weights[key] for key in keys if key in weights}


def agree(room: Room) -> None:
    """The window believes of the engine what is true."""
    room.link.work(0)
    truly, known = room.weights(), room.known()
    for key, value in known.items():
        assert np.array_equal(truly[key], value), key


@pytest.fixture
def room(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    monkeypatch.setattr("ui.engine_client.EngineLink", DeskLink)
    monkeypatch.setattr(worker, "load_steps", load_slowly)
    monkeypatch.setattr("ui.engine_client.LIVE_SECONDS", 0.0)
    found = Room()
    yield found
    found.client.close()


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine tells of every step."""
    monkeypatch.setattr(worker, "PROGRESS_SECONDS", 0.0)


@pytest.fixture(autouse=True)
def _always_eager(eager: None) -> None:
    pass


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
    assert not room.client.train_points
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
        engine._snapshot(final=False)
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
            engine._snapshot(final=False)
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
    assert len(room.client.train_points) == room.client.progress.step
    room.client.stop()
    room.link.work()
    agree(room)


def rate_of(room: Room) -> float:
    engine = room.link.engine
    assert engine is not None
    assert engine._run is not None
    return float(engine._run.optimizer.param_groups[0]["lr"])


@pytest.mark.parametrize("told", [True, False], ids=["told", "untold"])
def test_undo_of_the_run_that_is_under_way(room: Room, told: bool) -> None:
    """It ends, and the weights before it are back, whether or not a snapshot has come yet."""
    fresh = room.answer()
    room.begin()
    engine = room.link.engine
    assert engine is not None
    if told:
        engine._snapshot(final=False)
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
    assert len(room.client.train_points) == step + 1


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


# --- pictures ---------------------------------------------------------------------------------


def test_one_look_under_way_and_the_newest_after_it(room: Room) -> None:
    pictures: list[Picture] = []
    room.client.probed.connect(pictures.append)
    for brightness in range(1, 20):
        room.client.show_image(np.full((28, 28), brightness, np.uint8))
    assert len(room.link.to_engine) == 1
    room.link.settle()
    assert len(pictures) == 2
    shown = pictures[-1].maps["input"]
    np.testing.assert_allclose(shown, 19 / 255, atol=1e-7)


def test_pictures_follow_edits_and_the_selection(room: Room) -> None:
    room.session.select("conv")
    room.link.work(0)
    assert room.client.picture is not None
    assert set(room.client.picture.weights) == {"conv"}
    room.session.insert([Activation(function="tanh")], 1)
    room.link.work(0)
    assert room.client.picture is not None
    assert room.session.selection in room.client.picture.maps
    assert room.client.picture.revision == room.session.state.revision
    room.session.delete("flat")
    room.link.work(0)
    assert room.client.picture is not None
    assert "dense" not in room.client.picture.maps
    assert room.client.picture.probabilities == []


def test_the_range_of_a_convolution_is_carried_on_to_what_changes_it_least(room: Room) -> None:
    picture = room.client.picture
    assert picture is not None
    limits = picture.limits
    assert limits["relu"] == limits["pool"] == limits["conv"]
    assert limits["norm"] != limits["conv"]
    assert limits["drop"] == limits["norm"]
    assert limits["conv"] == pytest.approx(np.abs(picture.maps["conv"]).max())
    for values in picture.maps.values():
        with pytest.raises(ValueError, match="read-only"):
            values[...] = 0


def test_a_look_that_fails_is_not_the_last(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    before = room.answer()

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("CUDA error: an illegal memory access")

    with monkeypatch.context() as patch:
        patch.setattr(worker, "look", fails)
        room.client.show_image(np.zeros((28, 28), np.uint8))
        room.link.work(0)
    assert "illegal memory access" in room.troubles[-1]
    room.client.show_image(np.zeros((28, 28), np.uint8))
    room.link.work(0)
    assert room.client.picture is not None
    assert room.client.picture.probabilities != before
    assert not room.client.picture.maps["input"].any()


# --- the engine dies --------------------------------------------------------------------------


def test_a_new_engine_goes_on_from_the_last_snapshot(room: Room) -> None:
    room.begin()
    engine = room.link.engine
    assert engine is not None
    engine._snapshot(final=False)
    room.link.work(1)
    snapshot = room.known()
    assert snapshot
    room.link.work(5)
    dead = room.link
    dead.die()
    assert room.link is not dead
    assert "unexpectedly" in room.troubles[-1]
    assert [room.client.training, room.client.device] == [False, None]
    room.link.work()
    assert [room.client.training, room.client.device] == [False, "cpu"]
    assert all(np.array_equal(room.weights()[key], value) for key, value in snapshot.items())
    agree(room)
    answer = room.answer()
    room.begin(3)
    assert room.client.progress is not None
    assert [point.step for point in room.client.train_points] == [1, 2, 3]
    room.client.stop()
    room.link.work()
    assert room.answer() != answer
    agree(room)
    room.session.undo()
    assert room.answer() == answer


def test_edits_and_undo_while_there_is_no_engine(room: Room) -> None:
    room.train()
    before = room.answer()
    room.link.die()
    room.session.delete("conv")
    room.client.train()
    room.client.reset()
    room.client.show_image(IMAGE)
    room.session.undo()
    room.session.undo()
    assert room.answer() == before
    assert room.session.undo_label == Message("Train")


def test_an_engine_that_dies_again_and_again_is_given_up(room: Room) -> None:
    for _ in range(3):
        room.link.die()
        room.link.work()
        assert room.client.device == "cpu"
    last = room.link
    last.die()
    assert room.link is last
    assert "4 times" in room.troubles[-1]
    room.session.delete("conv")  # and everything else goes on
    room.client.train()
    assert room.client.device is None


def test_messages_are_no_more_than_there_is_to_say(room: Room) -> None:
    """An edit is one load and one look; an undo sends only what the engine does not have."""
    room.train()
    room.answer()
    said: list[object] = []
    room.link.send = said.append  # type: ignore[method-assign,assignment]
    room.session.insert([Dropout()], 1)
    load, probe = said
    assert isinstance(load, Load)
    assert isinstance(probe, Probe)
    assert len(load.keep) == len(room.session.report.tensor_keys())
    assert not load.tensors
    assert room.client.progress is not None


def test_points_are_bounded(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.engine_client.MAX_POINTS", 50)
    room.train(120)
    points = room.client.train_points
    assert 20 < len(points) <= 50
    steps = [point.step for point in points]
    assert steps == sorted(steps)
    assert steps[-1] >= 115


def test_what_late_words_of_a_run_do_not_do(room: Room) -> None:
    """A run that was ended by an undo says its last words; they are not the present run's."""
    room.begin()
    room.session.undo()
    room.link.listen()
    kinds = {type(message) for message in room.link.from_engine}
    assert {Progress, Snapshot} <= kinds
    room.link.tell()
    assert room.client.progress is None or room.client.progress.state == "stopped"
    assert not room.client.training


def test_a_project_that_is_opened_brings_its_own(room: Room) -> None:
    room.train()
    learned, known = room.answer(), room.known()
    other = Network().with_layers([Flatten(uid="conv"), Dense(uid="dense", units=10)])
    room.session.open(Project(other), {}, None)
    room.answer()
    room.session.open(Project(RESTLESS, training=LONG), known, None)
    assert room.answer() == learned
    room.session.open(Project(RESTLESS, training=LONG), {}, None)
    assert room.answer() != learned
    agree(room)


def test_training_waits_for_a_sound_network(room: Room) -> None:
    room.session.delete("flat")
    room.link.work(0)
    label = room.session.undo_label
    room.client.train()
    assert room.session.undo_label == label
    assert not any(isinstance(message, Train) for message in room.link.to_engine)
    room.session.insert([Conv2d(filters=2, kernel=Size(1, 1)), BatchNorm(), Flatten()], index=4)
    assert room.session.report.problem is None
    room.train()
    agree(room)
    assert Training() != LONG
