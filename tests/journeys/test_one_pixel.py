"""One pixel: somebody asks where a number comes from, and follows it through the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.person import something

if TYPE_CHECKING:
    from tests.journeys.person import Person

pytestmark = [pytest.mark.xvfb, pytest.mark.usefixtures("at_work")]

SEVEN = [(0.25, 0.22), (0.74, 0.22), (0.60, 0.50), (0.45, 0.85)]


def test_a_click_on_a_value_shows_its_sum(person: Person) -> None:
    conv = person.ask("layers")[0][0]
    person.select(conv)
    person.click_at(person.find("tab", "Feature maps"))
    person.wait_until("value", something, 4, 9, 6)
    person.look("feature maps")
    person.click_at(person.find_at_rest("value", 4, 9, 6))
    worked = person.wait_until("worked", something)
    person.look("one pixel")
    assert worked["place"] == [4, 9, 6]
    assert worked["uid"] == conv
    assert worked["agrees"]
    assert worked["remark"].startswith(f"PyTorch computed {worked['total']}\N{NO-BREAK SPACE}✓")


def test_the_sum_follows_the_pen(person: Person) -> None:
    before = person.wait_until("worked", something)
    person.click("Clear")
    person.draw(SEVEN)
    after = person.wait_until("worked", lambda now: now["total"] != before["total"])
    assert after["place"] == before["place"]
    assert after["agrees"]


def test_the_window_is_dragged_and_slides_by_itself(person: Person) -> None:
    person.take(person.find_at_rest("pixel", "source", 4, 4))
    person.carry(person.find_at_rest("pixel", "source", 12, 14))
    person.let_go()
    # Where the window of 5 around this pixel begins.
    person.wait_until("worked", lambda now: now["place"] == [4, 10, 12])
    person.press("p")
    person.wait_until("worked", lambda now: now["place"][2] >= 15)
    person.look("sliding")
    person.press("p")
    person.click_at(person.find_at_rest("pixel", "output", 20, 3))
    person.wait_until("worked", lambda now: now["place"] == [4, 20, 3])


def test_everything_goes_by_keyboard(person: Person) -> None:
    assert person.ask("focus") == "Output"
    person.press("Right", "Down", "Next")
    person.wait_until("worked", lambda now: now["place"] == [5, 21, 4])
    person.press("Escape")
    person.wait_until("value", something, 4, 9, 6)
    person.press("ctrl+4")
    assert person.wait_until("worked", something)["place"] == [5, 21, 4]


def test_the_way_leads_back_through_the_layers(person: Person) -> None:
    layers = person.ask("layers")
    second = [uid for uid, kind in layers if kind == "conv2d"][1]
    before = layers[[uid for uid, _ in layers].index(second) - 1][0]
    person.select(second)
    worked = person.wait_until("worked", lambda now: now is not None and now["uid"] == second)
    assert worked["agrees"]
    person.look("the second convolution")
    row, column = worked["place"][1:]
    person.double_click(person.find_at_rest("pixel", "source", row, column))
    worked = person.wait_until("worked", lambda now: now is not None and now["uid"] == before)
    assert worked["place"][1:] == [row, column]
    assert person.ask("selection") == before
    person.look("one layer back")


def test_training_is_watched(person: Person) -> None:
    person.select(person.ask("layers")[0][0])
    first = person.wait_until("worked", something)["total"]
    person.click("Train")
    second = person.wait_until("worked", lambda now: now["total"] != first)["total"]
    assert person.wait_until("worked", lambda now: now["total"] not in {first, second})["agrees"]
    person.click("Pause")
    person.wait_until("run", lambda state: state == "paused")
    person.press("ctrl+z")
