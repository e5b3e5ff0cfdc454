"""Files: what is saved is there again, what is not is asked about, what crashed comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
import pytest

from tests.journeys.person import something

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.person import Person

pytestmark = pytest.mark.xvfb


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files") / "mine.cnnviz"


def test_a_saved_project_predicts_the_same_when_it_is_opened_again(
    person: Person, file: Path
) -> None:
    person.start()
    person.wait_until("prediction", something)
    person.press("F6")
    person.wait_until("run", lambda state: state == "paused")
    prediction = person.wait_until("prediction", something)
    layers = person.ask("layers")
    person.press("ctrl+s")
    person.wait_until("dialog", lambda words: words == "Save as")
    person.press("ctrl+a")
    person.type(str(file))
    person.press("Return")
    person.wait_until("modified", lambda modified: not modified)
    person.press("ctrl+q")  # nothing is asked
    assert person.program.wait() == 0

    person.start(file)
    person.wait_until("title", lambda title: title.startswith("mine.cnnviz"))
    person.wait_until("prediction", lambda now: now == pytest.approx(prediction, abs=1e-6))
    person.look("opened again")
    assert [kind for _, kind in person.ask("layers")] == [kind for _, kind in layers]
    person.leave()


def test_unsaved_work_is_asked_about_and_survives_a_crash(person: Person, file: Path) -> None:
    person.start(file)
    person.wait_until("title", lambda title: title.startswith("mine.cnnviz"))
    person.double_click(person.ask("chip", "Dropout"))
    layers = person.wait_until("layers", lambda layers: layers[1][1] == "dropout")
    prediction = person.wait_until("prediction", something)
    assert person.ask("modified")
    person.press("ctrl+q")
    person.wait_until("dialog", lambda words: words == "Save the changes to mine.cnnviz?")
    person.look("asked about unsaved changes")
    person.answer("Cancel")
    person.wait_until("dialog", lambda words: not words)
    assert person.ask("layers") == layers

    person.wait_for_autosave()
    engine = psutil.Process(person.ask("engine"))
    person.program.kill()
    engine.wait(30)

    person.start()
    banner = person.wait_until("banner", bool)
    person.look("lost work is found")
    assert "mine.cnnviz" in banner
    assert person.ask("layers") != layers
    person.click("Bring it back")
    person.wait_until("title", lambda title: title.startswith("mine.cnnviz"))
    person.wait_until("prediction", lambda now: now == pytest.approx(prediction, abs=1e-6))
    person.look("lost work is back")
    assert person.ask("focus") == "Input"
    assert [kind for _, kind in person.ask("layers")] == [kind for _, kind in layers]
    assert person.ask("modified")

    person.press("ctrl+q")
    person.wait_until("dialog", bool)
    person.answer("Discard")
    assert person.program.wait() == 0
    assert not person.autosaves()
