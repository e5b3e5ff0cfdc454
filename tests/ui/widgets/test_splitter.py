"""A splitter lays its panels out when they ask for it, not for each style that it is told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QWidget

from ui.widgets.splitter import Splitter

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent
    from pytestqt.qtbot import QtBot


class Panel(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.resized = self.asked = 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.resized += 1

    def minimumSizeHint(self) -> QSize:
        self.asked += 1
        return QSize(20, 20)


def test_panels_get_the_room_that_they_ask_for(qtbot: QtBot) -> None:
    splitter = Splitter(Qt.Orientation.Horizontal)
    qtbot.addWidget(splitter)
    panel, label = Panel(), QLabel("words")
    splitter.addWidget(panel)
    splitter.addWidget(label)
    splitter.resize(400, 100)
    splitter.show()
    splitter.setSizes([300, 100])
    before, asked = panel.resized, panel.asked
    assert label.width() < 150
    splitter.setStyleSheet("QLabel { font-size: 40px; }")
    assert (panel.resized, panel.asked) == (before, asked)
    label.setMinimumWidth(300)
    qtbot.waitUntil(lambda: label.width() >= 300 and panel.width() < 110)
    assert panel.resized > before
    assert splitter.handleWidth() == 1
