"""The curves and the runs in a window of their own, as large as one likes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from ui.i18n import language, tr
from ui.theme import theme
from ui.widgets import screen_room
from ui.widgets.splitter import Splitter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QAction

    from ui.outputs.curves_page import CurvesPage
    from ui.outputs.runs.page import RunsPage

_WIDTH, _HEIGHT, _LIST = 1100, 660, 320


class CurvesWindow(QDialog):
    """Beside the main window; what is zoomed, hidden or drawn in one of them is so in the other."""

    def __init__(
        self, curves: CurvesPage, runs: RunsPage, actions: Sequence[QAction], parent: QWidget
    ) -> None:
        """actions: those whose keys are wanted here, too."""
        super().__init__(parent)
        self.curves, self.runs = curves, runs
        columns = Splitter(Qt.Orientation.Horizontal)
        columns.addWidget(_with_air(runs))
        columns.addWidget(_with_air(curves))
        columns.setStretchFactor(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(columns)
        self.addActions(list(actions))
        language.changed.connect(self.retranslate)
        self.retranslate()
        room = screen_room.of(self)
        self.resize(min(theme.px(_WIDTH), room.width()), min(theme.px(_HEIGHT), room.height()))
        columns.setSizes([theme.px(_LIST), self.width() - theme.px(_LIST)])

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.setWindowTitle(tr("Curves and runs"))


def _with_air(page: QWidget) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    margin = theme.px(14)
    column.setContentsMargins(margin, margin, margin, margin)
    column.addWidget(page)
    return box
