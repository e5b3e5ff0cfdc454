"""One question a slot under way, the newest wins, and slow ones are let finish."""

from __future__ import annotations

import pytest

from cnnviz.engine.protocol import Finding, Forget, Studied, Study, ToEngine
from cnnviz.engine.protocol.studies import Average, Started
from ui.studies import Studies

ONE, OTHER = Average("conv", 1), Average("conv", 2)


class Desk:
    def __init__(self) -> None:
        self.sent: list[ToEngine] = []
        self.found: list[str] = []
        self.weights: tuple[int, int] | None = (1, 0)
        self.studies = Studies(self.sent.append, lambda: self.weights)
        self.studies.found.connect(self.found.append)

    def asked(self) -> list[tuple[str, object]]:
        return [(what.slot, what.subject) for what in self.sent if isinstance(what, Study)]

    def answer(
        self, done: float = 1.0, revision: int = 1, finding: Finding | None = None
    ) -> Studied:
        """The engine answers what it was asked last."""
        last = [what for what in self.sent if isinstance(what, Study)][-1]
        answer = Studied(last.id, last.slot, revision, 0, finding, done)
        self.studies.take(answer)
        return answer


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_one_under_way_one_waiting_the_newest_wins(desk: Desk) -> None:
    for label in range(4):
        desk.studies.ask("a", Average("conv", label))
    assert desk.asked() == [("a", Average("conv", 0))]
    first = desk.answer()
    assert desk.studies.newest("a") is first
    assert desk.studies.about("a") == Average("conv", 0)
    assert desk.asked()[1:] == [("a", Average("conv", 3))]
    desk.answer()
    assert len(desk.asked()) == 2
    assert desk.found == ["a", "a"]


def test_slots_do_not_know_each_other(desk: Desk) -> None:
    desk.studies.ask("a", ONE)
    desk.studies.ask("b", ONE)
    assert desk.asked() == [("a", ONE), ("b", ONE)]
    desk.answer()
    assert desk.studies.newest("a") is None
    assert desk.studies.newest("b") is not None


def test_what_was_answered_costs_nothing_until_the_weights_move(desk: Desk) -> None:
    desk.studies.ask("a", ONE)
    desk.answer()
    desk.studies.ask("a", ONE)
    assert len(desk.sent) == 1
    desk.weights = (1, 7)
    desk.studies.ask("a", ONE)
    assert len(desk.sent) == 2


def test_a_slow_one_is_let_finish_while_a_run_goes_on(desk: Desk) -> None:
    desk.studies.ask("a", ONE)
    desk.answer(0.3)
    desk.weights = (1, 5)
    desk.studies.ask("a", ONE)
    desk.answer(0.6)
    assert len(desk.sent) == 1
    desk.answer(1.0)
    assert len(desk.sent) == 2


@pytest.mark.parametrize(("subject", "revision"), [(OTHER, 1), (ONE, 2)])
def test_another_question_ends_a_slow_one(desk: Desk, subject: Average, revision: int) -> None:
    desk.studies.ask("a", ONE)
    desk.answer(0.3)
    desk.weights = (revision, 0)
    desk.studies.ask("a", subject)
    assert desk.asked()[1:] == [("a", subject)]


def test_answers_of_another_network_are_not_shown(desk: Desk) -> None:
    desk.studies.ask("a", ONE)
    desk.answer(revision=9)
    assert desk.studies.newest("a") is None
    assert not desk.found


def test_what_is_cancelled_is_told_to_the_engine_and_can_be_asked_again(desk: Desk) -> None:
    desk.studies.ask("a", ONE)
    found = desk.answer(0.3)
    desk.studies.cancel("a")
    assert desk.sent[-1] == Forget("a")
    assert desk.studies.newest("a") is found
    desk.answer(0.6)  # was on its way
    assert desk.studies.newest("a") is found
    desk.studies.ask("a", ONE)
    assert len(desk.asked()) == 2
    desk.answer()
    desk.studies.drop("a")
    assert desk.studies.newest("a") is None
    assert desk.sent[-1] != Forget("a"), "nothing was under way"


def test_nothing_is_asked_before_there_is_a_network(desk: Desk) -> None:
    desk.weights = None
    desk.studies.ask("a", ONE)
    assert not desk.sent
    desk.weights = (1, 0)
    desk.studies.ask("a", ONE)
    desk.answer()
    desk.studies.forget()
    assert desk.studies.newest("a") is None


def test_a_slice_without_news_does_not_take_away_what_was_found(desk: Desk) -> None:
    found = Started([])
    desk.studies.ask("a", ONE)
    desk.answer(done=0.1, finding=found)
    desk.answer(done=0.2)
    kept = desk.studies.newest("a")
    assert kept is not None
    assert (kept.finding, kept.done) == (found, 0.2)
    desk.studies.ask("a", OTHER)
    desk.answer(done=0.1)
    other = desk.studies.newest("a")
    assert other is not None
    assert other.finding is None, "it is the answer to another question"
