"""The menu of data sets, which is the chip's too: choose one, get one, or a folder of pictures."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QFileDialog

from cnnviz.data.catalogue import DATA_SETS
from cnnviz.data.folders import ImageFolder
from cnnviz.message import Message
from ui.able import allow
from ui.datasets.library import Library
from ui.file_dialog import file_dialog
from ui.i18n import language, listed, text, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from ui.datasets.dialog import DataDialog
    from ui.session import Session


class DataActions(QObject):
    """An action for every data set; one that is not here opens the dialog that gets it."""

    told = Signal(object)
    """Message: what has been done, or could not be."""
    mismatched = Signal(object)
    """Message: the network's input loses something of the images; `fit_input` mends it."""
    arrived = Signal()
    """The files of the present data set have come."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self.library = Library(self)
        self._group = QActionGroup(self)
        self._choices: dict[str, QAction] = {}
        for name in DATA_SETS:
            action = QAction(self._group)
            action.setCheckable(True)
            action.triggered.connect(lambda _=False, name=name: self.choose(name))
            self._choices[name] = action
        self._folder = QAction(self._group)
        self._folder.setCheckable(True)
        self._folder.triggered.connect(self.choose_folder)
        self._all = self._action("Ctrl+Shift+D", self.show_dialog)
        self._fit = self._action("", self.fit_input)
        self.library.changed.connect(self.refresh)
        self.library.arrived.connect(self._arrive)
        session.changed.connect(self.refresh)
        language.changed.connect(self.retranslate)
        self.retranslate()

    @cached_property
    def dialog(self) -> DataDialog:
        """Made when it is first needed."""
        from ui.datasets.dialog import DataDialog

        dialog = DataDialog(self.library, self._window)
        dialog.wanted.connect(self.choose)
        dialog.folder_wanted.connect(self.choose_folder)
        return dialog

    def actions_menu(self) -> list[QAction]:
        """What belongs into the menu of data, in its order, with separators."""
        separator = QAction(self)
        separator.setSeparator(True)
        return [*self._choices.values(), self._folder, separator, self._all, self._fit]

    def look_around(self) -> None:
        """Find out which data sets are on this machine."""
        self.library.look_around()

    def close(self) -> None:
        """The program ends."""
        self.library.close()

    def choose(self, name: str) -> None:
        """Learn from this data set, or get it first."""
        if self.library.is_here(name):
            self._session.set_dataset(name)
            self._tell_input()
        else:
            self.show_dialog(name)
        self.refresh()

    def choose_folder(self) -> None:
        """Let the person choose a folder of pictures."""
        dialog = file_dialog(self._window, tr("Choose a folder that holds a folder for each class"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        present = self._session.project.dataset
        if isinstance(present, ImageFolder) and Path(present.path).parent.is_dir():
            dialog.setDirectory(str(Path(present.path).parent))
        dialog.fileSelected.connect(lambda path: self.look_into(Path(path)))
        dialog.open()
        self.refresh()

    def look_into(self, path: Path) -> None:
        """Show what is in a folder, and how it is to be used."""
        from ui.datasets.folder_dialog import FolderDialog

        dialog = FolderDialog(path, self._session.network.input, self._window)
        dialog.ready.connect(self._take_folder)
        dialog.told.connect(self.told)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def show_dialog(self, name: str | None = None) -> None:
        """Open the dialog of all data sets, with one of them at the front."""
        present = self._session.project.dataset
        if name is None and isinstance(present, str):
            name = present
        if name is not None:
            self.dialog.choose(name)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def get_present(self) -> None:
        """Get what the present project is for, and is not here."""
        if isinstance(self._session.project.dataset, ImageFolder):
            self.choose_folder()
        else:
            self.show_dialog()

    @property
    def fit_words(self) -> str:
        """What `fit_input` is called."""
        return self._fit.text()

    def fit_input(self) -> None:
        """Make the network's input as large as the images of the data set."""
        known = self._session.dataset
        self._session.set_input(
            type(self._session.network.input)(known.height, known.width, known.channels)
        )

    def retranslate(self) -> None:
        """Set all texts."""
        self._all.setText(tr("Data sets…"))
        self._folder.setText(tr("Folder of pictures…"))
        self.refresh()

    def refresh(self) -> None:
        """Mark the present one, and show which of them are here."""
        present, known = self._session.project.dataset, self._session.dataset
        for name, action in self._choices.items():
            each = DATA_SETS[name]
            title = text(each.title)
            action.setText(title if self.library.is_here(name) else tr("{name}…", name=title))
            action.setToolTip(text(each.about))
            action.setChecked(name == present)
        self._folder.setChecked(isinstance(present, ImageFolder))
        size = f"{known.height}×{known.width}×{known.channels}"
        self._fit.setText(tr("Make the network's input {size}", size=size))
        fits = Message("The input is as large as the images already")
        allow(self._fit, fits if self._fits() else None)

    # --- inside -------------------------------------------------------------------------------

    def _fits(self) -> bool:
        image, known = self._session.network.input, self._session.dataset
        mine = (image.height, image.width, image.channels)
        return mine == (known.height, known.width, known.channels)

    def _take_folder(self, folder: ImageFolder) -> None:
        self._session.set_dataset(folder)
        self._tell_input()

    def _tell_input(self) -> None:
        """Where colours would be lost, say so."""
        image, known = self._session.network.input, self._session.dataset
        if known.channels == 3 and image.channels != 3:
            self.mismatched.emit(
                Message(
                    "{name} has colours, but the network's input is {height}×{width}×{n}, so that "
                    "it sees everything in grey.",
                    name=known.title,
                    height=image.height,
                    width=image.width,
                    n=image.channels,
                )
            )

    def _arrive(self, package: str) -> None:
        known = self._session.dataset
        if known.package == package:
            self.arrived.emit()
        titles = [text(each.title) for each in DATA_SETS.values() if each.package == package]
        self.told.emit(Message("On this machine now: {names}.", names=listed(titles)))

    def _action(self, keys: str, do: Callable[[], object]) -> QAction:
        action = QAction(self)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _checked=False: do())
        self._window.addAction(action)
        return action
