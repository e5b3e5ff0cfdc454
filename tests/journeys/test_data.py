"""Preparing the data by keyboard: few images, some put aside, all of them shifted; and a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cnnviz.files import open_project
from tests.journeys.test_by_keyboard import go_to

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.person import Person

pytestmark = pytest.mark.xvfb


def said(person: Person, words: str) -> None:
    """Wait until the panel says so."""
    person.wait_until("texts", lambda texts: any(words in text for text in texts))


def enter(person: Person, field: str, number: str) -> None:
    go_to(person, field)
    person.press("ctrl+a")
    person.type(number)


def test_few_images_are_learned_and_others_judge(person: Person, tmp_path: Path) -> None:
    person.start()
    person.press("shift+F9")
    said(person, "Learned from: 60,000 of 60,000 images")
    enter(person, "Training images", "540")
    said(person, "Learned from: 540 of 60,000 images, 54 a class")
    go_to(person, "Validation images")
    person.press("Down")
    said(person, "Put aside: 5,999")  # a tenth of each class
    enter(person, "Shift, %", "10")
    person.wait_until("prepared", lambda now: now.get("move") == 10)
    assert person.ask("undo") == "Undo: Change Shift, %"
    person.look("prepared")
    person.press("Escape")

    person.press("F5")
    person.wait_until("run", lambda state: state == "finished")
    person.look("learned")
    assert person.ask("steps") == 5 * 5  # 540 images, 128 at a time
    assert person.ask("validated") >= 5

    person.press("ctrl+s")
    person.wait_until("dialog", lambda words: words == "Save as")
    person.press("ctrl+a")
    person.type(str(tmp_path / "few"))
    person.press("Return")
    person.wait_until("modified", lambda modified: not modified)
    person.leave()
    kept = open_project(tmp_path / "few.cnnviz").project.preparation
    assert (kept.images, kept.validation, kept.move) == (540, "share", 10)
