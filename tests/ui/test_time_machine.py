"""The time machine with a real engine: every picture is of the step, and the present comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from cnnviz.engine.protocol import Visit
from tests.ui.room import Room, agree, furnished

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from cnnviz.confusion import Examination
    from cnnviz.project import Weights
    from ui.time_machine import TimeMachine


@pytest.fixture
def room(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    yield from furnished(monkeypatch)


@pytest.fixture
def machine(room: Room) -> TimeMachine:
    """After a run of at least a dozen steps, which is over."""
    room.session.select("dense")
    room.train(12)
    return room.client.time


def kernels(room: Room) -> np.ndarray:
    """What is shown of the selected layer."""
    picture = room.client.picture
    assert picture is not None
    return picture.weights["dense"]["weight"]


def kept(room: Room, step: int) -> Weights:
    run = room.session.runs.newest
    assert run is not None
    return run.moment(step).weights


def answers(room: Room) -> Examination | None:
    return room.client.examination


KEY = ("dense", "weight", (10, 108))


def test_before_a_run_there_is_nothing_to_be_seen(room: Room) -> None:
    machine = room.client.time
    assert machine.steps == ()
    assert "Train first" in str(machine.obstacle)
    machine.earlier()
    machine.play()
    assert machine.step is None
    assert not machine.playing


def test_the_steps_are_those_that_are_kept(machine: TimeMachine) -> None:
    assert machine.steps[:7] == (0, 1, 2, 3, 5, 7, 10)
    assert machine.obstacle is None


def test_going_to_step_ten_shows_the_weights_of_step_ten(room: Room, machine: TimeMachine) -> None:
    present = kernels(room)
    machine.go_to(10)
    room.link.work()
    assert np.array_equal(kernels(room), kept(room, 10)[KEY])
    assert not np.array_equal(kernels(room), present)
    assert room.client.picture is not None
    assert room.client.picture.step == 10


def test_leaving_brings_the_present_back_exactly(room: Room, machine: TimeMachine) -> None:
    room.link.work()
    before = room.answer(), kernels(room), room.session.state.weights
    for step in machine.steps:
        machine.go_to(step)
        room.link.work()
    machine.leave()
    room.link.work()
    assert room.answer() == before[0]
    assert np.array_equal(kernels(room), before[1])
    assert room.session.state.weights is before[2]
    agree(room)


def test_earlier_and_later_go_from_step_to_step(machine: TimeMachine) -> None:
    last = machine.steps[-1]
    machine.earlier()
    assert machine.step == last
    for _ in range(30):
        machine.earlier()
    assert machine.step == 0
    machine.later()
    assert machine.step == 1
    machine.go_to(last)
    machine.later()
    assert machine.step is None


def test_a_slider_that_is_dragged_asks_for_the_newest_only(
    room: Room, machine: TimeMachine
) -> None:
    room.link.work()
    for step in machine.steps:
        machine.go_to(step)
    visits = [message for message in room.link.to_engine if isinstance(message, Visit)]
    assert [visit.step for visit in visits] == [0]
    room.link.work()
    assert np.array_equal(kernels(room), kept(room, machine.steps[-1])[KEY])


def test_the_confusion_of_a_step_is_found_once_and_kept(room: Room, machine: TimeMachine) -> None:
    present = room.client.examination
    assert present is not None
    machine.go_to(1)
    room.link.work()
    assert not room.client.examination, "nobody looks at it"
    machine.watch(True)
    room.link.work()
    shown = answers(room)
    assert shown is not None
    assert shown.step == 1
    machine.go_to(0)
    assert not room.client.examination
    room.link.work()
    first = answers(room)
    assert first is not None
    assert first.step == 0
    machine.go_to(10)
    room.link.work()
    assert room.client.examination is not first
    machine.go_to(0)
    assert room.client.examination is first
    machine.leave()
    assert room.client.examination is present


@pytest.mark.parametrize("watched", [False, True])
def test_the_film_goes_through_all_steps_and_stays_at_the_end(
    room: Room, machine: TimeMachine, qtbot: QtBot, watched: bool
) -> None:
    machine._film.setInterval(1)
    machine.watch(watched)
    shown: list[int | None] = []
    machine.changed.connect(lambda: shown.append(machine.step))
    machine.play()
    assert machine.playing

    def over() -> bool:
        room.link.work(3)
        return not machine.playing

    qtbot.waitUntil(over)
    assert list(dict.fromkeys(shown)) == list(machine.steps)
    run = machine.run
    assert run is not None
    known = {step for of, step in machine._found if of == run.id}
    if run.examination is not None:
        known.add(run.examination.step)
    assert (set(machine.steps[:-1]) <= known) is watched, "it waits for what is watched"
    machine.play()
    assert machine.step == 0
    machine.play()
    assert not machine.playing


def test_answers_that_cannot_be_had_do_not_stop_the_film(
    room: Room, machine: TimeMachine, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr("cnnviz.engine.studies.examination.images_a_slice", refuse)
    machine._film.setInterval(1)
    machine.watch(True)
    machine.play()

    def over() -> bool:
        room.link.work(3)
        return not machine.playing

    qtbot.waitUntil(over)
    assert machine.step == machine.steps[-1]


def test_going_on_from_a_step_can_be_undone(room: Room, machine: TimeMachine) -> None:
    present = room.weights()
    machine.go_to(3)
    room.link.work()
    machine.go_on_from_here()
    room.link.work()
    assert machine.step is None
    assert all(np.array_equal(room.weights()[key], value) for key, value in kept(room, 3).items())
    assert str(room.session.undo_label) == "Go on from step 3"
    agree(room)
    room.session.undo()
    room.link.work()
    assert all(np.array_equal(room.weights()[key], value) for key, value in present.items())


def test_it_works_while_the_run_goes_on(room: Room) -> None:
    room.session.select("dense")
    room.begin(12)
    room.client.time.go_to(5)
    room.link.work(10)
    assert room.client.training
    assert np.array_equal(kernels(room), kept(room, 5)[KEY])
    room.client.time.leave()
    room.link.work(3)
    assert room.client.picture is not None
    assert room.client.picture.step > 12


def test_training_anew_and_editing_lead_back_to_the_present(
    room: Room, machine: TimeMachine
) -> None:
    machine.go_to(3)
    room.link.work()
    room.client.step()
    assert machine.step is None
    room.link.work()
    machine.go_to(1)
    room.link.work()
    room.session.set_field("conv", "filters", 4)
    room.link.work()
    assert machine.step is None
    assert "has changed" in str(machine.obstacle)
    room.session.undo()
    assert machine.steps


def test_leaving_a_core_free_changes_nothing(room: Room, machine: TimeMachine) -> None:
    machine.go_to(3)
    room.link.work()
    room.client.use_threads(0)
    room.link.work()
    assert machine.step == 3
    assert np.array_equal(kernels(room), kept(room, 3)[KEY])


def test_where_there_is_no_room_for_it_the_present_is_shown(
    room: Room, machine: TimeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("no room")

    with monkeypatch.context() as patch:
        patch.setattr("cnnviz.engine.bench.build", refuse)
        machine.go_to(3)
        room.link.work()
    assert "no room" in room.troubles[-1]
    assert machine.step is None
    machine.go_to(3)
    room.link.work()
    assert np.array_equal(kernels(room), kept(room, 3)[KEY])


def test_when_the_engine_dies_the_present_is_shown(room: Room, machine: TimeMachine) -> None:
    machine.go_to(3)
    room.link.work()
    room.link.die()
    room.link.work()
    assert machine.step is None
    agree(room)


def test_another_run_can_be_chosen(room: Room, machine: TimeMachine) -> None:
    room.train(3)
    assert machine.run is room.session.runs.newest
    machine.look_through("r1")
    assert machine.run is not None
    assert machine.run.id == "r1"
    assert machine.step == machine.steps[-1]
    room.link.work()
    run = room.session.runs.get("r1")
    assert run is not None
    assert np.array_equal(kernels(room), run.moments[-1].weights[KEY])
    room.train(2)
    assert machine.run is not None
    assert machine.run.id == "r3"
    machine.look_through("r1")
    room.session.delete_runs("r1", "r3")
    assert machine.run is not None
    assert machine.run.id == "r2"
