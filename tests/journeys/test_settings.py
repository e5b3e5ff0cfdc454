"""The program remembers how a person wants it to look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journeys.person import Person

pytestmark = pytest.mark.xvfb


def test_look_and_arrangement_survive_a_restart(person: Person) -> None:
    person.start()
    plain = person.ask("look")
    person.place_window(120, 40, 1300, 860)
    person.wait_until("look", lambda look: look["window"] == [120, 40, 1300, 860])
    for panel, across, down in (("inputs", 70, 0), ("outputs", -50, 0), ("inspector", 0, -60)):
        x, y = person.ask("handle", panel)
        person.take((x, y))
        person.carry((x + across, y + down))
        person.let_go()
    person.click("Dark theme")
    person.wait_until("look", lambda look: look["dark"])
    person.click("Change the language")
    person.wait_until("look", lambda look: look["language"] == "zh_CN")
    person.look("arranged")
    wanted = person.ask("look")
    assert all(wanted[name] != plain[name] for name in plain.keys() - {"scale"})
    person.leave()

    person.start()
    person.look("the same after a restart")
    assert person.ask("look") == wanted
    person.leave()
