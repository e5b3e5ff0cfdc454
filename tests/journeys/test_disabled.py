"""A layer is disabled while it learns, saved, and enabled by another start: nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.person import something
from tests.journeys.test_learning_is_kept import is_predicted_again, train_a_little

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.person import Person

pytestmark = [pytest.mark.xvfb, pytest.mark.usefixtures("at_work")]


def cards_off(person: Person) -> list[str]:
    return [card["uid"] for card in person.ask("cards") if card["status"] == "off"]


def test_disabled_by_key_and_enabled_by_menu(person: Person) -> None:
    prediction = train_a_little(person)
    uid = person.ask("layers")[1][0]
    person.select(uid)
    person.press("ctrl+slash")
    person.wait_until("cards", lambda _: cards_off(person) == [uid])
    assert "disabled" in person.ask("spoken")
    person.wait_until("prediction", lambda now: now != prediction)
    person.look("disabled")
    person.choose("alt+e", "Enable")
    person.wait_until("cards", lambda _: cards_off(person) == [])
    is_predicted_again(person, prediction)


def test_what_comes_of_it_is_mended_with_one_click(person: Person) -> None:
    layers = person.ask("layers")
    flatten = next(uid for uid, kind in layers if kind == "flatten")
    person.select(flatten)
    person.press("ctrl+slash")
    bubble = person.wait_until("bubble", something)
    assert bubble["fixes"][0] == "Enable Flatten"
    person.look("a problem behind it")
    person.click_at(person.find("fix", 0))
    person.wait_until("prediction", something)
    assert cards_off(person) == []


def test_saved_and_opened_again_it_comes_back_with_its_weights(
    person: Person, tmp_path: Path
) -> None:
    person.wait_until("prediction", something)
    prediction = person.ask("prediction")
    uid = person.ask("layers")[0][0]
    person.select(uid)
    person.press("ctrl+slash")
    person.wait_until("cards", lambda _: cards_off(person) == [uid])
    person.press("ctrl+s")
    person.wait_until("dialog", lambda words: words == "Save as")
    person.press("ctrl+a")
    person.type(str(tmp_path / "off.cnnviz"))
    person.press("Return")
    person.wait_until("modified", lambda modified: modified is False)
    person.leave()
    person.start(tmp_path / "off.cnnviz")
    person.wait_until("cards", lambda _: cards_off(person) == [uid])
    person.select(uid)
    person.press("ctrl+slash")
    person.wait_until("cards", lambda _: cards_off(person) == [])
    is_predicted_again(person, prediction)
    person.look("enabled again")
    person.leave()
