"""Opening the window with two sides, and keeping an input for it, as actions."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence

from cnnviz.message import Message
from ui.i18n import language, tr

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.beside.window import BesideWindow
    from ui.engine_client import EngineClient
    from ui.session import Session


class BesideActions(QObject):
    """`open` and `keep`, for the menus of the main window."""

    told = Signal(object)
    """Message: an input has been kept, or what has become of a file."""

    def __init__(self, session: Session, engine: EngineClient, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._engine, self._parent = session, engine, parent
        self.open, self.keep = QAction(self), QAction(self)
        self.open.setShortcut(QKeySequence("Ctrl+Alt+B"))
        self.keep.setShortcut(QKeySequence("K"))
        self.open.triggered.connect(self._open)
        self.keep.triggered.connect(self._keep)
        language.changed.connect(self.retranslate)
        self.retranslate()

    @cached_property
    def window(self) -> BesideWindow:
        """The window."""
        from ui.beside.window import BesideWindow  # few need it, and not at the start

        window = BesideWindow(self._session, self._engine, self._parent)
        for export in window.exports:
            export.told.connect(self.told)
            export.refused.connect(self.told)
        return window

    def finish(self) -> None:
        """The program ends: wait for what is being written."""
        if "window" in self.__dict__:  # has been made
            self.window.finish()

    def retranslate(self) -> None:
        """Set all texts."""
        self.open.setText(tr("Side by side…"))
        self.keep.setText(tr("Keep this input to compare"))

    def _keep(self) -> None:
        self.window.keep()
        self.told.emit(Message("The input is kept. Side by side compares it with what comes next."))

    def _open(self) -> None:
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()
