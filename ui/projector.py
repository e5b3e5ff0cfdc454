"""Projector mode: one key for a room full of people, and the same key brings everything back.

What was there before is kept in the settings, so that it comes back after a restart as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence

from ui import settings
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QMainWindow, QSplitter

SETTLED_MILLISECONDS = 60
"""How often to look whether everything has its new least size and can be arranged."""


class Projector(QObject):
    """Arranges the window for a projector: what is not `needed` is hidden meanwhile.

    panels: the switches of what can be hidden, by a key that stays the same.
    """

    beginning = Signal()
    """What is there is about to be remembered: what is away only for lack of room is to say so."""
    ended = Signal()
    """All panels are back."""

    def __init__(
        self,
        window: QMainWindow,
        panels: Mapping[str, QAction],
        needed: frozenset[str],
        splitters: Mapping[str, QSplitter],
    ) -> None:
        super().__init__(window)
        self._window, self._panels, self._needed = window, panels, needed
        self._splitters = splitters
        self._later = QTimer(self, singleShot=True, interval=SETTLED_MILLISECONDS)
        self._later.timeout.connect(self._bring_back)
        self.action = QAction(self)
        self.action.setCheckable(True)
        self.action.setShortcut(QKeySequence("F11"))
        self.action.triggered.connect(self.toggle)

    def begin_as_before(self) -> None:
        """Go on with what was on when the program ended."""
        if settings.projector():
            self._arrange()
            self.action.setChecked(True)
            theme.set_projector(True)

    def toggle(self) -> None:
        """Begin, or bring everything back."""
        if not theme.projector:
            self._later.stop()
            self.beginning.emit()
            settings.set_panels_before(
                [key for key, action in self._panels.items() if action.isChecked()]
            )
            settings.set_size_before(self._window.width(), self._window.height())
            self.save()
            settings.set_projector(True)
            self._arrange()
            theme.set_projector(True)
        else:
            settings.set_projector(False)
            theme.set_projector(False)
            self._later.start()

    def save(self) -> None:
        """Remember how the window is arranged, unless that is only for the projector."""
        if not theme.projector:
            settings.set_bytes("geometry", self._window.saveGeometry())
            for key, splitter in self._splitters.items():
                settings.set_bytes(key, splitter.saveState())

    def _arrange(self) -> None:
        for key, action in self._panels.items():
            action.setChecked(key in self._needed)

    def _bring_back(self) -> None:
        if not theme.settled:
            self._later.start()
            return
        before = settings.panels_before()
        for key, action in self._panels.items():
            action.setChecked(key in before)
        size = settings.size_before()
        if size and not self._window.isFullScreen() and not self._window.isMaximized():
            self._window.resize(*size)  # larger type may have made it larger
        for key, splitter in self._splitters.items():
            splitter.restoreState(settings.bytes_of(key))
        self.ended.emit()
