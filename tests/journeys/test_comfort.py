"""Found by typing, mended from the list, shown on a projector, and everything as it was again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journeys.person import Person

pytestmark = [pytest.mark.xvfb, pytest.mark.usefixtures("at_work")]


def test_commands_are_found_by_typing(person: Person) -> None:
    before = person.ask("layers")
    person.press("ctrl+k")
    person.wait_until("focus", lambda name: name == "Find a command or a layer")
    person.type("batch n")
    person.look("found")
    person.press("Return")
    layers = person.wait_until("layers", lambda layers: len(layers) == len(before) + 1)
    assert layers[1][1] == "batch_norm"
    assert person.ask("focus") != "Find a command or a layer"
    person.press("ctrl+k")
    person.type("1 conv")
    person.press("Return")
    person.wait_until("selection", lambda uid: uid == before[0][0])


def test_a_problem_is_mended_from_the_list(person: Person) -> None:
    person.press("ctrl+k")
    person.type("insert dense")
    person.press("Escape")
    person.press("Return")  # the settings of the card that was jumped to
    person.wait_until("focus", lambda name: name == "Filters")
    person.press("Tab")
    person.press("Tab")
    person.press("ctrl+a")
    person.type("60")
    person.press("F8")
    person.wait_until("texts", lambda texts: any(t.startswith("The 60×") for t in texts))
    person.look("the list of problems")
    person.press("Down", "space")
    person.wait_until("texts", lambda texts: not any(t.startswith("The 60×") for t in texts))
    person.look("mended")


def at_rest(person: Person) -> dict[str, object]:
    """How the window looks once all of it has found its place: panels follow a moment later."""
    looks = [person.ask("look")]
    while len(looks) < 5 or any(look != looks[-1] for look in looks[-5:]):
        time.sleep(0.2)
        looks.append(person.ask("look"))
    found: dict[str, object] = looks[-1]
    return found


def test_a_projector_leaves_no_trace(person: Person) -> None:
    person.leave()
    person.start()  # both looks are of the network that a start shows
    person.place_window(120, 40, 1300, 860)
    person.wait_until("look", lambda look: look["window"] == [120, 40, 1300, 860])
    plain = at_rest(person)
    person.press("F11")
    person.wait_until("look", lambda look: look["scale"] > plain["scale"])
    person.look("on the projector")
    person.leave()
    person.start()
    assert person.ask("look")["scale"] > plain["scale"]
    person.look("on the projector again")
    person.press("F11")
    person.wait_until("look", lambda look: look == plain)
    person.look("as it was")
    person.leave()
