"""What is drawn: ticked runs, a new one by itself, and the present one as it grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from PySide6.QtCore import QObject

from cnnviz.runs import Point
from tests.support.fake_engine import point, progress
from tests.ui.outputs.runs.conftest import curve, kept
from ui.outputs.runs.choice import RunChoice, look_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.fake_engine import FakeEngine
    from ui.session import Session


@pytest.fixture
def choice(session: Session, engine: FakeEngine) -> Iterator[RunChoice]:
    parent = QObject()
    yield RunChoice(session, engine.client, parent)
    del parent


def compared(choice: RunChoice) -> list[str]:
    return [run.id for run in choice.compared]


def begin(session: Session, engine: FakeEngine) -> str:
    run = kept(session, state="running")
    engine.run(progress())
    engine.curves_cleared.emit()
    return run.id


def test_without_ticks_nothing_is_compared(choice: RunChoice) -> None:
    assert compared(choice) == []
    assert choice.present == ""


def test_ticked_runs_are_compared_in_their_order(choice: RunChoice) -> None:
    choice.tick(["r2"], True)
    assert compared(choice) == ["r2"]
    choice.tick(["r1"], True)
    assert compared(choice) == ["r1", "r2"]
    choice.tick(["r1", "r2"], False)
    assert compared(choice) == []


def test_the_present_run_alone_is_no_comparison(
    choice: RunChoice, session: Session, engine: FakeEngine
) -> None:
    assert begin(session, engine) == choice.present == "r3"
    assert choice.ticked == {"r3"}
    assert compared(choice) == []
    choice.tick(["r1"], True)
    assert compared(choice) == ["r1", "r3"]


def test_a_new_run_takes_the_place_of_the_one_before_it(
    choice: RunChoice, session: Session, engine: FakeEngine
) -> None:
    begin(session, engine)
    begin(session, engine)
    assert choice.ticked == {"r4"}
    choice.tick(["r3"], True)
    begin(session, engine)
    assert compared(choice) == ["r3", "r4", "r5"]


def test_a_run_is_drawn_whatever_is_told_of_it_first(
    choice: RunChoice, session: Session, engine: FakeEngine
) -> None:
    """As after running again: the curves are forgotten, the run is kept, then the engine tells."""
    choice.tick(["r1"], True)
    engine.forget_curves()
    kept(session, state="loading")
    assert compared(choice) == ["r1"]
    engine.run(progress())
    assert compared(choice) == ["r1", "r3"]


def test_curves_that_are_forgotten_are_drawn_no_longer(
    choice: RunChoice, session: Session, engine: FakeEngine
) -> None:
    begin(session, engine)
    engine.forget_curves()
    assert choice.ticked == set()
    begin(session, engine)
    choice.tick(["r1"], True)
    engine.forget_curves()
    assert compared(choice) == ["r1", "r4"]


def test_a_deleted_run_is_drawn_no_longer_and_comes_back_without_a_tick(
    choice: RunChoice, session: Session
) -> None:
    choice.tick(["r1", "r2"], True)
    session.delete_runs("r1")
    assert compared(choice) == ["r2"]
    session.undo()
    assert compared(choice) == ["r2"]


def test_lines_of_kept_runs_are_made_once(choice: RunChoice, session: Session) -> None:
    run = session.runs.all[0]
    line = choice.line(run, "test", "loss")
    assert line.ys.tolist() == pytest.approx(run.test.loss.tolist())
    assert line.steps.tolist() == [10, 20, 30]
    assert choice.line(run, "test", "loss") is line
    assert choice.line(run, "test", "accuracy") is not line
    assert line.means(0, 3).tolist() == pytest.approx(run.test.mean_loss.tolist())
    longer = msgspec.structs.replace(run, test=run.test.extended([Point(40, 0.1, 0.9)]))
    told = []
    choice.tick(["r1"], True)
    choice.changed.connect(lambda: told.append(1))
    session.runs.replace(longer)
    assert told
    assert len(choice.line(longer, "test", "loss")) == 4


def test_the_present_run_is_drawn_from_the_engine(
    choice: RunChoice, session: Session, engine: FakeEngine
) -> None:
    begin(session, engine)
    run = session.runs.all[-1]
    engine.run(progress(), [point(1, 2.0, 0.1)])
    line = choice.line(run, "train", "loss")
    assert line is engine.curves["train"].lines["loss"]
    assert len(line) == 1


def test_of_a_project_that_is_opened_the_newest_run_is_drawn(
    choice: RunChoice, session: Session
) -> None:
    runs = list(session.runs.facts.values())
    choice.tick(["r1"], True)
    session.open(session.project, {}, None, runs=runs)
    assert compared(choice) == ["r2"]
    session.open(session.project, {}, None)
    assert compared(choice) == []


def test_twenty_runs_look_each_like_no_other(session: Session) -> None:
    runs = [*session.runs.all, *(kept(session, train=curve(1.0)) for _ in range(18))]
    assert len({look_of(run) for run in runs}) == 20
