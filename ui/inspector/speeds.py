"""How fast a window slides by itself: a menu, for a button and for the menu of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget


class Speeds(QMenu):
    """One of a few factors."""

    changed = Signal()

    def __init__(self, factors: Sequence[float], parent: QWidget) -> None:
        super().__init__(parent)
        self.factor = 1.0
        group = QActionGroup(self)
        for factor in factors:
            action = self.addAction(_times(factor))
            action.setCheckable(True)
            action.setChecked(factor == self.factor)
            action.setData(factor)
            action.triggered.connect(lambda _=False, factor=factor: self.choose(factor))
            group.addAction(action)

    @property
    def words(self) -> str:
        """The present one, as a button shows it."""
        return _times(self.factor)

    def choose(self, factor: float) -> None:
        """Be so many times as fast as usual."""
        self.factor = factor
        for action in self.actions():
            action.setChecked(action.data() == factor)
        self.changed.emit()


def _times(factor: float) -> str:
    return f"{factor:g}×"
