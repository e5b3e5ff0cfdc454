"""Experiments: somebody shifts and turns the digit and watches what the network makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.person import something

if TYPE_CHECKING:
    from tests.journeys.person import Person

pytestmark = [pytest.mark.xvfb, pytest.mark.usefixtures("at_work")]


def test_the_prediction_follows_the_sliders_and_comes_back(person: Person) -> None:
    prediction = person.wait_until("prediction", something)
    person.press("x")
    person.wait_until("widget", something, "Rotate")
    person.look("experiments")
    person.click("Rotate")  # the middle, where it is
    person.press(*["Right"] * 12)
    person.wait_until("texts", lambda texts: "Rotate 60°" in texts)
    turned = person.wait_until("prediction", something)
    person.look("turned by 60°")
    assert max(turned) < max(prediction)
    person.click("Reset the image")
    person.wait_until("prediction", lambda now: now == pytest.approx(prediction, abs=1e-6))


def test_without_its_sliders_no_experiment_goes_on(person: Person) -> None:
    prediction = person.wait_until("prediction", something)
    person.click("Noise")
    person.press("End")
    person.wait_until("prediction", lambda now: now and now != prediction)
    person.look("noise")
    person.click("Draw")
    person.press("x")
    person.wait_until("prediction", lambda now: now == pytest.approx(prediction, abs=1e-6))
    assert "Rotate" not in person.ask("texts")
