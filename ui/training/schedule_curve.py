"""The learning rate of every step of the run, drawn before it runs and while it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.layers import BatchNorm
from cnnviz.schedule import batches_in, curve, steps_in
from ui.i18n import language, tr
from ui.numerals import significant
from ui.widgets.chart import Chart

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.engine_client import EngineClient
    from ui.session import Session


class ScheduleCurve(Chart):
    """Follows the session's settings; a mark shows where the present run has come to."""

    def __init__(
        self, session: Session, engine: EngineClient, parent: QWidget | None = None
    ) -> None:
        super().__init__("", parent)
        self._session, self._engine = session, engine
        session.changed.connect(self.refresh)
        engine.progress_changed.connect(self._mark)
        engine.curves_cleared.connect(self._mark)
        language.changed.connect(self._name)
        self._name()
        self.refresh()

    def refresh(self) -> None:
        """Draw the schedule of the present settings."""
        training = self._session.project.training
        norm = any(isinstance(row.layer, BatchNorm) for row in self._session.report.rows)
        images = self._session.dataset.train_count
        batches = batches_in(training, images, drop_single=norm)
        steps, rates = curve(training, batches)
        self.set_series("rate", steps, rates)
        plateau = training.schedule == "plateau"
        whole = tr("{steps:,} steps in all", steps=steps_in(training, batches))
        more = tr("Each plateau multiplies it by {factor}", factor=significant(training.factor))
        self.setToolTip(f"{whole}\n{more}" if plateau else whole)
        self._mark()

    def _name(self) -> None:
        self.set_title(tr("Learning rate"))
        self.set_legend("rate", tr("rate"))

    def _mark(self) -> None:
        progress = self._engine.progress
        if progress is None or progress.learning_rate is None:
            self.set_marks([])
            return
        rate = significant(progress.learning_rate)
        words = tr("Step {step:,}: learning rate {rate}", step=progress.step, rate=rate)
        self.set_marks([(progress.step, words)])
