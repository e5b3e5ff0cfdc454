"""Exports of the network: programs, models, drawings and tables, written away from the window."""

from __future__ import annotations

from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QObject, QSizeF, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz.export import FORMATS, TEXTS
from cnnviz.message import Message, UserError
from ui.file_dialog import file_dialog
from ui.i18n import text, tr
from ui.writing import Job, Writing

if TYPE_CHECKING:
    from PySide6.QtSvg import QSvgRenderer

    from cnnviz.analysis import Report
    from cnnviz.history import State
    from ui.session import Session

PIXELS = 2
"""How many pixels of a picture, on each axis, are one of the drawing."""
LARGEST_PICTURE = 60_000_000
"""Pixels in all, which programs still open (Qt's limit is 64 million); longer networks are drawn
smaller."""
POINTS = 0.75
"""Of a PDF page, one pixel of the drawing."""
LARGEST_PAGE = 14_400
"""Points on the longer side of a PDF page; readers need not know larger ones."""


class Exports(QObject):
    """Asks for a file, writes the network to it in one of the formats, and tells of it."""

    told = Signal(object)
    """Message: what was written."""
    refused = Signal(object)
    """Message: why nothing was."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._writing = Writing(window, self.told.emit, self.refused.emit)

    @property
    def busy(self) -> bool:
        """Whether an export is under way."""
        return self._writing.busy

    def ask(self, name: str) -> None:
        """Let a person choose a file, then write it. name: one of `FORMATS`."""
        known = FORMATS[name]
        title = text(known.title)
        dialog = file_dialog(self._window, tr("Export: {format}", format=title))
        dialog.setNameFilters([f"{title} (*{known.suffix})"])
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(known.suffix.removeprefix("."))
        path = self._session.path
        if path is not None:
            dialog.setDirectory(str(path.parent))
        dialog.selectFile(f"{self._file_name()}{known.suffix}")
        dialog.fileSelected.connect(lambda chosen: self.write(name, Path(chosen)))
        dialog.open()

    def _file_name(self) -> str:
        """As the project's file, else as the network as far as files can be called so."""
        path = self._session.path
        name = path.stem if path is not None else self._session.network.name
        allowed = "".join(c for c in name if c.isalnum() or c in " -_.").strip(" .")
        return allowed[:60] or tr("network")

    def write(self, name: str, path: Path) -> None:
        """Write the network as it is now; shows after a while that it is under way."""
        state, run = self._session.state, self._session.runs.newest
        classes = len(self._session.dataset.classes)

        def work(job: Job) -> Message | None:
            from cnnviz.atomic import replacing
            from cnnviz.export import formats  # few need it

            project, weights, threads = state.project, state.weights, 0
            if name == "reference" and run is not None:  # it repeats what has been done
                project, weights, threads = run.project, run.initial, run.threads
            report = formats.report_for(name, project.network, classes)
            if name in TEXTS:
                beside = formats.write(name, path, project, report, weights, text, threads)
                if beside is not None:
                    return Message(
                        "Written: {file} and its weights, {weights}",
                        file=str(path),
                        weights=beside.name,
                    )
                return Message("Written: {file}", file=str(path))
            data = (
                _onnx(state, report, job)
                if name == "onnx"
                else _picture(name, formats.text_of("svg", project, report, text))
            )
            if data is None or job.cancelled:
                return None
            with replacing(path) as stream:
                stream.write(data)
            return Message("Written: {file}", file=str(path))

        words = tr("Writing the {format}…", format=text(FORMATS[name].title))
        self._writing.begin(words, work)

    def close(self) -> None:
        """Give up what is under way."""
        self._writing.close()


def export_titles() -> dict[str, str]:
    """The names of all formats in the present language."""
    return {name: text(known.title) for name, known in FORMATS.items()}


def _onnx(state: State, report: Report, job: Job) -> bytes | None:
    from cnnviz.data.datasets import data_set
    from cnnviz.data.greys import greys_of
    from cnnviz.engine.onnx_process import onnx_elsewhere
    from cnnviz.explain.prepared import input_words
    from cnnviz.export.source import check_works

    check_works(report)
    project = state.project
    greys = greys_of(data_set(project.dataset).name).of(project.network.input.channels)
    about = input_words(project.preparation, greys)
    return onnx_elsewhere(
        project.network, state.weights, project.seed, about, lambda: job.cancelled
    )


def _picture(name: str, svg: str) -> bytes:
    """The drawing as PNG or as a PDF page of its size."""
    from PySide6.QtSvg import QSvgRenderer

    renderer = QSvgRenderer(svg.encode())
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    (_write_png if name == "png" else _write_pdf)(renderer, buffer)
    return bytes(buffer.data().data())


def _write_png(renderer: QSvgRenderer, buffer: QBuffer) -> None:
    from PySide6.QtGui import QImage, QPainter

    size = renderer.defaultSize() * PIXELS
    area = size.width() * size.height()
    if area > LARGEST_PICTURE:
        size = size * sqrt(LARGEST_PICTURE / area)
    image = QImage(size, QImage.Format.Format_RGB32)
    if image.isNull():
        raise UserError(Message("There is no memory for so large a picture. Export it as SVG."))
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs want bytes, which raise


def _write_pdf(renderer: QSvgRenderer, buffer: QBuffer) -> None:
    from PySide6.QtGui import QPageSize, QPainter, QPdfWriter

    size = renderer.defaultSize()
    writer = QPdfWriter(buffer)
    points = min(POINTS, LARGEST_PAGE / max(size.width(), size.height()))
    page = QSizeF(size.width() * points, size.height() * points)
    writer.setPageSize(QPageSize(page, QPageSize.Unit.Point))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    painter = QPainter(writer)
    renderer.render(painter)
    painter.end()
