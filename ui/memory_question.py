"""What is to become of a run for whose next step there is no memory: a person is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal

from cnnviz.message import Message
from ui.i18n import language, text, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from cnnviz.engine.protocol import Progress
    from ui.engine_client import EngineClient
    from ui.session import Session
    from ui.widgets.banner import Banner


class MemoryQuestion(QObject):
    """Shows one line with what can be done; nothing is done unless a person chooses it.

    The batch is of one size in a whole run, because epochs and schedule count in batches. So half
    of it means another run, from the weights that this one has learned.
    """

    asked = Signal()
    """The line is taken."""

    def __init__(
        self, session: Session, engine: EngineClient, banner: Banner, then: QWidget
    ) -> None:
        """then: where the keyboard goes once a button of the line has been pressed."""
        super().__init__(banner)
        self._session, self._engine, self._banner, self._then = session, engine, banner, then
        self._asked: Message | None = None
        self._halves = False
        engine.progress_changed.connect(self._follow)
        banner.closed.connect(self._closed)
        language.changed.connect(self._ask)

    def _follow(self, progress: Progress) -> None:
        if self._halves and progress.state in ("finished", "stopped", "failed"):
            self._halves = False
            self._go_on()
        if progress.exhausted and progress.explanation is not None:
            what = progress.explanation.message()
            self._asked = Message("{what} The weights are safe.", what=what)
            self._ask()
        elif self._asked is not None and progress.state != "paused":
            if self._banner.text() == text(self._asked):
                self._banner.clear()
            self._asked = None

    def _ask(self) -> None:
        if self._asked is None:
            return
        choices: list[tuple[str, Callable[[], None]]] = [(tr("Stop"), self._stop)]
        if self._session.project.training.batch_size > 1:
            choices.insert(0, (tr("Halve the batch and go on"), self._halve))
        self.asked.emit()
        self._banner.show_message(text(self._asked), "warning", choices)

    def _halve(self) -> None:
        self._halves = True
        self._stop()

    def _stop(self) -> None:
        self._then.setFocus()  # before its button goes
        self._engine.stop()

    def _go_on(self) -> None:
        training = self._session.project.training
        half = max(1, training.batch_size // 2)
        halved = msgspec.structs.replace(training, batch_size=half)
        self._session.set_training(halved, Message("Batch size"))
        self._engine.train()

    def _closed(self) -> None:
        self._asked = None
