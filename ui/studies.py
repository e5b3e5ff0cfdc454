"""What a view wants looked into: one question under way and one waiting a slot, the newest wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from cnnviz.engine.protocol import Forget, Study

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz.engine.protocol import Studied, Subject, ToEngine


class _Asked(NamedTuple):
    """What is asked, and of which weights."""

    subject: Subject
    revision: int
    step: int


class _Slot:
    """The questions of one view."""

    def __init__(self) -> None:
        self.id = 0
        self.asked: _Asked | None = None
        self.waiting: _Asked | None = None
        self.in_flight = False
        """Nothing has been heard yet of what was asked."""
        self.done = 1.0
        self.newest: Studied | None = None
        self.about: Subject | None = None
        """What the newest answer answers."""


class Studies(QObject):
    """Keeps the newest answer of each slot. A view asks again with every new picture: what has been
    answered for these weights costs nothing, and the same question about weights that have only
    moved on lets the one under way finish first."""

    found = Signal(str)
    """There is something new of this slot."""

    def __init__(
        self,
        send: Callable[[ToEngine], None],
        weights: Callable[[], tuple[int, int] | None],
        parent: QObject | None = None,
    ) -> None:
        """weights: the present revision and step; None while nothing can be asked."""
        super().__init__(parent)
        self._send, self._weights = send, weights
        self._ids = 0
        self._slots: dict[str, _Slot] = {}

    def ask(self, slot: str, subject: Subject) -> None:
        """Ask, unless just this has been asked before of the present weights."""
        weights = self._weights()
        if weights is None:
            return
        it = self._slots.setdefault(slot, _Slot())
        wanted = _Asked(subject, *weights)
        it.waiting = None if wanted == it.asked else wanted
        self._go_on(slot, it)

    def cancel(self, slot: str) -> None:
        """End what is under way in a slot; what was found stays."""
        it = self._slots.get(slot)
        if it is not None and it.done < 1:
            it.waiting = it.asked = None
            it.in_flight, it.done = False, 1.0
            it.id = 0
            self._send(Forget(slot))

    def drop(self, slot: str) -> None:
        """As `cancel`, and forget what was found."""
        self.cancel(slot)
        self._slots.pop(slot, None)

    def newest(self, slot: str) -> Studied | None:
        """The newest answer of a slot, to whatever was asked there; None before there is one."""
        it = self._slots.get(slot)
        return it.newest if it else None

    def about(self, slot: str) -> Subject | None:
        """What the newest answer of a slot answers."""
        it = self._slots.get(slot)
        return it.about if it else None

    def take(self, answer: Studied) -> None:
        """What the engine says."""
        it = self._slots.get(answer.slot)
        if it is None or it.asked is None or answer.id != it.id:
            return
        it.in_flight, it.done = False, answer.done
        if answer.revision == it.asked.revision:
            it.newest, it.about = _with_what_was_found(it.newest, answer), it.asked.subject
            self.found.emit(answer.slot)
        self._go_on(answer.slot, it)

    def forget(self) -> None:
        """The engine is another one, or computes elsewhere: nothing is under way any more."""
        self._slots.clear()

    def _go_on(self, slot: str, it: _Slot) -> None:
        wanted, asked = it.waiting, it.asked
        if wanted is None or it.in_flight:
            return
        if it.done < 1 and asked is not None and wanted == asked._replace(step=wanted.step):
            return
        self._ids += 1
        it.waiting, it.asked, it.id = None, wanted, self._ids
        it.in_flight, it.done = True, 0.0
        self._send(Study(it.id, slot, wanted.subject))


def _with_what_was_found(before: Studied | None, answer: Studied) -> Studied:
    """A slice that brings nothing new tells only how much is done: what its question has found
    before stays on show."""
    if before is None or before.id != answer.id:
        return answer
    news = answer.finding is not None or answer.note is not None
    return answer if news else replace(answer, finding=before.finding)
