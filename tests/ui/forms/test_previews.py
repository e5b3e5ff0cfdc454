"""A value is previewed before it is chosen, and an impossible one has the nearest as a button."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cnnviz.layers import BatchNorm, Border, Conv2d, Sides, Size, ZeroPadding, fields_of
from tests.ui.sessions import engine, plain_look, session
from ui.forms import SettingsForm
from ui.forms.checks import complaint, nearest
from ui.forms.field_label import DRAG
from ui.theme import theme
from ui.widgets.fields import ChoiceField, PairField

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from cnnviz.layers import Field
    from ui.session import Session

__all__ = ["engine", "plain_look", "session"]


def widget(form: SettingsForm, name: str) -> Any:
    editor = form.editor(name)
    return getattr(editor, "_widget", None) or editor._rule  # type: ignore[attr-defined]


def shown(form: SettingsForm) -> str:
    return "" if form._preview.isHidden() else form._preview.text()


def test_the_arrow_under_the_pointer_says_what_it_would_give(
    form: SettingsForm, session: Session, qtbot: QtBot
) -> None:
    filters = widget(form, "filters")
    qtbot.mouseMove(filters, QPoint(filters.width() - 8, 5))
    qtbot.waitUntil(lambda: shown(form) == "Filters 9 → 24×24×9, 234 parameters")
    qtbot.mouseMove(filters, QPoint(filters.width() - 8, filters.height() - 5))
    qtbot.waitUntil(lambda: shown(form).startswith("Filters 7 →"))
    qtbot.mouseMove(filters, QPoint(5, 5))
    qtbot.waitUntil(lambda: shown(form) == "")
    assert session.network.layers[0].filters == 8  # type: ignore[union-attr]


def test_the_arrows_of_a_pair_preview_and_step_both_halves(
    form: SettingsForm, session: Session, qtbot: QtBot
) -> None:
    kernel = widget(form, "kernel")
    assert isinstance(kernel, PairField)
    arrows = kernel._arrows
    qtbot.mouseMove(arrows, QPoint(4, 2))
    qtbot.waitUntil(lambda: shown(form) == "Kernel 6 → 23×23×8, 296 parameters")
    qtbot.mouseClick(arrows, Qt.MouseButton.LeftButton, pos=QPoint(4, 2))
    assert session.network.layers[0].kernel == Size(6, 6)  # type: ignore[union-attr]
    assert shown(form).startswith("Kernel 7 →")
    kernel.set_linked(False)
    qtbot.mouseClick(arrows, Qt.MouseButton.LeftButton, pos=QPoint(4, arrows.height() - 2))
    assert session.network.layers[0].kernel == Size(5, 6)  # type: ignore[union-attr]


def test_a_choice_says_what_it_would_give_while_the_list_is_open(
    form: SettingsForm, session: Session
) -> None:
    padding = widget(form, "padding")
    assert isinstance(padding, ChoiceField)
    padding.showPopup()
    QTest.keyClick(padding.view(), Qt.Key.Key_Down)
    assert shown(form) == "Padding same → 28×28×8, 208 parameters"
    padding.hidePopup()
    assert shown(form) == ""
    padding.showPopup()
    QTest.keyClick(padding.view(), Qt.Key.Key_Down)
    assert shown(form) != ""
    QTest.keyClick(padding.view(), Qt.Key.Key_Escape)
    assert shown(form) == ""
    assert session.network.layers[0].padding == "valid"  # type: ignore[union-attr]


def test_a_switch_says_what_a_click_would_give(form: SettingsForm, session: Session) -> None:
    bias = widget(form, "bias")
    QApplication.sendEvent(bias, QEnterEvent(QPointF(), QPointF(), QPointF()))
    assert shown(form) == "Bias off → 24×24×8, 200 parameters"
    bias.click()
    assert shown(form) == ""
    assert session.network.layers[0].bias is False  # type: ignore[union-attr]
    QApplication.sendEvent(bias, QEnterEvent(QPointF(), QPointF(), QPointF()))
    assert shown(form) == "Bias on → 24×24×8, 208 parameters"
    QApplication.sendEvent(bias, QEvent(QEvent.Type.Leave))
    assert shown(form) == ""


def drag(form: SettingsForm, name: str, by: int) -> None:
    """Drag a title by so many values."""
    label = form._labels[name]
    start = QPoint(4, 4)
    QTest.mousePress(label, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(label, start + QPoint(by * theme.px(DRAG), 0))
    QTest.mouseRelease(label, Qt.MouseButton.LeftButton, pos=start)


def test_titles_can_be_dragged(form: SettingsForm, session: Session) -> None:
    def conv() -> Conv2d:
        layer = session.network.layers[0]
        assert isinstance(layer, Conv2d)
        return layer

    drag(form, "stride", 2)
    assert conv().stride == Size(3, 3)
    drag(form, "stride", -9)
    assert conv().stride == Size(1, 1)
    drag(form, "filters", 3)
    assert conv().filters == 11
    drag(form, "padding", 1)
    assert conv().padding == Border(1, 1)
    drag(form, "padding", 2)
    assert conv().padding == Border(3, 3)
    session.undo()  # each drag is one step
    assert conv().padding == Border(1, 1)
    session.set_field(conv().uid, "padding", "valid")
    drag(form, "padding", 2)  # at once, from none
    assert conv().padding == Border(2, 2)
    drag(form, "bias", 5)  # nothing to count
    assert conv().bias


def knob(form: SettingsForm, name: str) -> int | None:
    """How many steps the knob of a title has gone along its groove; None where there is none."""
    label = form._labels[name]
    image = label.grab().toImage()
    ink = QColor(theme.colors.formula[name])
    row = label.height() - 3
    found = [x for x in range(image.width()) if image.pixelColor(x, row) == ink]
    tall = [x for x in found if image.pixelColor(x, row - 2) == ink]
    return round((sum(tall) / len(tall) - theme.px(7)) / theme.px(DRAG)) if tall else None


def test_what_dragging_teaches_has_a_groove_and_a_knob(
    form: SettingsForm, session: Session
) -> None:
    uid = session.network.layers[0].uid
    for name, value, place in (
        ("stride", Size(1, 1), 0),
        ("stride", Size(3, 3), 2),
        ("stride", Size(3, 5), 4),
        ("stride", Size(90, 90), 5),  # beyond its end
        ("dilation", Size(2, 2), 1),
        ("padding", "valid", 0),
        ("padding", Border(3, 3), 3),
        ("padding", "same", None),  # it is different at each edge
    ):
        session.set_field(uid, name, value)
        assert knob(form, name) == place, (name, value)
    session.select("pool")
    assert knob(form, "stride") == 1
    before = form._labels["stride"].grab().toImage()
    drag(form, "stride", 2)
    assert knob(form, "stride") == 3
    assert form._labels["stride"].grab().toImage() != before


def test_a_value_that_breaks_the_network_is_shown_as_a_problem(form: SettingsForm) -> None:
    form.editor("kernel").considered.emit(Size(40, 40))
    assert form._preview.property("problem")
    assert "larger than its 28×28 input" in shown(form)
    form.editor("kernel").considered.emit(Size(0, 0))  # of which nothing can be said
    assert shown(form) == ""


def test_the_preview_goes_with_the_selection(form: SettingsForm, session: Session) -> None:
    form.editor("kernel").considered.emit(Size(3, 3))
    assert shown(form)
    session.select("pool")
    assert shown(form) == ""


def test_the_nearest_possible_value_is_a_button(
    form: SettingsForm, session: Session, qtbot: QtBot
) -> None:
    filters = widget(form, "filters")
    filters.setFocus()
    filters.selectAll()
    QTest.keyClicks(filters, "0")
    assert form._nearest.isVisible()
    assert form._nearest.text() == "Use 1"
    below = form.editor("filters").geometry().bottom()
    qtbot.waitUntil(lambda: form._trouble.geometry().top() >= below)
    form._nearest.setFocus()  # by the keyboard: the impossible value stays
    assert form._nearest.isVisible()
    qtbot.keyClick(form._nearest, Qt.Key.Key_Space)
    assert session.network.layers[0].filters == 1  # type: ignore[union-attr]
    assert not form._nearest.isVisible()
    assert filters.value() == 1
    assert filters.hasFocus()


@pytest.mark.parametrize(
    ("kind", "name", "value", "wanted"),
    [
        (Conv2d, "filters", -5, 1),
        (Conv2d, "kernel", Size(0, 3), Size(1, 3)),
        (Conv2d, "padding", Border(-1, 2), Border(0, 2)),
        (BatchNorm, "epsilon", 0.0, 1e-5),
        (BatchNorm, "momentum", 7.0, 1.0),
    ],
)
def test_the_nearest_is_possible(kind: type, name: str, value: object, wanted: object) -> None:
    field: Field = next(field for field in fields_of(kind) if field.name == name)
    assert complaint(field, value) is not None
    assert nearest(field, value) == wanted
    assert complaint(field, nearest(field, value)) is None


def test_sides_are_mended_each() -> None:
    (field,) = fields_of(ZeroPadding)
    assert nearest(field, Sides(-1, 2, -3, 4)) == Sides(0, 2, 0, 4)
