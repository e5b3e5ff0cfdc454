from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from cnnviz.engine.protocol import Text
from cnnviz.message import Message
from cnnviz.recipes import QUICK_START, project_of
from tests.support.fake_engine import progress
from tests.ui.sessions import only
from ui.forms.training_words import FIELDS
from ui.i18n import language
from ui.theme import theme
from ui.training.read_out import ProgressLine, ReadOut
from ui.training.training_bar import TrainingBar
from ui.widgets.buttons import Button, IconButton

if TYPE_CHECKING:
    from PySide6.QtGui import QAction
    from pytestqt.qtbot import QtBot

    from tests.support.fake_engine import FakeEngine
    from ui.session import Session


class Bar:
    """The bar on the screen, and a person's hands on it."""

    def __init__(self, qtbot: QtBot, session: Session, engine: FakeEngine) -> None:
        self.qtbot = qtbot
        self.view = TrainingBar(session, engine.client)
        qtbot.addWidget(self.view)
        self.view.resize(1500, 56)
        self.view.show()
        qtbot.waitExposed(self.view)
        self.view.activateWindow()
        qtbot.waitUntil(self.view.isActiveWindow)
        self.button = only(Button, self.view)

    def actions(self) -> dict[str, QAction]:
        return {action.shortcut().toString(): action for action in self.view.actions_menu()}

    def editor(self, name: str) -> Any:
        """The field of a setting in the bar itself."""
        settings = [s for s, _ in self.view._fields if s.name == name]
        return settings[0].editor

    def read_outs(self) -> dict[str, str]:
        return {r.caption.text(): r.value() for r in self.view.findChildren(ReadOut)}

    def type(self, name: str, words: str) -> None:
        editor = self.editor(name)
        editor.setFocus()
        editor.selectAll()
        self.qtbot.keyClicks(editor, words)

    def leave(self, name: str) -> None:
        self.editor(name).clearFocus()


@pytest.fixture
def bar(qtbot: QtBot, session: Session, engine: FakeEngine) -> Bar:
    return Bar(qtbot, session, engine)


# ---- controls


def test_train_becomes_pause_and_resume(bar: Bar, engine: FakeEngine) -> None:
    engine.come_up()
    assert bar.button.text() == "Train"
    bar.qtbot.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    engine.run(progress("loading"))
    assert bar.button.text() == "Pause"
    engine.run(progress("running"))
    bar.qtbot.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    engine.run(progress("paused"))
    assert bar.button.text() == "Resume"
    bar.qtbot.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    assert engine.calls == ["train", "pause", "train"]
    engine.run(progress("finished"))
    assert bar.button.text() == "Train"


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        ("running", {"F5", "Shift+F5"}),
        ("paused", {"F5", "F6", "Shift+F5"}),
        ("finished", {"F5", "F6"}),
        ("failed", {"F5", "F6"}),
    ],
)
def test_what_can_be_done_depends_on_the_run(
    bar: Bar, engine: FakeEngine, state: Any, allowed: set[str]
) -> None:
    engine.come_up()
    engine.run(progress(state))
    always = {"Shift+F6", "Ctrl+F6", "F7", "Shift+F7", "F9", "Ctrl+F9", ""}
    assert {
        keys for keys, action in bar.actions().items() if action.isEnabled()
    } == allowed | always


def test_the_keys_and_the_buttons_reach_the_engine(
    bar: Bar, session: Session, engine: FakeEngine
) -> None:
    engine.come_up()
    bar.qtbot.keyClick(bar.view, Qt.Key.Key_F6)
    bar.qtbot.keyClick(bar.view, Qt.Key.Key_F7)
    assert engine.calls == ["step", "reset"]
    assert session.undo_label == Message("Reset weights")
    engine.run(progress("running"))
    stop = next(b for b in bar.view.findChildren(IconButton) if "Stop" in b.accessibleName())
    bar.qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)
    bar.qtbot.keyClick(bar.view, Qt.Key.Key_F5)
    assert engine.calls[2:] == ["stop", "pause"]


def test_train_says_why_it_is_disabled(bar: Bar, session: Session, engine: FakeEngine) -> None:
    def told() -> tuple[bool, str, str]:
        action = bar.actions()["F5"]
        assert action.isEnabled() == bar.button.isEnabled()
        return action.isEnabled(), bar.button.toolTip(), bar.button.accessibleDescription()

    starting = "The engine is starting…"
    assert told() == (False, starting, starting)
    engine.come_up()
    assert told() == (True, "Train (F5)", "")
    session.set_field("out", "units", 7)
    problem = session.report.problem
    assert problem is not None
    reason = f"The network has a problem: {problem.headline}"
    assert told() == (False, reason, reason)
    assert bar.read_outs()["State"] == "Waiting"
    assert not bar.actions()["F6"].isEnabled()
    session.undo()
    assert told() == (True, "Train (F5)", "")


# ---- how the run stands


def test_read_outs_follow_the_run(bar: Bar, engine: FakeEngine) -> None:
    assert bar.read_outs() == {
        "Epoch": "– / 5",
        "Batch": "–",
        "Loss": "–",
        "State": "Starting…",
        "Time left": "–",
        "Images/s": "–",
        "Memory": "–",
    }
    engine.come_up()
    assert bar.read_outs()["State"] == "Ready"
    engine.run(
        progress(loss=0.0581, images_per_second=5234.4, seconds_left=3723.0, memory=700 << 20)
    )
    assert bar.read_outs() == {
        "Epoch": "2 / 5",
        "Batch": "431",
        "Loss": "0.058",
        "State": "Running",
        "Time left": "1:02:03",
        "Images/s": "5,234",
        "Memory": "700 MB",
    }
    tips = {r.caption.text(): r.toolTip() for r in bar.view.findChildren(ReadOut)}
    assert tips["Time left"] == "5,234 images a second"
    assert tips["Batch"] == "Of 469 in each epoch; step 900 of 2,345"
    engine.run(progress(loss=0.00004))
    assert bar.read_outs()["Loss"] == "0.000040"


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("loading", "Loading"),
        ("paused", "Paused"),
        ("finished", "Finished"),
        ("stopped", "Stopped"),
        ("failed", "Failed"),
    ],
)
def test_every_state_has_its_word(bar: Bar, engine: FakeEngine, state: Any, word: str) -> None:
    engine.come_up()
    engine.run(progress(state))
    assert bar.read_outs()["State"] == word


def test_the_line_of_progress_is_the_part_done(bar: Bar, engine: FakeEngine) -> None:
    line = only(ProgressLine, bar.view)
    assert line.value() == 0
    engine.run(progress(step=50, steps=200))
    assert line.value() / line.maximum() == 0.25
    engine.progress = None
    engine.curves_cleared.emit()
    assert line.value() == 0


def test_the_focus_of_train_never_falls_on_reset(bar: Bar, engine: FakeEngine) -> None:
    engine.come_up()
    bar.view._train_button.setFocus()
    assert bar.view._train_button.hasFocus()
    engine.device = None
    engine.trouble.emit(None)
    assert not bar.view._train_button.isEnabled()
    assert not any(button.hasFocus() for button, _ in bar.view._icons)


def test_a_failure_is_explained_until_the_next_run(bar: Bar, engine: FakeEngine) -> None:
    engine.come_up()
    why = Text.of(Message("The loss is not a number any more at step {step}.", step=12))
    engine.run(progress("failed", explanation=why))
    state = next(r for r in bar.view.findChildren(ReadOut) if r.caption.text() == "State")
    assert (state.value(), state.content.property("role")) == ("Failed", "danger")
    assert state.toolTip() == "The loss is not a number any more at step 12."
    engine.run(progress("running"))
    assert (state.value(), state.content.property("role")) == ("Running", "number")
    assert "number any more" not in state.toolTip()


# ---- settings


def test_a_typed_learning_rate_is_one_step_of_the_history(
    bar: Bar, session: Session, engine: FakeEngine
) -> None:
    first, before = session.state.revision, session.project.training.learning_rate
    bar.type("learning_rate", "0.005")
    assert session.project.training.learning_rate == 0.005
    assert bar.editor("learning_rate").text() == "0.005"
    assert session.undo_label == Message("Change {field}", field=Message("Learning rate"))
    session.undo()
    assert session.project.training.learning_rate == before
    assert session.state.revision == first
    assert bar.editor("learning_rate").value() == before


def test_typing_again_after_leaving_the_field_is_another_step(bar: Bar, session: Session) -> None:
    bar.type("learning_rate", "0.5")
    bar.leave("learning_rate")
    bar.type("learning_rate", "0.25")
    session.undo()
    assert session.project.training.learning_rate == 0.5


@pytest.mark.parametrize(
    ("name", "typed", "limits"),
    [
        ("epochs", "0", "Epochs goes from 1 to 100,000."),
        ("batch_size", "70000", "Batch size goes from 1 to 60,000."),
        ("weight_decay", "11", "Weight decay goes from 0 to 10."),
    ],
)
def test_what_is_beyond_the_limits_is_refused_and_gone_when_the_field_is_left(
    bar: Bar, session: Session, name: str, typed: str, limits: str
) -> None:
    editor = bar.editor(name)
    bar.type(name, typed)
    assert editor.toolTip() == limits
    assert editor.text() == typed
    within = getattr(session.project.training, name)  # what was typed on the way
    bar.leave(name)
    assert editor.value() == within
    assert editor.toolTip() != limits
    field = next(field for field in FIELDS if field.name == name)
    assert field.minimum is not None
    assert field.maximum is not None
    assert field.minimum <= within <= field.maximum


def test_the_bar_shows_the_settings_that_count(bar: Bar, session: Session) -> None:
    def shown() -> set[str]:
        names = ("momentum", "nesterov", "epochs", "steps")
        return {name for name in names if bar.editor(name).isVisibleTo(bar.view)}

    bar.view.resize(2400, 56)
    for optimizer, counting in (
        ("adam", set()),
        ("rmsprop", {"momentum"}),
        ("sgd", {"momentum", "nesterov"}),
        ("adamw", set()),
    ):
        bar.editor("optimizer").edited.emit(optimizer)
        assert shown() == counting | {"epochs"}
    training = msgspec.structs.replace(session.project.training, run_length="steps")
    session.set_training(training, Message("Run length"))
    assert shown() == {"steps"}


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_the_longest_choice_is_not_cut_off(bar: Bar, code: str) -> None:
    language.set(code)
    for name in ("optimizer", "schedule"):
        editor = bar.editor(name)
        words = [editor.itemText(i) for i in range(editor.count())]
        widest = max(editor.fontMetrics().horizontalAdvance(each) for each in words)
        assert editor.width() > widest + theme.px(31), f"{words}: no room beside the arrow"


def test_during_a_run_each_field_says_from_when_it_counts(bar: Bar, engine: FakeEngine) -> None:
    engine.come_up()
    assert "run" not in bar.editor("batch_size").toolTip()
    engine.run(progress("running"))
    assert "from the next run on" in bar.editor("batch_size").toolTip()
    assert "at once" in bar.editor("learning_rate").toolTip()


@pytest.mark.parametrize(
    ("keys", "modifier", "call"),
    [
        (Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier, "to epoch"),
        (Qt.Key.Key_F7, Qt.KeyboardModifier.ShiftModifier, "renew"),
    ],
)
def test_more_keys_reach_the_engine(
    bar: Bar, engine: FakeEngine, keys: Qt.Key, modifier: Qt.KeyboardModifier, call: str
) -> None:
    engine.come_up()
    bar.qtbot.keyClick(bar.view, keys, modifier)
    assert engine.calls == [call]


def test_new_initial_weights_are_those_of_the_next_seed_and_can_be_undone(
    bar: Bar, session: Session, engine: FakeEngine
) -> None:
    engine.come_up()
    before = session.state
    bar.actions()["Shift+F7"].trigger()
    assert session.project.seed == before.project.seed + 1
    assert session.state.weights == {}
    assert session.undo_label == Message("New initial weights")
    session.undo()
    assert session.state == before


# ---- room


def test_a_narrow_bar_keeps_the_controls_and_lets_the_least_important_go(bar: Bar) -> None:
    def shown(width: int) -> list[str]:
        bar.view.resize(width, 56)
        return [s.name for s, _ in bar.view._fields if s.editor.isVisibleTo(bar.view)]

    wide, middle, narrow = shown(1900), shown(800), shown(430)
    assert "seed" in wide
    assert "seed" not in middle
    assert "learning_rate" in middle
    assert not narrow
    assert set(middle) < set(wide)
    assert bar.button.isVisibleTo(bar.view)
    more = next(b for b in bar.view.findChildren(IconButton) if "settings" in b.accessibleName())
    assert more.isVisibleTo(bar.view)
    assert more.geometry().right() <= bar.view.width()


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_nothing_in_the_bar_overlaps(bar: Bar, engine: FakeEngine, scale: float) -> None:
    engine.come_up()
    engine.run(progress("running"))
    theme.set_scale(scale)
    bar.view.resize(round(800 * scale), round(56 * scale))
    row = bar.view._row
    places = [
        widget.geometry()
        for widget in row.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if widget.isVisibleTo(row)
    ]
    places.sort(key=lambda place: place.left())
    assert len(places) > 8
    for left, right in pairwise(places):
        assert left.right() < right.left()


def test_the_language_changes_while_it_runs(
    bar: Bar, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = {"Train": "训练", "Epoch": "轮次", "Learning rate": "学习率"}
    monkeypatch.setattr("ui.i18n._catalogue", lambda code: words)
    engine.come_up()
    language.set("zh_CN")
    assert bar.button.text() == "训练"
    assert "轮次" in bar.read_outs()
    assert bar.editor("learning_rate").accessibleName() == "学习率"


def test_quick_start_is_one_step_that_explains_itself(
    bar: Bar, session: Session, engine: FakeEngine
) -> None:
    action = bar.actions()["F9"]
    assert not action.isEnabled()
    engine.come_up()
    before = session.state
    told: list[Message] = []
    bar.view.told.connect(told.append)
    button = next(b for b in bar.view.findChildren(IconButton) if "Quick" in b.accessibleName())
    bar.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert engine.calls == ["quick start"]
    assert session.project.training == project_of(QUICK_START).training
    assert session.report.problem is None
    assert session.undo_label == Message("Quick start")
    assert "Undo brings yours back" in str(told[0])
    session.undo()
    assert session.state == before


def test_a_broken_network_is_no_obstacle_for_a_quick_start(
    bar: Bar, session: Session, engine: FakeEngine
) -> None:
    engine.come_up()
    session.set_field("out", "units", 7)
    assert not bar.actions()["F5"].isEnabled()
    bar.actions()["F9"].trigger()
    assert session.report.problem is None


def test_where_the_room_is_short_the_button_of_all_settings_stays(bar: Bar) -> None:
    bar.view.resize(430, 56)
    quick = next(b for b in bar.view.findChildren(IconButton) if "Quick" in b.accessibleName())
    more = next(b for b in bar.view.findChildren(IconButton) if "settings" in b.accessibleName())
    assert not quick.isVisibleTo(bar.view)
    assert more.geometry().right() <= bar.view.width()


def test_the_loss_tells_more_of_its_step(bar: Bar, engine: FakeEngine) -> None:
    engine.come_up()
    engine.run(progress(learning_rate=0.0123456, gradient_norm=1.5))
    loss = next(r for r in bar.view.findChildren(ReadOut) if r.caption.text() == "Loss")
    assert loss.toolTip() == "Learning rate 0.0123\nGradient norm 1.5"


# ---- slow motion


def test_slow_motion_by_key_and_button_and_what_ends_it(bar: Bar, engine: FakeEngine) -> None:
    engine.come_up()
    engine.run(progress("paused"))
    button = next(b for b in bar.view.findChildren(IconButton) if "Slow" in b.accessibleName())
    bar.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert bar.actions()["Ctrl+F6"].isChecked()
    assert bar.button.text() == "Pause"
    assert bar.read_outs()["State"] == "Forward"
    bar.qtbot.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    assert (bar.button.text(), engine.calls) == ("Resume", [])
    for key, modifier, call in (
        (Qt.Key.Key_F6, Qt.KeyboardModifier.NoModifier, "step"),
        (Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier, "to epoch"),
        (Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier, "stop"),
    ):
        bar.qtbot.keyClick(bar.view, Qt.Key.Key_F6, Qt.KeyboardModifier.ControlModifier)
        assert bar.actions()["Ctrl+F6"].isChecked()
        bar.qtbot.keyClick(bar.view, key, modifier)
        assert bar.button.text() == "Resume"
        assert engine.calls[-1] == call


def test_the_speed_of_slow_motion_is_in_the_menu(bar: Bar, engine: FakeEngine) -> None:
    menu = bar.view._slow
    assert [a.text() for a in menu.actions()][:2] == ["A step in 0.5 s", "A step in 1 s"]
    menu.actions()[0].trigger()
    assert engine.slow.seconds == 0.5
    assert [a.isChecked() for a in menu.actions()] == [True, False, False, False, False]
    menu.actions()[1].trigger()
    language.set("zh_CN")
    assert menu.actions()[0].text() == "每步 0.5 秒"
