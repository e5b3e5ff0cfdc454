"""Shared weights: the selected layer as a dense, a locally connected one, and a convolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from cnnviz.explain.sharing import costs, sharing
from cnnviz.network import INPUT_UID
from ui.array_export import tabled
from ui.i18n import language, text, tr
from ui.inspector.formula_view import FormulaView
from ui.inspector.reading import absence
from ui.theme import theme
from ui.widgets.labels import Label
from ui.widgets.log_bars import LogBars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

    from cnnviz.arithmetic.text import Cell
    from cnnviz.export.tables import Tabled
    from cnnviz.message import Message
    from ui.session import Session


_BARS, _LEFT = 330, 640
"""Widths at scale 1: of the bars, and what is left beside them at least."""


class SharingPage(QWidget):
    """What the same input and output would cost in three ways, or which layers have that."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._counts: tuple[tuple[Message, int, bool], ...] = ()
        self._told, self.message = Label("", "caption"), Label("", "muted")
        self._told.setWordWrap(True)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.formulas = FormulaView()
        self.bars, self._scale = LogBars(), Label("", "caption")
        shown = QWidget()
        self._row = QHBoxLayout(shown)
        self._left, self._beside = QVBoxLayout(), QWidget()
        self._left.addWidget(self._told)
        self._left.addWidget(self.formulas, 1)
        right = QVBoxLayout(self._beside)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(2)
        right.addWidget(self._scale)
        right.addWidget(self.bars)
        right.addStretch(1)
        self._row.addLayout(self._left, 1)
        self._row.addWidget(self._beside)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(shown)
        self._stack.addWidget(self.message)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def refresh(self) -> None:
        """Show what is selected now."""
        uid, report = self._session.selection, self._session.report
        found = () if uid == INPUT_UID else sharing(report, uid)
        self._counts = counts = () if uid == INPUT_UID else costs(report, uid)
        self.formulas.set_formulas(found)
        self.bars.set_bars([(text(way), number, own) for way, number, own in counts])
        self._decide()
        self._stack.setCurrentIndex(0 if found else 1)
        self._say_why()

    def _say_why(self) -> None:
        """Why there is nothing to compare."""
        self.message.setText(
            absence(self._session)
            or tr(
                "Select a convolution, a locally connected layer or a dense layer that "
                "has no problem."
            )
        )

    @property
    def offers(self) -> bool:
        """Whether there are counts to be taken along."""
        return bool(self._counts)

    def plate(self) -> Tabled | None:
        """The counts of the three ways."""
        if not self._counts:
            return None
        rows: list[Sequence[Cell]] = [("", tr("Weights"))]
        rows += [(text(way), number) for way, number, _ in self._counts]
        return tabled(tr("Shared weights"), rows)

    def show_picture(self) -> None:
        """Nothing here depends on what the network makes of an image."""

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self._scale.setText(tr("Weights; each mark is ten times the one before"))
        self.bars.setAccessibleName(tr("Weights"))
        self._told.setText(
            tr("The same input and output, in three ways. Biases are left out of the counts.")
        )
        self._say_why()

    def _restyle(self) -> None:
        px = theme.px
        self._row.setContentsMargins(px(14), px(8), px(14), px(4))
        self._row.setSpacing(px(20))
        self._left.setSpacing(px(3))
        self._beside.setFixedWidth(px(_BARS))
        self._decide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._decide()

    def _decide(self) -> None:
        """The bars stand where they leave the formulas room for two columns."""
        room = self.width() - theme.px(_BARS) - theme.px(48)
        self._beside.setVisible(bool(self.bars.accessibleDescription()) and room >= theme.px(_LEFT))
