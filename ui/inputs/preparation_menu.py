"""The steps of the preparation as a menu in which they are switched off and on."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from cnnviz.data.digits import MNIST_LIKE, DrawingSteps
from ui.i18n import language, tr

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent

STEPS = ("crop", "scale", "center")


class PreparationMenu(QMenu):
    """Three switches; the menu stays open, so that one can see what each of them does."""

    chosen = Signal(object)
    """The new DrawingSteps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps = MNIST_LIKE
        self._switches: dict[str, QAction] = {}
        for name in STEPS:
            switch = self.addAction("")
            switch.setCheckable(True)
            switch.setChecked(True)
            switch.triggered.connect(self._switched)
            self._switches[name] = switch
        self.setToolTipsVisible(True)
        language.changed.connect(self.retranslate)
        self.retranslate()

    @property
    def steps(self) -> DrawingSteps:
        """What is switched on."""
        return self._steps

    def left_out(self) -> list[str]:
        """The names of the steps that are switched off."""
        return [switch.text() for switch in self._switches.values() if not switch.isChecked()]

    def retranslate(self) -> None:
        """Set all texts."""
        self.setTitle(tr("Preparation"))
        for name, title, words in (
            ("crop", tr("Crop to the ink"), tr("Only the rectangle that holds ink is used.")),
            ("scale", tr("Scale to 20 pixels"), tr("The longer side of it becomes 20 pixels.")),
            ("center", tr("Centre by mass"), tr("Its centre of mass comes to the centre.")),
        ):
            self._switches[name].setText(title)
            self._switches[name].setToolTip(words)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._toggle_active():
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = {Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if event.key() not in keys or not self._toggle_active():
            super().keyPressEvent(event)

    def _toggle_active(self) -> bool:
        action: QAction | None = self.activeAction()  # the stubs forget that there may be none
        if action is None or not action.isCheckable():
            return False
        action.trigger()
        return True

    def _switched(self) -> None:
        values = {name: switch.isChecked() for name, switch in self._switches.items()}
        self._steps = dataclasses.replace(self._steps, **values)
        self.chosen.emit(self._steps)
