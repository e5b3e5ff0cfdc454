"""Lines of arithmetic below each other: what is worked out, and the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from ui.i18n import language, tr
from ui.theme import theme
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent, QShowEvent


class StepLines(QScrollArea):
    """A title and a line for each step, then a remark; what does not fit scrolls, down, and where a
    number is wider than all of it, across."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page = QWidget()
        self._steps: list[tuple[Label, Label]] = []
        self._remark = Label("", "caption", self._page)
        self._remark.setWordWrap(True)
        self._grid = QGridLayout()
        self._column = QVBoxLayout(self._page)
        self._column.addStretch(1)
        self._column.addLayout(self._grid)
        self._column.addStretch(1)
        self._stacked: bool | None = None
        self.setWidget(self._page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def set_steps(self, steps: Sequence[tuple[str, str]], remark: str) -> None:
        """Show steps, each a title and a line."""
        while len(self._steps) < len(steps):
            title, line = Label("", "caption", self._page), Label("", "body", self._page)
            line.setWordWrap(True)
            line.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            self._steps.append((title, line))
            self._stacked = None
        for index, (title, line) in enumerate(self._steps):
            given = index < len(steps)
            title.setVisible(given)
            line.setVisible(given)
            if given:
                title.setText(steps[index][0])
                line.setText(steps[index][1])
                line.set_role("number" if index == len(steps) - 1 else "body")
        self._remark.setText(remark)
        self._arrange()
        self.setAccessibleDescription("\n".join([*(": ".join(step) for step in steps), remark]))

    def lines(self) -> list[str]:
        """What the lines say now."""
        return [line.text() for title, line in self._steps if not title.isHidden()]

    def remark(self) -> str:
        """What the remark says."""
        return self._remark.text()

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.setAccessibleName(tr("Arithmetic"))

    # --- layout -------------------------------------------------------------------------------

    def _arrange(self) -> None:
        """Each line behind its title, or below it where the width does not suffice."""
        # A title above its line wraps, and the size hint of what wraps is narrower than its text.
        needed = max(
            (
                sum(label.fontMetrics().horizontalAdvance(label.text()) for label in step)
                for step in self._steps
                if not step[0].isHidden()
            ),
            default=0,
        )
        stacked = needed + theme.px(30) > self.viewport().width()
        if stacked == self._stacked:
            return
        self._stacked = stacked
        baseline = Qt.AlignmentFlag.AlignBaseline
        for widget in (*(label for step in self._steps for label in step), self._remark):
            self._grid.removeWidget(widget)
        for row, (title, line) in enumerate(self._steps):
            title.setWordWrap(stacked)
            if stacked:
                self._grid.addWidget(title, 2 * row, 0)
                self._grid.addWidget(line, 2 * row + 1, 0)
            else:
                self._grid.addWidget(title, row, 0, baseline)
                self._grid.addWidget(line, row, 1, baseline)
        self._grid.addWidget(self._remark, 2 * len(self._steps), 0 if stacked else 1)
        self._grid.setColumnStretch(0, 1 if stacked else 0)
        self._grid.setColumnStretch(1, 0 if stacked else 1)
        self._grid.setVerticalSpacing(theme.px(2 if stacked else 4))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # A page that becomes smaller while it is being shown is not told so by Qt 6.11 before the
        # next time, and its lines would stand too low.
        self._column.invalidate()
        self._column.activate()

    def _restyle(self) -> None:
        self._column.setContentsMargins(0, 0, theme.px(6), 0)
        self._stacked = None
        self._arrange()
        self._grid.setHorizontalSpacing(theme.px(14))
