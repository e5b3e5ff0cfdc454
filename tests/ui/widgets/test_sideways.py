"""A row scrolls sideways rather than to be narrower than it can be read, and is as high as fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.widgets.sideways import Sideways

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


class Page(QWidget):
    """Counts the clicks beside what stands in it."""

    clicks = 0

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clicks += 1


@pytest.fixture
def page(qtbot: QtBot) -> Page:
    page = Page()
    qtbot.addWidget(page)
    row, words = QWidget(), QLabel("many words on several lines " * 8)
    words.setWordWrap(True)
    line = QHBoxLayout(row)
    for width in (120, 140):
        box = QFrame()
        box.setMinimumWidth(width)
        line.addWidget(box)
    line.addWidget(words)
    QVBoxLayout(page).addWidget(Sideways(row))
    page.resize(900, 100)
    page.show()
    qtbot.waitExposed(page)
    return page


def row_of(page: Page) -> QWidget:
    row = page.findChildren(QLabel)[0].parentWidget()
    assert row is not None
    return row


def test_nothing_scrolls_where_there_is_room(page: Page) -> None:
    (area,) = page.findChildren(Sideways)
    assert row_of(page).size() == area.viewport().size()


def test_it_scrolls_sideways_and_never_down(page: Page, qtbot: QtBot) -> None:
    (area,) = page.findChildren(Sideways)
    told: list[int] = []
    area.room_changed.connect(told.append)
    page.resize(200, 60)
    qtbot.waitUntil(lambda: area.horizontalScrollBar().maximum() > 0)
    assert row_of(page).width() >= 120 + 140 > area.viewport().width()
    assert row_of(page).height() == area.viewport().height()
    assert told[-1] == area.viewport().width()


def test_it_becomes_wider_with_what_stands_in_it(page: Page, qtbot: QtBot) -> None:
    (area,) = page.findChildren(Sideways)
    page.findChildren(QFrame)[1].setMinimumWidth(1200)
    page.findChildren(QLabel)[0].setMinimumWidth(1200)
    qtbot.waitUntil(lambda: row_of(page).width() >= 1200)
    assert area.horizontalScrollBar().maximum() > 0


def test_a_click_beside_everything_reaches_the_page(page: Page, qtbot: QtBot) -> None:
    qtbot.mouseClick(row_of(page), Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    assert page.clicks == 1
