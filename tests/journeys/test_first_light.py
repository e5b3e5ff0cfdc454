"""First light: somebody who has never seen the program draws, stacks, breaks, mends and trains.

Chapters of one sitting, each of which leaves the network as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.person import nothing, something

if TYPE_CHECKING:
    from tests.journeys.person import Person

pytestmark = [pytest.mark.xvfb, pytest.mark.usefixtures("at_work")]

SEVEN = [(0.25, 0.22), (0.74, 0.22), (0.60, 0.50), (0.45, 0.85)]


def test_a_drawn_seven_is_recognised(person: Person) -> None:
    # Something is there from the start, as soon as the engine is.
    person.wait_until("predicted", lambda words: words.startswith("5: "))

    person.click("Clear")
    person.look("cleared")
    person.draw(SEVEN)
    said = person.wait_until("predicted", lambda words: words.startswith("7: "))
    person.look("drew a 7")

    person.click("Clear")
    person.wait_until("predicted", lambda words: words != said)
    person.click("Random test image")
    person.wait_until("texts", lambda texts: any("label" in text for text in texts))
    person.look("random test image")


def test_a_layer_dragged_in_shows_its_shape_at_once(person: Person) -> None:
    before = person.ask("cards")
    person.drag(person.ask("chip", "Conv"), 3)
    cards = person.wait_until("cards", lambda cards: len(cards) == len(before) + 1)
    person.look("dragged a convolution in")
    assert [[card["uid"], card["kind"]] for card in cards] == person.ask("layers")
    assert (cards[3]["title"], cards[3]["result"]) == ("Conv 3×3 · 16", "10×10×16")  # of 12×12×8
    assert person.ask("selection") == cards[3]["uid"]
    assert person.ask("undo") == "Undo: Add Conv"

    person.press("ctrl+z")
    person.wait_until("cards", lambda cards: cards == before)


def test_broken_shapes_explain_themselves_and_are_mended_by_a_click(person: Person) -> None:
    before, prediction = person.ask("cards"), person.wait_until("prediction", something)
    second = [card["uid"] for card in before if card["kind"] == "conv2d"][1]
    person.select(second)
    person.fill("Kernel, height", "17")
    bubble = person.wait_until("bubble", something)
    person.look("a kernel larger than the image")
    assert bubble["fixes"]
    assert person.ask("predicted") == "Waits until Conv is fixed"
    status = [card["status"] for card in person.ask("cards")]
    assert status == 3 * ["live"] + ["problem"] + 6 * ["waiting"]

    person.click_at(person.find("fix", 0))
    person.wait_until("bubble", nothing)
    person.wait_until("prediction", something)
    assert person.ask("focus") == "Network"
    person.look("mended")
    assert {card["status"] for card in person.ask("cards")} == {"live"}

    person.press("ctrl+z", "ctrl+z")
    person.wait_until("cards", lambda cards: cards == before)
    person.wait_until("prediction", lambda now: now == pytest.approx(prediction, abs=1e-6))


def test_training_draws_curves_forms_kernels_and_can_be_undone(person: Person) -> None:
    prediction = person.wait_until("prediction", something)
    person.select(person.ask("layers")[0][0])
    person.click_at(person.find("tab", "Kernels"))
    trained = person.wait_until("kernels", something)
    person.click("Reset the weights")
    person.wait_until("kernels", lambda now: now != trained)
    kernels = person.wait_until("kernels", something)
    person.look("kernels")

    person.click("Train")
    few, _ = person.wait_until("curves", lambda points: points[0] >= 5)
    person.wait_until("curves", lambda points: points[0] > few and points[1] >= 2)
    person.wait_until("kernels", lambda now: now != kernels)
    person.look("training")
    person.click("Pause")
    person.wait_until("run", lambda state: state == "paused")
    person.look("paused")
    assert person.ask("undo") == "Undo: Train"

    person.press("ctrl+z")
    person.wait_until("kernels", lambda now: now == kernels)
    person.look("the run undone")
    assert person.ask("undo") == "Undo: Reset weights"
    person.press("ctrl+z")
    person.wait_until("kernels", lambda now: now == trained)
    person.wait_until("prediction", lambda now: now == pytest.approx(prediction, abs=1e-6))
    person.click_at(person.find("tab", "Settings"))


def test_cards_are_moved_copied_and_deleted(person: Person) -> None:
    before, prediction = person.ask("layers"), person.wait_until("prediction", something)
    conv, relu, pool, *rest = before
    undo = person.ask("undo")

    person.carry_over(person.card(relu[0]), 3)
    person.look("on the way")
    person.press("Escape")
    person.wait_until("open_gap", nothing)
    person.let_go()
    assert person.ask("layers") == before
    assert person.ask("undo") == undo

    person.drag(person.card(relu[0]), 3)
    person.wait_until("layers", lambda layers: layers == [conv, pool, relu, *rest])
    person.look("moved")
    assert person.ask("undo") == "Undo: Move ReLU"
    # The largest of positive parts is the positive part of the largest.
    person.wait_until("prediction", lambda now: now == pytest.approx(prediction, abs=1e-6))
    person.press("ctrl+z")
    person.wait_until("layers", lambda layers: layers == before)

    person.drag(person.card(relu[0]), 2, holding="ctrl")
    layers = person.wait_until("layers", lambda layers: len(layers) == len(before) + 1)
    person.look("copied")
    assert [kind for _, kind in layers[:3]] == ["conv2d", "activation", "activation"]
    assert layers[0] == conv
    assert layers[1] == relu

    person.select(layers[2][0])
    person.press("Delete")
    person.wait_until("layers", lambda layers: layers == before)
    assert person.ask("undo") == "Undo: Delete ReLU"
    person.press("ctrl+z")
    person.wait_until("layers", lambda now: now == layers)
    assert person.ask("redo") == "Redo: Delete ReLU"
    person.press("ctrl+shift+z")
    person.wait_until("layers", lambda layers: layers == before)
