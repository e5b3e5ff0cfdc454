"""The device that computes: shown as a pill, changed in its menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from ui.able import allow
from ui.i18n import language, tr
from ui.training.run_words import starting
from ui.training.threads_menu import ThreadsMenu
from ui.widgets.chip import Chip

if TYPE_CHECKING:
    from ui.engine_client import EngineClient


class DeviceChip(Chip):
    """Names the device, with a green dot while the engine is up, an amber one while it starts."""

    def __init__(self, engine: EngineClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._choices = QMenu(self)
        self._group = QActionGroup(self._choices)
        self._group.triggered.connect(self._choose)
        self._threads = ThreadsMenu(engine, self._choices)
        self.setMenu(self._choices)
        engine.ready.connect(self._follow)
        engine.trouble.connect(self._refresh)
        language.changed.connect(self.retranslate)
        self._list_devices()
        self.retranslate()

    def action(self) -> QAction:
        """The menu of devices, for the menu of training."""
        return self._choices.menuAction()

    def retranslate(self) -> None:
        """Set all texts."""
        self._choices.setTitle(tr("Device"))
        self.setAccessibleName(tr("Device"))
        self._refresh()

    def _follow(self) -> None:
        self._list_devices()
        self._refresh()

    def _list_devices(self) -> None:
        """The engine says what there is whenever something of it changes; a menu that stands open
        is left alone where it is the same."""
        known = [action.data() for action in self._group.actions()]
        if known == list(self._engine.devices) and self._choices.actions():
            return
        for action in self._group.actions():
            self._group.removeAction(action)
        self._choices.clear()
        for name in self._engine.devices:
            action = QAction(name.upper(), self._choices)
            action.setData(name)
            action.setCheckable(True)
            self._group.addAction(action)
            self._choices.addAction(action)
        self._choices.addSeparator()
        self._choices.addMenu(self._threads)

    def _refresh(self) -> None:
        device = self._engine.device
        if device is None:
            self.set_state("wait")
            self.setText(tr("Starting…"))
            self._describe(tr("The engine that computes is starting."))
        else:
            self.set_state("ok")
            self.setText(device.upper())
            self._describe(self._facts(device))
        for action in self._group.actions():
            action.setChecked(action.data() == device)
        allow(self._choices.menuAction(), starting(self._engine))

    def _facts(self, device: str) -> str:
        lines = [tr("All computing is done on {device}.", device=device.upper())]
        if self._engine.threads > 1:
            lines.append(tr("{threads} threads", threads=self._engine.threads))
        return "\n".join(lines)

    def _describe(self, words: str) -> None:
        self.setToolTip(words)
        self.setAccessibleDescription(words)

    def _choose(self, action: QAction) -> None:
        name = action.data()
        if name != self._engine.device:
            self._engine.use_device(name)
        self._refresh()  # the mark stays with the device in use until the engine says otherwise
