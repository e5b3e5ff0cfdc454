"""The sliding window beside its settings, and a feature map looked at from near by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.person import something

if TYPE_CHECKING:
    from tests.journeys.person import Person

pytestmark = [pytest.mark.xvfb, pytest.mark.usefixtures("at_work")]


def test_the_window_and_the_output_are_dragged(person: Person) -> None:
    conv = person.ask("layers")[0][0]
    person.select(conv)
    person.wait_until("slide", something, "source", 4, 4)
    person.wait_until("kernels", something)  # the engine is there
    person.take(person.find_at_rest("slide", "source", 4, 4))
    person.carry(person.find_at_rest("slide", "source", 12, 14))
    person.let_go()
    now = person.wait_until("slid", lambda now: now["place"] == [10, 12])
    assert now["words"] == "Row 10, column 12 reads rows 10–14, columns 12–16"
    assert now["spot"] == [conv, 10, 12]
    person.look("dragged window")
    person.click_at(person.find_at_rest("slide", "output", 20, 3))
    person.wait_until("slid", lambda now: now["place"] == [20, 3])


def test_it_goes_by_keyboard_and_by_itself(person: Person) -> None:
    person.press("Right", "Up")
    person.wait_until("slid", lambda now: now["place"] == [19, 4])
    person.press("space")
    person.wait_until("slid", lambda now: now["place"][1] >= 6)
    person.press("space")
    person.press("Home")
    person.wait_until("slid", lambda now: now["place"] == [0, 0])


def test_a_weight_says_what_it_multiplies(person: Person) -> None:
    person.carry(person.find_at_rest("weight", 1, 2))
    words = person.wait_until("slid", lambda now: "weight" in now["words"])["words"]
    assert words == "The weight in row 1, column 2 multiplies 576 values of the input"
    person.look("weight")


def test_it_follows_a_setting_as_it_is_typed(person: Person) -> None:
    conv = person.ask("layers")[0][0]
    person.select(conv)
    person.click("Padding")
    person.press("Down", "Return")
    now = person.wait_until("slid", lambda now: "28×28" in now["output"])
    assert "with padding" in now["words"]
    person.press("ctrl+z")
    person.wait_until("slid", lambda now: "24×24" in now["output"])


def test_a_map_is_opened_read_and_left(person: Person) -> None:
    person.click_at(person.find("tab", "Feature maps"))
    before = person.ask("rectangle", "Detail of the selected layer")
    person.carry(person.wait_until("value", something, 2, 9, 6))
    person.click_at(person.find_at_rest("lens", 2))
    opened = person.wait_until("opened", something)
    assert opened["map"] == 2
    person.carry(person.wait_until("large", something, 5, 7))
    reading = person.wait_until("opened", lambda now: "row 5, column 7" in now["reading"])
    assert reading["height"] > before[3]
    person.press("plus", "plus", "plus")
    person.wait_until("opened", lambda now: now["zoom"] > 1.5 * opened["zoom"])
    person.look("large map")
    person.press("Next")
    person.wait_until("opened", lambda now: now["map"] == 3)
    person.press("Escape")
    person.wait_until("value", something, 2, 9, 6)
    assert person.ask("opened") is None
