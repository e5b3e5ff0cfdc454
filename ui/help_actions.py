"""What helps one find one's way: the command palette, the sheet of keys, and what this is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMessageBox
from shiboken6 import isValid

from cnnviz import __version__
from ui.finder.commands import commands_of, layers_of
from ui.i18n import language, tr
from ui.shortcuts import ShortcutSheet

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow, QWidget

    from ui.finder.finder import Finder
    from ui.session import Session


class HelpActions(QObject):
    """Three actions for the menu of help."""

    def __init__(self, session: Session, window: QMainWindow, canvas: QWidget) -> None:
        """canvas: where the keyboard goes once a layer has been found."""
        super().__init__(window)
        self._session, self._window, self._canvas = session, window, canvas
        self.finder: Finder | None = None
        self.find, self.shortcuts, self.about = QAction(self), QAction(self), QAction(self)
        self.find.setShortcuts([QKeySequence("Ctrl+K"), QKeySequence("Ctrl+F")])
        self.find.triggered.connect(self._open_finder)
        self.shortcuts.setShortcut(QKeySequence("F1"))
        self.shortcuts.triggered.connect(self._show_shortcuts)
        self.about.setMenuRole(QAction.MenuRole.AboutRole)
        self.about.triggered.connect(self._show_about)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.find.setText(tr("Command palette…"))
        self.shortcuts.setText(tr("Keyboard shortcuts"))
        self.about.setText(tr("About CNNviz"))

    def _open_finder(self) -> None:
        from ui.finder.finder import Finder  # nobody needs it at the start

        if self.finder is not None and isValid(self.finder):
            self.finder.leave()
        commands = [*commands_of(self._window.menuBar()), *layers_of(self._session, self._jump)]
        self.finder = Finder(commands, self._window)

    def _jump(self, uid: str) -> None:
        self._session.select(uid)
        self._canvas.setFocus()

    def _show_shortcuts(self) -> None:
        ShortcutSheet(self._window.menuBar(), self._window).open()

    def _show_about(self) -> None:
        box = QMessageBox(self._window)
        box.setWindowTitle(tr("About CNNviz"))
        box.setText(tr("CNNviz {version}", version=__version__))
        box.setInformativeText(
            tr(
                "Stack a convolutional network, see every number follow, train it, look inside it "
                "and draw for it.\n\nMIT licence. The digits are MNIST by Yann LeCun, Corinna "
                "Cortes and Christopher J. C. Burges, CC BY-SA 3.0."
            )
        )
        box.finished.connect(box.deleteLater)
        box.open()
