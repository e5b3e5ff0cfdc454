"""Maps, kernels and tables to be taken along: copied, or written as PNG, SVG, NPY or CSV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog

from cnnviz.export.arrays import ARRAY_FORMATS, Plate, as_text, written
from cnnviz.export.tables import TABLE_WRITERS, Tabled, table_text
from cnnviz.message import Message
from ui.able import allow
from ui.background import Background
from ui.colors import bent, quantise, quantise_grey
from ui.i18n import language, text, tr
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from PySide6.QtWidgets import QWidget

    from cnnviz.arithmetic.text import Cell

MOST_COPIED = 4_000_000
"""Values; a clipboard with more text would stop the programs that look at it."""


def plate(
    name: str,
    values: np.ndarray,
    limit: float | np.ndarray | None,
    axes: tuple[str, ...],
    *,
    maps: np.ndarray | None = None,
    columns: int = 1,
    gamma: float = 1.0,
) -> Plate:
    """An array with the present theme's colours.

    limit: of the strongest colour, for all or for each map; None for values between 0 and 1 that
    are shown in grey. axes: what those of the values are called. maps: the values as (maps, height,
    width), where they are not that already, nor a single map. columns: maps in a row. gamma: of the
    colours, as `bent` has it.
    """
    luts = theme.luts

    def paint(some: np.ndarray, limit: float | np.ndarray | None) -> np.ndarray:
        if limit is None:
            return luts.grey[quantise_grey(some)]
        if gamma != 1.0:
            return luts.signed[quantise(bent(some, limit, gamma), 1.0)]
        return luts.signed[quantise(some, limit)]

    if maps is None:
        maps = values.reshape(-1, *values.shape[-2:]) if values.ndim > 1 else values[None, None]
    colors = theme.colors
    return Plate(name, values, maps, limit, paint, axes, columns, colors.surface, colors.text)


def tabled(name: str, rows: Sequence[Sequence[Cell]]) -> Tabled:
    """A table with the present theme's colours; the first row has the titles."""
    return Tabled(name, rows, theme.colors.surface, theme.colors.text)


def encoded(offered: Plate | Tabled, name: str) -> Callable[[], bytes]:
    """What makes a file of one of `ARRAY_FORMATS`, in any thread.

    The picture of a table is drawn at once, with the window's fonts: it is never long.
    """
    if isinstance(offered, Plate):
        return lambda: written(offered, name)
    if name == "png":
        from ui.table_picture import table_png

        picture = table_png(offered)
        return lambda: picture
    return lambda: TABLE_WRITERS[name](offered)


def ask_for_file(
    window: QWidget, name: str, then: Callable[[Path], None], *, suffix: str = "png"
) -> None:
    """Ask where to put a picture or numbers; the suffix of the answer says which.

    name: of the file. suffix: of what is proposed.
    """
    dialog = QFileDialog(window, tr("Save as a picture or as numbers"))
    formats = {f"{text(f.title)} (*{f.suffix})": f.suffix[1:] for f in ARRAY_FORMATS.values()}
    dialog.setNameFilters(list(formats))
    dialog.selectNameFilter(next(words for words, known in formats.items() if known == suffix))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(formats[chosen]))
    dialog.setDefaultSuffix(suffix)
    allowed = "".join(c if c.isalnum() or c in " -_." else "-" for c in name)
    dialog.selectFile(allowed.strip(" .")[:60])
    dialog.fileSelected.connect(lambda path: then(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def format_of(path: Path) -> str:
    """The name in `ARRAY_FORMATS` of what a path says that it is; a picture where it says
    nothing."""
    names = {known.suffix: name for name, known in ARRAY_FORMATS.items()}
    return names.get(path.suffix.lower(), "png")


class ArrayExport(QObject):
    """Three actions for what a view shows: copy it as text or as a picture, or write a file."""

    told = Signal(object)
    """Message: what was copied or written."""
    refused = Signal(object)
    """Message: why nothing was."""

    def __init__(self, offered: Callable[[], Plate | Tabled | None], parent: QWidget) -> None:
        """offered: what is on show at the moment that it is asked for; None: nothing."""
        super().__init__(parent)
        self._offered, self._window = offered, parent
        self._background = Background(self)
        self.copy, self.copy_picture, self.save = QAction(self), QAction(self), QAction(self)
        self.copy.triggered.connect(self._copy)
        self.copy_picture.triggered.connect(self._copy_picture)
        self.save.triggered.connect(self._ask)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def actions(self) -> list[QAction]:
        """All of them, in their order."""
        return [self.copy, self.copy_picture, self.save]

    def set_enabled(self, enabled: bool) -> None:
        """Whether there is something to take along."""
        for action in self.actions():
            allow(action, None if enabled else Message("There are no values to take along here"))

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.copy.setText(tr("Copy the values as text"))
        self.copy_picture.setText(tr("Copy as a picture"))
        self.save.setText(tr("Save as a picture or as numbers…"))

    def write(self, path: Path, offered: Plate | Tabled) -> None:
        """Write a file, as what its suffix says (a picture, where that says nothing)."""
        make = encoded(offered, format_of(path))

        def work() -> Message:
            from cnnviz.atomic import replacing

            data = make()
            with replacing(path) as stream:
                stream.write(data)
            return Message("Written: {file}", file=str(path))

        self._background.run(work, self.told.emit, lambda error: self.refused.emit(error.message))

    def finish(self) -> None:
        """The program ends: wait for what is being written."""
        self._background.close()

    # --- inside -------------------------------------------------------------------------------

    def _copy(self) -> None:
        offered = self._offered()
        if offered is None:
            return
        if offered.count > MOST_COPIED:
            self.refused.emit(
                Message(
                    "{n:,} values are too many for the clipboard. Save them to a file instead.",
                    n=offered.count,
                )
            )
            return

        def arrived(words: str) -> None:
            QGuiApplication.clipboard().setText(words)
            self.told.emit(Message("Copied: {n:,} values", n=offered.count))

        def work() -> str:
            return as_text(offered) if isinstance(offered, Plate) else table_text(offered)

        self._background.run(work, arrived, lambda error: self.refused.emit(error.message))

    def _copy_picture(self) -> None:
        offered = self._offered()
        if offered is None:
            return

        def arrived(data: bytes) -> None:
            QGuiApplication.clipboard().setImage(QImage.fromData(data))
            self.told.emit(Message("Copied: {name}, as a picture", name=offered.name))

        self._background.run(
            encoded(offered, "png"), arrived, lambda error: self.refused.emit(error.message)
        )

    def _ask(self) -> None:
        offered = self._offered()
        if offered is None:
            return
        ask_for_file(self._window, offered.name, lambda path: self.write(path, offered))
