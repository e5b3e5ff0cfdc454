"""The window is closed in the middle of training: nothing is lost, and nothing stays behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import psutil
import pytest

from cnnviz.files import open_project
from cnnviz.presets import first_start
from tests.journeys.person import something

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.person import Person

pytestmark = pytest.mark.xvfb


def test_what_was_learned_can_be_saved_on_closing(person: Person, tmp_path: Path) -> None:
    person.start()
    person.wait_until("prediction", something)
    person.press("F5")
    person.wait_until("steps", lambda steps: steps > 5)
    engine = psutil.Process(person.ask("engine"))
    person.press("ctrl+q")
    person.wait_until("dialog", lambda words: words == "Save the changes to First start?")
    person.look("saving is offered")
    person.answer("Save")
    person.wait_until("dialog", lambda words: words == "Save as")
    person.press("ctrl+a")
    person.type(str(tmp_path / "learned"))
    person.press("Return")
    assert person.program.wait() == 0
    engine.wait(5)

    _, known = first_start()
    weights = open_project(tmp_path / "learned.cnnviz").weights
    assert weights.keys() == known.keys()
    assert all(not np.array_equal(weights[key], known[key]) for key in known)
