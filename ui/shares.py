"""The sizes of the panels around the network: those that somebody gave them, whatever the type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from ui import settings
from ui.projector import SETTLED_MILLISECONDS
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtCore import QByteArray
    from PySide6.QtWidgets import QSplitter


class Shares(QObject):
    """Knows the sizes that were chosen. Larger type pushes the panels apart as far as it has to;
    when the type is smaller again, they are what they were.

    splitters: "columns" (inputs, network, outputs) and "rows" (all that, and the detail).
    """

    def __init__(self, splitters: Mapping[str, QSplitter], parent: QObject) -> None:
        super().__init__(parent)
        self._splitters = splitters
        self._scale = theme.chosen_scale
        self._arranged = False
        """Whether the panels have the sizes that somebody gave them, or those of a first start."""
        self._chosen: dict[str, QByteArray] = {}
        self._later = QTimer(self, singleShot=True, interval=SETTLED_MILLISECONDS)
        self._later.timeout.connect(self._bring_back)
        for splitter in splitters.values():
            splitter.splitterMoved.connect(self._remember)
        theme.changed.connect(self._follow)

    def restore(self) -> None:
        """Take those of the last time, if there was one."""
        states = [
            splitter.restoreState(settings.bytes_of(key))
            for key, splitter in self._splitters.items()
        ]
        self._arranged = all(states)

    def begin(self, width: int, height: int, output: int) -> None:
        """Give each panel its room in a window of this size, where nobody has done so before; what
        it needs is known once the window has its look.

        output: the least width of the outputs, in pixels.
        """
        if not self._arranged:
            self._arranged = True
            side, output = theme.px(216), max(theme.px(276), output)
            middle = max(width - side - output, 300)
            self._splitters["columns"].setSizes([side, middle, output])
            detail = min(theme.px(290), height // 3)
            self._splitters["rows"].setSizes([height - detail, detail])
        if not self._chosen:
            self._remember()

    def _remember(self) -> None:
        self._chosen = {key: one.saveState() for key, one in self._splitters.items()}

    def _follow(self) -> None:
        """The chosen scale counts: what a projector changes, it brings back itself."""
        if self._scale != theme.chosen_scale:
            self._scale = theme.chosen_scale
            self._later.start()

    def _bring_back(self) -> None:
        if not theme.settled:
            self._later.start()
        elif not theme.projector:
            for key, state in self._chosen.items():
                self._splitters[key].restoreState(state)
