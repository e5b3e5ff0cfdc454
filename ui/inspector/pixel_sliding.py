"""Sliding over the values of a layer, by itself or one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.inspector.pixel_actions import PixelActions
    from ui.inspector.pixel_bar import PixelBar

MILLISECONDS = 250
"""For a position, at the usual speed."""


class Sliding(QObject):
    """Asks a page for the next position, while it is on show: other pages have the same actions."""

    stepped = Signal(int)
    """In how many milliseconds the next position is to be reached."""

    def __init__(self, page: QWidget, actions: PixelActions, bar: PixelBar) -> None:
        super().__init__(page)
        self._page, self._bar = page, bar
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._go_on)
        actions.slide.toggled.connect(self._slide)
        actions.step.triggered.connect(self._step_once)

    @property
    def going(self) -> bool:
        """Whether it slides by itself."""
        return self._timer.isActive()

    def stop(self) -> None:
        """Stay where it is."""
        self._timer.stop()

    def _slide(self, on: bool) -> None:
        if on and self._page.isVisible():
            self._timer.start(self._pause())
            self._go_on()
        else:
            self._timer.stop()

    def _go_on(self) -> None:
        pause = self._pause()  # the speed may be another one by now
        self._timer.setInterval(pause)
        self.stepped.emit(pause)

    def _step_once(self) -> None:
        if self._page.isVisible():
            self.stepped.emit(MILLISECONDS)

    def _pause(self) -> int:
        return round(MILLISECONDS / self._bar.speed)
