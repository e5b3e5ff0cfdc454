"""Everything by keyboard: not one move of the mouse from the first layer to the saved file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cnnviz.files import open_project
from tests.journeys.person import something

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.person import Person

pytestmark = [pytest.mark.xvfb, pytest.mark.usefixtures("at_work")]


def go_to(person: Person, name: str) -> None:
    """Press Tab until the keyboard is in what has this name."""
    seen: list[str] = []
    while (focus := person.ask("focus")) != name:
        seen.append(focus)
        assert len(seen) < 100, f"Tab does not lead to {name}: {seen}"
        person.press("Tab")


def test_a_digit_is_drawn(person: Person) -> None:
    go_to(person, "Drawing pad")
    person.press("ctrl+BackSpace", *10 * ["Up"])
    person.hold("space")
    person.press(*20 * ["Down"])
    person.release("space")
    person.wait_until("predicted", lambda words: words.startswith("1: "))
    person.look("drew a 1")


def test_a_layer_is_inserted_and_moved(person: Person) -> None:
    before = person.ask("layers")
    person.choose("alt+i", "Batch norm")
    layers = person.wait_until("layers", lambda layers: len(layers) == len(before) + 1)
    norm = layers[1]
    assert norm[1] == "batch_norm"
    person.look("inserted")

    go_to(person, "Network")
    person.press("alt+Right")
    person.wait_until("layers", lambda now: now[:3] == [before[0], before[1], norm])
    assert person.ask("undo") == "Undo: Move Batch norm"
    person.press("Left")
    person.wait_until("selection", lambda uid: uid == before[1][0])
    person.press("Home", "Right")
    person.wait_until("selection", lambda uid: uid == before[0][0])
    person.look("moved")


def test_a_setting_is_changed(person: Person) -> None:
    go_to(person, "Network")
    person.press("Return")
    person.wait_until("focus", lambda name: name == "Filters")
    person.type("12")
    person.wait_until("cards", lambda cards: cards[0]["title"] == "Conv 5×5 · 12")
    person.look("twelve filters")


def test_a_single_step_is_trained(person: Person) -> None:
    prediction = person.wait_until("prediction", something)
    person.press("F6")
    person.wait_until("run", lambda state: state == "paused")
    assert person.ask("steps") == 1
    person.wait_until("prediction", lambda now: now not in (None, prediction))
    person.look("one step")


def test_the_project_is_saved(person: Person, tmp_path: Path) -> None:
    assert person.ask("modified")
    person.press("ctrl+s")
    person.wait_until("dialog", lambda words: words == "Save as")
    person.look("save as")
    path = tmp_path / "by keyboard"
    person.press("ctrl+a")
    person.type(str(path))
    person.press("Return")
    person.wait_until("title", lambda title: title.startswith("by keyboard.cnnviz"))
    person.wait_until("modified", lambda modified: not modified)
    person.look("saved")
    opened = open_project(path.with_suffix(".cnnviz"))
    kinds = [layer.kind for layer in opened.project.network.layers]
    assert kinds == [kind for _, kind in person.ask("layers")]
    assert opened.weights


def test_language_and_look_change_while_it_runs(person: Person) -> None:
    assert {"Learning rate", "Prediction", "Random test image"} <= set(person.ask("texts"))
    person.choose("alt+v", "Language", "简体中文")
    texts = person.wait_until("texts", lambda texts: "Prediction" not in texts)
    person.look("in Chinese")
    assert {"学习率", "预测"} <= set(texts)
    assert person.ask("cards")[0]["title"] == "卷积 5×5 · 12"

    person.press("F1")
    person.wait_until("texts", lambda texts: {"文件", "Ctrl+S"} <= set(texts))
    person.look("the keys in Chinese")
    person.press("Escape")
    person.wait_until("dialog", lambda words: not words)

    person.choose("alt+v", "主题", "深色")
    person.wait_until("look", lambda look: look["dark"])
    person.look("in the dark")
    person.choose("alt+v", "语言", "English")
    person.wait_until("texts", lambda texts: "Prediction" in texts)
    person.look("English again")
