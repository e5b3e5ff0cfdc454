"""One question under way, the newest wins, and slow ones are let finish."""

from __future__ import annotations

import msgspec
import pytest

from cnnviz.engine.protocol import Explain, Explained, LeaveUnexplained, ToEngine
from ui.explanations import Explanations

SALIENCY = Explain(0, b"\0" * 4, 2, 2, 1, "saliency")
OTHER = Explain(0, b"\1" * 4, 2, 2, 1, "saliency")
SLOW = msgspec.structs.replace(SALIENCY, method="occlusion")


class Desk:
    def __init__(self) -> None:
        self.sent: list[Explain] = []
        self.changes = 0
        self.told: list[ToEngine] = []
        self.explanations = Explanations(self._hear)
        self.explanations.changed.connect(self._count)

    def _hear(self, message: ToEngine) -> None:
        if isinstance(message, Explain):
            self.sent.append(message)
        else:
            self.told.append(message)

    def _count(self) -> None:
        self.changes += 1

    def answer(self, done: float = 1.0, revision: int = 1) -> None:
        """The engine answers what it was asked last."""
        last = self.sent[-1]
        self.explanations.take(Explained(last.id, last.method, revision, done=done))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_one_under_way_one_waiting_the_newest_wins(desk: Desk) -> None:
    for step in range(4):
        desk.explanations.ask(SALIENCY, 1, step)
    desk.explanations.ask(OTHER, 1, 4)
    assert [asked.image for asked in desk.sent] == [SALIENCY.image]
    desk.answer()
    assert desk.changes == 1
    assert [asked.image for asked in desk.sent] == [SALIENCY.image, OTHER.image]
    desk.answer()
    assert len(desk.sent) == 2
    assert len({asked.id for asked in desk.sent}) == 2


def test_the_same_is_not_asked_twice(desk: Desk) -> None:
    desk.explanations.ask(SALIENCY, 1, 0)
    desk.explanations.ask(OTHER, 1, 0)
    desk.explanations.ask(SALIENCY, 1, 0)  # back to what is under way: nothing waits any more
    desk.answer()
    desk.explanations.ask(SALIENCY, 1, 0)
    assert len(desk.sent) == 1
    desk.explanations.forget()
    assert desk.explanations.newest is None
    desk.explanations.ask(SALIENCY, 1, 0)
    assert len(desk.sent) == 2


def test_a_slow_one_is_let_finish_while_a_run_goes_on(desk: Desk) -> None:
    desk.explanations.ask(SLOW, 1, 0)
    desk.answer(0.2)
    desk.explanations.ask(SLOW, 1, 5)
    desk.answer(0.6)
    assert len(desk.sent) == 1
    desk.answer(1.0)
    assert len(desk.sent) == 2
    assert desk.changes == 3


@pytest.mark.parametrize(
    ("what", "revision"),
    [(SALIENCY, 1), (msgspec.structs.replace(SLOW, target=3), 1), (SLOW, 2)],
)
def test_another_question_ends_a_slow_one(desk: Desk, what: Explain, revision: int) -> None:
    desk.explanations.ask(SLOW, 1, 0)
    desk.answer(0.2)
    first = desk.sent[-1].id
    desk.explanations.ask(what, revision, 0)
    assert len(desk.sent) == 2
    changes = desk.changes
    desk.explanations.take(Explained(first, "occlusion", 1, done=0.4))
    assert desk.changes == changes


def test_what_nobody_waits_for_any_more_is_ended(desk: Desk) -> None:
    desk.explanations.ask(SLOW, 1, 0)
    desk.answer(0.2)
    desk.explanations.cancel()
    assert desk.told == [LeaveUnexplained()]
    assert desk.explanations.newest is not None
    desk.answer(0.4)  # was on its way
    assert desk.explanations.newest.done == 0.2
    desk.explanations.ask(SLOW, 1, 0)
    assert len(desk.sent) == 2
    desk.answer()
    desk.explanations.cancel()
    assert len(desk.told) == 1, "nothing was under way"


def test_an_answer_about_another_network_is_let_go(desk: Desk) -> None:
    desk.explanations.ask(SALIENCY, 2, 0)
    desk.answer(revision=1)
    assert desk.changes == 0
    assert desk.explanations.newest is None
    desk.explanations.ask(OTHER, 2, 0)
    desk.answer(revision=2)
    assert desk.changes == 1
