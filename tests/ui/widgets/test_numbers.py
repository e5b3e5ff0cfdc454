"""Grids, tables and columns of numbers: what they say and what can be chosen."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QWidget

from tests.support.heard import heard
from ui.theme import theme
from ui.widgets.function_curve import FunctionCurve
from ui.widgets.labels import Label
from ui.widgets.number_grid import NumberGrid
from ui.widgets.number_table import NumberTable
from ui.widgets.step_lines import StepLines
from ui.widgets.sum_list import Line, SumList

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

KERNEL = np.array([[0.28, -0.13, 0.0], [-0.004, 1.0, 0.5]])


@pytest.fixture
def grid(qtbot: QtBot) -> NumberGrid:
    grid = NumberGrid()
    qtbot.addWidget(grid)
    grid.resize(180, 120)
    grid.set_values(KERNEL, 1.0)
    grid.show()
    return grid


def test_numbers_are_shown_where_they_fit(grid: NumberGrid) -> None:
    assert grid.shows_numbers()
    assert heard(grid) == "0.28; −0.13; 0.00\n0.00; 1.00; 0.50"
    grid.resize(40, 120)
    assert not grid.shows_numbers()
    grid.resize(180, 120)
    grid.set_values(np.ones((30, 30)), 1.0)
    assert not grid.shows_numbers()
    assert not grid.grab().isNull()


def test_larger_type_in_cells_that_did_not_grow_has_narrow_digits(grid: NumberGrid) -> None:
    """A kernel of 5×5 on a projector of 1280×720; in usual type such digits would be too small."""
    theme.set_scale(1.5)
    grid.set_values(np.full((5, 5), -0.39), 1.0)
    grid.resize(146, 110)
    assert grid.shows_numbers()
    theme.set_scale(1.0)
    grid.resize(146, 110)
    assert not grid.shows_numbers()


def test_without_its_numbers_a_map_keeps_its_proportions(grid: NumberGrid) -> None:
    grid.resize(300, 136)
    grid.set_values(np.full((10, 10), -13.39), 20.0)
    assert not grid.shows_numbers()
    assert grid.area().width() <= 1.2 * grid.area().height()


def test_a_cell_is_pointed_at_by_mouse_and_keys(grid: NumberGrid, qtbot: QtBot) -> None:
    told: list[object] = []
    grid.pointed.connect(lambda *cell: told.append(cell))
    grid.entered.connect(lambda *cell: told.append(cell))
    grid.left.connect(lambda: told.append("left"))
    qtbot.mouseMove(grid, grid.cell_rect(1, 2).center().toPoint())
    qtbot.waitUntil(lambda: told == [(1, 2)])
    qtbot.mouseMove(grid, QPoint(1, 1))
    qtbot.waitUntil(lambda: told == [(1, 2), "left"])
    told.clear()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down):
        qtbot.keyClick(grid, key)
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert told == [(0, 0), (0, 1), (1, 1), (1, 1), (1, 1)]
    assert heard(grid) == "row 1, column 1: 1.0000"


def test_padding_and_winner_are_painted(grid: NumberGrid) -> None:
    plain = grid.grab().toImage()
    hatched = np.zeros(KERNEL.shape, bool)
    hatched[0] = True
    grid.set_values(KERNEL, 1.0, hatched=hatched, winner=(1, 1))
    assert grid.grab().toImage() != plain
    grid.set_values(KERNEL, 1.0)
    assert grid.grab().toImage() == plain


def test_summands_are_chosen_and_read(qtbot: QtBot) -> None:
    view = SumList()
    qtbot.addWidget(view)
    view.resize(180, 160)
    lines = [Line(f"map {index}", f"+0.{index}00") for index in range(40)]
    view.set_sum(lines, 0, [Line("bias", "−0.055")], "+1.753", "as PyTorch")
    view.show()
    chosen: list[int] = []
    view.chosen.connect(chosen.append)
    qtbot.mouseClick(view.rows.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, 3))
    qtbot.keyClick(view.rows, Qt.Key.Key_Down)
    assert chosen == [0, 1]
    assert (view.total(), view.remark()) == ("+1.753", "as PyTorch")
    assert "bias: −0.055\n= +1.753\nas PyTorch" in view.accessibleDescription()
    view.set_sum(lines, 39, [], "+1.753", "")
    assert view.rows.verticalScrollBar().value() > 0
    assert "bias" not in view.accessibleDescription()


def test_a_table_shows_the_row_that_counts(qtbot: QtBot) -> None:
    table = NumberTable()
    qtbot.addWidget(table)
    table.resize(320, 120)
    values = np.linspace(-1, 1, 60)
    labels = [str(index) for index in range(60)]
    table.set_table(("map", "x", "x²"), labels, (values, values**2), 59)
    table.show()
    assert table.text(59) == ["59", "1", "1"]
    bar = table.verticalScrollBar()
    assert bar.value() > 0.8 * bar.maximum() > 0
    assert bar.maximum() % table._pitch() == 0, "no row is cut at the top at the end"
    assert heard(table).startswith("map, x, x²\n0, −1, 1")
    assert not table.grab().isNull()
    table.set_table(("map", "x", "x²"), labels, (values, values**2), 30)
    assert 0 < bar.value() < bar.maximum()
    assert bar.value() % table._pitch() == 0, "no row is cut at the top"
    table.set_table(("map", "x", "x²"), labels, (values, values**2))
    assert bar.value() == 0, "of a table without such a row the beginning is seen"


def test_a_line_of_arithmetic_stands_below_its_title_rather_than_wrap(qtbot: QtBot) -> None:
    steps = StepLines()
    qtbot.addWidget(steps)
    long = "Times the factor, plus the offset", "1 · 3 + 0 = 3"
    steps.set_steps([("Sum", "1 + 2 = 3"), long], "")
    steps.show()
    title, line = steps._steps[1]
    both = sum(label.fontMetrics().horizontalAdvance(label.text()) for label in (title, line))
    for width in (both + 100, both // 2, both, both + 100):
        steps.resize(width, 200)
        for _ in range(3):
            QApplication.processEvents()
        assert (title.y() + title.height() <= line.y()) == (width <= both), width
        assert line.height() < 2 * line.fontMetrics().height(), "it wraps"


def test_steps_and_curve_are_read(qtbot: QtBot) -> None:
    steps, curve = StepLines(), FunctionCurve()
    for widget in (steps, curve):
        qtbot.addWidget(widget)
    steps.set_steps([("Mean", "1 / 2 = 0.5"), ("Value", "0.5")], "as PyTorch")
    assert steps.lines() == ["1 / 2 = 0.5", "0.5"]
    assert steps.accessibleDescription() == "Mean: 1 / 2 = 0.5\nValue: 0.5\nas PyTorch"
    steps.set_steps([("Value", "0.5")], "")
    assert steps.lines() == ["0.5"]
    xs = np.linspace(-4, 4, 9)
    curve.resize(200, 120)
    for y in (0.5, float("nan")):
        curve.set_curve(xs, np.maximum(xs, 0), 0.5, y)
        assert not curve.grab().isNull()
    assert "x = 0.5" in curve.accessibleDescription()
    plain = curve.grab().toImage()
    curve.set_curve(xs, np.maximum(xs, 0), 0.5, 0.5, rise=2.0)
    assert curve.accessibleDescription() == "x = 0.5, y = 0.5, slope 2"
    assert curve.grab().toImage() != plain
    curve.set_curve(xs, np.maximum(xs, 0), 0.5, 0.5, family="normalisation")
    assert curve.grab().toImage() != plain, "it has the colour of the layer's kind"
    theme.set_mode("dark")
    assert not curve.grab().isNull()


def test_no_number_of_a_table_reaches_over_its_stripe(qtbot: QtBot) -> None:
    table = NumberTable()
    qtbot.addWidget(table)
    wide_minus = np.array([-0.00161, -1.61e-4])  # as many characters, but not as many pixels
    for values in (np.array([1.0, 2.5]), np.array([0.5, -1.23e-10]), wide_minus):
        table.set_table(("unit", "δ", "D"), ("0", "1"), [values, np.ones(2)])
        first, second, end = table._lefts()
        longest = QFontMetrics(theme.font("body")).horizontalAdvance(table.text(1)[1])
        assert second - first >= theme.px(6) + longest + theme.px(14)
        assert end - second < second - first  # short numbers take no more than they need
        theme.set_scale(1.5)
        assert table._lefts()[1] > second
        theme.set_scale(1.0)


def test_a_table_without_room_for_its_columns_scrolls(qtbot: QtBot) -> None:
    table = NumberTable()
    qtbot.addWidget(table)
    columns = [np.array([0.123, -4.56e-5])] * 4
    table.set_table(("class", "logit", "probability", "target", "error"), ("0", "1"), columns)
    table.resize(table.sizeHint())
    table.show()
    bar = table.horizontalScrollBar()
    assert bar.maximum() == 0
    table.resize(150, 120)
    assert bar.maximum() >= table._lefts()[-1] - 150
    start = table.viewport().grab().toImage()
    bar.setValue(bar.maximum())
    assert table.viewport().grab().toImage() != start


def test_a_low_sum_cuts_no_number(qtbot: QtBot) -> None:
    room = QWidget()
    qtbot.addWidget(room)
    view = SumList(room)
    room.show()
    view.set_sum(
        [Line("map 0", "1.0"), Line("map 1", "2.0")],
        0,
        [Line("bias", "0.5")],
        "3.5",
        "PyTorch: 3.5 ✓",
    )
    for height, told in ((240, False), (80, True)):
        view.setGeometry(0, 0, 200, height)
        QApplication.sendPostedEvents()
        assert view._remark.isHidden() == told
        assert (view._total.toolTip() == "PyTorch: 3.5 ✓") == told
        assert view._total.text() == ("3.5 ✓" if told else "3.5")
        assert view.total() == "3.5"
    for label in view.findChildren(Label):
        assert label.isHidden() or label.height() >= label.minimumSizeHint().height()


def test_a_table_closes_its_columns_up_before_it_scrolls_sideways(qtbot: QtBot) -> None:
    table = NumberTable()
    qtbot.addWidget(table)
    numbers = np.array([-0.000123, 123.4])
    table.set_table(("map", "x", "x²", "term"), ["0", "1"], [numbers] * 3)
    roomy, least = table.sizeHint().width(), table.least_width()
    assert least < roomy
    across = table.horizontalScrollBar()
    table.show()
    for width, scrolls in ((roomy, False), (least, False), (least - 30, True)):
        table.resize(width, 200)
        assert bool(across.maximum()) == scrolls
    table.resize(least, 200)
    wides = [right - left for left, right in pairwise(table._lefts())]
    number = QFontMetrics(theme.font("body")).horizontalAdvance
    stripe = theme.px(6)
    for column, wide in enumerate(wides, 1):
        assert wide >= max(number(table.text(row)[column]) for row in (0, 1)) + stripe
