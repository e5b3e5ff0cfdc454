"""The learning rate of every step of the run, drawn before it runs and while it does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cnnviz.layers import BatchNorm
from cnnviz.schedule import batches_in, curve, steps_in
from ui.charts.chart import Chart
from ui.charts.content import Content, Series
from ui.charts.curve import Line
from ui.i18n import language, tr
from ui.numerals import significant

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent
    from PySide6.QtWidgets import QWidget

    from ui.engine_client import EngineClient
    from ui.session import Session


class ScheduleCurve(Chart):
    """Follows the session's settings while it is seen; a mark shows where the run has come to.

    Its head tells the rate there, before a run the highest, which is the one that was set.
    """

    def __init__(
        self, session: Session, engine: EngineClient, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent=parent)
        self._session, self._engine = session, engine
        self._line = Line.of([], [])
        session.changed.connect(self._follow)
        engine.progress_changed.connect(self._mark)
        engine.curves_cleared.connect(self._mark)
        language.changed.connect(self._follow)

    def showEvent(self, event: QShowEvent) -> None:
        self.refresh()
        super().showEvent(event)

    def refresh(self) -> None:
        """Draw the schedule of the present settings."""
        training = self._session.project.training
        norm = any(isinstance(row.layer, BatchNorm) for row in self._session.report.rows)
        known, preparation = self._session.dataset, self._session.project.preparation
        images = preparation.learned_from(known.train_count, known.classes)
        batches = batches_in(training, images, drop_single=norm)
        self._line = Line.of(*curve(training, batches))
        plateau = training.schedule == "plateau"
        whole = tr("{steps:,} steps in all", steps=steps_in(training, batches))
        more = tr("Each plateau multiplies it by {factor}", factor=significant(training.factor))
        self.setToolTip(f"{whole}\n{more}" if plateau else whole)
        self._mark()

    def _follow(self) -> None:
        if self.isVisible():
            self.refresh()

    def _mark(self) -> None:
        if not len(self._line):
            return  # it has not been seen yet
        content = Content(tr("Learning rate"), whole=True)
        progress = self._engine.progress
        told = float(self._line.steps[self._line.ys.argmax()])  # it ends at one that nobody has set
        if progress is not None and progress.learning_rate is not None:
            told = progress.step
            rate = significant(progress.learning_rate)
            words = tr("Step {step:,}: learning rate {rate}", step=progress.step, rate=rate)
            content = replace(content, marks=((progress.step, words),))
        series = (Series("rate", tr("rate"), self._line, at=told),)
        if series != self.series:
            self.set_series(series)
        self.set_content(content)
