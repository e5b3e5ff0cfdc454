"""Other data: a toy set in a moment, pictures of one's own, and back again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from tests.journeys.person import something

if TYPE_CHECKING:
    from tests.journeys.person import Person

pytestmark = [pytest.mark.xvfb, pytest.mark.usefixtures("at_work")]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Red and blue discs, and a file that is no picture."""
    folder, chance = tmp_path_factory.mktemp("pictures") / "discs", np.random.default_rng(0)
    down, right = np.mgrid[:60, :80]
    for name, colour in (("blue", (30, 40, 200)), ("red", (200, 40, 30))):
        (folder / name).mkdir(parents=True)
        for number in range(40):
            place = chance.uniform(20, 40, 2)
            disc = (down - place[0]) ** 2 + (right - place[1]) ** 2 < 300
            pixels = np.where(disc[..., None], colour, 235).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.jpg")
    (folder / "red" / "broken.jpg").write_bytes(b"no")
    return folder


def test_a_toy_set_is_learned_in_a_moment(person: Person) -> None:
    person.wait_until("predicted", something)
    person.choose("alt+d", "Oriented edges")
    person.wait_until("undo", lambda words: words.endswith("data set to Oriented edges"))
    person.click_at(person.wait_until("fix", something, 0))
    person.wait_until("predicted", lambda words: words.split(":")[0] in EDGES)
    person.press("F5")
    person.wait_until("run", lambda state: state == "finished")
    person.look("learned")
    assert person.wait_until("confused", something)[0] >= 0
    assert person.ask("losses")[-1] < 0.1


EDGES = {"horizontal", "rising", "vertical", "falling"}


def test_pictures_of_ones_own(person: Person, pictures: Path) -> None:
    person.choose("alt+d", "Folder of pictures…")
    person.wait_until("dialog", lambda words: words.startswith("Choose a folder"))
    person.press("ctrl+a")
    person.type(str(pictures))
    person.press("Return")
    person.wait_until("dialog", lambda words: words == "Folder of pictures")
    person.wait_until("texts", lambda texts: any("blue (40), red (41)" in text for text in texts))
    person.look("what is in the folder")
    person.press("Return")  # the button that the keyboard is in
    person.wait_until("banner", lambda words: "1 of 81 pictures could not be read" in words)
    person.wait_until("undo", lambda words: words.endswith("data set to discs"))
    person.click_at(person.wait_until("fix", something, 0))
    person.wait_until("predicted", lambda words: words.split(":")[0] in {"blue", "red"})
    person.look("own pictures")


def test_all_of_it_is_undone(person: Person) -> None:
    for _ in range(5):
        person.press("ctrl+z")
    person.wait_until("predicted", lambda words: words[:1].isdigit())
    person.look("digits again")
