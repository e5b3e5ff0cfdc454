"""The numbers of one value for elsewhere: as text on the clipboard, as a table, or a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from cnnviz.atomic import replacing
from cnnviz.message import Message
from ui.array_export import encoded, tabled
from ui.background import Background
from ui.export_actions import ask_for_file, format_of
from ui.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from cnnviz.arithmetic.text import Cell
    from ui.inspector.pixel_actions import PixelActions


class Numbers(Struct, frozen=True, eq=False):
    """What a page has to give: lines of text, and rows of a table."""

    words: str
    table: Sequence[Sequence[Cell]]


class TakingAlong(QObject):
    """Copies and saves for a page, while it is the one on show."""

    told = Signal(object)
    """Message: a file that was written."""
    trouble = Signal(object)
    """Message: a file that cannot be written."""

    def __init__(
        self, page: QWidget, actions: PixelActions, numbers: Callable[[], Numbers | None]
    ) -> None:
        super().__init__(page)
        self._page, self._numbers = page, numbers
        self._background = Background(self)
        actions.copy.triggered.connect(self._copy)
        actions.save.triggered.connect(self._choose_file)

    def save(self, path: Path, table: Sequence[Sequence[Cell]]) -> None:
        """Write a table as what the suffix says, away from the window's thread, and tell of it."""
        make = encoded(tabled(tr("Numbers"), table), format_of(path))

        def write() -> Message:
            with replacing(path) as stream:
                stream.write(make())
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
        ask_for_file(self._page, "pixel", lambda path: self.save(path, numbers.table), suffix="csv")
