"""Why this answer: somebody asks which pixels speak for a class, draws, and trains meanwhile."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.person import something

if TYPE_CHECKING:
    from tests.journeys.person import Person

pytestmark = [pytest.mark.xvfb, pytest.mark.usefixtures("at_work")]

SEVEN = [(0.25, 0.22), (0.74, 0.22), (0.60, 0.50), (0.45, 0.85)]


def is_complete(method: str, now: dict[str, Any]) -> bool:
    return bool((now["method"], now["done"]) == (method, 1))


def test_a_click_on_a_bar_shows_which_pixels_speak_for_it(person: Person) -> None:
    person.wait_until("prediction", something)
    person.click_at(person.find_at_rest("bar", 3))
    shown = person.wait_until("explained", something)
    assert (shown["method"], shown["target"]) == ("saliency", 3)
    assert "Class 3" in shown["words"]
    person.look("class 3")


def test_every_method_goes_by_mouse(person: Person) -> None:
    for title, method in (
        ("Gradient × input", "input_gradient"),
        ("Grad-CAM", "grad_cam"),
        ("Guided backpropagation", "guided"),
        ("Occlusion", "occlusion"),
    ):
        person.click_at(person.find("tab", title))
        person.wait_until("explained", partial(is_complete, method))
        person.look(title)


def test_it_follows_the_pen(person: Person) -> None:
    before = person.ask("explained")["words"]
    person.click("Clear")
    person.wait_until("explained", lambda now: now is None)
    person.look("nothing to explain")
    person.draw(SEVEN)
    after = person.wait_until("explained", lambda now: now is not None and now["done"] == 1)
    assert after["words"] != before
    assert after["target"] == 3
    person.look("a seven as a three")


def test_it_follows_a_run(person: Person) -> None:
    person.press("F5")
    first = person.wait_until("explained", lambda now: now is not None and now["step"] > 0)
    person.wait_until("explained", lambda now: now["step"] > first["step"] and now["done"] == 1)
    person.look("while a run goes on")
    person.press("F5")
    person.wait_until("run", lambda state: state == "paused")


def test_the_keyboard_leads_there_and_back(person: Person) -> None:
    person.press("ctrl+1")
    person.wait_until("explained", lambda now: now is None)
    person.press("ctrl+6")
    person.wait_until("explained", something)
