"""A chapter that fails leaves nothing of its program to the next test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
import pytest

from tests.journeys.program import EndedError

if TYPE_CHECKING:
    from tests.journeys.person import Person

pytestmark = pytest.mark.xvfb


def test_a_story_that_is_broken_off_ends_its_program_and_the_engine(person: Person) -> None:
    person.start()
    engine = psutil.Process(person.ask("engine"))
    person.press("ctrl+o")
    person.wait_until("dialog", bool)  # in the midst of something, where no key leaves the program
    person.break_off()
    assert not person.program.running
    assert not engine.is_running() or engine.status() == psutil.STATUS_ZOMBIE
    with pytest.raises(EndedError, match="broken off"):
        person.press("Return")
