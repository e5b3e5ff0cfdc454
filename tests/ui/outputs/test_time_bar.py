"""The slider of the time machine, as a person uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSlider

from cnnviz.engine.protocol import Leave, Visit
from cnnviz.message import Message
from cnnviz.presets import preset
from cnnviz.runs import KeptRun, Moment
from tests.support.fake_engine import progress
from tests.ui.sessions import only
from ui.outputs.curves_page import CurvesPage
from ui.outputs.output_column import OutputColumn
from ui.outputs.time_bar import TimeBar
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from cnnviz.project import Weights
    from tests.support.fake_engine import FakeEngine
    from ui.session import Session


@pytest.fixture
def bar(qtbot: QtBot, engine: FakeEngine) -> TimeBar:
    bar = TimeBar(engine.client)
    qtbot.addWidget(bar)
    return bar


def add_run(session: Session, *steps: int) -> None:
    run = KeptRun(session.runs.new_id(), 0.0, session.project, state="finished")
    session.runs.begin(run)
    for step in steps:
        weights: Weights = {("out", "bias", (10,)): np.full(10, step, np.float32)}
        session.runs.replace(session.runs.facts[run.id].with_moment(Moment(step, weights)))


def slider(bar: TimeBar) -> QSlider:
    return only(QSlider, bar)


def line(bar: TimeBar) -> Label:
    """What is said below the slider."""
    return bar._words


def words(bar: TimeBar) -> str:
    return line(bar).text()


def visited(engine: FakeEngine) -> list[int | None]:
    return [
        message.step if isinstance(message, Visit) else None
        for message in engine.said
        if isinstance(message, Visit | Leave)
    ]


def test_before_the_first_run_there_is_nothing_of_it(bar: TimeBar, session: Session) -> None:
    assert bar.isHidden()
    add_run(session, 0, 1)
    assert not bar.isHidden()


def test_the_present_is_at_the_right_end(bar: TimeBar, session: Session) -> None:
    add_run(session, 0, 1, 10)
    assert (slider(bar).minimum(), slider(bar).maximum(), slider(bar).value()) == (0, 3, 3)
    assert line(bar).isHidden()
    assert bar._where.text() == "now"


def test_sliding_goes_to_a_step_and_back(
    bar: TimeBar, session: Session, engine: FakeEngine
) -> None:
    add_run(session, 0, 1, 10)
    slider(bar).setValue(2)
    assert words(bar) == "The weights after step 10 of Run 1."
    assert not line(bar).isHidden()
    assert bar._where.text() == "10"
    engine.time.pictured(10)
    slider(bar).setValue(3)
    assert engine.time.step is None
    assert visited(engine) == [10, None]


def test_the_keyboard_moves_the_slider(bar: TimeBar, session: Session, engine: FakeEngine) -> None:
    add_run(session, 0, 1, 10)
    QTest.keyClick(slider(bar), Qt.Key.Key_Left)
    assert engine.time.step == 10
    QTest.keyClick(slider(bar), Qt.Key.Key_Home)
    assert engine.time.step == 0
    QTest.keyClick(slider(bar), Qt.Key.Key_End)
    assert engine.time.step is None


def test_the_menu_does_all_of_it(bar: TimeBar, session: Session, engine: FakeEngine) -> None:
    earlier, later, play, leave, go_on = bar.actions_menu().actions()
    assert not any(action.isEnabled() for action in bar.actions_menu().actions())
    add_run(session, 0, 1, 10)
    assert [earlier.isEnabled(), play.isEnabled(), leave.isEnabled()] == [True, True, False]
    earlier.trigger()
    earlier.trigger()
    steps = [engine.time.step]
    later.trigger()
    steps.append(engine.time.step)
    leave.trigger()
    steps.append(engine.time.step)
    assert steps == [1, 10, None]
    earlier.trigger()
    go_on.trigger()
    assert str(session.undo_label) == "Go on from step 10"
    assert float(session.state.weights["out", "bias", (10,)][0]) == 10
    play.trigger()
    assert engine.time.playing
    assert play.text() == "Pause the film"
    play.trigger()
    assert play.text() == "Play as a film"


def test_it_says_that_the_run_goes_on(bar: TimeBar, session: Session, engine: FakeEngine) -> None:
    add_run(session, 0, 1)
    engine.time.go_to(0)
    engine.run(progress("running"))
    assert "goes on meanwhile" in words(bar)
    engine.run(progress("paused"))
    assert "goes on meanwhile" not in words(bar)


def test_another_network_and_a_very_large_one_say_why(bar: TimeBar, session: Session) -> None:
    add_run(session, 0, 1)
    session.set_field("conv", "filters", 3)
    assert words(bar) == "The network has changed since this run."
    assert not slider(bar).isEnabled()
    session.undo()
    assert slider(bar).isEnabled()
    session.edit(preset("vgg-16"), Message("Open"))
    run = KeptRun(session.runs.new_id(), 0.0, session.project)
    session.runs.begin(run)
    session.runs.replace(msgspec.structs.replace(run, state="stopped"))
    assert "too large" in words(bar)


def test_the_curves_show_where_it_stands(
    qtbot: QtBot, session: Session, engine: FakeEngine
) -> None:
    column = OutputColumn(session, engine.client)
    qtbot.addWidget(column)
    add_run(session, 0, 1, 10)
    marks = []
    for step in (10, None):
        engine.time.go_to(step)
        marks.append(only(CurvesPage, column).loss.painting().content.marks)
    assert marks == [((10.0, "The weights of step 10 are looked at"),), ()]
    column.finish()
