"""Two runs that differ in one thing: drawn over each other, compared, deleted and brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.person import Person

pytestmark = pytest.mark.xvfb

ENOUGH = 12
"""Steps of a run."""


def train_a_little(person: Person, number: int) -> None:
    person.wait_until("runs", lambda runs: len(runs) == number and runs[-1][2] >= ENOUGH)
    person.press("shift+F5")
    person.wait_until("runs", lambda runs: runs[-1][1] == "stopped")


def test_two_runs_are_compared(person: Person, tmp_path: Path) -> None:
    person.start()
    person.press("F5")
    train_a_little(person, 1)
    person.press("ctrl+shift+F5")
    person.find("widget", "Setting")
    person.press("Tab", "ctrl+a")
    person.type("0.02")
    person.look("one thing changed")
    person.click("Run")
    train_a_little(person, 2)
    first, second = person.ask("runs")
    assert second[3] == first[3], "the same weights and the same batch: the same first loss"

    both = {"r1.train", "r2.train"}
    assert both <= set(person.ask("drawn")), "a run and the one it was begun again from"

    person.press("ctrl+alt+4")
    person.click("Runs")
    person.press("ctrl+a", "space")
    person.wait_until("drawn", lambda lines: not both & set(lines))
    person.press("space")
    person.wait_until("drawn", lambda lines: both <= set(lines))
    differed = person.wait_until("differed", lambda table: "Learning rate" in table)
    assert differed["Learning rate"] == ["0.002", "0.02"]
    assert set(differed) & {"Batch size", "Seed", "Optimizer"} == set()
    person.look("what differed")

    person.click_at(person.find("tab", "Statistics"))
    assert len(person.wait_until("measured", bool)) > 1
    person.look("statistics")

    person.press("ctrl+alt+1")
    left, top, width, height = person.find_at_rest("rectangle", "Loss")
    middle = top + height // 2
    person.take((left + width // 3, middle))
    person.carry((left + 2 * width // 3, middle))
    person.let_go()
    person.wait_until("zoomed", lambda span: len(span) == 2 and span[1] - span[0] < ENOUGH)
    person.look("zoomed in")
    person.double_click((left + width // 2, middle))
    person.wait_until("zoomed", lambda span: not span)

    person.press("ctrl+alt+4")
    person.click("Runs")
    person.press("Home", "Delete")
    person.wait_until("runs", lambda runs: len(runs) == 1)
    person.press("ctrl+z")
    person.wait_until("runs", lambda runs: len(runs) == 2)
    person.leave()
    assert not person.complaints()
