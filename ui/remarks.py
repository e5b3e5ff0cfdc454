"""The line across the top: what has happened, what is odd, and ways out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ui.documents import time_of
from ui.i18n import language, text, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from cnnviz.data.datasets import Source
    from cnnviz.engine.protocol import Progress
    from cnnviz.message import Message
    from cnnviz.network import Input
    from cnnviz.project import Project
    from cnnviz.recovery import Orphan
    from ui.documents import Documents
    from ui.engine_client import EngineClient
    from ui.session import Session
    from ui.session_state import Change
    from ui.widgets.banner import Banner, Level


class Remarks(QObject):
    """Says one thing at a time, and takes it back when it is no longer so."""

    def __init__(
        self,
        session: Session,
        engine: EngineClient,
        documents: Documents,
        banner: Banner,
        then: QWidget,
    ) -> None:
        """then: where the keyboard goes once a button of the line has been pressed."""
        super().__init__(banner)
        self._session, self._documents = session, documents
        self._banner, self._then = banner, then
        self._said: Message | None = None
        self._level: Level = "info"
        self._until_run = False
        self._warning: Message | None = None
        self._about_data: tuple[Source, Input] | None = None
        self._offered = ""
        """What was said last with buttons; `_offer` says it once more, in the present language."""
        self._offer: Callable[[], None] | None = None
        engine.trouble.connect(self._tell_trouble)
        engine.warned.connect(self._warn)
        engine.progress_changed.connect(self._follow_run)
        engine.run_left.connect(self._leave_run)
        session.changed.connect(self._follow_session)
        documents.found.connect(self.offer_lost_work)
        language.changed.connect(self._retranslate)

    def tell(self, message: Message, level: Level = "info", *, until_run: bool = False) -> None:
        """Show a line across the top; `until_run`: it is over when training goes on."""
        self._said, self._level, self._until_run = message, level, until_run
        self._about_data = None
        self._banner.show_message(text(message), level)

    def refuse(self, message: Message) -> None:
        """Say why something could not be done."""
        self.tell(message, "error")

    def take_back(self, message: Message) -> None:
        """Say that no longer, if it is what is said."""
        if self._said == message:
            self.leave()
            self._banner.clear()

    def leave(self) -> None:
        """The line says something that is not told here."""
        self._said = self._about_data = None
        self._until_run = False

    def offer_way_out(
        self, message: Message, words: Callable[[], str], do: Callable[[], object]
    ) -> None:
        """Say what is odd about the data, with a button that mends it.

        words: on the button, in the present language.
        """
        self._said, self._about_data = None, _data_of(self._session.project)
        self._banner.show_message(text(message), "warning", [(words(), self._after(do))])
        self._offered = self._banner.text()
        self._offer = lambda: self.offer_way_out(message, words, do)

    def offer_lost_work(self, orphan: Orphan) -> None:
        """Say that work was kept when the program ended, and ask what becomes of it."""
        name = orphan.original.name if orphan.original else tr("a network without a file")
        self._said = None
        self._banner.show_message(
            tr(
                "CNNviz ended unexpectedly; your work on {name} from {time} was kept.",
                name=name,
                time=time_of(orphan),
            ),
            "warning",
            [
                (tr("Bring it back"), self._after(lambda: self._documents.recover(orphan))),
                (tr("Throw it away"), self._after(lambda: self._documents.forget(orphan))),
            ],
            closable=False,
        )
        self._offered = self._banner.text()
        self._offer = lambda: self.offer_lost_work(orphan)

    def _after(self, do: Callable[[], object]) -> Callable[[], None]:
        """What a button of the line does: the line goes first."""

        def pressed() -> None:
            self._then.setFocus()  # before its button goes
            self._banner.clear()
            do()

        return pressed

    def _tell_trouble(self, message: Message) -> None:
        self.tell(message, "error", until_run=True)

    def _warn(self, message: Message | None) -> None:
        if message is not None:
            self._warning = message
            self.tell(message, "warning")
        elif self._said is not None and self._said == self._warning:
            self._banner.clear()

    def _follow_run(self, progress: Progress) -> None:
        if self._until_run and progress.state == "running":
            self._until_run = False
            self._banner.clear()
        if progress.state == "finished" and progress.explanation is not None:
            self.tell(progress.explanation.message(), until_run=True)

    def _leave_run(self) -> None:
        """Nothing that was said of it can be done any more, such as to resume it."""
        if self._until_run and self._said is not None and self._banner.text() == text(self._said):
            self._banner.clear()
        self._until_run = False

    def _follow_session(self, change: Change) -> None:
        if change.opened and self._said is not None:
            self._banner.clear()  # it was about what was there before
        if self._about_data not in (None, _data_of(change.new.project)):
            self._about_data = None
            self._banner.clear()

    def _retranslate(self) -> None:
        if self._said is not None and self._banner.text():
            self.tell(self._said, self._level, until_run=self._until_run)
        elif self._offer is not None and self._banner.text() == self._offered:
            self._offer()


def _data_of(project: Project) -> tuple[Source, Input]:
    """What a remark about the data and the input is about."""
    return project.dataset, project.network.input
