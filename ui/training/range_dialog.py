"""The range test of the learning rate: a short run from far too small to far too large."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from cnnviz.engine.protocol.studies import RangeTest, RangeTested
from cnnviz.message import Message
from cnnviz.range_test import falls
from ui.able import allow_widget
from ui.forms.training_words import FIELDS
from ui.i18n import language, text, tr
from ui.numerals import significant
from ui.theme import theme
from ui.training.range_chart import RangeChart
from ui.widgets.buttons import Button
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent

    from ui.engine_client import EngineClient
    from ui.session import Session

SLOT = "range test"


class RangeDialog(QDialog):
    """Begins at once; the rate that it proposes is taken with a button, and can be undone."""

    def __init__(self, session: Session, engine: EngineClient, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._engine = session, engine
        self.chart, self.words, self.verdict = (
            RangeChart(),
            Label("", "muted"),
            Label("", "heading"),
        )
        for label in (self.words, self.verdict):
            label.setWordWrap(True)
        self.take, self.again, self.close_ = Button(primary=True), Button(), Button()
        buttons = QDialogButtonBox()
        buttons.addButton(self.take, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.again, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.close_, QDialogButtonBox.ButtonRole.RejectRole)
        column = QVBoxLayout(self)
        column.addWidget(self.words)
        column.addWidget(self.chart, 1)
        column.addWidget(self.verdict)
        column.addWidget(buttons)
        self.take.clicked.connect(self._take)
        self.again.clicked.connect(self.begin)
        self.close_.clicked.connect(self.reject)
        engine.studies.found.connect(self._follow)
        engine.ready.connect(self._ask_if_shown)
        engine.probed.connect(self._ask_if_shown)
        language.changed.connect(self.retranslate)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(theme.px(520), theme.px(380))
        self.retranslate()
        self.begin()

    def begin(self) -> None:
        """Test, with the settings and the weights of now."""
        self._engine.studies.drop(SLOT)
        self._ask()
        self._show()

    @property
    def proposed(self) -> float | None:
        """The rate that the test proposes; None while it goes on, and where it has none."""
        found = self._found()
        return None if found is None else found.rate

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.setWindowTitle(tr("Range test of the learning rate"))
        self.words.setText(
            tr(
                "A copy of the network learns for some steps while the learning rate grows from "
                "step to step. Where the loss falls fast the rate is good; where it grows again it "
                "is too large (Smith, 2015). The network itself learns nothing by it."
            )
        )
        self.again.setText(tr("Test again"))
        self.close_.setText(tr("Close"))
        self.chart.setAccessibleName(tr("The loss over the learning rate"))
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._engine.studies.drop(SLOT)

    def _found(self) -> RangeTested | None:
        answer = self._engine.studies.newest(SLOT)
        finding = None if answer is None else answer.finding
        return finding if isinstance(finding, RangeTested) else None

    def _ask(self) -> None:
        self._engine.studies.ask(SLOT, RangeTest(self._session.project.training))

    def _ask_if_shown(self) -> None:
        """Once more, where the engine could not be asked yet or is another one since then."""
        if self.isVisible() and self._engine.studies.newest(SLOT) is None:
            self._ask()

    def _follow(self, slot: str) -> None:
        if slot == SLOT:
            self._show()

    def _show(self) -> None:
        answer, found = self._engine.studies.newest(SLOT), self._found()
        if found is not None:
            self.chart.show_test(found.rates, found.losses, found.rate)
        rate = self.proposed
        self.take.setVisible(rate is not None)
        if rate is not None:
            self.take.setText(tr("Use {rate}", rate=significant(rate)))
        over = answer is not None and answer.done >= 1
        allow_widget(self.again, None if over else Message("The test goes on"))
        if answer is not None and answer.note is not None:
            words = text(answer.note.message())
        elif answer is None or not over:
            share = 0 if answer is None else 100 * answer.done
            words = tr("Testing: {percent:.0f} %", percent=share)
        elif rate is None and found is not None and falls(found.losses):
            words = tr(
                "The loss only falls at rates that change nothing, from batch to batch by chance: "
                "the network has learned already. Reset the weights to test again."
            )
        elif rate is None:
            words = tr(
                "The loss never falls, so no rate is proposed. Reset the weights, or "
                "check the network."
            )
        else:
            words = tr("A learning rate of about {rate} is proposed.", rate=significant(rate))
        self.verdict.setText(words)
        self.chart.setAccessibleDescription(words)

    def _take(self) -> None:
        rate = self.proposed
        if rate is None:
            return
        training = msgspec.structs.replace(self._session.project.training, learning_rate=rate)
        title = next(field.title for field in FIELDS if field.name == "learning_rate")
        self._session.set_training(training, title)
        self._session.end_field()
        self.accept()
