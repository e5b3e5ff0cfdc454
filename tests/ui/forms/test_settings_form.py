"""The form edits the session at every keystroke, refuses politely, and never disturbs a typist."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from cnnviz.layers import (
    CHOICE_NAMES,
    KINDS,
    LIMIT,
    Activation,
    BatchNorm,
    Border,
    Conv2d,
    Dropout,
    MaxPool,
    Size,
    fields_of,
)
from cnnviz.layers.initialisation import Recipe
from cnnviz.network import Input
from cnnviz.preparation import Preparation
from tests.ui.forms.support import choose, field, replace_text
from ui.forms import SettingsForm
from ui.forms.checks import complaint
from ui.forms.kinds import EDITORS
from ui.forms.settings_form import INPUT_FIELDS
from ui.i18n import text
from ui.session import Session
from ui.widgets.buttons import Button

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def conv(session: Session) -> Conv2d:
    layer = session.network.layer("conv")
    assert isinstance(layer, Conv2d)
    return layer


def shown(form: SettingsForm) -> list[str]:
    return [text(form._editors[name].field.title) for name in form._shown]


# --- what is shown ---------------------------------------------------------------------------


def test_each_kind_of_setting_has_an_editor_and_each_choice_a_title() -> None:
    kinds = {field.kind for kind in KINDS for field in fields_of(kind)}
    kinds |= {field.kind for field in fields_of(Preparation)}
    assert kinds | {"int"} == set(EDITORS)
    chosen = [f for kind in KINDS for f in fields_of(kind) if f.kind == "choice"]
    choices = {choice for field in chosen for choice in field.choices}
    assert choices | set(get_args(Recipe)) == set(CHOICE_NAMES)


def test_the_fields_are_those_that_the_layer_declares(form: SettingsForm, session: Session) -> None:
    for layer in session.network.layers:
        session.select(layer.uid)
        expected = [f.title.template for f in fields_of(type(layer)) if layer.shown(f.name)]
        assert shown(form) == expected
    session.select("input")
    assert shown(form) == ["Height", "Width", "Channels"]


def test_input_fields_are_those_of_the_input() -> None:
    assert {field.name for field in INPUT_FIELDS} == set(Input.__struct_fields__)
    assert {field.name: field.default for field in INPUT_FIELDS} == {
        name: getattr(Input(), name) for name in Input.__struct_fields__
    }


def test_a_field_without_meaning_is_hidden_while_it_has_none(
    form: SettingsForm, session: Session, qtbot: QtBot
) -> None:
    session.select("act")
    assert shown(form) == ["Function", "Slope"]
    choose(qtbot, form, "Function", "Tanh")
    assert session.network.layer("act") == Activation(uid="act", function="tanh")
    assert shown(form) == ["Function"]
    choose(qtbot, form, "Function", "ELU")
    assert shown(form) == ["Function", "Slope"]


def test_a_setting_left_empty_shows_what_it_stands_for(
    form: SettingsForm, session: Session, qtbot: QtBot
) -> None:
    session.select("pool")
    replace_text(qtbot, form, "Window, height", "3")
    assert form._editors["stride"].value() == Size(3, 3)
    pool = session.network.layer("pool")
    assert isinstance(pool, MaxPool)
    assert pool.stride is None


def test_a_stride_set_by_hand_can_follow_the_window_again(
    form: SettingsForm, session: Session, qtbot: QtBot
) -> None:
    session.select("pool")
    stride = form._editors["stride"]
    again = stride.findChild(Button)
    assert again is not None
    assert again.isHidden()
    replace_text(qtbot, form, "Stride, height", "1")
    assert session.network.layer("pool") == MaxPool(uid="pool", stride=Size(1, 1))
    assert again.text() == "As the window"
    assert not again.isHidden()
    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    assert session.network.layer("pool") == MaxPool(uid="pool")
    assert stride.value() == Size(2, 2)
    assert again.isHidden()


# --- typing ----------------------------------------------------------------------------------


def test_every_keystroke_goes_into_the_session_as_one_step(
    form: SettingsForm, session: Session, qtbot: QtBot
) -> None:
    seen = []
    session.changed.connect(lambda change: seen.append(conv(session).filters))
    replace_text(qtbot, form, "Filters", "132")
    assert seen == [1, 13, 132]
    session.undo()
    assert conv(session).filters == 8
    assert form._editors["filters"].value() == 8


def test_leaving_a_field_ends_its_step(form: SettingsForm, session: Session, qtbot: QtBot) -> None:
    replace_text(qtbot, form, "Filters", "12")
    field(form, "Groups").setFocus()
    replace_text(qtbot, form, "Filters", "20")
    session.undo()
    assert conv(session).filters == 12
    session.undo()
    assert conv(session).filters == 8


def test_linked_sizes_move_together_and_free_ones_alone(
    form: SettingsForm, session: Session, qtbot: QtBot
) -> None:
    replace_text(qtbot, form, "Kernel, height", "3")
    assert conv(session).kernel == Size(3, 3)
    session.set_field("conv", "kernel", Size(3, 4))
    replace_text(qtbot, form, "Kernel, width", "2")
    assert conv(session).kernel == Size(3, 2)


@pytest.mark.parametrize(
    ("name", "typed", "reason"),
    [
        ("Filters", "0", "Filters must be at least 1."),
        ("Filters", "-3", "Filters must be at least 1."),
        ("Filters", "2000000000", "Filters must be at most 1,000,000,000."),
        ("Kernel, height", "0", "Kernel must be at least 1."),
    ],
)
def test_an_impossible_value_is_red_and_says_why_until_the_field_is_left(
    form: SettingsForm, session: Session, qtbot: QtBot, name: str, typed: str, reason: str
) -> None:
    before = conv(session)
    widget = replace_text(qtbot, form, name, typed)
    if typed[0] in "0-":
        assert conv(session) == before
    assert widget.property("problem")
    assert widget.toolTip() == reason
    assert form._problem.text() == reason
    field(form, "Groups").setFocus()
    assert not form._problem.isVisible()
    assert not widget.property("problem")
    assert form._editors["filters"].value() == conv(session).filters
    assert form._editors["kernel"].value() == conv(session).kernel


def test_an_empty_field_keeps_the_last_value(
    form: SettingsForm, session: Session, qtbot: QtBot
) -> None:
    widget = replace_text(qtbot, form, "Filters", "7")
    qtbot.keyClick(widget, Qt.Key.Key_Backspace)
    assert conv(session).filters == 7
    assert widget.property("problem")
    qtbot.keyClicks(widget, "9")
    assert conv(session).filters == 9
    assert not widget.property("problem")


def test_a_value_that_breaks_the_network_is_applied_and_is_red_with_the_reason(
    form: SettingsForm, session: Session, qtbot: QtBot
) -> None:
    kernel = replace_text(qtbot, form, "Kernel, height", "50")
    assert conv(session).kernel == Size(50, 50)
    assert session.report.problem_uid == "conv"
    assert kernel.property("problem")
    assert kernel.toolTip() == "The 50×50 kernel is larger than its 28×28 input."
    assert not form._problem.isVisible()  # the ways out stand beside the form
    qtbot.keyClick(kernel, Qt.Key.Key_Backspace)
    assert conv(session).kernel == Size(5, 5)
    assert not kernel.property("problem")


def test_the_setting_that_was_changed_last_is_to_blame(
    form: SettingsForm, session: Session, qtbot: QtBot
) -> None:
    dilation = replace_text(qtbot, form, "Dilation, height", "9")
    reason = "The kernel reaches over 37×37, which is larger than its 28×28 input."
    assert dilation.toolTip() == reason
    assert not field(form, "Kernel, height").property("problem")
    assert "Dilation 6×6 → 4×4" in [str(fix.label) for fix in session.report.fixes]
    session.undo()
    session.set_field("conv", "kernel", Size(40, 40))
    choose(qtbot, form, "Padding", "same")
    choose(qtbot, form, "Padding", "valid")
    rule = field(form, "Padding")
    assert rule.property("problem")  # it was well with the padding of before
    choose(qtbot, form, "Padding", "custom")
    assert not rule.property("problem")
    assert field(form, "Padding, height").property("problem")


def test_the_last_layer_shows_that_its_units_are_not_the_classes(
    qtbot: QtBot, session: Session, form: SettingsForm
) -> None:
    session.select("out")
    units = replace_text(qtbot, form, "Units", "12")
    assert units.property("problem")
    assert "12 numbers" in units.toolTip()
    session.select("flat")
    session.select("out")
    assert units.property("problem")  # also where nobody has just typed
    replace_text(qtbot, form, "Units", "10")
    assert not units.property("problem")


def test_what_happens_elsewhere_does_not_disturb_the_typist(
    form: SettingsForm, session: Session, qtbot: QtBot
) -> None:
    widget = replace_text(qtbot, form, "Filters", "0")
    line = widget.findChild(QLineEdit)
    assert line is not None
    session.begin_training()
    session.set_field("out", "units", 12)
    assert line.text() == "0"
    assert form.focusWidget() is widget
    qtbot.keyClicks(widget, "5")
    assert conv(session).filters == 5
    line.setCursorPosition(0)
    session.set_field("conv", "groups", 1)
    session.set_field("conv", "stride", Size(2, 2))
    assert line.cursorPosition() == 0
    assert form._editors["stride"].value() == Size(2, 2)


def test_the_session_wins_over_an_impossible_value_when_it_changes_that_very_field(
    form: SettingsForm, session: Session, qtbot: QtBot
) -> None:
    replace_text(qtbot, form, "Filters", "0")
    session.set_field("conv", "filters", 24)
    assert form._editors["filters"].value() == 24
    assert not form._problem.isVisible()


def test_numbers_with_a_point_can_be_typed_through(
    form: SettingsForm, session: Session, qtbot: QtBot
) -> None:
    session.select("drop")
    widget = replace_text(qtbot, form, "Rate", "0.25")
    assert session.network.layer("drop") == Dropout(uid="drop", rate=0.25)
    line = widget.findChild(QLineEdit)
    assert line is not None
    assert line.text() == "0.25"
    replace_text(qtbot, form, "Rate", "7")
    assert form._problem.text() == "Rate must be at most 1."


def test_padding_is_valid_same_or_custom(
    form: SettingsForm, session: Session, qtbot: QtBot
) -> None:
    choose(qtbot, form, "Padding", "same")
    assert conv(session).padding == "same"
    choose(qtbot, form, "Padding", "custom")
    assert conv(session).padding == Border(1, 1)
    replace_text(qtbot, form, "Padding, height", "0")
    assert conv(session).padding == Border(0, 0)
    assert field(form, "Padding").isVisible()
    session.set_field("conv", "padding", "valid")
    assert form._editors["padding"].value() == "valid"


def test_yes_and_no(form: SettingsForm, session: Session, qtbot: QtBot) -> None:
    widget = field(form, "Bias")
    qtbot.keyClick(widget, Qt.Key.Key_Space)
    assert not conv(session).bias
    session.undo()
    assert form._editors["bias"].value() is True


def test_the_input_is_set_in_the_same_way(
    form: SettingsForm, session: Session, qtbot: QtBot
) -> None:
    session.select("input")
    replace_text(qtbot, form, "Channels", "3")
    replace_text(qtbot, form, "Height", "32")
    assert session.network.input == Input(32, 28, 3)
    replace_text(qtbot, form, "Height", "0")
    assert session.network.input == Input(32, 28, 3)


def test_the_tab_key_goes_through_the_fields_in_their_order(
    form: SettingsForm, qtbot: QtBot
) -> None:
    form.focus_first()
    names = []
    for _ in range(12):
        focused = form.focusWidget()
        assert focused is not None
        names.append(focused.accessibleName())
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    order = ["Filters", "Kernel, height", "Kernel, width", "Stride, height", "Stride, width"]
    found = [name for name in names if "linked" not in name]
    assert found[: len(order)] == order


def test_the_field_in_focus_is_pointed_out(form: SettingsForm) -> None:
    pointed: list[str] = []
    form.pointed.connect(pointed.append)
    for name, told in (("Stride, width", "stride"), ("Groups", "groups"), ("Bias", "bias")):
        field(form, name).setFocus()
        assert pointed[-1] == told


# --- limits -----------------------------------------------------------------------------------


def test_limits_come_from_the_declarations() -> None:
    fields = {f.name: f for f in (*fields_of(Conv2d), *fields_of(BatchNorm), *fields_of(Dropout))}
    assert complaint(fields["filters"], 1) is None
    assert complaint(fields["filters"], LIMIT) is None
    assert str(complaint(fields["filters"], LIMIT + 1)).endswith("1,000,000,000.")
    assert complaint(fields["padding"], Border(0, 0)) is None
    assert complaint(fields["padding"], Border(0, -1)) is not None
    assert complaint(fields["padding"], "same") is None
    assert complaint(fields["kernel"], Size(1, 0)) is not None
    assert complaint(fields["rate"], 0.0) is None
    assert complaint(fields["rate"], 1.5) is not None
    assert str(complaint(fields["epsilon"], 0.0)) == (
        "Epsilon must be larger than 0, such as 1e-05."
    )
    assert complaint(fields["bias"], False) is None
