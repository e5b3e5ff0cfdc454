"""How often the window looks at weights that change."""

from __future__ import annotations

import pytest

from ui.glances import LIVE_SECONDS, SELDOM, SHARE, Glances


class Clock:
    """In the place of `time`: the clock of the wall, and that of the processor."""

    def __init__(self) -> None:
        self.now = self.spent = 0.0

    def perf_counter(self) -> float:
        return self.now

    def process_time(self) -> float:
        return self.spent

    def pass_by(self, seconds: float, share: float) -> None:
        """share: how much of them this process has had a core."""
        self.now += seconds
        self.spent += share * seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr("ui.glances.time", found)
    return found


def waits(clock: Clock, glances: Glances, share: float, *, crowded: bool) -> float:
    """Seconds from one picture to the next."""
    begun = clock.now
    while not glances.due(crowded=crowded):
        clock.pass_by(0.001, share)
    return clock.now - begun


@pytest.mark.parametrize("crowded", [False, True])
def test_the_first_picture_is_due_at_once(clock: Clock, crowded: bool) -> None:
    assert Glances().due(crowded=crowded)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_beside_a_free_core_it_looks_as_often_as_is_fluent(clock: Clock, share: float) -> None:
    glances = Glances()
    assert glances.due(crowded=False)
    assert waits(clock, glances, share, crowded=False) == pytest.approx(LIVE_SECONDS, abs=0.002)


def test_without_a_free_core_it_waits_until_its_work_is_a_small_share(clock: Clock) -> None:
    glances = Glances()
    assert glances.due(crowded=True)
    used = 2.5 * LIVE_SECONDS * SHARE
    clock.spent += used
    assert waits(clock, glances, 0.0, crowded=True) == pytest.approx(used / SHARE, abs=0.002)
    assert waits(clock, glances, 0.0, crowded=True) == pytest.approx(LIVE_SECONDS, abs=0.002)


def test_whatever_it_works_it_looks_twice_a_second(clock: Clock) -> None:
    glances = Glances()
    assert glances.due(crowded=True)
    longest = waits(clock, glances, 1.0, crowded=True)
    assert longest == pytest.approx(SELDOM * LIVE_SECONDS, abs=0.002)
    assert longest <= 0.501
