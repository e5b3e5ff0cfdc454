"""Fields tell every keystroke that makes a value, and never stand in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from ui.theme import theme
from ui.widgets.fields import BoolField, ChoiceField, FloatField, IntField, PairField

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot


class Show(Protocol):
    """Put fields into a form on the screen."""

    def __call__(self, *fields: QWidget) -> QWidget: ...


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Show]:
    forms = []

    def show(*fields: QWidget) -> QWidget:
        form = QWidget()
        layout = QVBoxLayout(form)
        for field in fields:
            layout.addWidget(field)
        qtbot.addWidget(form)
        form.show()
        form.activateWindow()
        qtbot.waitUntil(form.isActiveWindow)
        forms.append(form)
        return form

    yield show
    forms.clear()


def heard(field: Any) -> list[Any]:
    values: list[Any] = []
    field.edited.connect(values.append)
    return values


def typed(qtbot: QtBot, field: Any, text: str) -> None:
    field.setFocus()
    field.lineEdit().selectAll()
    if text.isascii():
        qtbot.keyClicks(field.lineEdit(), text)
    else:  # QTest knows the keys of Latin keyboards only
        field.lineEdit().insert(text)


def wheel(widget: QWidget) -> bool:
    """Turn the wheel up by one notch over a widget; whether the widget took it."""
    place = QPointF(5, 5)
    event = QWheelEvent(
        place, place, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


# ---- whole numbers


def test_every_keystroke_counts(qtbot: QtBot, show: Show) -> None:
    field = IntField(1, 4096)
    show(field)
    values = heard(field)
    typed(qtbot, field, "128")
    assert values == [12, 128]  # 1 was there before
    assert field.value() == 128


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("-3", -3), ("99999999999", 99999999999), (" 7", 7), ("1,000", 1000)],
)
def test_impossible_values_can_be_typed(qtbot: QtBot, show: Show, text: str, value: int) -> None:
    field = IntField(1, 4096)
    show(field)
    typed(qtbot, field, text)
    assert field.value() == value
    assert not field.property("problem")


@pytest.mark.parametrize("text", ["abc", "1.5", "--1", "9e", "²"])
def test_what_is_no_number_is_said_and_then_forgotten(qtbot: QtBot, show: Show, text: str) -> None:
    field, other = IntField(1), IntField(1)
    show(field, other)
    field.set_value(8)
    field.set_help("How many")
    typed(qtbot, field, text)
    assert field.property("problem")
    assert field.toolTip() == "A whole number is needed"
    value = field.value()
    other.setFocus()
    assert field.lineEdit().text() == str(value)
    assert not field.property("problem")
    assert field.toolTip() == "How many"


def test_an_emptied_field_keeps_its_number_and_says_nothing(qtbot: QtBot, show: Show) -> None:
    field = IntField(1)
    show(field)
    field.set_value(8)
    values = heard(field)
    field.setFocus()
    field.lineEdit().selectAll()
    qtbot.keyClick(field.lineEdit(), Qt.Key.Key_Backspace)
    field.set_value(8)  # as an owner does that refreshes its form meanwhile
    assert field.lineEdit().text() == ""
    assert values == []
    field.set_value(9)
    assert field.lineEdit().text() == "9"


def test_setting_is_silent(show: Show) -> None:
    field = IntField(1)
    values = heard(field)
    field.set_value(5)
    assert (field.value(), field.lineEdit().text(), values) == (5, "5", [])
    show(field)


def test_steps_stay_within_the_limits(qtbot: QtBot, show: Show) -> None:
    field = IntField(1, 10)
    show(field)
    values = heard(field)
    field.set_value(9)
    field.setFocus()
    for _ in range(3):
        qtbot.keyClick(field, Qt.Key.Key_Up)
    assert values == [10]
    field.set_value(-5)
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert values == [10, 1]


def test_a_problem_is_red_with_its_reason(show: Show) -> None:
    field = IntField(1)
    show(field)
    field.set_problem("The kernel is larger than the image")
    assert field.property("problem")
    assert field.toolTip() == field.accessibleDescription() == "The kernel is larger than the image"
    field.set_problem(None)
    assert not field.property("problem")


def test_the_wheel_needs_the_focus(show: Show) -> None:
    number, choice, other = IntField(1, 10), ChoiceField(), IntField()
    choice.set_choices([(1, "one"), (2, "two")])
    choice.set_value(2)
    show(other, number, choice)
    other.setFocus()
    assert not wheel(number)
    assert not wheel(choice)
    assert (number.value(), choice.value()) == (1, 2)
    number.setFocus()
    assert wheel(number)
    assert number.value() == 2


def test_undo_in_a_field_is_that_of_the_window(qtbot: QtBot, show: Show) -> None:
    field = IntField(1, 4096)
    form = show(field)
    undone: list[str] = []
    action = QAction(form)
    action.setShortcut(QKeySequence.StandardKey.Undo)
    action.triggered.connect(lambda: undone.append("step"))
    form.addAction(action)
    typed(qtbot, field, "13")
    values = heard(field)

    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert undone == ["step"]
    action.setEnabled(False)  # nothing is left to take back
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field.lineEdit().text() == "13"
    assert not values


# ---- other numbers


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-3", 1e-3), ("0,002", 0.002), (".5", 0.5), ("1E-5", 1e-5), ("−2", -2.0), ("3", 3.0)],
)
def test_numbers_as_people_write_them(qtbot: QtBot, show: Show, text: str, value: float) -> None:
    field = FloatField()
    show(field)
    typed(qtbot, field, text)
    assert field.value() == value


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e999", "1e", "", "0x10", "infinity"])
def test_what_is_not_finite_never_gets_out(qtbot: QtBot, show: Show, text: str) -> None:
    field = FloatField()
    show(field)
    field.set_value(0.25)
    values = heard(field)
    field.setFocus()
    field.lineEdit().selectAll()
    if text:
        qtbot.keyClicks(field.lineEdit(), text)
    else:
        qtbot.keyClick(field.lineEdit(), Qt.Key.Key_Delete)
    assert field.property("problem")
    assert all(abs(value) < 1e300 for value in values)


def test_typing_is_not_disturbed_by_the_value_coming_back(qtbot: QtBot, show: Show) -> None:
    field = FloatField()
    show(field)
    field.edited.connect(field.set_value)
    typed(qtbot, field, "0.00")
    assert field.lineEdit().text() == "0.00"
    qtbot.keyClicks(field.lineEdit(), "10")
    assert field.lineEdit().text() == "0.0010"
    assert field.value() == 0.001
    qtbot.keyClick(field.lineEdit(), Qt.Key.Key_Return)
    assert field.lineEdit().text() == "0.001"


def test_steps_are_one_two_five(qtbot: QtBot, show: Show) -> None:
    field = FloatField(maximum=0.1)
    show(field)
    values = heard(field)
    field.set_value(0.0015)
    field.setFocus()
    for _ in range(8):
        qtbot.keyClick(field, Qt.Key.Key_Up)
    assert values == [0.002, 0.005, 0.01, 0.02, 0.05, 0.1]
    values.clear()
    field.set_value(3e-6)
    for _ in range(4):
        qtbot.keyClick(field, Qt.Key.Key_Down)
    assert values == [2e-6, 1e-6, 0.0]
    values.clear()
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert values == [1e-6]


@pytest.mark.parametrize(
    ("value", "steps", "found"),
    [(0, 1, 1), (0, 7, 7), (10, -3, 7), (9.5, 1, 10), (9.5, -1, 9), (0.3, -1, 0), (49.2, 5, 50)],
)
def test_a_share_goes_up_and_down_by_the_same_step(
    qtbot: QtBot, value: float, steps: int, found: float
) -> None:
    field = FloatField(0, 50, step=1)
    qtbot.addWidget(field)
    field.set_value(value)
    field.stepBy(steps)
    assert field.value() == found


@pytest.mark.parametrize(
    ("value", "text"), [(1e-5, "1e-5"), (0.001, "0.001"), (1e20, "1e20"), (0.1 + 0.2, "0.3")]
)
def test_numbers_are_shown_short(qtbot: QtBot, value: float, text: str) -> None:
    field = FloatField()
    qtbot.addWidget(field)
    field.set_value(value)
    assert field.lineEdit().text() == text


# ---- pairs


def test_linked_halves_move_together(qtbot: QtBot, show: Show) -> None:
    pair = PairField(1)
    show(pair)
    pair.set_value((3, 3))
    values = heard(pair)
    typed(qtbot, pair._fields[0], "5")
    assert values == [(5, 5)]
    assert pair._fields[1].lineEdit().text() == "5"


def test_different_halves_are_free_until_linked(qtbot: QtBot, show: Show) -> None:
    pair = PairField(1)
    show(pair)
    values = heard(pair)
    pair.set_value((3, 1))
    assert values == []
    typed(qtbot, pair._fields[1], "7")
    assert values == [(3, 7)]
    pair._link.click()
    assert values == [(3, 7), (3, 3)]


def test_a_pair_is_one_field_to_its_owner(show: Show) -> None:
    pair = PairField(1)
    show(pair)
    pair.setAccessibleName("Kernel")
    assert [field.accessibleName() for field in pair._fields] == ["Kernel, height", "Kernel, width"]
    pair.set_problem("too large")
    assert pair._frame.property("problem")
    assert pair._fields[1].toolTip() == "too large"
    pair.setFocus()
    assert pair._fields[0].hasFocus()
    assert pair._frame.property("active")


@pytest.mark.parametrize(("by", "pair"), [(-2, (7, 5)), (2, (5, 7))])
def test_a_press_on_the_sign_between_writes_into_the_number_beside_it(
    qtbot: QtBot, show: Show, by: int, pair: tuple[int, int]
) -> None:
    field = PairField(1)
    field.set_value((5, 5))
    field.set_linked(linked=False)
    show(field)
    sign = field._times
    place = sign.rect().center() + QPoint(by, 0)
    qtbot.mouseClick(sign, Qt.MouseButton.LeftButton, pos=place)
    qtbot.keyClicks(QApplication.focusWidget(), "7")
    assert field.value() == pair


def test_both_numbers_can_be_seen(show: Show) -> None:
    pair = PairField(1)
    form = show(pair)
    pair.set_value((1234, 5678))
    form.resize(200, 60)
    QApplication.processEvents()
    for field in pair._fields:
        edit = field.lineEdit()
        assert edit.width() >= edit.fontMetrics().horizontalAdvance(edit.text())


# ---- choices


def test_choices_keep_their_value_when_renamed(qtbot: QtBot, show: Show) -> None:
    field = ChoiceField()
    show(field)
    values = heard(field)
    field.set_choices([("valid", "valid"), ("same", "same")])
    field.set_value("same")
    field.set_choices([("valid", "无填充"), ("same", "等尺寸")])
    assert (field.value(), field.currentText(), values) == ("same", "等尺寸", [])
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert values == ["valid"]


def test_a_value_that_is_no_choice_is_blank(qtbot: QtBot) -> None:
    field = ChoiceField()
    qtbot.addWidget(field)
    field.set_choices([(1, "one")])
    field.set_value((2, 3))
    assert (field.value(), field.currentIndex()) == ((2, 3), -1)


def test_yes_and_no(qtbot: QtBot, show: Show) -> None:
    field = BoolField()
    show(field)
    values = heard(field)
    field.set_value(True)
    assert (field.value(), values) == (True, [])
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Space)
    assert (field.value(), values) == (False, [False])


def test_a_choice_is_as_wide_as_its_longest_word(show: Show) -> None:
    field = ChoiceField()
    show(field)
    field.set_choices([(1, "one")])
    narrow = field.sizeHint().width()
    field.set_choices([(1, "one"), (2, "one hundred and twenty-one")])
    words = field.fontMetrics().horizontalAdvance("one hundred and twenty-one")
    assert field.sizeHint().width() > max(narrow, words)


def test_the_open_list_cuts_nothing_off_however_narrow_the_field(
    show: Show, qapp: QApplication
) -> None:
    theme.apply(qapp)
    field = ChoiceField()
    show(field)
    field.set_choices([(number, f"{number} words that are quite long") for number in range(9)])
    field.setFixedWidth(80)
    field.showPopup()
    view = field.view()
    assert view.viewport().width() >= view.sizeHintForColumn(0)
    field.hidePopup()


def test_a_word_stands_beside_a_zero_only(show: Show, qtbot: QtBot) -> None:
    field = IntField(0, 9)
    show(field)
    field.set_word_for_zero("all")
    (word,) = field.lineEdit().findChildren(QLabel)
    assert word.isVisible()
    assert word.text() == "all"
    digit = field.lineEdit().cursorRect()
    assert word.x() > digit.x()
    typed(qtbot, field, "5")
    assert not word.isVisible()
    field.set_value(0)
    assert word.isVisible()
    field.setFixedWidth(40)
    qtbot.waitUntil(lambda: not word.isVisible())
