"""The engine client: pictures, engines that die, and what is said to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
import torch

from cnnviz.engine import looking
from cnnviz.engine.protocol import Load, Probe, Progress, Snapshot, Train
from cnnviz.layers import Activation, BatchNorm, Conv2d, Dense, Dropout, Flatten, Size
from cnnviz.message import Message, UserError
from cnnviz.network import Network
from cnnviz.project import Project
from tests.engine.desk import RESTLESS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from ui.picture import Picture

from tests.engine.desk import LONG
from tests.ui.room import IMAGE, RATE, Room, agree, furnished
from ui.engine_sync import OVERTAKEN


@pytest.fixture
def room(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    yield from furnished(monkeypatch)


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


def test_while_it_trains_the_newest_look_overtakes_those_that_wait(room: Room) -> None:
    room.begin()
    room.link.settle()
    for brightness in range(1, OVERTAKEN + 4):
        room.client.show_image(np.full((28, 28), brightness, np.uint8))
    asked = [probe for probe in room.link.to_engine if isinstance(probe, Probe)]
    assert len(asked) == OVERTAKEN
    room.link.to_engine.clear()
    room.link.to_engine.append(asked[-1])  # the engine answers no other
    pictures: list[Picture] = []
    room.client.probed.connect(pictures.append)
    room.link.settle()
    shown = [round(float(picture.maps["input"].max()) * 255) for picture in pictures]
    assert shown == [OVERTAKEN, OVERTAKEN + 3]
    assert not room.client._in_flight


def test_large_maps_come_thinned_out_for_small_cards(room: Room) -> None:
    room.session.select("dense")
    room.link.work(0)
    room.client.want_sides({"conv": 3, "relu": 0})
    assert not room.link.to_engine  # what is there is finer than that
    room.client.show_image(IMAGE)
    room.link.work(0)
    picture = room.client.picture
    assert picture is not None
    assert [picture.thinned[uid].step for uid in ("conv", "relu")] == [4, 0]
    assert not {"conv", "relu"} & picture.maps.keys()
    room.client.want_sides({"conv": 2, "relu": 0})
    assert not room.link.to_engine
    room.client.want_sides({"conv": 100, "relu": 0})  # the view has come closer
    room.link.work(0)
    picture = room.client.picture
    assert picture is not None
    assert "conv" in picture.maps
    room.client.want_sides({"conv": 100, "relu": 1})  # a block was opened
    room.link.work(0)
    assert room.client.picture is not None
    assert room.client.picture.thinned["relu"].step > 1


def test_what_the_selected_layer_reads_is_never_thinned_out(room: Room) -> None:
    room.client.want_sides({"conv": 3, "relu": 3})
    room.session.select("relu")
    room.link.work(0)
    assert room.client.picture is not None
    assert {"conv", "relu"} <= room.client.picture.maps.keys()


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


def test_layers_are_asked_for_as_a_whole(room: Room) -> None:
    room.session.set_field("conv", "filters", 100)
    room.session.select("relu")
    room.link.work(0)
    room.client.want_whole(("conv",))
    probe = room.link.to_engine[-1]
    assert isinstance(probe, Probe)
    assert probe.whole == ("conv",)
    room.link.work(0)
    assert room.client.picture is not None
    assert len(room.client.picture.maps["conv"]) == 100
    room.client.want_whole(())  # nothing more is wanted: no need to look again
    assert not room.link.to_engine
    room.client.show_image(IMAGE)
    probe = room.link.to_engine[-1]
    assert isinstance(probe, Probe)
    assert probe.whole == ()
    room.client.want_whole(("conv",))  # the picture that is on its way comes without
    room.link.work(0)
    assert len(room.client.picture.maps["conv"]) == 100


def test_what_is_there_as_a_whole_is_not_asked_for(room: Room) -> None:
    room.client.want_whole(("conv",))  # few enough to be there anyhow
    assert not room.link.to_engine
    room.client.show_image(IMAGE)
    probe = room.link.to_engine[-1]
    assert isinstance(probe, Probe)
    assert probe.whole == ("conv",)


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


def test_a_network_that_is_refused_shows_no_picture_of_the_one_before(room: Room) -> None:
    before = room.answer()
    room.session.set_field("dense", "units", 1_000_000_000)  # terabytes of weights
    room.link.work(0)
    assert "The network needs about" in room.troubles[-1]
    assert room.client.picture is not None
    assert not room.client.picture.maps
    assert not room.client.picture.probabilities
    room.session.undo()
    room.link.work(0)
    assert room.client.picture.probabilities == before


def test_a_look_that_fails_is_not_the_last(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    before = room.answer()

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("CUDA error: an illegal memory access")

    with monkeypatch.context() as patch:
        patch.setattr(looking, "look", fails)
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
    answer = room.answer()
    room.begin()
    engine = room.link.engine
    assert engine is not None
    engine.runner.snapshot(final=False)
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
    assert room.client.paused
    held = room.client.progress
    assert held is not None
    room.begin(held.step + 3)
    assert room.client.curves["train"].steps.tolist() == list(range(1, held.step + 4))
    room.client.stop()
    room.link.work()
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


def test_a_run_that_the_engine_died_of_is_left_by_a_reset(room: Room) -> None:
    """Until then it can be resumed, as the window says."""
    left: list[None] = []
    room.client.run_left.connect(lambda: left.append(None))
    room.begin()
    room.client.pause()  # so that the window holds its place
    room.link.work()
    left.clear()
    room.link.die()
    room.link.work()
    assert room.client.paused
    assert left == []
    room.client.reset()
    assert left
    assert not room.client.paused


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


def test_every_step_is_kept_and_the_learning_rate_with_it(room: Room) -> None:
    room.train(120)
    train, rate = room.client.curves["train"], room.client.curves["rate"]
    assert train.steps.tolist() == list(range(1, 121))
    assert len(train.lines["loss"].ys) == len(train.lines["accuracy"].ys) == 120
    assert (np.diff(rate.steps.astype(int)) > 0).all()
    assert rate.steps[-1] == 121
    wanted = room.session.project.training.learning_rate
    assert rate.lines["rate"].ys[-1] == pytest.approx(wanted)


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


def test_train_pressed_twice_is_one_run_and_one_step_of_the_history(room: Room) -> None:
    before = len(room.session._history.labels[0])
    room.client.train()
    room.client.train()  # before the engine has said anything of the first
    room.link.work(6)
    assert len(room.session._history.labels[0]) == before + 1
    progress = room.client.progress
    assert progress is not None
    assert (progress.state, progress.run) == ("running", 1)
    room.client.stop()
    room.link.work()
    room.client.train()  # the next one is another
    room.link.work(6)
    assert len(room.session._history.labels[0]) == before + 2


def test_single_step_pressed_twice_is_two_steps(room: Room) -> None:
    before = len(room.session._history.labels[0])
    for done in (2, 4):
        room.client.step()
        room.client.step()
        room.link.work()
        assert room.client.paused
        assert room.client.progress is not None
        assert room.client.progress.step == done
    assert len(room.session._history.labels[0]) == before + 1


def test_a_run_that_cannot_begin_does_not_stand_in_the_way_of_the_next(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise UserError(Message("There is no room."))

    with monkeypatch.context() as patch:
        patch.setattr("cnnviz.engine.device.check_fits", refuses)
        room.client.train()
        room.link.work()
        assert room.troubles[-1] == "There is no room."
    room.session.undo()
    room.link.work()
    room.train()
    assert room.session.undo_label == Message("Train")
    agree(room)


def deaf(room: Room) -> None:
    """Make the ReLU of the network give zeros whatever it is shown, as a wild step would."""
    weights = dict(room.weights())
    key = next(key for key in weights if key[:2] == ("conv", "bias"))
    weights[key] = np.full(key[2], -1e6, np.float32)
    room.session.open(room.session.project, weights, None)
    room.link.work(0)


def test_a_network_that_cannot_learn_any_more_is_explained_until_it_can(room: Room) -> None:
    warnings: list[Message | None] = []
    room.client.warned.connect(warnings.append)
    room.train(12)
    assert not warnings
    deaf(room)
    room.begin(30)  # measured after ten steps and again
    (warning,) = warnings
    assert warning is not None
    assert warning.values["silent"] == warning.values["all"] == 1
    room.client.reset()
    room.link.work()
    room.train(12)
    assert warnings == [warning, None]


def test_a_run_that_fails_and_leaves_dead_layers_says_both(room: Room) -> None:
    deaf(room)
    training = room.session.project.training
    wild = msgspec.structs.replace(training, learning_rate=1000.0, weight_decay=1.0)
    room.session.set_training(wild, RATE)
    room.client.train()
    room.link.work()
    assert room.client.progress is not None
    assert room.client.progress.state == "failed"
    assert "no longer a number" in room.troubles[-1]
    assert "give only zeros" in room.troubles[-1]


def test_a_learning_rate_that_is_changed_while_the_data_are_read_counts(room: Room) -> None:
    room.client.train()
    room.link.work(1)
    assert room.client.progress is not None
    assert room.client.progress.state == "loading"
    training = msgspec.structs.replace(room.session.project.training, learning_rate=0.25)
    room.session.set_training(training, RATE)
    room.link.work(6)
    engine = room.link.engine
    assert engine is not None
    assert engine.runner.run is not None
    assert engine.runner.run.optimizer.param_groups[0]["lr"] == 0.25


def test_training_waits_for_a_sound_network(room: Room) -> None:
    room.session.delete("flat")
    room.link.work(0)
    label = room.session.undo_label
    room.client.train()
    assert room.session.undo_label == label
    assert not any(isinstance(message, Train) for message in room.link.to_engine)
    room.session.insert([Conv2d(filters=2, kernel=Size(1, 1)), BatchNorm(), Flatten()], place=4)
    assert room.session.report.problem is None
    room.train()
    agree(room)


@pytest.mark.parametrize(("threads", "free"), [(0, 1), (1, 0)])
def test_another_engine_has_as_many_threads(room: Room, threads: int, free: int) -> None:
    """It is a matter of the room that one is in, not of the project or of one engine."""
    before = torch.get_num_threads()
    try:
        room.client.use_threads(0)
        room.link.settle()
        assert room.client.threads == room.client.cores
        wanted = threads or max(1, room.client.cores - free)
        room.client.use_threads(threads, free)
        room.link.settle()
        assert room.client.threads == wanted
        room.link.die()
        room.link.settle()
        assert room.client.threads == wanted == torch.get_num_threads()
    finally:
        torch.set_num_threads(before)
