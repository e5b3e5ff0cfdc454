"""How much of the processor a run gets, by clocks that a test turns."""

from __future__ import annotations

import msgspec
import pytest
import torch

from cnnviz.engine import share
from cnnviz.engine.protocol import Progress, UseThreads
from cnnviz.engine.share import SECONDS, Share
from tests.engine.desk import LONG, Desk, begin


class Clocks:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall = self.process = 100.0
        monkeypatch.setattr("time.perf_counter", lambda: self.wall)
        monkeypatch.setattr("time.process_time", lambda: self.process)

    def turn(self, wall: float, process: float) -> None:
        self.wall += wall
        self.process += process


def test_it_is_the_process_time_in_the_time_that_has_gone_by(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clocks, own = Clocks(monkeypatch), Share()
    assert own.cores() is None
    own.begin()
    clocks.turn(SECONDS / 2, SECONDS)
    assert own.cores() is None, "too short to say anything"
    clocks.turn(SECONDS / 2, SECONDS / 2)
    assert own.cores() == pytest.approx(1.5)
    clocks.turn(SECONDS / 2, 0.0)
    assert own.cores() == pytest.approx(1.5), "what is known stays until there is something newer"
    clocks.turn(SECONDS / 2, SECONDS / 4)
    assert own.cores() == pytest.approx(0.25)
    own.begin()
    assert own.cores() is None


def test_a_run_tells_it_and_begins_anew_with_other_threads(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = torch.get_num_threads()
    monkeypatch.setattr(share, "SECONDS", 0.0)
    try:
        begin(desk)
        desk.train(msgspec.structs.replace(LONG, learning_rate=0.01))
        told = desk.last(Progress).cores
        assert told is not None
        assert told >= 0
        monkeypatch.setattr(share, "SECONDS", 1e9)
        desk.tell(UseThreads(threads=2))
        assert torch.get_num_threads() == 2
        assert desk.last(Progress).cores is None
        (change,) = [c for c in desk.last(Progress).changes if c.field == "threads"]
        assert (change.before, change.after) == (1, 2)
    finally:
        torch.set_num_threads(before)
