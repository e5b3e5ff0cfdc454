"""What a view shows, taken along: copied as text or as a picture, or written to a file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFileDialog

from cnnviz.export.arrays import ARRAY_FORMATS
from cnnviz.message import Message
from ui.able import allow
from ui.background import Background
from ui.file_dialog import file_dialog
from ui.i18n import language, text, tr
from ui.writing import Job, Writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QWidget

    from cnnviz.message import UserError


class Offer(ABC):
    """What is on show at one moment, in all forms in which it can be had.

    What its functions return is called in another thread; what needs the window's is done before.
    """

    name: str
    """What it is called, and its file as far as files can be called so."""

    @abstractmethod
    def words(self) -> Callable[[], tuple[str, Message]]:
        """For the clipboard, and what is said of it.

        Raises:
            UserError: it is too much for a clipboard.
        """

    @abstractmethod
    def picture(self) -> Callable[[], QImage]:
        """For the clipboard."""

    @abstractmethod
    def file(self, form: str) -> Callable[[], Iterator[tuple[bytes, float]]]:
        """A file of one of `ARRAY_FORMATS`, piece by piece, each with the share that is done."""


class ExportActions(QObject):
    """Three actions: copy the numbers, copy the picture, or write a file of either."""

    told = Signal(object)
    """Message: what was copied or written."""
    refused = Signal(object)
    """Message: why nothing was."""

    def __init__(
        self,
        offered: Callable[[], Offer | None],
        titles: Callable[[], tuple[str, str, str]],
        parent: QWidget,
    ) -> None:
        """offered: what is on show at the moment that it is asked for; None: nothing. titles: of
        the three actions, in the present language."""
        super().__init__(parent)
        self.offered, self._titles, self._window = offered, titles, parent
        self._background = Background(self)
        self._writing = Writing(parent, self.told.emit, self.refused.emit)
        self.copy, self.copy_picture, self.save = QAction(self), QAction(self), QAction(self)
        self.copy.triggered.connect(self._copy)
        self.copy_picture.triggered.connect(self._copy_picture)
        self.save.triggered.connect(self._ask)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def actions(self) -> list[QAction]:
        """All of them, in their order."""
        return [self.copy, self.copy_picture, self.save]

    def set_reason(self, reason: Message | None) -> None:
        """Why there is nothing to take along; None where there is something."""
        for action in self.actions():
            allow(action, reason)

    def retranslate(self) -> None:
        """Say everything in the present language."""
        for action, title in zip(self.actions(), self._titles(), strict=True):
            action.setText(title)

    def write(self, path: Path, offer: Offer) -> None:
        """Write a file, as what its suffix says (a picture, where that says nothing); of a long one
        it is shown how far it is, with a way out."""
        pieces = offer.file(format_of(path))

        def work(job: Job) -> Message | None:
            from cnnviz.atomic import replacing

            with suppress(_CancelledError), replacing(path) as stream:
                for piece, share in pieces():
                    job.share = share
                    stream.write(piece)
                    if job.cancelled:
                        raise _CancelledError
                return Message("Written: {file}", file=str(path))
            return None

        self._writing.begin(tr("Writing {file}…", file=path.name), work)

    def finish(self) -> None:
        """The program ends: give up what is under way."""
        self._writing.close()
        self._background.close()

    # --- inside -------------------------------------------------------------------------------

    def _copy(self) -> None:
        offer = self.offered()
        if offer is None:
            return

        def arrived(found: tuple[str, Message]) -> None:
            words, said = found
            QGuiApplication.clipboard().setText(words)
            self.told.emit(said)

        self._background.run(offer.words(), arrived, self._refuse)

    def _copy_picture(self) -> None:
        offer = self.offered()
        if offer is None:
            return

        def arrived(image: QImage) -> None:
            QGuiApplication.clipboard().setImage(image)
            self.told.emit(Message("Copied: {name}, as a picture", name=offer.name))

        self._background.run(offer.picture(), arrived, self._refuse)

    def _ask(self) -> None:
        offer = self.offered()
        if offer is not None:
            ask_for_file(self._window, offer.name, lambda path: self.write(path, offer))

    def _refuse(self, error: UserError) -> None:
        self.refused.emit(error.message)


def ask_for_file(
    window: QWidget, name: str, then: Callable[[Path], None], *, suffix: str = "png"
) -> None:
    """Ask where to put a picture or numbers; the suffix of the answer says which.

    name: of the file. suffix: of what is proposed.
    """
    dialog = file_dialog(window, tr("Save as a picture or as numbers"))
    formats = {f"{text(f.title)} (*{f.suffix})": f.suffix[1:] for f in ARRAY_FORMATS.values()}
    dialog.setNameFilters(list(formats))
    dialog.selectNameFilter(next(words for words, known in formats.items() if known == suffix))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(formats[chosen]))
    dialog.setDefaultSuffix(suffix)
    allowed = "".join(c if c.isalnum() or c in " -_." else "-" for c in name)
    dialog.selectFile(allowed.strip(" .")[:60])
    dialog.fileSelected.connect(lambda path: then(Path(path)))
    dialog.open()


def format_of(path: Path) -> str:
    """The name in `ARRAY_FORMATS` of what a path says that it is; a picture where it says
    nothing."""
    names = {known.suffix: name for name, known in ARRAY_FORMATS.items()}
    return names.get(path.suffix.lower(), "png")


class _CancelledError(Exception):
    """A person wants the file no more."""
