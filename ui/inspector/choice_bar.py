"""A line above a page: the choice of a view, what else there is to choose, and what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

    from ui.widgets.labels import ShortLabel
    from ui.widgets.tabs import PillTabs


class ChoiceBar(QWidget):
    """The tabs at the left, the words at the right as far as there is room for them."""

    def __init__(
        self,
        views: PillTabs,
        choices: Sequence[QWidget],
        words: ShortLabel,
        button: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._views, self._beside = views, (*choices, button)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for widget in (views, *choices):
            self._row.addWidget(widget)
        self._row.addWidget(words, 1)
        self._row.addWidget(button)
        theme.changed.connect(self._restyle)
        self._restyle()

    def fit(self) -> None:
        """Where what is shown now leaves little room, the tabs are nearer to each other."""
        needed = self._row.spacing()  # before the words
        needed += sum(
            widget.sizeHint().width() + self._row.spacing()
            for widget in self._beside
            if not widget.isHidden()
        )
        self._views.yield_to(self.width() - needed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def _restyle(self) -> None:
        self._row.setSpacing(theme.px(8))
        self.fit()
