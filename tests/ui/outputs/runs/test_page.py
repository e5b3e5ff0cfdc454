"""The room of the runs: everything by mouse, keyboard and menu."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QStyle, QStyleOptionViewItem, QWidget

from cnnviz.runs import Changed
from tests.support.fake_engine import point, progress
from tests.support.heard import heard
from tests.ui.outputs.runs.conftest import kept
from tests.ui.sessions import only
from ui.i18n import language
from ui.outputs.curves_page import CurvesPage
from ui.outputs.output_column import OutputColumn
from ui.outputs.runs.actions import RunsMenu
from ui.outputs.runs.again_dialog import AgainDialog
from ui.outputs.runs.differences_table import DifferencesTable
from ui.outputs.runs.legend import RunLegend
from ui.outputs.runs.page import RunsPage
from ui.outputs.runs.words import began
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.text_table import TextTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from cnnviz.message import Message
    from tests.support.fake_engine import FakeEngine
    from ui.session import Session


@pytest.fixture
def view(qtbot: QtBot, session: Session, engine: FakeEngine) -> Iterator[OutputColumn]:
    theme.apply(only_app())
    view = OutputColumn(session, engine.client)
    view.resize(320, 1000)
    qtbot.addWidget(view)
    view.show()
    view.show_tab("runs")
    yield view
    view.finish()


def only_app() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app


def page(view: OutputColumn) -> RunsPage:
    return only(RunsPage, view)


def menu(view: OutputColumn) -> RunsMenu:
    return view.runs_menu


def rows(view: OutputColumn) -> list[list[str]]:
    model = page(view).list.model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def ticks(view: OutputColumn) -> list[bool]:
    model = page(view).list.model()
    role = Qt.ItemDataRole.CheckStateRole
    checked = Qt.CheckState.Checked
    return [model.index(row, 0).data(role) == checked for row in range(model.rowCount())]


def table(view: OutputColumn) -> dict[str, list[str]]:
    contents = page(view).differences.contents()
    width = len(contents.head)
    lines = [[contents.cell(row, at).text for at in range(width)] for row in range(contents.rows)]
    return {line[0]: line[1:] for line in lines}


def told(view: OutputColumn) -> list[Message]:
    said: list[Message] = []
    menu(view).told.connect(said.append)
    return said


# ---- the list


def test_all_runs_are_there_the_newest_first(view: OutputColumn) -> None:
    assert [row[:3] for row in rows(view)] == [
        ["Run 2", "83.75%", "30"],
        ["Run 1", "84.75%", "30"],
    ]
    tip = page(view).list.model().index(1, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "finished, step 30 of 30" in tip


def test_before_the_first_run_it_says_what_will_be_here(
    view: OutputColumn, session: Session
) -> None:
    session.delete_runs("r1", "r2")
    assert page(view)._empty.isVisible()
    assert not page(view).list.isVisible()
    assert not menu(view).again.isEnabled()
    assert menu(view).again.statusTip()
    session.undo()
    assert page(view).list.isVisible()


def test_a_run_that_goes_on_is_followed(view: OutputColumn, session: Session, qtbot: QtBot) -> None:
    run = kept(session, state="running")
    assert [row[0] for row in rows(view)] == ["Run 3", "Run 2", "Run 1"]
    session.runs.replace(msgspec.structs.replace(run, step=1234))
    qtbot.waitUntil(lambda: rows(view)[0][2] == "1,234")


def test_when_a_run_began_is_the_time_today_and_the_day_before(session: Session) -> None:
    run = session.runs.all[0]
    then = datetime.fromtimestamp(run.began).astimezone()
    assert began(run, then) == f"{then:%H:%M}"
    assert began(run, then + timedelta(days=1)) == f"{then:%m-%d}"
    assert began(run, then + timedelta(days=400)) == f"{then:%Y-%m-%d}"


def test_a_tick_by_mouse_draws_a_run(view: OutputColumn, qtbot: QtBot) -> None:
    runs = page(view).list
    index = runs.model().index(1, 0)
    option = QStyleOptionViewItem()
    option.initFrom(runs)
    option.rect = runs.visualRect(index)
    option.features = QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
    element = QStyle.SubElement.SE_ItemViewItemCheckIndicator
    place = runs.style().subElementRect(element, option, runs).center()
    qtbot.mouseClick(runs.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert ticks(view) == [False, True]
    keys = [series.key for series in only(CurvesPage, view).loss.series]
    assert keys == ["r1.train", "r1.test"]


def test_the_space_bar_ticks_all_that_is_chosen(view: OutputColumn, qtbot: QtBot) -> None:
    page(view).list.setFocus()
    page(view).list.selectAll()
    qtbot.keyClick(page(view).list, Qt.Key.Key_Space)
    assert ticks(view) == [True, True]
    assert len(page(view).list.selected()) == 2
    qtbot.keyClick(page(view).list, Qt.Key.Key_Space)
    assert ticks(view) == [False, False]


def test_ticks_in_the_menu(view: OutputColumn) -> None:
    page(view).list.choose("r1")
    menu(view).draw.trigger()
    assert ticks(view) == [False, True]
    menu(view).all.trigger()
    assert ticks(view) == [True, True]
    menu(view).none.trigger()
    assert ticks(view) == [False, False]


def test_rows_are_copied_as_text(view: OutputColumn, qtbot: QtBot) -> None:
    page(view).list.selectAll()
    qtbot.keyClick(page(view).list, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert [line.split("\t")[0] for line in lines] == ["Run", "Run 2", "Run 1"]


# ---- the curves


def test_compared_runs_have_their_own_colours_shapes_and_a_legend(
    view: OutputColumn, session: Session, engine: FakeEngine, qtbot: QtBot
) -> None:
    kept(session, state="running")
    engine.run(progress(), [point(1, 2.0, 0.1)], [point(1, 2.0, 0.1)])
    engine.curves_cleared.emit()
    curves = only(CurvesPage, view)
    assert [series.key for series in curves.loss.series] == ["train", "test"]
    menu(view).all.trigger()
    series = {one.key: one for one in curves.loss.series}
    assert list(series) == [f"r{n}.{split}" for n in (1, 2, 3) for split in ("train", "test")]
    assert series["r1.train"].color == series["r1.test"].color != series["r2.train"].color
    assert series["r1.train"].shape != series["r2.train"].shape
    assert series["r1.train"].dash != series["r1.test"].dash
    entries = curves.loss.painting().entries
    assert [entry.words for entry in entries] == ["train", "test"]
    view.show_tab("curves")
    legend = only(RunLegend, view)
    shown = [button for button in legend.findChildren(Button) if button.isVisible()]
    assert [button.text() for button in shown] == ["Run 1", "Run 2", "Run 3"]
    qtbot.mouseClick(shown[1], Qt.MouseButton.LeftButton)
    assert {one.key.split(".")[0] for one in curves.loss.series} == {"r1", "r3"}
    menu(view).none.trigger()
    assert not legend.isVisible()
    assert [one.key for one in curves.loss.series] == ["train", "test"]


def test_changes_on_the_way_are_marked_for_each_run(view: OutputColumn, session: Session) -> None:
    changes = (Changed(12, "learning_rate", 0.002, 0.01),)
    run = msgspec.structs.replace(session.runs.facts["r1"], changes=changes)
    session.runs.replace(run)
    curves = only(CurvesPage, view)
    assert not curves.loss.content.marks
    menu(view).all.trigger()
    assert curves.loss.content.marks == ((12.0, "Run 1: Step 12: Learning rate 0.002 → 0.01"),)
    menu(view).none.trigger()
    assert not curves.loss.content.marks


def test_a_split_is_switched_off_for_all_runs(view: OutputColumn) -> None:
    menu(view).all.trigger()
    curves = only(CurvesPage, view)
    curves.loss.sight.toggle("train")
    assert [one.series.key for one in curves.loss.painting().lines] == ["r1.test", "r2.test"]
    assert "Run 1, test" in heard(curves.loss)


# ---- what differed


def test_only_what_differed_is_in_the_table_until_all_is_wanted(view: OutputColumn) -> None:
    found = table(view)
    assert found["Learning rate"] == ["0.002", "0.01"]
    assert "Batch size" not in found
    assert found["Best test accuracy"] == ["84.75%", "83.75%"]
    assert page(view).differences.contents().head == ("", "Run 1", "Run 2")
    page(view).differences.only.click()
    assert table(view)["Batch size"] == ["128", "128"]
    page(view).differences.copy()
    assert "Batch size\t128\t128" in QGuiApplication.clipboard().text()


def test_the_heading_of_the_table_makes_no_column_wider(view: OutputColumn) -> None:
    """In large type the column would have to be scrolled sideways for its sake."""
    table = only(DifferencesTable, view)
    heading = table.fontMetrics().horizontalAdvance("What differed")
    assert table.minimumSizeHint().width() < heading + table.only.sizeHint().width()


def test_the_table_is_of_the_ticked_runs(view: OutputColumn, session: Session) -> None:
    run = kept(session, state="finished")
    assert len(page(view).differences.contents().head) == 4
    page(view).list.ticked.emit(["r1", run.id], True)
    assert page(view).differences.contents().head == ("", "Run 1", "Run 3")


def test_without_room_beside_each_other_the_runs_stand_below_each_other(
    view: OutputColumn, session: Session, qtbot: QtBot
) -> None:
    kept(session, state="finished")
    differences = DifferencesTable()
    qtbot.addWidget(differences)
    differences.set_runs(session.runs.all)
    table = differences.table
    differences.resize(900, 300)
    differences.show()
    assert table.contents().head == ("", "Run 1", "Run 2", "Run 3")
    differences.copy()
    wide = QGuiApplication.clipboard().text()
    differences.resize(260, 300)
    shown = table.contents()
    assert shown.rows == 4 * differences.contents().rows
    assert [shown.cell(row, 0).text.strip() for row in range(1, 4)] == ["Run 1", "Run 2", "Run 3"]
    assert table.columnSpan(0, 0) == 2
    assert table.columnSpan(1, 0) == 1
    qtbot.waitUntil(lambda: table.horizontalScrollBar().maximum() == 0)
    assert all(shown.cell(row, 1).tip for row in range(1, 4)), "a long value is cut"
    differences.copy()
    assert QGuiApplication.clipboard().text() == wide, "with the runs beside each other"
    differences.resize(900, 300)
    assert table.contents().head == ("", "Run 1", "Run 2", "Run 3")
    assert table.columnSpan(0, 0) == 1


# ---- names, notes, deleting


def test_a_run_is_renamed_where_it_stands(
    view: OutputColumn, session: Session, qtbot: QtBot
) -> None:
    runs = page(view).list
    runs.choose("r1")
    runs.setFocus()
    qtbot.keyClick(runs, Qt.Key.Key_Return)
    editor = only(QLineEdit, runs)
    editor.selectAll()
    qtbot.keyClicks(editor, "Too fast")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.runs.all[0].name == "Too fast")
    assert rows(view)[1][0] == "Too fast"
    assert page(view).differences.contents().head[1] == "Too fast"
    session.undo()
    assert rows(view)[1][0] == "Run 1"


def test_renaming_and_noting_from_the_menu(view: OutputColumn, qtbot: QtBot) -> None:
    page(view).list.choose("r1")
    view.show_tab("curves")
    menu(view).rename.trigger()
    assert page(view).isVisible()
    assert page(view).list.current() == "r1"
    assert page(view).list.findChildren(QLineEdit)
    menu(view).note.trigger()
    assert page(view).note.placeholderText() == "Note on “Run 1”"


def test_a_note_is_written_and_shown(view: OutputColumn, session: Session, qtbot: QtBot) -> None:
    page(view).list.choose("r1")
    qtbot.keyClicks(page(view).note, "rate too low")
    assert session.runs.all[0].note == "rate too low"
    tip = page(view).list.model().index(1, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert tip.endswith("rate too low")
    page(view).list.choose("r2")
    assert page(view).note.text() == ""
    session.undo()
    assert session.runs.all[0].note == ""


def test_deleting_and_undoing(view: OutputColumn, session: Session, qtbot: QtBot) -> None:
    said = told(view)
    page(view).list.choose("r2")
    qtbot.keyClick(page(view).list, Qt.Key.Key_Delete)
    assert [row[0] for row in rows(view)] == ["Run 1"]
    assert str(said[0]) == "“Run 2” is deleted. Undo brings it back."
    session.undo()
    assert len(rows(view)) == 2
    page(view).list.selectAll()
    menu(view).delete.trigger()
    assert str(said[1]) == "2 runs are deleted. Undo brings them back."
    assert not session.runs.all


def test_a_run_that_goes_on_cannot_be_deleted(view: OutputColumn, session: Session) -> None:
    run = kept(session, state="running")
    page(view).list.choose(run.id)
    assert not menu(view).delete.isEnabled()
    assert menu(view).delete.statusTip() == "The run still goes on"


# ---- again


def test_a_run_is_done_again(view: OutputColumn, session: Session, engine: FakeEngine) -> None:
    page(view).list.choose("r2")
    menu(view).again.trigger()
    assert engine.calls == ["train"]
    assert session.project.training.learning_rate == 0.01
    assert ticks(view) == [True, False]


def test_what_is_running_is_stopped_first(
    view: OutputColumn, session: Session, engine: FakeEngine
) -> None:
    """Else the settings would change in the middle of it."""
    engine.run(progress())
    menu(view).again.trigger()
    assert engine.calls == ["stop", "train"]


def test_a_run_is_done_again_with_one_thing_changed(
    view: OutputColumn, session: Session, engine: FakeEngine, qtbot: QtBot
) -> None:
    page(view).list.choose("r1")
    menu(view).changed.trigger()
    dialog = only(AgainDialog, view)
    titles = [dialog.pick.itemText(place) for place in range(dialog.pick.count())]
    assert "Learning rate" in titles
    assert "Seed" in titles
    assert "Nesterov" not in titles  # it has no meaning with Adam
    dialog.pick.setCurrentIndex(titles.index("Batch size"))
    assert not dialog.go.isEnabled()
    assert dialog._before.text() == "It was 128."
    dialog.form.edited.emit("batch_size", 64)
    assert dialog.go.isEnabled()
    qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    assert engine.calls == ["train"]
    assert session.project.training.batch_size == 64
    assert session.project.training.learning_rate == 0.002


def test_the_tab_key_goes_from_the_setting_to_its_value(view: OutputColumn, qtbot: QtBot) -> None:
    menu(view).changed.trigger()
    dialog = only(AgainDialog, view)
    for name in ("Batch size", "Learning rate"):
        dialog.pick.setCurrentIndex(dialog.pick.findText(name))
        following: QWidget | None = dialog.pick.nextInFocusChain()
        while following is not None and not (
            following.isVisible() and following.focusPolicy() & Qt.FocusPolicy.TabFocus
        ):
            following = following.nextInFocusChain()
        assert following is not None
        assert dialog.form.isAncestorOf(following)
    dialog.reject()


def test_another_seed_is_explained_and_giving_up_changes_nothing(
    view: OutputColumn, session: Session, engine: FakeEngine
) -> None:
    before = session.project
    menu(view).changed.trigger()
    dialog = only(AgainDialog, view)
    assert "the initial weights and the order" in dialog._same.text()
    dialog.pick.setCurrentIndex(dialog.pick.findText("Seed"))
    assert dialog._same.text().startswith("Another seed gives other initial weights")
    dialog.form.edited.emit("seed", 7)
    dialog.reject()
    assert session.project is before
    assert engine.calls == []


def test_another_seed_leaves_learned_weights_as_they_were(
    view: OutputColumn, session: Session
) -> None:
    learned = {("out", "bias", (10,)): np.zeros(10, np.float32)}
    run = kept(session, state="finished", from_seed=False, initial=learned)
    page(view).list.choose(run.id)
    menu(view).changed.trigger()
    dialog = only(AgainDialog, view)
    dialog.pick.setCurrentIndex(dialog.pick.findText("Seed"))
    assert "The weights begin as they did" in dialog._same.text()
    dialog.reject()


def test_weights_that_are_not_kept_are_no_beginning(view: OutputColumn, session: Session) -> None:
    run = kept(session, state="finished", from_seed=False)
    page(view).list.choose(run.id)
    assert not menu(view).again.isEnabled()
    assert menu(view).again.statusTip() == "The weights that it began with are not kept"


# ---- everything else


def test_the_language_changes_all_of_it(
    view: OutputColumn, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = {"Run {n}": "运行 {n}", "What differed": "差异", "Run": "运行"}
    monkeypatch.setattr("ui.i18n._catalogue", lambda code: words)
    language.set("zh_CN")
    assert [row[0] for row in rows(view)] == ["运行 2", "运行 1"]
    assert page(view).differences._heading.text() == "差异"


def test_the_table_of_differences_is_a_table(view: OutputColumn) -> None:
    assert isinstance(page(view).differences.table, TextTable)
    assert page(view).childAt(QPoint(20, 20)) is not None
