"""Shared weights: the selected layer as a dense, a locally connected one, and a convolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from cnnviz.explain.sharing import sharing
from cnnviz.network import INPUT_UID
from ui.i18n import language, tr
from ui.inspector.formula_view import FormulaView
from ui.theme import theme
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from ui.session import Session


class SharingPage(QWidget):
    """What the same input and output would cost in three ways, or which layers have that."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._told, self.message = Label("", "muted"), Label("", "muted")
        self._told.setWordWrap(True)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.formulas = FormulaView()
        shown = QWidget()
        self._column = QVBoxLayout(shown)
        self._column.addWidget(self._told)
        self._column.addWidget(self.formulas, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(shown)
        self._stack.addWidget(self.message)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def refresh(self) -> None:
        """Show what is selected now."""
        uid = self._session.selection
        found = () if uid == INPUT_UID else sharing(self._session.report, uid)
        self.formulas.set_formulas(found)
        self._stack.setCurrentIndex(0 if found else 1)

    def show_picture(self) -> None:
        """Nothing here depends on what the network makes of an image."""

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self._told.setText(
            tr("The same input and output, in three ways. Biases are left out of the counts.")
        )
        self.message.setText(
            tr("Select a convolution, a locally connected or a dense layer that works.")
        )

    def _restyle(self) -> None:
        px = theme.px
        self._column.setContentsMargins(px(14), px(10), px(14), px(6))
        self._column.setSpacing(px(6))
