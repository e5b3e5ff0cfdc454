"""With how many threads of the processor is computed, as a menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from ui import settings
from ui.i18n import language, tr

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.engine_client import EngineClient

ALL, ONE_FREE = (0, 0), (0, 1)


class ThreadsMenu(QMenu):
    """All cores, all but one, or a number; a matter of the room one sits in, not of the project."""

    def __init__(self, engine: EngineClient, parent: QWidget) -> None:
        super().__init__(parent)
        self._engine = engine
        self._group = QActionGroup(self)
        self.triggered.connect(self._choose)
        engine.ready.connect(self.retranslate)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        """Set all texts, for as many cores as there are."""
        self.setTitle(tr("Processor threads"))
        wanted = [ALL, ONE_FREE, *((count, 0) for count in counts(self._engine.cores))]
        if [action.data() for action in self.actions()] != wanted:
            self.clear()
            for choice in wanted:
                action = QAction(self)
                action.setData(choice)
                action.setCheckable(True)
                self._group.addAction(action)
                self.addAction(action)
        for action in self.actions():
            threads, free = action.data()
            if threads == 1:
                action.setText(tr("One thread"))
            elif threads:
                action.setText(tr("{threads} threads", threads=threads))
            else:
                action.setText(tr("Leave a core free") if free else tr("All cores"))
            action.setToolTip(
                tr("Where other programs run beside it, training with all cores is much slower")
            )
            action.setChecked((threads, free) == settings.threads())

    def _choose(self, action: QAction) -> None:
        self._engine.use_threads(*action.data())
        self.retranslate()


def counts(cores: int) -> list[int]:
    """The numbers of threads that are offered: not each of a large machine's."""
    return [count for count in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32) if count <= cores]
