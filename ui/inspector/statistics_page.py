"""Statistics: how gradients, updates, weights and outputs of the layers went during the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QWidget

from cnnviz.network import INPUT_UID
from ui.charts.chart import Chart
from ui.charts.content import Content, Series
from ui.charts.histogram_map import HistogramMap
from ui.charts.sight import Sight
from ui.i18n import language, tr
from ui.inspector.reading import absence
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QContextMenuEvent

    from ui.charts.export import ChartsExport
    from ui.engine_client import EngineClient
    from ui.session import Session

_OTHERS = "others"


class StatisticsPage(QWidget):
    """Two charts with a line for each layer, in which the selected one stands out, and how its
    weights and its outputs are spread at each time; of ReLUs, how many of them are dead."""

    def __init__(
        self,
        session: Session,
        engine: EngineClient,
        exports: ChartsExport,
        parent: QWidget | None = None,
    ) -> None:
        """exports: what takes the charts along that `shown` tells."""
        super().__init__(parent)
        self._session, self._engine = session, engine
        sight, shares = Sight(self), Sight(self)
        sight.look(logarithmic=True, reach=0)
        shares.look(reach=0)
        self.gradients, self.ratios = Chart(sight=sight), Chart(sight=sight)
        self.dead = Chart(sight=shares)
        self.weights, self.outputs = HistogramMap(), HistogramMap()
        self._third = QStackedWidget()
        self._third.addWidget(self.weights)
        self._third.addWidget(self.dead)
        self._row = QHBoxLayout(self)
        for part in (self.gradients, self.ratios, self._third, self.outputs):
            self._row.addWidget(part, 1)
        self._menu = QMenu(self)
        self._menu.addActions(exports.actions())
        engine.measured.connect(self._grow)
        engine.curves_cleared.connect(self._start_anew)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def charts(self) -> tuple[tuple[str, Chart], ...]:
        """The charts with a line for each layer, by what the lines are of."""
        return ("gradient", self.gradients), ("ratio", self.ratios), ("dead", self.dead)

    def retranslate(self) -> None:
        """Set all texts."""
        empty = tr("Press Train to see how the layers do")
        contents = (
            Content(tr("Gradient norm"), empty, "gradient", logarithmic=True),
            Content(tr("Update / weight"), empty, "ratio", logarithmic=True),
            Content(tr("Dead ReLUs"), empty, "dead", percent=True),
        )
        tips = (
            tr(
                "The length of the gradients of all weights of a layer, before they are clipped. "
                "Where it falls from layer to layer towards the input, gradients vanish; where it "
                "grows without end, they explode."
            ),
            tr(
                "How far a step moves the weights of a layer, against their own length. About "
                "1/1000 is usual; far more is restless, far less hardly learns."
            ),
            tr(
                "The share of maps or units that gave zero for all images that were looked at. "
                "No gradient gets through them."
            ),
        )
        for (_, chart), content, tip in zip(self.charts(), contents, tips, strict=True):
            chart.set_content(content)
            chart.setToolTip(tip)
        self.weights.setToolTip(
            tr("How the weights are spread: steps from left to right, values upwards.")
        )
        self.outputs.setToolTip(
            tr(
                "How the outputs for some images of the batch are spread: steps from left to "
                "right, values upwards."
            )
        )
        self.refresh()

    def refresh(self) -> None:
        """Show the selected layer among all."""
        if not self.isVisible():
            return
        for name, chart in self.charts():
            chart.set_series(list(self._series(name)))
        uid, history = self._session.selection, self._engine.layers
        spread = history.histograms(uid, "weights")
        lines = history.lines(uid)
        dies = lines is not None and lines.lines["dead"].last is not None
        self._third.setCurrentWidget(self.dead if spread is None and dies else self.weights)
        waits = tr("Press Train to see how the layers do")
        none = tr("It has no weights that learn") if len(history) else waits
        absent = absence(self._session)
        self.weights.set_content(Content(tr("Weights"), absent or none, f"weights_{uid}"))
        self.weights.set_histograms(spread)
        nothing = tr("The input is not measured") if uid == INPUT_UID and len(history) else waits
        self.outputs.set_content(Content(tr("Outputs"), absent or nothing, f"outputs_{uid}"), 2)
        self.outputs.set_histograms(history.histograms(uid, "outputs"))

    def show_picture(self) -> None:
        """Nothing here depends on what the network makes of an image."""

    def showEvent(self, event: object) -> None:
        self.refresh()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._menu.popup(event.globalPos())

    def shown(self) -> list[Chart | HistogramMap]:
        """What stands here now, from left to right."""
        all_of_it = (self.gradients, self.ratios, self.dead, self.weights, self.outputs)
        return [chart for chart in all_of_it if chart.isVisible()]

    # --- inside -------------------------------------------------------------------------------

    def _series(self, name: str) -> Iterator[Series]:
        """A line for each layer that has one: the selected one, which the head of the chart has
        room to name, and the others in the order of the network."""
        rows = enumerate(self._session.report.rows, start=1)
        chosen = self._session.selection
        for number, row in sorted(rows, key=lambda numbered: numbered[1].layer.uid != chosen):
            lines = self._engine.layers.lines(row.layer.uid)
            line = None if lines is None else lines.lines[name]
            if line is None or line.last is None:
                continue
            quiet = row.layer.uid != chosen
            yield Series(
                row.layer.uid,
                tr("{number} {layer}", number=number, layer=row.layer.name),
                line,
                quiet=quiet,
                group=_OTHERS if quiet else "",
                group_label=tr("other layers"),
            )

    def _grow(self) -> None:
        if not self.isVisible():
            return
        shown = [series.line for _, chart in self.charts() for series in chart.series]
        known = [series.line for name, _ in self.charts() for series in self._series(name)]
        if shown != known:
            self.refresh()
            return
        for _, chart in self.charts():
            chart.grow()
        history, uid = self._engine.layers, self._session.selection
        self.weights.set_histograms(history.histograms(uid, "weights"))
        self.outputs.set_histograms(history.histograms(uid, "outputs"))

    def _start_anew(self) -> None:
        for _, chart in self.charts():
            chart.show_all()
        self.refresh()

    def _restyle(self) -> None:
        px = theme.px
        self._row.setContentsMargins(px(14), px(8), px(14), px(6))
        self._row.setSpacing(px(18))
