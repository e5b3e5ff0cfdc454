"""The numbers of one value for elsewhere: as text on the clipboard, as a CSV file."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz.atomic import replacing
from cnnviz.message import Message
from ui.background import Background
from ui.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cnnviz.arithmetic.text import Cell
    from ui.inspector.pixel_actions import PixelActions


class Numbers(Struct, frozen=True, eq=False):
    """What a page has to give: lines of text, and rows of a table."""

    words: str
    table: Sequence[Sequence[Cell]]


class TakingAlong(QObject):
    """Copies and saves for a page, while it is the one on show."""

    told = Signal(object)
    """Message: a table that was written."""
    trouble = Signal(object)
    """Message: a table that cannot be written."""

    def __init__(
        self, page: QWidget, actions: PixelActions, numbers: Callable[[], Numbers | None]
    ) -> None:
        super().__init__(page)
        self._page, self._numbers = page, numbers
        self._background = Background(self)
        actions.copy.triggered.connect(self._copy)
        actions.save.triggered.connect(self._choose_file)

    def save(self, path: Path, table: Sequence[Sequence[Cell]]) -> None:
        """Write a table as CSV, away from the window's thread, and tell of it."""

        def write() -> Message:
            lines = io.StringIO(newline="")
            csv.writer(lines).writerows(table)
            with replacing(path) as stream:
                stream.write(lines.getvalue().encode("utf-8-sig"))  # Excel wants the mark
            return Message("Written: {file}", file=str(path))

        self._background.run(write, self.told.emit, lambda error: self.trouble.emit(error.message))

    def finish(self) -> None:
        """The program ends: wait for a table that is being written."""
        self._background.close()

    def _there(self) -> Numbers | None:
        return self._numbers() if self._page.isVisible() else None

    def _copy(self) -> None:
        numbers = self._there()
        if numbers is not None:
            QGuiApplication.clipboard().setText(numbers.words)

    def _choose_file(self) -> None:
        numbers = self._there()
        if numbers is None:
            return
        dialog = QFileDialog(self._page, tr("Save the numbers as a table"))
        dialog.setNameFilters(["CSV (*.csv)"])
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.selectFile("pixel.csv")
        dialog.fileSelected.connect(lambda path: self.save(Path(path), numbers.table))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
