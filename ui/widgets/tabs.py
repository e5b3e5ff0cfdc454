"""Tabs as pills: a few words in a row, the present one on a soft ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QTabBar

from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QShowEvent
    from PySide6.QtWidgets import QWidget


class PillTabs(QTabBar):
    """Tabs that are known by a key, so that their texts and their order may change."""

    selected = Signal(str)
    """The key of the tab that a person has chosen."""

    def __init__(self, parent: QWidget | None = None, *, compact: bool = False) -> None:
        """compact: nearer to each other, where the column is narrow."""
        super().__init__(parent)
        self.setProperty("pills", True)
        self.setProperty("compact", compact)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.currentChanged.connect(self._announce)
        theme.changed.connect(self.updateGeometry)

    def set_tabs(self, tabs: Sequence[tuple[str, str]]) -> None:
        """Show (key, text) pairs; the present tab stays where its key does. Never emits."""
        blocker = QSignalBlocker(self)
        if [key for key, _ in tabs] == [self.tabData(index) for index in range(self.count())]:
            for index, (_, text) in enumerate(tabs):
                self.setTabText(index, text)
        else:
            present = self.current()
            while self.count():
                self.removeTab(self.count() - 1)
            for key, text in tabs:
                self.setTabData(self.addTab(text), key)
            self.set_current(present)
        blocker.unblock()

    def current(self) -> str:
        """The key of the present tab, empty where there are none."""
        return self.tabData(self.currentIndex()) or ""

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.updateGeometry()  # tabs that came while it was hidden have been measured as none

    def set_current(self, key: str) -> None:
        """Make a tab the present one, where there is one of this key. Never emits."""
        index = self._index(key)
        if index is not None:
            blocker = QSignalBlocker(self)
            self.setCurrentIndex(index)
            blocker.unblock()

    def _index(self, key: str) -> int | None:
        return next((i for i in range(self.count()) if self.tabData(i) == key), None)

    def _announce(self, index: int) -> None:
        if index >= 0:
            self.selected.emit(self.tabData(index))
