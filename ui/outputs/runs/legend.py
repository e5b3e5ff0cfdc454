"""The runs that are drawn beside each other, each with its colour and shape."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from ui.charts.shapes import swatch
from ui.i18n import language, tr
from ui.outputs.runs.choice import look_of
from ui.outputs.runs.words import title_of
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.flow_layout import FlowLayout

if TYPE_CHECKING:
    from ui.outputs.runs.choice import RunChoice

_LONGEST = 18


class RunLegend(QWidget):
    """A button for each compared run, which draws it no longer; nothing while none is compared."""

    def __init__(self, choice: RunChoice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choice = choice
        self._buttons: list[Button] = []
        self._flow = FlowLayout(self, 2)
        choice.changed.connect(self.refresh)
        theme.changed.connect(self.refresh)
        language.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the runs that are compared now."""
        runs = self._choice.compared
        while len(self._buttons) < len(runs):
            button = Button()
            button.setProperty("swatch", True)
            button.clicked.connect(partial(self._drop, len(self._buttons)))
            self._flow.addWidget(button)
            self._buttons.append(button)
        side = theme.px(12)
        for place, button in enumerate(self._buttons):
            button.setVisible(place < len(runs))
            if place < len(runs):
                title = title_of(runs[place])
                short = title if len(title) <= _LONGEST else f"{title[: _LONGEST - 1]}…"
                button.setText(short)
                button.setIcon(swatch(*look_of(runs[place])))
                button.setIconSize(QSize(side, side))
                button.setToolTip(tr("Draw “{run}” no longer", run=title_of(runs[place])))
                button.setAccessibleDescription(button.toolTip())
        self.setVisible(bool(runs))

    def _drop(self, place: int, _checked: bool = False) -> None:
        self._choice.tick([self._choice.compared[place].id], False)
