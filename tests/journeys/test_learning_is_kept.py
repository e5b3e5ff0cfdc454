"""The trap: an editor that loses learning. Whatever is taken back brings the weights back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.person import something

if TYPE_CHECKING:
    from tests.journeys.person import Person

pytestmark = [pytest.mark.xvfb, pytest.mark.usefixtures("at_work")]


def train_a_little(person: Person) -> list[float]:
    """Train for some steps and pause; what is predicted then."""
    before = person.ask("steps") if person.ask("run") == "paused" else 0
    person.press("F5")
    person.wait_until("run", lambda state: state == "running")  # the steps are those of this run
    person.wait_until("steps", lambda steps: steps > before + 10)
    person.press("F5")
    person.wait_until("run", lambda state: state == "paused")
    return person.wait_until("prediction", something)


def is_predicted_again(person: Person, prediction: list[float]) -> None:
    """The same as before, to a millionth."""
    person.wait_until("prediction", lambda now: now == pytest.approx(prediction, abs=1e-6))


def test_a_deleted_layer_comes_back_with_its_weights(person: Person) -> None:
    prediction = train_a_little(person)
    layers = person.ask("layers")
    person.select(layers[3][0])
    person.press("Delete")
    person.wait_until("prediction", lambda now: now != prediction)
    person.look("deleted")

    person.press("ctrl+z")
    person.wait_until("layers", lambda now: now == layers)
    is_predicted_again(person, prediction)
    person.look("back")


def test_a_value_typed_back_brings_the_weights_back(person: Person) -> None:
    prediction = train_a_little(person)
    conv = person.ask("layers")[0][0]
    person.select(conv)
    person.click("Filters")
    person.press("ctrl+a")
    person.type("1")
    shows_filters(person, 1)
    person.type("3")
    shows_filters(person, 13)
    person.wait_until("prediction", lambda now: now != prediction)
    person.look("thirteen filters")
    person.press("BackSpace")
    shows_filters(person, 1)
    person.press("BackSpace")
    person.type("8")
    shows_filters(person, 8)
    is_predicted_again(person, prediction)
    person.look("eight filters again")


def test_so_it_does_with_a_single_filter(person: Person) -> None:
    person.select(person.ask("layers")[0][0])
    person.fill("Filters", "1")
    shows_filters(person, 1)
    with_one = train_a_little(person)
    person.click("Filters")
    person.press("End")
    person.type("3")
    shows_filters(person, 13)
    person.wait_until("prediction", lambda now: now != with_one)
    person.press("BackSpace")
    shows_filters(person, 1)
    is_predicted_again(person, with_one)


def test_what_is_typed_in_one_field_is_one_step(person: Person) -> None:
    prediction = person.wait_until("prediction", something)
    person.fill("Filters", "24")
    shows_filters(person, 24)
    person.wait_until("prediction", lambda now: now != prediction)
    person.press("ctrl+z")  # with the keyboard still in the field
    shows_filters(person, 1)
    is_predicted_again(person, prediction)
    assert person.ask("redo") == "Redo: Change Filters of Conv"


def test_typing_while_it_trains_loses_nothing(person: Person) -> None:
    steps = person.ask("steps")
    person.press("F5")
    person.wait_until("steps", lambda now: now > steps + 10)
    person.click("Filters")
    person.press("ctrl+a")
    person.press_fast("2", "BackSpace", "1")  # within a step of the training
    person.wait_until("undo", lambda words: words == "Undo: Change Filters of Conv")
    shows_filters(person, 1)
    prediction = person.wait_until("prediction", something)

    person.press("ctrl+z")
    person.wait_until("redo", lambda words: words == "Redo: Change Filters of Conv")
    person.press("ctrl+shift+z")
    person.wait_until("redo", lambda words: words == "Redo")
    is_predicted_again(person, prediction)


def test_a_reset_can_be_undone(person: Person) -> None:
    prediction = person.wait_until("prediction", something)
    person.press("F7")
    person.wait_until("prediction", lambda now: now not in (None, prediction))
    person.look("reset")
    assert person.ask("undo") == "Undo: Reset weights"
    person.press("ctrl+z")
    is_predicted_again(person, prediction)
    person.press("ctrl+shift+z")
    person.wait_until("prediction", lambda now: now not in (None, prediction))
    person.press("ctrl+z")
    is_predicted_again(person, prediction)


def shows_filters(person: Person, count: int) -> None:
    """The card of the first layer says so."""
    title = f"Conv 5×5 · {count}"
    person.wait_until("cards", lambda cards: cards[0]["title"] == title)
