"""The form of all settings, and the schedule as a curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from cnnviz.message import Message
from cnnviz.preparation import Preparation
from cnnviz.schedule import learning_rate
from tests.support.fake_engine import progress
from tests.support.heard import heard
from tests.ui.sessions import only
from ui.forms.editors import Editor
from ui.forms.fields_form import FieldsForm
from ui.forms.training_words import FIELDS
from ui.i18n import language
from ui.theme import theme
from ui.training.schedule_curve import ScheduleCurve
from ui.training.settings_panel import SettingsPanel
from ui.widgets.fields import FloatField

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.support.fake_engine import FakeEngine
    from ui.session import Session

NEW: dict[str, Any] = {
    "optimizer": "sgd",
    "learning_rate": 0.1,
    "momentum": 0.5,
    "dampening": 0.25,
    "nesterov": True,
    "beta1": 0.5,
    "beta2": 0.75,
    "alpha": 0.5,
    "epsilon": 1e-4,
    "weight_decay": 0.01,
    "clipping": 2.0,
    "schedule": "step",
    "step_epochs": 3,
    "factor": 0.25,
    "plateau_patience": 4,
    "rise": 0.5,
    "final_share": 0.125,
    "warm_up": 20,
    "loss": "mean_squared_error",
    "label_smoothing": 0.1,
    "batch_size": 64,
    "run_length": "steps",
    "epochs": 3,
    "steps": 70,
    "stopping_patience": 2,
    "target_error": 1.5,
    "shift": 2,
    "branches_apart": True,
    "precision": "bfloat16",
    "seed": 7,
}


class Panel:
    """The panel, opened below a button, and a person's hands on it."""

    def __init__(self, qtbot: QtBot, session: Session, engine: FakeEngine) -> None:
        self.qtbot = qtbot
        self.button = QWidget()
        qtbot.addWidget(self.button)
        self.button.show()
        self.view = SettingsPanel(session, engine.client, self.button)
        self.view.pop_up(self.button)
        qtbot.waitUntil(self.view.isVisible)

    def editors(self) -> dict[str, Editor]:
        found = {editor.field.name: editor for editor in self.view.findChildren(Editor)}
        assert found.keys() == {field.name for field in FIELDS}
        return found

    def shown(self) -> set[str]:
        return {name for name, e in self.editors().items() if e.isVisibleTo(self.view)}


@pytest.fixture
def panel(qtbot: QtBot, session: Session, engine: FakeEngine) -> Panel:
    return Panel(qtbot, session, engine)


def test_every_setting_reaches_the_session_and_comes_back(panel: Panel, session: Session) -> None:
    assert set(NEW) == {field.name for field in FIELDS}
    for name, value in NEW.items():
        panel.editors()[name].edited.emit(value)
    project = session.project
    training = msgspec.to_builtins(project.training)
    assert training | {"seed": project.seed} == NEW
    for name, editor in panel.editors().items():
        assert editor.value() == NEW[name]


def test_only_what_has_a_meaning_is_there(panel: Panel, session: Session) -> None:
    for optimizer in ("sgd", "adam", "rmsprop"):
        for schedule in ("constant", "one_cycle", "plateau"):
            panel.editors()["optimizer"].edited.emit(optimizer)
            panel.editors()["schedule"].edited.emit(schedule)
            training = session.project.training
            expected = {f.name for f in FIELDS if f.name == "seed" or training.shown(f.name)}
            assert panel.shown() == expected


def test_keystrokes_in_a_field_are_one_step(panel: Panel, session: Session) -> None:
    before = session.state
    editor = panel.editors()["clipping"]
    editor.setFocus()
    widget = editor.focusProxy()
    assert widget is not None
    assert isinstance(widget, FloatField)
    widget.selectAll()
    panel.qtbot.keyClicks(widget, "1.25")
    assert session.project.training.clipping == 1.25
    session.undo()
    assert session.state == before


def test_it_opens_with_the_first_field_ready_and_closes_by_escape(panel: Panel) -> None:
    first = panel.editors()["optimizer"]
    assert first.isAncestorOf(panel.view.focusWidget())
    panel.qtbot.keyClick(panel.view, Qt.Key.Key_Escape)
    assert not panel.view.isVisible()


def test_closed_it_does_nothing_and_opened_again_it_is_up_to_date(
    panel: Panel, session: Session
) -> None:
    """Each edit of a network would pay for a panel that was looked at once."""
    line = curve_of(panel).series[0].line
    panel.view.close()
    training = msgspec.structs.replace(session.project.training, epochs=3, learning_rate=0.5)
    session.set_training(training, Message("Settings"))
    assert panel.editors()["epochs"].value() != 3
    assert curve_of(panel).series[0].line is line
    panel.view.pop_up(panel.button)
    assert panel.editors()["epochs"].value() == 3
    assert curve_of(panel).series[0].line.ys.max() == pytest.approx(0.5)


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_it_stays_within_the_screen_and_shows_all_by_scrolling(panel: Panel, scale: float) -> None:
    theme.set_scale(scale)
    panel.editors()["optimizer"].edited.emit("sgd")
    room = panel.view.screen().availableGeometry()
    assert room.contains(panel.view.geometry())


def test_it_speaks_the_language_of_the_window(panel: Panel) -> None:
    language.set("zh_CN")
    forms = panel.view.findChildren(FieldsForm)
    assert len(forms) == 5
    titles = [heading.text() for heading, _ in panel.view.headings]
    assert titles == ["优化器", "损失", "批次", "训练", "学习率调度"]


# ---- the curve


def curve_of(panel: Panel) -> ScheduleCurve:
    return only(ScheduleCurve, panel.view)


def test_the_curve_is_the_schedule_before_it_runs(panel: Panel, session: Session) -> None:
    for name, value in {"schedule": "one_cycle", "epochs": 1, "batch_size": 600}.items():
        panel.editors()[name].edited.emit(value)
    line = curve_of(panel).series[0].line
    training = session.project.training
    assert line.steps.tolist() == list(range(1, 101))
    rates = [learning_rate(training, step, 100) for step in range(100)]
    assert line.ys.tolist() == pytest.approx(rates)
    assert "100 steps in all" in curve_of(panel).toolTip()


def test_the_curve_is_as_long_as_the_run_will_be(panel: Panel, session: Session) -> None:
    session.set_preparation(Preparation(images=540), Message("Training images"))
    assert "25 steps in all" in curve_of(panel).toolTip()  # five epochs of 128 at a time


def test_a_mark_shows_where_the_run_is(panel: Panel, engine: FakeEngine) -> None:
    assert not curve_of(panel).content.marks
    engine.run(progress(step=30, learning_rate=0.002))
    assert list(curve_of(panel).content.marks) == [(30, "Step 30: learning rate 0.002")]
    engine.forget_curves()
    assert not curve_of(panel).content.marks


def test_its_head_tells_the_rate_that_was_set_and_in_a_run_the_present_one(
    panel: Panel, engine: FakeEngine
) -> None:
    """One cycle ends at a rate that nobody has set: four millionths of it."""
    for name, value in {"schedule": "one_cycle", "learning_rate": 0.01, "epochs": 1}.items():
        panel.editors()[name].edited.emit(value)
    chart = curve_of(panel)

    def told() -> list[str]:
        return [entry.words for entry in chart.painting().entries]

    assert told() == ["rate 0.0100"]
    assert heard(chart) == "rate 0.0100"
    engine.run(progress(step=1, learning_rate=0.0004))
    assert told() == ["rate 0.00040"]
    chart.sight.look(step=chart.series[0].line.steps[-1])
    assert told() == ["rate 4.0e−8"]
    chart.sight.look(step=None)
    engine.forget_curves()
    assert told() == ["rate 0.0100"]


def test_a_plateau_is_explained(panel: Panel, session: Session) -> None:
    training = msgspec.structs.replace(session.project.training, schedule="plateau", factor=0.5)
    session.set_training(training, Message("Schedule"))
    assert "Each plateau multiplies it by 0.5" in curve_of(panel).toolTip()


def test_the_peak_of_a_schedule_is_seen(panel: Panel, session: Session) -> None:
    session.set_training(
        msgspec.structs.replace(session.project.training, schedule="exponential", warm_up=50),
        Message("Schedule"),
    )
    axes = curve_of(panel).painting().axes
    assert axes is not None
    assert axes.bounds.top >= session.project.training.learning_rate * 0.98


def test_fields_of_all_groups_of_a_column_stand_in_line(panel: Panel) -> None:
    for forms in panel.view._in_line.values():
        editors = [editor for form in forms for editor in form.findChildren(Editor)]
        shown = [editor for editor in editors if editor.isVisible()]
        lefts = {editor.mapTo(panel.view, editor.rect().topLeft()).x() for editor in shown}
        assert len(forms) > 1
        assert len(lefts) == 2


def test_a_zero_that_is_no_small_number_says_what_it_stands_for(panel: Panel) -> None:
    words = {
        name: [word.text() for word in editor.findChildren(QLabel) if word.isVisible()]
        for name, editor in panel.editors().items()
    }
    said = {name: found[0] for name, found in words.items() if found}
    assert said == {"clipping": "off", "stopping_patience": "off", "target_error": "off"}
