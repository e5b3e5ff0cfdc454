"""The range test, on a copy: the network and its run are as they were."""

from __future__ import annotations

import msgspec
import pytest

from cnnviz import range_test
from cnnviz.engine.protocol import Studied, Study
from cnnviz.engine.protocol.studies import RangeTest, RangeTested
from cnnviz.layers import Dropout
from tests.engine.desk import QUICK, RESTLESS, Desk, begin, same, small_network, sums


def found_by(desk: Desk) -> list[Studied]:
    desk.said.clear()
    desk.tell(Study(1, "a", RangeTest(QUICK)))
    desk.work()
    return desk.all(Studied)


def test_a_loss_falls_and_then_explodes(desk: Desk) -> None:
    desk.load(small_network(Dropout(uid="drop")))  # with batch norm it may not explode
    before = sums(desk)
    answers = found_by(desk)
    assert answers[-1].done == 1
    assert sums(desk) == before
    found = answers[-1].finding
    assert isinstance(found, RangeTested)
    assert found.rates == pytest.approx(range_test.rates()[: len(found.rates)])
    assert min(found.losses) < found.losses[0] / 2
    assert found.rate is not None
    assert 1e-4 < found.rate < 1
    firsts = [answer.finding for answer in answers[:-1]]
    assert all(isinstance(first, RangeTested) and first.rate is None for first in firsts)


def test_the_first_loss_is_that_of_a_run(desk: Desk) -> None:
    desk.load(RESTLESS)
    first = found_by(desk)[0].finding
    assert isinstance(first, RangeTested)
    desk.train(msgspec.structs.replace(QUICK, learning_rate=range_test.LOWEST), steps=1)
    desk.work()
    run = desk.engine.runner.run
    assert run is not None
    assert first.losses[0] == pytest.approx(run.loss, rel=1e-6)


def test_a_run_that_waits_does_not_notice(desk: Desk) -> None:
    other = Desk()
    for one in (desk, other):
        one.load(RESTLESS)
        one.train(QUICK, steps=2)
        one.work()
    found_by(desk)
    for one in (desk, other):
        one.train(QUICK)
        one.work()
    assert same(desk.weights(), other.weights())


def test_it_can_be_asked_while_a_run_goes_on(desk: Desk) -> None:
    begin(desk)
    desk.tell(Study(1, "a", RangeTest(QUICK)))
    for _ in range(2000):
        desk.work(1)
        if desk.all(Studied) and desk.all(Studied)[-1].done == 1:
            break
    assert desk.all(Studied)[-1].done == 1
    assert desk.engine.runner.busy
