"""Charts taken along: as a picture, or as the numbers that are shown."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from PySide6.QtCore import QSizeF

from cnnviz.message import Message
from ui.charts.picture import as_image, as_png, as_svg
from ui.charts.table import table_of
from ui.export_actions import ExportActions, Offer
from ui.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QWidget

    from ui.charts.chart import Chart
    from ui.charts.histogram_map import HistogramMap
    from ui.charts.table import Painted

MOST_COPIED = 20_000
"""Rows; a clipboard with more text would stop the programs that look at it."""


class ChartsOffer(Offer):
    """Charts as they are painted at this moment."""

    def __init__(self, paintings: Sequence[Painted], name: str) -> None:
        """paintings: at least one. name: what all of them together are called."""
        self._paintings, self.name = paintings, name
        self._table = table_of(paintings)

    def words(self) -> Callable[[], tuple[str, Message]]:
        table, name = self._table, self.name

        def work() -> tuple[str, Message]:
            every = max(1, -(-table.count // MOST_COPIED))
            words = "".join(piece for piece, _ in table.pieces("\t", "\n", every))
            rows = words.count("\n") - 1
            if every == 1:
                return words, Message("Copied: {name}, {n:,} steps", name=name, n=rows)
            said = Message(
                "Copied: {name}, one step in {every:,}, {n:,} rows. Save them as CSV to have all.",
                name=name,
                every=every,
                n=rows,
            )
            return words, said

        return work

    def picture(self) -> Callable[[], QImage]:
        image = self._image()
        return lambda: image

    def file(self, form: str) -> Callable[[], Iterator[tuple[bytes, float]]]:
        match form:
            case "csv":
                return self._csv
            case "npy":
                return self._table.npy
            case "svg":
                drawing = as_svg(self._paintings)
                return lambda: iter([(drawing, 1.0)])
        image = self._image()
        return lambda: iter([(as_png(image), 1.0)])

    def _image(self) -> QImage:
        """Painted at once, in the window's thread, as the window itself: some milliseconds."""
        return as_image(self._paintings)

    def _csv(self) -> Iterator[tuple[bytes, float]]:
        yield codecs.BOM_UTF8, 0.0  # the mark that Excel wants
        for piece, share in self._table.pieces(",", "\r\n"):
            yield piece.encode(), share


class ChartsExport(ExportActions):
    """The actions of a view that shows charts.

    The numbers are those that are shown: of the steps that are zoomed to, without hidden lines,
    and with the means where a line is smoothed; every step, however long the run was. Of
    histograms there are the edges and the counts.
    """

    def __init__(
        self,
        charts: Callable[[], Sequence[Chart | HistogramMap]],
        parent: QWidget,
        *,
        statistics: bool = False,
    ) -> None:
        """charts: those that are on show at the moment that they are asked for. statistics: whether
        they are called so."""

        def offer() -> ChartsOffer | None:
            sizes = [(chart, chart.size()) for chart in charts()]
            paintings = [chart.painting(QSizeF(size)) for chart, size in sizes]
            found = [painting for painting in paintings if painting.columns()]
            if not found:
                self.refused.emit(Message("There are no curves to take along yet. Press Train."))
                return None
            return ChartsOffer(found, tr("statistics") if statistics else tr("curves"))

        def titles() -> tuple[str, str, str]:
            if statistics:
                return (
                    tr("Copy the statistics as text"),
                    tr("Copy the statistics as a picture"),
                    tr("Save the statistics as a picture or as numbers…"),
                )
            return (
                tr("Copy the curves as text"),
                tr("Copy the curves as a picture"),
                tr("Save the curves as a picture or as numbers…"),
            )

        super().__init__(offer, titles, parent)
