"""Settings: the form, what follows from it, and a glance at the kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from cnnviz.explain import explain, explain_input
from ui.forms import SettingsForm
from ui.i18n import language, tr
from ui.inspector.formula_view import FormulaView
from ui.inspector.kernel_glance import KernelGlance
from ui.inspector.problem_box import ProblemBox
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from ui.engine_client import EngineClient
    from ui.session import Session


class SettingsPage(QWidget):
    """The form at the left, worked formulas in the middle, kernels at the right if wide enough."""

    def __init__(
        self, session: Session, engine: EngineClient, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._engine = session, engine
        self.form = SettingsForm(session)
        self.formulas = FormulaView()
        self.problem = ProblemBox()
        self.kernels = KernelGlance()
        self.problem.chosen.connect(session.fix)
        self.form.pointed.connect(self.formulas.highlight)
        self.formulas.pointed.connect(self.form.highlight)

        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self.form)
        self._middle = QVBoxLayout()
        self._middle.addWidget(self.problem)
        self._middle.addWidget(self.formulas, 1)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._scroll)
        self._row.addLayout(self._middle, 1)
        self._row.addWidget(self.kernels)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def refresh(self) -> None:
        """Show what is selected now (the form follows the session by itself)."""
        session = self._session
        report = session.report
        layer = session.selected_layer
        found = explain_input(report) if layer is None else explain(report, layer.uid)
        problem = next((formula for formula in found if formula.problem), None)
        self.problem.show_problem(problem, report.fixes if problem is not None else ())
        self.formulas.set_formulas([formula for formula in found if not formula.problem])
        self.show_picture()

    def show_picture(self) -> None:
        """Show the kernels as they are now."""
        picture = self._engine.picture
        weights = picture.weights.get(self._session.selection, {}) if picture is not None else {}
        self.kernels.set_weights(weights.get("weight"))
        self._decide()

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self._scroll.setAccessibleName(tr("Settings"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._decide()

    def _decide(self) -> None:
        """Whether there is room for the kernels."""
        others = self._scroll.width() + self.kernels.width() + theme.px(360)
        self.kernels.setVisible(self.kernels.has_kernels() and self.width() >= others)

    def _restyle(self) -> None:
        self._row.setContentsMargins(theme.px(14), theme.px(10), theme.px(6), theme.px(4))
        self._row.setSpacing(theme.px(20))
        bar = self._scroll.verticalScrollBar().sizeHint().width()
        self._scroll.setFixedWidth(self.form.sizeHint().width() + bar)
        self.kernels.setFixedWidth(theme.px(256))
        self._decide()
