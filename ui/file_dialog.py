"""The window in which a person chooses a file or a folder: the system's own, or Qt's."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QFileIconProvider, QHeaderView, QToolButton, QTreeView

from ui.i18n import tr
from ui.icons import icon

if TYPE_CHECKING:
    from PySide6.QtCore import QFileInfo
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QWidget


_ARROWS = {
    "backButton": "control-left",
    "forwardButton": "control-right",
    "toParentButton": "control-up",
}
"""The buttons of Qt's dialog whose own arrows are black in every theme."""
_WIDE, _TALL = 112, 30
"""Of Qt's dialog, in characters and lines."""


class _Kinds(QFileIconProvider):
    """Tells files from folders by what the system says of them.

    Qt's own reads the beginning of every file that its name says nothing of, in the window's
    thread. On a slow disk or network that takes long, and of some files it never ends: for root,
    reading /proc/kmsg waits until the kernel has something to say.
    """

    def icon(self, which: QFileIconProvider.IconType | QFileInfo, /) -> QIcon:
        if isinstance(which, QFileIconProvider.IconType):
            return super().icon(which)
        kinds = QFileIconProvider.IconType
        return super().icon(kinds.Folder if which.isDir() else kinds.File)

    def type(self, info: QFileInfo, /) -> str:
        """Words for the column of kinds, which Qt says in English."""
        if info.isDir():
            return tr("Folder")
        suffix = info.suffix().upper()
        return tr("{kind} file", kind=suffix) if suffix else tr("File")


@cache
def _kinds() -> _Kinds:
    """Kept, since Qt does not: a dialog looks there as long as it lives."""
    return _Kinds()


def file_dialog(window: QWidget, title: str) -> QFileDialog:
    """A dialog that deletes itself once it is closed; what it asks for is still to be set."""
    dialog = QFileDialog(window, title)
    dialog.setIconProvider(_kinds())
    labels = QFileDialog.DialogLabel
    dialog.setLabelText(labels.LookIn, tr("&Look in:"))  # not in Qt's own translation
    dialog.setLabelText(labels.FileType, tr("Files of &type:"))
    dialog.finished.connect(dialog.deleteLater)
    metrics = dialog.fontMetrics()  # Qt's own size has no room for the dates
    dialog.resize(_WIDE * metrics.averageCharWidth(), _TALL * metrics.height())
    for button in dialog.findChildren(QToolButton):  # none where it is the system's own
        if button.objectName() in _ARROWS:
            button.setIcon(icon(_ARROWS[button.objectName()]))
    for tree in dialog.findChildren(QTreeView):
        tree.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    return dialog
