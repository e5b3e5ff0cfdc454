"""What one side of the comparison asks the engine, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal

from cnnviz.engine.protocol.studies import Beside, Lacking, Look, SeenBeside
from ui.i18n import text, tr

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cnnviz.runs.moments import Moment
    from ui.engine_client import EngineClient


class Question(QObject):
    """Asks about the newest image, with present or kept weights; those it lends to the engine,
    again where the engine does not have them any more."""

    answered = Signal()

    def __init__(self, slot: str, engine: EngineClient, parent: QObject) -> None:
        super().__init__(parent)
        self._slot, self._engine = slot, engine
        self._moment: Moment | None = None
        self._subject: Beside | None = None
        self._count = 0
        self._again = False
        """They have been lent once more, and nothing has come of it yet."""
        self.found: SeenBeside | None = None
        self.note = ""
        engine.studies.found.connect(self._take)

    def ask(self, image: NDArray[np.uint8], uid: str, moment: Moment | None) -> None:
        """moment: weights of the present network; None takes those that are looked at."""
        if moment is not self._moment:
            self._moment = moment
            self._again = False
            self._lend()
        self._subject = Beside(Look.of(image), uid, self._name)
        self._engine.studies.ask(self._slot, self._subject)

    def rest(self) -> None:
        """Nobody looks any more."""
        self._engine.studies.drop(self._slot)
        self._moment = self._subject = self.found = None
        self._again = False

    @property
    def _name(self) -> str:
        return "" if self._moment is None else f"{self._slot} {self._count}"

    def _lend(self) -> None:
        """Under a new name each time, so that no answer is taken for another."""
        self._count += 1
        if self._moment is not None:
            self._engine.lend(self._name, self._moment.weights)

    def _take(self, slot: str) -> None:
        if slot != self._slot or self._subject is None:
            return
        answer, about = self._engine.studies.newest(slot), self._engine.studies.about(slot)
        if answer is None or not isinstance(about, Beside):
            return
        if (about.uid, about.weights) != (self._subject.uid, self._subject.weights):
            return
        self.note = "" if answer.note is None else text(answer.note.message())
        if isinstance(answer.finding, SeenBeside):
            self.found, self._again = answer.finding, False
        elif isinstance(answer.finding, Lacking) and not self._again:
            self._again = True
            self._lend()
            self._subject = msgspec.structs.replace(self._subject, weights=self._name)
            self._engine.studies.ask(slot, self._subject)
        else:
            self.found = None
            self.note = self.note or tr("These weights cannot be held beside the others.")
        self.answered.emit()
