"""How loss and accuracy went, and the learning rate: charts that are looked at together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.charts.chart import Chart
from ui.charts.content import Content, Series
from ui.forms.training_words import change_words
from ui.i18n import language, tr
from ui.outputs.runs.choice import look_of
from ui.outputs.runs.legend import RunLegend
from ui.outputs.runs.words import title_of
from ui.theme import theme
from ui.widgets.buttons import IconButton

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QContextMenuEvent, QKeyEvent

    from cnnviz.runs import Changed
    from ui.charts.sight import Sight
    from ui.engine_client import EngineClient
    from ui.outputs.curves_menu import CurvesMenu
    from ui.outputs.runs.choice import RunChoice

_COLORS = {"train": 0, "test": 1, "validation": 2}
_DASHES = {"train": "", "test": "dashed", "validation": "dotted"}
"""Where runs have the colours, their lines differ in this. What is dashed must have few points."""


class CurvesPage(QWidget):
    """Three charts below each other, the last of which is shown where a person wants it."""

    def __init__(
        self, engine: EngineClient, sight: Sight, menu: CurvesMenu, choice: RunChoice
    ) -> None:
        super().__init__()
        self._engine, self._menu, self._choice = engine, menu, choice
        self._marked: tuple[list[tuple[str, tuple[Changed, ...]]], int | None, str] | None = None
        self.loss, self.accuracy = Chart(sight=sight), Chart(sight=sight)
        self.rate = Chart(sight=sight)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(RunLegend(choice))
        for chart in self.charts():
            self._column.addWidget(chart, 1)
        self._more = IconButton("settings", quiet=True)
        self._more.clicked.connect(self._open_menu)
        self.loss.set_corner(self._more)
        engine.curves_changed.connect(self._grow)
        choice.changed.connect(self.refresh)
        engine.progress_changed.connect(self._follow_run)
        engine.time.changed.connect(self._mark)
        menu.rate.toggled.connect(self.rate.setVisible)
        self.rate.setVisible(menu.rate.isChecked())
        theme.changed.connect(self._restyle)
        language.changed.connect(self.refresh)
        self._restyle()
        self.refresh()

    def charts(self) -> tuple[Chart, Chart, Chart]:
        """All of them, from above."""
        return self.loss, self.accuracy, self.rate

    def refresh(self) -> None:
        """Show the curves of the present run, in the present language."""
        self._more.set_tip(tr("How the curves are shown"))
        tip = tr(
            "Point at a curve to read all of them at that step; drag or turn the wheel to zoom, "
            "double click to see all again. A click on a name hides its line.\nWith the keyboard: "
            "← → point, + − zoom, 0 shows all, 1 2 3 switch lines."
        )
        for chart, measured in ((self.loss, "loss"), (self.accuracy, "accuracy")):
            chart.set_series(list(self._series(measured)))
            chart.setToolTip(tip)
        rate = self._engine.curves["rate"].lines["rate"]
        self.rate.set_series([Series("rate", tr("rate"), rate, 3)])
        self.rate.setToolTip(tip)
        self._mark()

    def _series(self, measured: str) -> Iterator[Series]:
        """The lines of the present run, or of all that are compared."""
        labels = {"train": tr("train"), "validation": tr("validation"), "test": tr("test")}
        for run in self._choice.compared:
            look, title = look_of(run), title_of(run)
            for split, label in labels.items():
                line = self._choice.line(run, split, measured)
                begins = run.id == self._choice.present and split != "validation"
                if line.last is not None or begins:
                    yield Series(
                        f"{run.id}.{split}",
                        tr("{run}, {images}", run=title, images=label),
                        line,
                        look.color,
                        smooth=split == "train",
                        dash=_DASHES[split],
                        shape=look.shape,
                        group=split,
                        group_label=label,
                    )
        if not self._choice.compared:
            for split, label in labels.items():
                line = self._engine.curves[split].lines[measured]
                if split != "validation" or line.last is not None:
                    smooth = split == "train"
                    yield Series(split, label, line, _COLORS[split], smooth=smooth)

    def _grow(self) -> None:
        validated = self._engine.curves["validation"].lines["loss"]
        if validated.last is not None and not any(s.line is validated for s in self.loss.series):
            self.refresh()
        for chart in self.charts():
            chart.grow()

    def _follow_run(self) -> None:
        self.rate.grow()
        self._mark()

    def _mark(self) -> None:
        """Where a setting was changed on the way, and which step is looked at."""
        progress = self._engine.progress
        compared = [(title_of(run), tuple(run.changes)) for run in self._choice.compared]
        own = tuple(progress.changes) if progress is not None else ()
        changes = compared or [("", own)]
        step = self._engine.time.step
        if (changes, step, language.code) == self._marked:
            return
        self._marked = changes, step, language.code
        marks = tuple(
            (float(change.step), _words(title, change))
            for title, several in changes
            for change in several
        )
        if step is not None:
            marks += ((float(step), tr("The weights of step {step:,} are looked at", step=step)),)
        empty = tr("Press Train to see the curves")
        shared = Content(empty=empty, marks=marks)
        self.loss.set_content(replace(shared, title=tr("Loss"), name="loss", logarithmic=True))
        self.accuracy.set_content(
            replace(shared, title=tr("Accuracy"), name="accuracy", percent=True)
        )
        self.rate.set_content(replace(shared, title=tr("Learning rate"), name="learning"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self._menu.exports.copy.trigger()
        else:
            super().keyPressEvent(event)

    def _open_menu(self) -> None:
        self._menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._menu.popup(event.globalPos())

    def _restyle(self) -> None:
        self._column.setSpacing(theme.px(6))


def _words(title: str, change: Changed) -> str:
    """What was changed, and in which run where there are several."""
    words = change_words(change)
    return tr("{run}: {change}", run=title, change=words) if title else words
