"""Asks for a file and writes the canvas to it as a picture, with the live feature maps or not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QProgressDialog

from cnnviz.atomic import replacing
from cnnviz.message import Message, UserError
from ui.canvas.lanes import Arrangement
from ui.canvas.picture_file import SUFFIXES, Drawing
from ui.canvas.roster import Roster
from ui.file_dialog import file_dialog
from ui.i18n import language, tr
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtWidgets import QWidget

    from ui.canvas.card import Card
    from ui.session import Session

_SLICE = 0.008
"""Seconds of drawing between two looks at what else the window has to do."""
_HEIGHT = 470.0
"""Of a view with such cards; how high the window is at the moment says nothing to a reader."""
_PATIENCE_MS = 500


class PictureExport(QObject):
    """Two actions; the picture is drawn in slices, and can be cancelled."""

    told = Signal(object)
    """Message: what was written."""
    refused = Signal(object)
    """Message: why nothing was."""

    def __init__(
        self,
        session: Session,
        folded: Callable[[], set[str]],
        dress: Callable[[Card], None],
        parent: QWidget,
    ) -> None:
        """folded: the blocks that are shown as one card. dress: gives a card its maps."""
        super().__init__(parent)
        self._session, self._folded, self._dress = session, folded, dress
        self._window = parent
        self._steps: Iterator[None] | None = None
        self.with_maps, self.without_maps = QAction(self), QAction(self)
        self.with_maps.triggered.connect(lambda: self._ask(maps=True))
        self.without_maps.triggered.connect(lambda: self._ask(maps=False))
        language.changed.connect(self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        """Set all texts."""
        self.with_maps.setText(tr("Canvas with feature maps…"))
        self.without_maps.setText(tr("Canvas without feature maps…"))

    def write(self, path: Path, *, maps: bool) -> None:
        """Begin to draw; `told` or `refused` is emitted in the end, neither when cancelled."""
        roster = Roster()
        roster.folded = set(self._folded())
        roster.update(self._session)
        if not maps:
            roster.contents = {
                uid: replace(content, shape=None) for uid, content in roster.contents.items()
            }
        things = roster.things(self._session.report, theme.px(_HEIGHT))
        suffix = path.suffix.lower() if path.suffix.lower() in SUFFIXES else SUFFIXES[0]
        dress = self._dress if maps else None
        drawing = Drawing(suffix, Arrangement(things, theme.scale), roster.looks(), dress)
        self._steps = drawing.steps()
        progress = QProgressDialog(
            tr("Drawing the canvas…"), tr("Cancel"), 0, drawing.count, self._window
        )
        progress.setWindowModality(Qt.WindowModality.WindowModal)
        progress.setMinimumDuration(_PATIENCE_MS)
        progress.setAutoReset(False)
        self._draw_on(path, drawing, progress, 0)

    def _ask(self, *, maps: bool) -> None:
        dialog = file_dialog(self._window, tr("Export the canvas"))
        dialog.setNameFilters(
            [tr("PNG picture (*.png)"), tr("SVG drawing (*.svg)"), tr("PDF document (*.pdf)")]
        )
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.filterSelected.connect(
            lambda chosen: dialog.setDefaultSuffix(next(s for s in SUFFIXES if s in chosen)[1:])
        )
        dialog.setDefaultSuffix(SUFFIXES[0][1:])
        path = self._session.path
        if path is not None:
            dialog.setDirectory(str(path.parent))
        dialog.selectFile(path.stem if path is not None else "network")
        dialog.fileSelected.connect(lambda name: self.write(Path(name), maps=maps))
        dialog.open()

    def _draw_on(self, path: Path, drawing: Drawing, progress: QProgressDialog, done: int) -> None:
        """Draw for some milliseconds, then let the window work."""
        assert self._steps is not None
        end = perf_counter() + _SLICE
        finished = False
        while not finished and perf_counter() < end:
            finished = next(self._steps, "end") == "end"
            done += 1
        if progress.wasCanceled():
            self._steps.close()  # type: ignore[attr-defined]
        elif finished:
            self._save(path, drawing)
        else:
            progress.setValue(min(done, drawing.count))
            QTimer.singleShot(0, self, lambda: self._draw_on(path, drawing, progress, done))
            return
        self._steps = None
        progress.deleteLater()

    def _save(self, path: Path, drawing: Drawing) -> None:
        try:
            with replacing(path) as stream:
                stream.write(drawing.data)
        except UserError as error:
            self.refused.emit(error.message)
        else:
            self.told.emit(Message("Written: {file}", file=str(path)))
