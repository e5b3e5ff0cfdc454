"""The engine dies while it trains: the window lives, says so, and goes on from the snapshot."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.journeys.person import something

if TYPE_CHECKING:
    from tests.journeys.person import Person

pytestmark = pytest.mark.xvfb


def test_the_network_goes_on_from_the_last_snapshot(person: Person) -> None:
    person.start()
    start = person.wait_until("prediction", something)
    person.select(person.ask("layers")[0][0])
    person.wait_until("kernels", something)
    person.click("Reset the weights")
    untrained = person.wait_until("prediction", lambda now: now not in (None, start))
    person.click("Train")
    person.wait_until("snapshot", bool)  # the window holds what was learned
    engine = person.ask("engine")
    os.kill(engine, signal.SIGKILL)
    banner = person.wait_until("banner", bool)
    person.look("the engine is dead")
    assert banner.startswith("The engine has stopped unexpectedly.")
    assert "Press Resume to continue" in banner
    assert not psutil.pid_exists(engine)

    person.wait_until("engine", lambda pid: pid not in (None, engine))
    person.wait_until("device", something)
    learned = person.wait_until("prediction", something)
    person.look("another engine")
    assert learned != pytest.approx(untrained, abs=1e-3)
    assert person.ask("undo") == "Undo: Train"

    person.wait_until("run", lambda state: state == "paused")
    held = person.ask("steps")
    person.wait_until("losses", lambda losses: len(losses) == held > 0)
    person.click("Resume")
    person.wait_until("steps", lambda steps: steps > held + 5)
    person.press("F5")
    person.wait_until("run", lambda state: state == "paused")
    person.look("it trains again")
    person.wait_until("losses", lambda losses: len(losses) == person.ask("steps"))  # each step once
    assert len(person.ask("runs")) == 1
    person.leave()
