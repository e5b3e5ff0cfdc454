"""Editors of more than a number: recipes, weights by hand, tables of connections, four sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QPushButton, QTableView

from cnnviz.layers import (
    Conv2d,
    Dense,
    Initialisation,
    LocallyConnected2d,
    Sides,
    Size,
    ZeroPadding,
)
from cnnviz.message import Message
from tests.ui.forms.support import pick
from ui.forms import SettingsForm
from ui.forms.connections import ConnectionsDialog, ConnectionsEditor
from ui.forms.initialisation import InitialisationEditor
from ui.session import Session
from ui.widgets.fields import IntField

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def recipe_of(session: Session) -> Initialisation:
    layer = session.selected_layer
    assert isinstance(layer, Conv2d | Dense)
    return layer.initialisation


def start_editor(form: SettingsForm) -> InitialisationEditor:
    editor = form._editors["initialisation"]
    assert isinstance(editor, InitialisationEditor)
    return editor


def test_a_recipe_is_chosen_and_its_number_shown_where_it_has_one(
    form: SettingsForm, session: Session, qtbot: QtBot
) -> None:
    editor = start_editor(form)
    assert not editor._value.isVisible()
    pick(qtbot, editor._recipe, "Uniform")
    assert recipe_of(session).recipe == "uniform"
    assert editor._value.isVisible()
    editor._value.lineEdit().selectAll()
    qtbot.keyClicks(editor._value.lineEdit(), "0.1")
    assert recipe_of(session) == Initialisation("uniform", 0.1)
    pick(qtbot, editor._recipe, "Zeros")
    assert recipe_of(session).recipe == "zeros"
    assert not editor._value.isVisible()


def test_numbers_by_hand_are_typed_row_by_row(
    form: SettingsForm, session: Session, qtbot: QtBot
) -> None:
    editor = start_editor(form)
    pick(qtbot, editor._recipe, "By hand")
    middle = tuple(float(index == 12) for index in range(25))
    assert recipe_of(session).values == middle  # 5×5, and no problem to begin with
    assert session.report.row("conv").problem is None
    editor._values.setFocus()
    editor._values.selectAll()
    qtbot.keyClicks(editor._values, "0 1 0; 1 -4 1; 0 1 0")
    assert recipe_of(session).values == (0, 1, 0, 1, -4, 1, 0, 1, 0)
    assert session.report.row("conv").problem is not None  # nine for a kernel of 25
    assert editor._values.property("problem")
    assert "25 are needed" in editor._values.toolTip()
    session.set_field("conv", "kernel", Size(3, 3))
    assert session.report.row("conv").problem is None
    assert not editor._values.property("problem")
    editor._values.selectAll()
    qtbot.keyClicks(editor._values, "0 x")
    assert editor._values.property("problem")
    form.setFocus()
    editor._recipe.setFocus()
    assert editor._values.text() == "0"  # what could be read of it
    assert "has 1 numbers; 9 are needed" in editor._values.toolTip()
    session.undo()
    assert not editor._values.property("problem")


def test_a_table_of_connections_is_ticked_and_cleared(
    form: SettingsForm, session: Session, qtbot: QtBot
) -> None:
    second = session.network.insert(1, Conv2d(uid="second", filters=3))
    session.edit(second, Message("Add"))
    session.select("second")
    editor = form._editors["connections"]
    assert isinstance(editor, ConnectionsEditor)
    button = editor.focusProxy()
    assert isinstance(button, QPushButton)
    assert button.text() == "all"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    dialog = editor.findChild(ConnectionsDialog)
    assert dialog is not None
    table = dialog.findChild(QTableView)
    assert table is not None
    model = table.model()
    assert (model.rowCount(), model.columnCount()) == (3, 8)
    table.setCurrentIndex(model.index(1, 2))
    qtbot.keyClick(table, Qt.Key.Key_Space)
    layer = session.selected_layer
    assert isinstance(layer, Conv2d)
    assert layer.connections == (tuple(range(8)), (0, 1, 3, 4, 5, 6, 7), tuple(range(8)))
    assert session.report.row("second").parameter_count == 23 * 9 + 3
    assert button.text() == "23 of 24"
    session.set_field("second", "groups", 3)  # which cannot go together
    assert button.property("problem")
    assert button.toolTip() == "A table of connections and groups cannot go together."
    session.undo()
    assert not button.property("problem")
    session.undo()
    assert model.data(model.index(1, 2), Qt.ItemDataRole.CheckStateRole) == 2
    session.redo()
    qtbot.mouseClick(dialog.all, Qt.MouseButton.LeftButton)
    layer = session.selected_layer
    assert isinstance(layer, Conv2d)
    assert layer.connections == ()
    dialog.reject()


def test_the_four_sides_are_edited_one_by_one(
    form: SettingsForm, session: Session, qtbot: QtBot
) -> None:
    session.insert([ZeroPadding()], 0)
    fields = form._editors["padding"].findChildren(IntField)
    assert [field.accessibleName() for field in fields] == ["Above", "Below", "Left", "Right"]
    fields[3].lineEdit().selectAll()
    qtbot.keyClicks(fields[3].lineEdit(), "5")
    layer = session.selected_layer
    assert isinstance(layer, ZeroPadding)
    assert layer.padding == Sides(1, 1, 1, 5)
    fields[0].lineEdit().selectAll()
    qtbot.keyClicks(fields[0].lineEdit(), "-1")
    assert "at least 0" in form._problem.text()
    assert session.selected_layer == layer


def test_a_kind_offers_only_the_paddings_that_it_has(form: SettingsForm, session: Session) -> None:
    session.insert([LocallyConnected2d()], 0)
    rule = form._editors["padding"].findChild(QComboBox)
    assert rule is not None
    assert [rule.itemData(i) for i in range(rule.count())] == ["valid", "custom"]
