"""Charts taken along: as a picture, or as the numbers that are shown."""

from __future__ import annotations

import codecs
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSizeF, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFileDialog

from cnnviz.atomic import replacing
from cnnviz.message import Message
from ui.background import Background
from ui.charts.picture import as_image, as_png, as_svg
from ui.charts.table import Table, table_of
from ui.i18n import language, tr
from ui.writing import Job, Writing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from cnnviz.message import UserError
    from ui.charts.chart import Chart
    from ui.charts.painting import Painting

MOST_COPIED = 20_000
"""Rows; a clipboard with more text would stop the programs that look at it."""


class ChartsExport(QObject):
    """Three actions: copy the numbers, copy the picture, or write a file of either.

    The numbers are those that are shown: of the steps that are zoomed to, without hidden lines,
    and with the means where a line is smoothed; every step, however long the run was.
    """

    told = Signal(object)
    """Message: what was copied or written."""
    refused = Signal(object)
    """Message: why nothing was."""

    def __init__(self, charts: Callable[[], Sequence[Chart]], parent: QWidget) -> None:
        """charts: those that are on show at the moment that they are asked for."""
        super().__init__(parent)
        self._charts, self._window = charts, parent
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

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.copy.setText(tr("Copy the curves as text"))
        self.copy_picture.setText(tr("Copy the curves as a picture"))
        self.save.setText(tr("Save the curves as a picture or as numbers…"))

    def write(self, path: Path) -> None:
        """Write a file, as what its suffix says (a picture, where that says nothing)."""
        paintings = self._shown()
        if not paintings:
            return
        suffix = path.suffix.lower()
        if suffix == ".csv":
            self._write_table(path, table_of(paintings))
            return
        # Painted at once, in the window's thread, as the window itself: some milliseconds.
        painted = as_svg(paintings) if suffix == ".svg" else as_image(paintings)

        def work(_: Job) -> Message:
            data = painted if isinstance(painted, bytes) else as_png(painted)
            with replacing(path) as stream:
                stream.write(data)
            return Message("Written: {file}", file=str(path))

        self._writing.begin(tr("Writing the curves…"), work)

    def finish(self) -> None:
        """The program ends: give up what is under way."""
        self._writing.close()
        self._background.close()

    # --- inside -------------------------------------------------------------------------------

    def _shown(self) -> list[Painting]:
        """The charts, where there is anything in them; else it is said that there is not."""
        sizes = [(chart, chart.size()) for chart in self._charts()]
        paintings = [chart.painting(QSizeF(size)) for chart, size in sizes]
        found = [painting for painting in paintings if painting.axes is not None]
        if not found:
            self.refused.emit(Message("There are no curves to take along yet. Press Train."))
        return found

    def _refuse(self, error: UserError) -> None:
        self.refused.emit(error.message)

    def _write_table(self, path: Path, table: Table) -> None:
        """A row for each step: of a million steps, in the background, with a way out."""

        def work(job: Job) -> Message | None:
            with suppress(_CancelledError), replacing(path) as stream:
                stream.write(codecs.BOM_UTF8)  # the mark that Excel wants
                for piece, job.share in table.pieces(",", "\r\n"):
                    stream.write(piece.encode())
                    if job.cancelled:
                        raise _CancelledError
                return Message("Written: {file}", file=str(path))
            return None

        self._writing.begin(tr("Writing the curves…"), work)

    def _copy(self) -> None:
        paintings = self._shown()
        if not paintings:
            return
        table = table_of(paintings)

        def work() -> tuple[str, int, int]:
            every = max(1, -(-table.count // MOST_COPIED))
            words = "".join(piece for piece, _ in table.pieces("\t", "\n", every))
            return words, words.count("\n") - 1, every

        def arrived(found: tuple[str, int, int]) -> None:
            words, rows, every = found
            QGuiApplication.clipboard().setText(words)
            if every == 1:
                self.told.emit(Message("Copied: the curves, {n:,} steps", n=rows))
            else:
                self.told.emit(
                    Message(
                        "Copied: every {every:,}th step of the curves, {n:,} rows. Save them as "
                        "CSV to have all.",
                        every=every,
                        n=rows,
                    )
                )

        self._background.run(work, arrived, self._refuse)

    def _copy_picture(self) -> None:
        paintings = self._shown()
        if paintings:
            QGuiApplication.clipboard().setImage(as_image(paintings))
            self.told.emit(Message("Copied: the curves, as a picture"))

    def _ask(self) -> None:
        if not self._shown():
            return
        dialog = QFileDialog(self._window, tr("Save the curves"))
        kinds = {
            tr("PNG picture (*.png)"): "png",
            tr("SVG drawing (*.svg)"): "svg",
            tr("CSV table (*.csv)"): "csv",
        }
        dialog.setNameFilters(list(kinds))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(kinds[chosen]))
        dialog.setDefaultSuffix("png")
        dialog.selectFile(tr("curves"))
        dialog.fileSelected.connect(lambda path: self.write(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class _CancelledError(Exception):
    """A person wants the file no more."""
