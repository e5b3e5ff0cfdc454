"""Questions why the network answers as it does: one under way, one waiting, the newest wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
from PySide6.QtCore import QObject, Signal

from cnnviz.engine.protocol import Explain, LeaveUnexplained

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz.engine.protocol import Explained, ToEngine


class _Question(NamedTuple):
    """What is asked, and of which weights."""

    what: Explain
    revision: int
    step: int


class Explanations(QObject):
    """Keeps the newest answer. A method that takes its time answers slice by slice: another
    question ends it, but the same one, asked again because a run goes on, lets it finish."""

    changed = Signal()

    def __init__(self, send: Callable[[ToEngine], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._send = send
        self._count = 0
        self._asked: _Question | None = None
        self._waiting: _Question | None = None
        self._in_flight = False
        self._done = 1.0
        self.newest: Explained | None = None

    def ask(self, what: Explain, revision: int, step: int) -> None:
        """Ask, unless just this has been asked before; the id is given here."""
        wanted = _Question(msgspec.structs.replace(what, id=0), revision, step)
        self._waiting = None if wanted == self._asked else wanted
        self._go_on()

    def take(self, answer: Explained) -> None:
        """What the engine says."""
        if self._asked is None or answer.id != self._count:
            return
        self._in_flight, self._done = False, answer.done
        if answer.revision == self._asked.revision:
            self.newest = answer
            self.changed.emit()
        self._go_on()

    def cancel(self) -> None:
        """End what is under way; what was found stays."""
        if self._done < 1:
            self._asked = self._waiting = None
            self._in_flight, self._done = False, 1.0
            self._send(LeaveUnexplained())

    def forget(self) -> None:
        """The engine is another one, or computes elsewhere: nothing is under way any more."""
        self._asked = self._waiting = self.newest = None
        self._in_flight, self._done = False, 1.0

    def _go_on(self) -> None:
        wanted, asked = self._waiting, self._asked
        if wanted is None or self._in_flight:
            return
        if self._done < 1 and asked is not None and wanted == asked._replace(step=wanted.step):
            return
        self._waiting, self._asked = None, wanted
        self._in_flight, self._done = True, 0.0
        self._count += 1
        self._send(msgspec.structs.replace(wanted.what, id=self._count))
