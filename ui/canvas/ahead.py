"""What folded blocks would show is worked out while nobody waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from ui.stillness import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_CALM_MS = 250
"""Whoever types, or makes the window larger, is not to wait for it."""


class Ahead(QObject):
    """Takes steps, one in each turn of the event loop, once nothing has changed for a while.

    steps: works out things to be remembered, and changes nothing that is seen.
    """

    def __init__(self, parent: QObject, steps: Callable[[], Generator[None]]) -> None:
        super().__init__(parent)
        self._turns = Turns(self)
        self._calm = QTimer(self, singleShot=True, interval=_CALM_MS)
        self._calm.timeout.connect(lambda: self._turns.begin(steps()))

    @property
    def under_way(self) -> bool:
        """Whether the first step is done and others follow."""
        return self._turns.under_way

    def wait(self) -> None:
        """Something has changed: leave what was under way, and begin again when all is calm."""
        self._turns.give_up()
        self._calm.start()
