"""Every action of the menus, run by keyboard alone.

The list is that of the menus themselves. An action that is possible and changes something that one
can see needs no line elsewhere; one that first needs something has a line in `READY`, one whose
dialog wants an answer in `ANSWERS`, and one that changes nothing but the picture in `PAINTED`.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from cnnviz.files import save_project
from cnnviz.project import Project
from tests.journeys.keyboard import NETWORK, PAINTED, SECONDS, Keyboard
from tests.journeys.needs import ANSWERS, READY
from tests.journeys.program import EndedError

if TYPE_CHECKING:
    from tests.journeys.keyboard import Line
    from tests.journeys.person import Person

pytestmark = pytest.mark.xvfb

A_FEW = 1
"""Of each list of known networks so many are opened; tests/ui/test_known_networks.py knows all."""


@pytest.fixture(scope="module")
def keyboard(person: Person, tmp_path_factory: pytest.TempPathFactory) -> Keyboard:
    path = tmp_path_factory.mktemp("files") / "all.cnnviz"
    save_project(path, Project(NETWORK), {})
    person.start(path)
    person.put_mouse_away()
    return Keyboard(person, path)


def sampled(lines: dict[str, Line]) -> list[str]:
    """All but most of the known networks; what ends the program, last."""
    names, counts = [], dict[tuple[str, ...], int]()
    for name, line in lines.items():
        inner = tuple(line["titles"][:-1])
        counts[inner] = counts.get(inner, 0) + 1
        if "known network" not in name or counts[inner] <= A_FEW:
            names.append(name)
    names.remove("File › Quit")
    return names


def test_every_action_of_the_menus_by_keyboard(keyboard: Keyboard) -> None:
    lines = keyboard.lines()
    assert lines.keys() >= {*READY, *PAINTED}, "a line here is about what the menus do not have"
    faults = []
    for name in sampled(lines):
        try:
            one(keyboard, name)
        except AssertionError as fault:  # one that is at fault hides no other
            faults.append(f"{name}: {fault}")
        try:
            keyboard.tidy()
        except AssertionError as fault:
            faults.append(f"after {name}: {fault}")
            break
    assert not faults, "\n".join(faults)


def test_the_program_is_left_by_keyboard(keyboard: Keyboard) -> None:
    person = keyboard.person
    line = keyboard.line("File › Quit")
    with suppress(EndedError):  # where nothing is unsaved there is no question
        person.press(line["menu"], "Up", "Return")
        for _ in range(9):
            if person.ask("focus") == "Discard":
                person.press("Return")
                break
            person.press("Tab")
    assert person.program.wait() == 0


def one(keyboard: Keyboard, name: str) -> None:
    """Make an action possible, run it, and answer what it asks."""
    if name in READY:
        READY[name](keyboard)
    elif name.startswith("Edit"):
        keyboard.jump("first")
    line = keyboard.line(name)
    if line["checked"] and line["one_of"]:
        if len(line["one_of"]) == 1:
            return  # the only device that there is
        keyboard.run(keyboard.another(line))
    end = time.monotonic() + SECONDS
    while not keyboard.line(name)["enabled"]:
        if name.startswith("Data ›"):
            assert line["reason"], "it is not said why this data set is not there"
            return
        assert time.monotonic() < end, f"{name} is never possible: {line['reason']}"
        time.sleep(0.05)
    keyboard.run(name)
    menu = "".join(f"{title} › " for title in line["titles"][:-1])
    if answer := ANSWERS.get(name, ANSWERS.get(menu)):
        answer(keyboard)
    if line["checked"] is not None and not line["one_of"]:
        keyboard.tidy()
        keyboard.run(name)  # and back
