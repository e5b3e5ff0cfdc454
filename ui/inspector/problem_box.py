"""What is wrong with a layer, and the buttons that mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ui.i18n import language, text, tr
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.flow_layout import FlowLayout
from ui.widgets.labels import Label
from ui.widgets.style import set_property

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.explain import Formula
    from cnnviz.fixes import Fix


class ProblemBox(QFrame):
    """The headline and the rule of a problem, and a button for each way out."""

    chosen = Signal(object)
    """The Fix that a person has chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problem: Formula | None = None
        self._fixes: tuple[Fix, ...] = ()
        set_property(self, "banner", "error")
        self._headline, self._rule = Label(), Label("", "caption")
        self._headline.setWordWrap(True)
        self._rule.setWordWrap(True)
        self._buttons = QWidget()
        self._flow = FlowLayout(self._buttons)
        self._column = QVBoxLayout(self)
        for widget in (self._headline, self._rule, self._buttons):
            self._column.addWidget(widget)
        self.hide()
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def show_problem(self, problem: Formula | None, fixes: Sequence[Fix]) -> None:
        """Show a problem with its fixes; None hides the box."""
        if (problem, tuple(fixes)) == (self._problem, self._fixes):
            return
        self._problem, self._fixes = problem, tuple(fixes)
        while (item := self._flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for fix in self._fixes:
            button = Button()
            button.clicked.connect(lambda _=False, fix=fix: self.chosen.emit(fix))
            self._flow.addWidget(button)
        self.setVisible(problem is not None)
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.setAccessibleName(tr("Problem"))
        if self._problem is None:
            return
        self._headline.setText(text(self._problem.title))
        rule = self._problem.rule
        self._rule.setText("" if rule is None else text(rule))
        self._rule.setVisible(rule is not None)
        for index, fix in enumerate(self._fixes):
            item = self._flow.itemAt(index)
            button = item.widget() if item is not None else None
            if isinstance(button, Button):
                button.setText(text(fix.label))

    def _restyle(self) -> None:
        pad = theme.px(9)
        self._column.setContentsMargins(pad, theme.px(6), pad, theme.px(7))
        self._column.setSpacing(theme.px(4))
