"""Tabs as pills: a few words in a row, the present one on a soft ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QTabBar

from ui.theme import theme
from ui.widgets.style import set_property

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QShowEvent
    from PySide6.QtWidgets import QWidget


_AROUND, _AROUND_COMPACT = 19, 11
"""Pixels at scale 1 of padding and margin beside the words of a tab; its border is one more line on
either side."""


class PillTabs(QTabBar):
    """Tabs that are known by a key, so that their texts and their order may change."""

    selected = Signal(str)
    """The key of the tab that a person has chosen."""

    def __init__(self, parent: QWidget | None = None, *, compact: bool = False) -> None:
        """compact: nearer to each other, where the column is narrow."""
        super().__init__(parent)
        self._compact = compact
        self.setProperty("pills", True)
        self.setProperty("compact", compact)
        self.setProperty("small", False)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.currentChanged.connect(self._announce)
        theme.changed.connect(self.updateGeometry)

    def set_tabs(self, tabs: Sequence[tuple[str, str]], tips: Sequence[str] = ()) -> None:
        """Show (key, text) pairs; the present tab stays where its key does. Never emits.

        tips: for short texts what they are short for, as tool tips and to screen readers.
        """
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
        for index, (_, text) in enumerate(tabs):
            tip = tips[index] if tips and tips[index] != text else ""
            self.setTabToolTip(index, tip)
            self.setAccessibleTabName(index, tip)
        blocker.unblock()

    def yield_to(self, room: int) -> None:
        """Stand nearer to each other where so many pixels do not hold all tabs otherwise, and where
        that is not enough in smaller type."""
        compact = self._compact or self.needed() > room
        small = compact and self.needed(compact=True) > room
        if (compact, small) != (self.property("compact"), self.property("small")):
            set_property(self, "compact", compact)
            set_property(self, "small", small)
            # Qt has measured the tabs, and does so again only when it is told of another style.
            QCoreApplication.sendEvent(self, QEvent(QEvent.Type.StyleChange))
            self.updateGeometry()

    def fits(self, room: int) -> bool:
        """Whether so many pixels hold all tabs, in small type and near to each other."""
        return self.needed(compact=True, small=True) <= room

    def needed(self, *, compact: bool = False, small: bool = False) -> int:
        """The width of all tabs: their words as Qt measures them, and what the style sheet adds."""
        shown = [index for index in range(self.count()) if self.isTabVisible(index)]
        metrics, flags = QFontMetrics(theme.font("caption" if small else "body")), Qt.TextFlag
        words = sum(
            metrics.size(flags.TextShowMnemonic, self.tabText(index)).width() for index in shown
        )
        border = 2 * round(theme.line())
        return words + len(shown) * (theme.px(_AROUND_COMPACT if compact else _AROUND) + border)

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
