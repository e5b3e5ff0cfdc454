"""The way back: somebody follows the error to a weight, and works out a small network by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.person import something

if TYPE_CHECKING:
    from tests.journeys.person import Person

pytestmark = [pytest.mark.xvfb, pytest.mark.usefixtures("at_work")]


def test_from_all_layers_to_one_value(person: Person) -> None:
    conv = person.ask("layers")[0][0]
    person.select(conv)
    person.press("ctrl+4", "b")
    found = person.wait_until("returned", something)
    assert found["zoom"] == "all"
    assert found["tiles"][-1] == "loss"
    assert found["right"].startswith("Right: 5")  # the label of the test image
    person.look("all layers")
    pool = person.ask("layers")[2][0]
    person.click_at(person.find_at_rest("tile", pool))
    person.wait_until("returned", lambda now: now["zoom"] == "layer")
    assert person.ask("selection") == pool
    person.look("max pool")
    person.click_at(person.find_at_rest("delta", 0, 3, 3))
    worked = person.wait_until("returned", lambda now: now["zoom"] == "value")
    assert worked["uid"] == pool
    assert worked["place"] == [0, 3, 3]
    assert worked["agrees"]
    person.look("one value")


def test_a_weight_is_learned_and_the_way_back_is_escape(person: Person) -> None:
    person.select(person.ask("layers")[0][0])
    person.click_at(person.find("tab", "Weights"))
    worked = person.wait_until("returned", lambda now: now["what"] == "tensor 0 weight")
    assert worked["agrees"]
    assert "first step of a run" in worked["remark"]
    person.press("n", "n")
    person.look("positions of a weight")
    person.press("Escape")
    person.wait_until("returned", lambda now: now["zoom"] == "layer")
    person.press("Escape")
    person.wait_until("returned", lambda now: now["zoom"] == "all")


def test_two_inputs_by_hand(person: Person) -> None:
    person.press("ctrl+k")
    person.wait_until("focus", lambda name: name == "Find a command or a layer")
    person.type("two inputs, by hand")
    person.press("Return")
    person.wait_until("layers", lambda layers: len(layers) == 4)
    person.press("ctrl+4")
    dense = person.ask("layers")[1][0]
    person.select(dense)
    person.wait_until("returned", lambda now: now is not None and dense in now["tiles"])
    person.click_at(person.find_at_rest("tile", dense))
    person.click("One value")
    person.click_at(person.find("tab", "Weights"))
    person.wait_until("returned", lambda now: now["what"] == "tensor 0 weight")
    person.fill("Input 1", "0.6")
    lines = person.wait_until("returned", lambda now: now["lines"][0].startswith("0.600"))["lines"]
    assert lines[-1].startswith("0.5")  # w − η·g, from the weight that was given
    person.look("by hand")
