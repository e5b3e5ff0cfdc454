"""Transfer learning by keyboard: weights from a file, a frozen body, and what was before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import safetensors.numpy

from cnnviz.presets import FIRST_START, preset

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.person import Person

pytestmark = [pytest.mark.xvfb, pytest.mark.usefixtures("at_work")]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first convolution of the network that is open at the start, all its weights 0."""
    path = tmp_path_factory.mktemp("weights") / "zeros.safetensors"
    uid = preset(FIRST_START).layers[0].uid
    tensors = {
        f"{uid}.weight": np.zeros((8, 1, 5, 5), np.float32),
        f"{uid}.bias": np.zeros(8, np.float32),
    }
    safetensors.numpy.save_file(tensors, path)
    return path


def test_weights_come_from_a_file(person: Person, weights: Path) -> None:
    before = person.wait_until("prediction", bool)
    person.press("ctrl+shift+i")
    person.wait_until("dialog", lambda title: title == "Import weights")
    person.type(str(weights))
    person.press("Return")
    person.wait_until("texts", lambda words: "The names in the file match this network." in words)
    person.look("what fits")
    person.press("Return")
    person.wait_until("banner", lambda words: words.startswith("Imported 2 tensors"))
    now = person.wait_until("prediction", lambda found: found and found != before)
    assert person.ask("undo") == "Undo: Import weights"
    person.look("imported")
    person.press("ctrl+z")
    person.wait_until("prediction", lambda found: found == pytest.approx(before, abs=1e-5))
    person.press("ctrl+shift+z")
    person.wait_until("prediction", lambda found: found == pytest.approx(now, abs=1e-5))


def test_a_frozen_body_trains_its_head_alone(person: Person) -> None:
    before = person.ask("prediction")
    person.press("ctrl+shift+f")
    person.wait_until("texts", lambda words: "Trainable" in words)
    person.look("frozen")
    person.press("F6")
    person.wait_until("steps", lambda steps: steps == 1)
    person.wait_until("prediction", lambda found: found and found != before)


def test_it_is_compared_with_the_step_before(person: Person) -> None:
    person.press("ctrl+z", "ctrl+z")
    person.press("ctrl+shift+c")
    person.wait_until("texts", lambda words: "Before: Import weights" in words)
    person.look("compared")  # and the program is left with this window open
