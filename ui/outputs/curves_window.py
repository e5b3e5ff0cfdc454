"""The curves in a window of their own, as large as one likes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QVBoxLayout

from ui.i18n import language, tr
from ui.outputs.curves_page import CurvesPage
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.charts.sight import Sight
    from ui.engine_client import EngineClient
    from ui.outputs.curves_menu import CurvesMenu

_WIDTH, _HEIGHT = 900, 640


class CurvesWindow(QDialog):
    """Beside the main window; what is zoomed or hidden in one of them is so in the other."""

    def __init__(
        self, engine: EngineClient, sight: Sight, menu: CurvesMenu, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.page = CurvesPage(engine, sight, menu)
        column = QVBoxLayout(self)
        margin = theme.px(14)
        column.setContentsMargins(margin, margin, margin, margin)
        column.addWidget(self.page)
        # The keys of the curves are wanted here, too.
        self.addActions([menu.logarithmic, menu.rate, menu.whole])
        language.changed.connect(self.retranslate)
        self.retranslate()
        room = self.screen().availableSize()
        self.resize(min(theme.px(_WIDTH), room.width()), min(theme.px(_HEIGHT), room.height()))

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.setWindowTitle(tr("Curves"))
