"""The runs of the session: they appear, grow, are named, noted, deleted; all but facts undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from cnnviz.network import Network
from cnnviz.project import Project
from cnnviz.runs import Curve, KeptRun, Moment, Point
from tests.ui.sessions import small_session

if TYPE_CHECKING:
    from pathlib import Path

    from cnnviz.analysis import TensorKey
    from ui.session import Session

KEY: TensorKey = ("out", "bias", (10,))


@pytest.fixture
def room() -> Session:
    session = small_session()
    begin(session)
    return session


def begin(session: Session) -> KeptRun:
    run = KeptRun(session.runs.new_id(), 1e9, session.project, state="running")
    session.runs.begin(run)
    return run


def end(session: Session, *ids: str) -> None:
    for one in ids:
        session.runs.replace(msgspec.structs.replace(session.runs.facts[one], state="finished"))


def test_a_run_appears_and_grows(room: Session) -> None:
    told: list[str] = []
    room.runs.grown.connect(told.append)
    run = room.runs.all[0]

    room.runs.replace(msgspec.structs.replace(run, train=Curve.of([Point(1, 2.0, 0.1)])))

    assert told == ["r1"]
    newest = room.runs.newest
    assert newest is not None
    assert newest.train.points() == [Point(1, 2.0, 0.1)]


def test_a_run_makes_the_project_unsaved_and_saving_it_does_not(
    room: Session, tmp_path: Path
) -> None:
    path, found = tmp_path / "x.cnnviz", [room.modified]

    room.saved(path, room.state)
    found.append(room.modified)
    facts = room.runs.facts
    end(room, "r1")
    found.append(room.modified)
    room.saved(path, room.state, facts)  # it grew while it was written
    found.append(room.modified)

    assert found == [True, False, True, True]


def test_a_name_and_a_note_are_steps_that_can_be_undone(room: Session) -> None:
    told: list[int] = []
    room.runs.changed.connect(lambda: told.append(1))

    room.rename_run("r1", "S")
    room.rename_run("r1", "Slow")
    room.note_run("r1", "too slow")

    assert [(run.name, run.note) for run in room.runs.all] == [("Slow", "too slow")]
    room.undo()
    room.undo()  # both keystrokes
    assert [(run.name, run.note) for run in room.runs.all] == [("", "")]
    room.redo()
    assert room.runs.all[0].name == "Slow"
    assert len(told) == 6


def test_what_belongs_in_a_file_is_another_object_only_where_it_has_changed(room: Session) -> None:
    begin(room)
    room.rename_run("r1", "Slow")
    before = room.runs.wanted
    end(room, "r2")
    after = room.runs.wanted
    assert after[0] is before[0]
    assert after[1] is not before[1]
    room.delete_runs("r2")
    assert room.runs.wanted == before[:1]


def test_deleting_is_undone_and_a_run_that_goes_on_is_left_alone(room: Session) -> None:
    begin(room)
    end(room, "r1")

    room.delete_runs("r1", "r2")

    assert [run.id for run in room.runs.all] == ["r2"]
    assert str(room.undo_label) == "Delete the run"
    room.undo()
    assert [run.id for run in room.runs.all] == ["r1", "r2"]


def test_no_id_is_given_twice_even_after_deleting(room: Session) -> None:
    end(room, "r1")
    room.delete_runs("r1")

    assert begin(room).id == "r2"


def test_that_a_run_took_place_is_not_undone(room: Session) -> None:
    room.rename("Another")
    begin(room)

    room.undo()

    assert [run.id for run in room.runs.all] == ["r1", "r2"]


def test_another_project_has_its_own_runs(room: Session) -> None:
    kept = KeptRun("r7", 0.0, Project(Network()))

    room.open(Project(Network()), {}, None, runs=[kept])

    assert room.runs.all == (kept,)
    assert not room.modified
    assert room.runs.new_id() == "r8"


def test_running_again_brings_network_settings_and_initial_weights_back(room: Session) -> None:
    start = {KEY: np.arange(10, dtype=np.float32)}
    run = msgspec.structs.replace(room.runs.all[0], from_seed=False)
    run = run.with_moment(Moment(0, start))
    room.runs.replace(run)
    before = room.state
    room.delete("conv")

    assert room.run_again("r1", learning_rate=0.5)

    assert room.network == run.project.network
    assert room.state.weights[KEY] is start[KEY]
    assert room.project.training.learning_rate == 0.5
    room.undo()
    room.undo()
    assert room.state is before


def test_a_run_whose_start_is_not_known_cannot_begin_again(room: Session) -> None:
    room.runs.replace(msgspec.structs.replace(room.runs.all[0], from_seed=False))
    state = room.state

    assert not room.run_again("r1")
    assert room.state is state
