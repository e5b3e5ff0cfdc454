"""The batch that is being learned: its images as the network sees them, the hardest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz.engine.protocol.studies import Learned, Lesson
from ui.i18n import class_names, language, text, tr
from ui.numerals import figure, significant
from ui.theme import theme
from ui.widgets.labels import Label
from ui.widgets.pixels import levels
from ui.widgets.thumbnails import Thumbnails

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from PySide6.QtGui import QHideEvent, QShowEvent

    from cnnviz.message import Message
    from ui.engine_client import EngineClient
    from ui.session import Session

SLOT = "batch"
SMALL = 1e-3
"""Of a smaller loss two digits and an exponent are said: more have no room below a small image."""
INTERVAL = 250
"""Milliseconds from one question to the next: one cannot look at more batches than that."""


class BatchPage(QWidget):
    """Asks for the last batch while it is seen, and a few times a second while a run goes on."""

    def __init__(self, session: Session, engine: EngineClient) -> None:
        super().__init__()
        self._session, self._engine = session, engine
        self._found: Learned | None = None
        self._note: Message | None = None
        self._line = Label(role="caption")
        self._line.setWordWrap(True)
        self._thumbnails = Thumbnails(lines=2)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._line)
        self._column.addWidget(self._thumbnails, 1)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(INTERVAL)
        self._again.timeout.connect(self._ask)
        engine.probed.connect(self._ask_soon)
        engine.studies.found.connect(self._take)
        engine.curves_cleared.connect(self._forget)
        theme.changed.connect(self.refresh)
        language.changed.connect(self.refresh)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._again.stop()

    def _ask_soon(self) -> None:
        if self.isVisible() and not self._again.isActive():
            self._again.start()

    def _ask(self) -> None:
        """Only of a run that is there: the last batch of one that is over stays."""
        if self.isVisible() and (self._engine.training or self._engine.paused):
            self._engine.studies.ask(SLOT, Lesson())

    def _take(self, slot: str) -> None:
        answer = self._engine.studies.newest(slot) if slot == SLOT else None
        if answer is None:
            return
        finding = answer.finding
        self._note = answer.note.message() if answer.note else None
        if isinstance(finding, Learned):
            self._found = finding
        self.refresh()

    def _forget(self) -> None:
        self._found = self._note = None
        self.refresh()

    def refresh(self) -> None:
        """Show the last batch, in the present language."""
        self._thumbnails.setAccessibleName(tr("The batch that is being learned"))
        if not self.isVisible():
            return
        found = self._found
        if found is None:
            waits = tr("Train, or make one step: the batch that is being learned is shown here.")
            self._line.setText(text(self._note) if self._note else waits)
            self._thumbnails.clear()
            return
        words = tr(
            "Step {step:,}: {correct:,} of {n:,} images right, mean loss {loss}",
            step=found.step,
            correct=found.correct,
            n=found.size,
            loss=figure(found.loss),
        )
        shown = len(found.labels)
        order = (
            tr("The largest losses first")
            if shown == found.size
            else tr("The {n:,} with the largest losses, the largest first", n=shown)
        )
        self._line.setText(f"{words}\n{order}")
        self._thumbnails.renew_images(self._images(found))

    def _images(self, found: Learned) -> Iterator[tuple[int, np.ndarray, str, str]]:
        names = class_names(self._session.dataset)
        pictures = levels((found.images.array() - found.low) / max(found.high - found.low, 1e-9))
        each = zip(found.places, pictures, found.labels, found.predicted, found.losses, strict=True)
        for place, picture, label, predicted, loss in each:
            right, taken, cost = names[label], names[predicted], figure(loss)
            words = right if label == predicted else f"{right} → {taken}"
            tip = tr(
                "Training image {index:,}, as the network sees it: {label}, taken for {predicted}; "
                "loss {loss}",
                index=place,
                label=right,
                predicted=taken,
                loss=cost,
            )
            yield place, picture, f"{words}\n{short_loss(loss)}", tip


def short_loss(loss: float) -> str:
    """A loss in at most six characters."""
    return significant(loss, 2, tiny=SMALL) if loss < SMALL else figure(loss)
