"""The column of inputs as a person has it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt

from tests.ui.sessions import only
from ui.inputs.input_column import InputColumn
from ui.inputs.preparation_menu import PreparationMenu
from ui.widgets.drawing_pad import DrawingPad
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from PySide6.QtGui import QAction
    from pytestqt.qtbot import QtBot

    from tests.support.fake_engine import FakeEngine
    from ui.session import Session


class Column:
    """The column on the screen, and a person's hands on it."""

    def __init__(self, qtbot: QtBot, session: Session, engine: FakeEngine) -> None:
        self.qtbot, self.engine = qtbot, engine
        self.view = InputColumn(session, engine.client)
        qtbot.addWidget(self.view)
        self.view.resize(217, 560)
        self.view.show()
        qtbot.waitExposed(self.view)
        self.view.load_test_images()
        self.pad = only(DrawingPad, self.view)
        self.preparation = only(PreparationMenu, self.view)

    def action(self, title: str) -> QAction:
        return next(a for a in self.view.actions_menu() if a.text() == title)

    def labels(self) -> list[str]:
        return [label.text() for label in self.view.findChildren(Label)]

    def dot(self, x: float, y: float) -> None:
        """Press the pen once, at a part of the pad's width and height."""
        place = QPoint(round(self.pad.width() * x), round(self.pad.height() * y))
        self.qtbot.mousePress(self.pad, Qt.MouseButton.LeftButton, pos=place)
        self.qtbot.mouseRelease(self.pad, Qt.MouseButton.LeftButton, pos=place)

    def show_picture(self, path: Path) -> None:
        """Choose a file, and wait until it has been read."""
        count = len(self.engine.images)
        self.view.show_picture(path)
        self.qtbot.waitUntil(lambda: len(self.engine.images) > count)

    def switch(self, title: str) -> None:
        next(a for a in self.preparation.actions() if a.text() == title).trigger()
