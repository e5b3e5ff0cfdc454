"""Slow motion as actions: on and off, and how slow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from ui.i18n import language, tr
from ui.slow_motion import SPEEDS

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.slow_motion import Phase, SlowMotion


class SlowActions(QMenu):
    """A menu of the speeds; the action beside it begins and ends slow motion."""

    def __init__(self, slow: SlowMotion, parent: QWidget) -> None:
        super().__init__(parent)
        self._slow = slow
        self.action = QAction(parent)
        self.action.setCheckable(True)
        self.action.setShortcut(QKeySequence("Ctrl+F6"))
        self.action.triggered.connect(lambda _=False: slow.toggle())
        self._speeds: list[QAction] = []
        group = QActionGroup(self)
        for seconds in SPEEDS:
            action = self.addAction("")
            action.setCheckable(True)
            action.setData(seconds)
            action.triggered.connect(lambda _=False, seconds=seconds: slow.set_seconds(seconds))
            group.addAction(action)
            self._speeds.append(action)
        slow.changed.connect(self.refresh)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        """Set all texts."""
        self.action.setText(tr("Slow motion"))
        self.action.setToolTip(
            tr("One step after another, lit layer by layer: forward, loss, backward, update")
        )
        self.setTitle(tr("Speed of slow motion"))
        for action in self._speeds:
            action.setText(tr("A step in {seconds:g} s", seconds=action.data()))
        self.refresh()

    def refresh(self) -> None:
        """Mark what is on."""
        self.action.setChecked(self._slow.active)
        for action in self._speeds:
            action.setChecked(action.data() == self._slow.seconds)


def phase_word(phase: Phase) -> str:
    """The part of a step, for a read-out."""
    return {
        "forward": tr("Forward"),
        "loss": tr("Loss"),
        "backward": tr("Backward"),
        "update": tr("Update"),
    }[phase]
