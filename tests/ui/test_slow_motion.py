"""Slow motion: the order in which a step is lit, and that any other command ends it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import msgspec
import pytest

from cnnviz.layers import Branches, Conv2d
from cnnviz.message import Message
from cnnviz.network import INPUT_UID
from tests.support.fake_engine import progress
from tests.ui.sessions import engine, plain_look, session
from ui import slow_motion
from ui.slow_motion import SPEEDS, Lit, SlowMotion
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from tests.support.fake_engine import FakeEngine
    from ui.session import Session

__all__ = ["engine", "plain_look", "session"]

LAYERS = ["conv", "relu", "pool", "flat", "out"]


class Watched:
    """Slow motion with the test's hand on the clock; a step takes a second."""

    def __init__(self, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(slow_motion, "time", SimpleNamespace(monotonic=lambda: self.now))
        self.engine, self.slow = engine, engine.slow
        self.slow._clock.setInterval(1_000_000)
        engine.come_up()
        self.lit: list[Lit | None] = []
        self.slow.changed.connect(lambda: self.lit.append(self.slow.lit))

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds * 100)):
            self.now += 0.01
            self.slow._tick()

    def seen(self) -> list[Lit]:
        """All that was lit, in order."""
        found: list[Lit] = []
        for lit in self.lit:
            if lit is not None and found[-1:] != [lit]:
                found.append(lit)
        return found


@pytest.fixture
def watched(qapp: QApplication, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(engine, monkeypatch)


def test_a_step_is_lit_there_and_back(watched: Watched) -> None:
    watched.slow.begin()
    watched.wait(0.85)
    assert watched.engine.calls == []
    watched.wait(0.1)
    assert watched.engine.calls == ["step"]
    assert watched.seen() == [
        *(Lit("forward", uid) for uid in [INPUT_UID, *LAYERS]),
        Lit("loss", "out"),
        *(Lit("backward", uid) for uid in reversed(LAYERS)),
        Lit("update", ""),
    ]


def test_the_next_step_waits_until_the_one_before_is_made(watched: Watched) -> None:
    watched.slow.begin()
    watched.wait(3)
    assert watched.engine.calls == ["step"]
    assert watched.slow.lit == Lit("update", "")
    watched.engine.run(progress("loading"))
    watched.engine.run(progress("running"))
    watched.wait(1)
    watched.engine.run(progress("paused"))
    watched.wait(0.02)
    assert watched.slow.lit == Lit("forward", INPUT_UID)
    watched.wait(1)
    assert watched.engine.calls == ["step", "step"]


def test_a_run_that_goes_on_is_held_first(watched: Watched) -> None:
    watched.engine.run(progress("running"))
    watched.slow.begin()
    assert watched.engine.calls == ["pause"]
    watched.engine.run(progress("running"))  # told before it was held
    watched.wait(2)
    assert watched.engine.calls == ["pause"]
    watched.engine.run(progress("paused"))
    watched.wait(0.02)
    assert watched.engine.calls == ["pause", "step"]


@pytest.mark.parametrize("state", ["finished", "stopped", "failed"])
def test_it_ends_with_the_run(watched: Watched, state: str) -> None:
    watched.slow.begin()
    watched.wait(0.95)
    watched.engine.run(progress(state))  # type: ignore[arg-type]
    assert not watched.slow.active
    assert watched.slow.lit is None
    watched.wait(2)
    assert watched.engine.calls == ["step"]


def test_it_ends_where_somebody_trains_at_full_speed(watched: Watched) -> None:
    watched.slow.begin()
    watched.wait(0.95)
    watched.engine.run(progress("paused"))
    watched.engine.run(progress("running"))
    assert not watched.slow.active


def test_what_is_skipped_and_what_only_holds_others_is_not_lit(
    watched: Watched, session: Session
) -> None:
    inside = Branches(uid="b", branches=((), (Conv2d(uid="in", filters=1, padding="same"),)),
                      merge="concat")  # fmt: skip
    layers = session.network.layers
    off = msgspec.structs.replace(layers[1], enabled=False)
    session.edit(
        session.network.with_layers([layers[0], off, inside, *layers[3:]]), Message("Edit")
    )
    watched.slow.begin()
    watched.wait(0.39)
    assert [lit.uid for lit in watched.seen()] == [INPUT_UID, "conv", "in", "flat", "out"]


def test_nothing_travels_where_motion_is_reduced(watched: Watched) -> None:
    theme.set_reduced_motion(True)
    try:
        watched.slow.begin()
        watched.wait(0.95)
        watched.engine.run(progress("paused"))
        watched.wait(1)
        assert watched.seen() == []
        assert watched.engine.calls == ["step", "step"]
    finally:
        theme.set_reduced_motion(False)


def test_the_speed_may_change_in_the_middle_and_is_kept(watched: Watched, session: Session) -> None:
    watched.slow.begin()
    watched.wait(0.2)
    lit = watched.slow.lit
    watched.slow.set_seconds(4.0)
    watched.wait(0.01)
    assert watched.slow.lit == lit
    watched.wait(2.7)
    assert watched.engine.calls == []
    watched.wait(0.2)
    assert watched.engine.calls == ["step"]
    assert SlowMotion(session, watched.engine.client, watched.engine).seconds == 4.0
    assert 4.0 in SPEEDS
    watched.slow.set_seconds(1.0)


def test_it_does_not_begin_without_an_engine_or_with_a_problem(
    engine: FakeEngine, session: Session, qapp: QApplication
) -> None:
    engine.slow.begin()
    assert not engine.slow.active
    engine.come_up()
    session.edit(session.network.with_layers(session.network.layers[:3]), Message("Edit"))
    engine.slow.begin()
    assert not engine.slow.active
