"""Captions are read whole, on two lines where one is too short, and stand in line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from ui.theme import theme
from ui.widgets.captioned import Captioned

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

LONG, SHORT = "map 0: rows 12–16, columns 8–12", "map 6"


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def row(window: QWidget, qtbot: QtBot) -> list[Captioned]:
    """Two boxes beside each other."""
    boxes = [Captioned(QFrame()), Captioned(QFrame())]
    line = QHBoxLayout(window)
    for box in boxes:
        box.setFixedWidth(400)
        line.addWidget(box)
    Captioned.in_a_row(*boxes)
    boxes[0].caption.setText(LONG)
    boxes[1].caption.setText(SHORT)
    window.resize(900, 200)
    window.show()
    qtbot.waitExposed(window)
    return boxes


def narrow(boxes: list[Captioned], width: int, qtbot: QtBot) -> None:
    for box in boxes:
        box.setFixedWidth(width)
    qtbot.waitUntil(lambda: all(box.width() == width for box in boxes))


def heights(boxes: list[Captioned]) -> set[int]:
    line = boxes[0].caption.fontMetrics().lineSpacing()
    return {box.caption.height() // line for box in boxes}


def test_one_line_is_enough_where_there_is_room(row: list[Captioned]) -> None:
    assert heights(row) == {1}
    assert row[0].caption.broken(400) == [LONG]


def test_a_second_line_where_it_is_narrow_and_all_of_the_row_stay_in_line(
    row: list[Captioned], qtbot: QtBot
) -> None:
    width = row[0].caption.fontMetrics().horizontalAdvance(LONG) * 2 // 3
    narrow(row, width, qtbot)
    assert heights(row) == {2}
    assert " ".join(row[0].caption.broken(width)) == LONG
    assert not row[0].caption.is_cut


def test_what_two_lines_do_not_hold_is_in_the_tool_tip(row: list[Captioned], qtbot: QtBot) -> None:
    narrow(row, row[0].caption.fontMetrics().horizontalAdvance(LONG) // 3, qtbot)
    assert row[0].caption.is_cut
    row[0].grab()
    assert row[0].caption.toolTip() == LONG


def test_a_shorter_wording_is_taken_before_anything_is_cut(
    row: list[Captioned], qtbot: QtBot
) -> None:
    caption = row[0].caption
    caption.choose(LONG, "map 0: 12–16, 8–12", "12–16, 8–12")
    assert caption.lines == [LONG]
    narrow(row, caption.fontMetrics().horizontalAdvance("map 0: 12–16,") + 2, qtbot)
    assert caption.lines == ["map 0: 12–16,", "8–12"]
    assert not caption.is_cut
    row[0].grab()
    assert caption.toolTip() == caption.text() == LONG
    narrow(row, caption.fontMetrics().horizontalAdvance("12–16,") + 2, qtbot)
    assert caption.lines == ["12–16,", "8–12"]


def test_a_word_longer_than_a_line_is_cut(row: list[Captioned], qtbot: QtBot) -> None:
    row[1].caption.setText("backpropagation of it")
    narrow(row, row[1].caption.fontMetrics().horizontalAdvance("backpropag"), qtbot)
    assert row[1].caption.is_cut
    assert row[1].caption.lines[0].endswith("…")


def test_chinese_is_broken_where_it_has_no_spaces(row: list[Captioned]) -> None:
    caption = row[1].caption
    caption.setText("输入的特征图第十二行第八列的误差")
    width = caption.fontMetrics().horizontalAdvance(caption.text()) * 2 // 3
    assert len(caption.broken(width)) == 2
    assert "".join(caption.broken(width)) == caption.text()


def test_a_number_stays_with_the_words_around_it(row: list[Captioned]) -> None:
    caption = row[1].caption
    words = "特征图 2，第 5 行，第 5 列"
    for cut in ("第 5 列", "5 列", "列"):  # what would not fit on the first line
        width = caption.fontMetrics().horizontalAdvance(words.removesuffix(cut)) + 2
        assert caption.broken(width, words) == ["特征图 2，第 5 行，", "第 5 列"]
    words = "δ of the output, map 12"
    width = caption.fontMetrics().horizontalAdvance("δ of the output, map") + 2
    assert caption.broken(width, words) == ["δ of the output,", "map 12"]


def test_nothing_jumps_back_while_one_points(row: list[Captioned], qtbot: QtBot) -> None:
    narrow(row, row[0].caption.fontMetrics().horizontalAdvance(LONG) * 2 // 3, qtbot)
    row[0].caption.setText(SHORT)
    assert heights(row) == {2}
    narrow(row, 400, qtbot)
    assert heights(row) == {1}


def test_room_is_there_for_a_longer_text_that_may_come(row: list[Captioned], qtbot: QtBot) -> None:
    narrow(row, row[0].caption.fontMetrics().horizontalAdvance(LONG) * 2 // 3, qtbot)
    for box in row:
        box.caption.setText(SHORT)
    narrow(row, row[0].width() + 1, qtbot)
    assert heights(row) == {1}
    row[0].make_room_for(LONG)
    assert heights(row) == {2}


def test_a_caption_may_stand_above(qtbot: QtBot) -> None:
    inner = QFrame()
    box = Captioned(inner, above=True)
    qtbot.addWidget(box)
    box.caption.setText(SHORT)
    box.resize(200, 200)
    box.show()
    qtbot.waitExposed(box)
    assert box.caption.mapTo(box, QPoint()).y() < inner.mapTo(box, QPoint()).y()
    assert inner.height() > theme.px(100)
