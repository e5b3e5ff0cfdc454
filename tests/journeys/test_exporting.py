"""Exports by keyboard: what is on the screen becomes a program and a drawing."""

from __future__ import annotations

import ast
import time
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from tests.journeys.person import something

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.person import Person

pytestmark = pytest.mark.xvfb


def written(path: Path) -> str:
    """The text of a file, as soon as it is there."""
    end = time.monotonic() + 20
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.05)
    return path.read_text(encoding="utf-8")


def test_a_program_and_a_drawing_by_keyboard(person: Person, tmp_path: Path) -> None:
    person.start()
    person.wait_until("prediction", something)
    person.press("ctrl+e")
    person.wait_until("dialog", lambda words: words == "Export: PyTorch program")
    person.press("ctrl+a")
    person.type(str(tmp_path / "mine.py"))
    person.press("Return")
    source = written(tmp_path / "mine.py")
    ast.parse(source)
    assert "load_file(WEIGHTS)" in source, "the first network has learned already"
    assert (tmp_path / "mine.safetensors").exists()

    person.press("ctrl+k")
    person.type("SVG")
    person.look("found among all commands")
    person.press("Return")
    person.wait_until("dialog", lambda words: words == "Export: SVG drawing")
    person.press("ctrl+a")
    person.type(str(tmp_path / "mine.svg"))
    person.press("Return")
    ElementTree.fromstring(written(tmp_path / "mine.svg").encode())
    person.look("exported")
    person.leave()
