"""Nothing about runs is a hollow tab: a run is closed in its middle, gone on with, looked through,
repeated with one thing changed, and its mistakes are looked at."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from cnnviz.files import open_project
from tests.journeys.person import something

if TYPE_CHECKING:
    from pathlib import Path

    from cnnviz.project import Weights
    from tests.journeys.person import Person

pytestmark = pytest.mark.xvfb


def digest(weights: Weights, uid: str) -> str:
    """As the answer to "kernels" tells them."""
    tensors = {key[1]: values for key, values in weights.items() if key[0] == uid}
    return hashlib.sha256(b"".join(tensors[name].tobytes() for name in sorted(tensors))).hexdigest()


def test_a_run_is_closed_resumed_looked_through_and_compared(
    person: Person, tmp_path: Path
) -> None:
    file = tmp_path / "run.cnnviz"
    person.start()
    person.wait_until("prediction", something)
    person.press("F5")
    person.wait_until("steps", lambda steps: steps > 40)
    person.press("ctrl+q")
    person.wait_until("dialog", lambda words: words.startswith("Save the changes"))
    person.answer("Save")
    person.wait_until("dialog", lambda words: words == "Save as")
    person.press("ctrl+a")
    person.type(str(file))
    person.press("Return")
    assert person.program.wait() == 0

    opened = open_project(file)
    assert opened.note is None
    assert opened.standing is not None
    held = opened.standing.place.step
    [kept] = opened.runs
    assert (kept.state, kept.step, len(kept.train)) == ("paused", held, held)

    person.start(file)
    person.wait_until("run", lambda state: state == "paused")
    assert person.ask("steps") == held
    assert not person.ask("modified")
    uid = person.ask("layers")[0][0]
    person.select(uid)
    person.look("reopened")
    person.press("F5")
    person.wait_until("steps", lambda steps: steps > held + 20)
    person.press("F5")
    person.wait_until("run", lambda state: state == "paused")
    steps = person.ask("steps")
    assert person.ask("curves")[0] == steps, "a point for each step, none twice"
    assert len(person.ask("runs")) == 1

    # The time machine, to step 10.
    person.wait_until("prediction", something)
    present = person.wait_until("kernels", something)
    person.press("alt+Prior")
    person.wait_until("looked_at", lambda step: step == steps)
    while person.ask("looked_at") > 10:
        person.press("alt+Prior")
    assert person.ask("looked_at") == 10
    tenth = digest(kept.moment(10).weights, uid)
    person.wait_until("kernels", lambda now: now == tenth)
    assert tenth != present

    # Its confusion matrix, and the images of a cell.
    person.press("ctrl+alt+2", "F4")  # the detail panel gives room
    label, taken, count = person.wait_until("confused", something)
    person.click_at(person.find_at_rest("cell", label, taken))
    shown = person.wait_until("images", something)
    assert len(shown) == count
    assert set(shown) == {f"{label} → {taken}"}
    person.look("the images of a cell at step 10")
    person.press("F4", "alt+End")
    person.wait_until("kernels", lambda now: now == present)
    assert person.ask("looked_at") is None

    # Once more with one thing changed, over each other, and what differed.
    person.press("shift+F5")
    person.wait_until("runs", lambda runs: runs[-1][1] == "stopped")
    person.press("ctrl+shift+F5")
    person.find("widget", "Setting")
    person.press("Tab", "ctrl+a")
    person.type("0.02")
    person.click("Run")
    person.wait_until("runs", lambda runs: len(runs) == 2 and runs[-1][2] > 10)
    person.press("shift+F5")
    person.wait_until("runs", lambda runs: runs[-1][1] == "stopped")
    first, second = person.ask("runs")
    assert second[3] == first[3], "the same weights and the same batch: the same first loss"
    person.wait_until("drawn", lambda lines: {"r1.train", "r2.train"} <= set(lines))
    person.press("ctrl+alt+4")
    differed = person.wait_until("differed", lambda table: "Learning rate" in table)
    assert differed["Learning rate"] == ["0.002", "0.02"]
    person.look("what differed")
    person.leave()
    assert not person.complaints()


def test_a_program_that_is_killed_while_it_trains_loses_nothing(person: Person) -> None:
    person.start()
    person.wait_until("prediction", something)
    person.press("F5")
    person.wait_until("snapshot", bool)
    person.wait_for_autosave()
    person.program.kill()

    person.start()
    person.wait_until("banner", lambda words: "ended unexpectedly" in words)
    person.look("the work is offered")
    person.click("Bring it back")
    person.wait_until("run", lambda state: state == "paused")
    held = person.ask("steps")
    assert held > 0
    assert len(person.ask("losses")) == held
    [run] = person.ask("runs")
    assert run[1:3] == ["paused", held]
    person.click("Resume")
    person.wait_until("steps", lambda steps: steps > held + 5)
    person.press("F5")
    person.wait_until("run", lambda state: state == "paused")
    assert len(person.ask("losses")) == person.ask("steps"), "each step once"
    person.leave()
