"""Somebody who has no mouse, and what can be seen of what they do."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

from cnnviz.layers import Activation, BatchNorm, Branches, Conv2d, Dense, Flatten, MaxPool
from cnnviz.network import Network

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.journeys.person import Person

    Line = dict[str, Any]
    State = dict[str, Any]

BLOCK = Branches(
    uid="block",
    merge="concat",
    branches=(
        (Conv2d(uid="a", filters=4, padding="same"), Activation(uid="b")),
        (BatchNorm(uid="c"),),
    ),
)
NETWORK = Network(
    name="All of it",
    layers=(
        Conv2d(uid="first", filters=4),
        BLOCK,
        MaxPool(uid="pool"),
        Flatten(uid="flat"),
        Dense(uid="out", units=10),
    ),
)
STEPS = {
    "first": ["Home", "Right"],
    "a": ["Home", "Right", "Right"],
    "c": ["Home", "Right", "Right", "Down"],
    "block": ["End", "Left", "Left", "Left"],
    "pool": ["End", "Left", "Left"],
    "out": ["End"],
}
"""The way to each layer on the canvas."""
GOES_ON = {"loading", "running", "paused"}
SECONDS = 60.0
"""To wait for what an action does; the machine may be busy with other things."""
PAINTED = {
    "Input › Draw dropout and batch again",
    "View › Results › Time machine › Earlier weights",
    "View › Results › Time machine › Later weights",
    "View › Results › Time machine › Play as a film",
    "View › Results › Time machine › Back to the present",
    "View › Results › Time machine › Go on from here",
    "Training › Runs › Look through the run",
    "View › Detail › Let the window slide",
    "View › Detail › Window one step back",
    "View › Detail › Window one step on",
    "View › Detail › Next position",
    "View › Detail › Zoom into the map",
    "View › Detail › Zoom out of the map",
    "View › Detail › The whole map",
}
"""What changes nothing but the picture."""


def _so_many(count: int, menus: list[str]) -> bool:
    return len(menus) == count


class Keyboard:
    """Somebody who has no mouse, before a program that has opened NETWORK."""

    def __init__(self, person: Person, path: Path) -> None:
        self.person, self.path, self.folder = person, path, path.parent
        self.wanted: list[str] = []
        self.ran: list[str] = []
        self.places = {name: line["place"] for name, line in self.lines().items()}

    def state(self, looked_at: bool = False) -> State:
        found: State = self.person.ask("state", looked_at)
        return found

    def lines(self) -> dict[str, Line]:
        """The actions by the titles on the way to them."""
        return {" › ".join(line["titles"]): line for line in self.person.ask("actions")}

    def line(self, name: str) -> Line:
        """An action by the titles that it had in the beginning."""
        found: Line = self.person.ask("action", *self.places[name])
        return found

    def another(self, line: Line) -> str:
        """Another choice in the place of one that is chosen already."""
        *menu, _ = line["place"]
        for name, place in self.places.items():
            if place[:-1] == menu and place != line["place"]:
                other = self.line(name)
                if other["enabled"] and other["titles"][-1] in line["one_of"]:
                    return name
        raise AssertionError(f"there is no other choice than {line['titles']}")

    def until(self, fits: Callable[[State], object], why: str, looked_at: bool = False) -> State:
        """The first state that fits."""
        end = time.monotonic() + SECONDS
        while not fits(state := self.state(looked_at)):
            assert time.monotonic() < end, f"{why}: {state}"
            time.sleep(0.01)
        return state

    def run(self, name: str) -> State:
        """Go through the menus to an action, and see that it was this one and did something."""
        line = self.line(name)
        look = name in PAINTED
        before = self.state(look)
        self.person.ask("ran")
        self.ran = []
        end = time.monotonic() + SECONDS
        while not self._is_at(line):  # what the engine answers moves the lines of an open menu
            assert time.monotonic() < end, f"no way to {name}"
            line = self.line(name)
        self.person.press_fast("Return")
        why = f"{name} does nothing that one can see"
        after = self.until(lambda state: state | {"menus": 0} != before, why, look)
        self.wanted = line["titles"][-1:]
        while not after["windows"]:  # else it may be over only when that is left
            self.ran += self.person.ask("ran")
            if self.ran:
                self.check()
                break
            assert time.monotonic() < end, f"{name} was not run"
            after = self.state(look)
        return after

    def _is_at(self, line: Line) -> bool:
        """Whether the keys have led to this line; else all menus are left again."""
        self.person.press_fast(line["menu"])
        for depth, downs in enumerate(line["way"], start=1):
            self.person.wait_until("menu", partial(_so_many, depth))
            keys = [*downs * ["Down"], *["Right"] * (depth < len(line["way"]))]
            if keys:
                self.person.press_fast(*keys)
        seen: list[list[str]] = []
        while len(seen) < 5 or any(menus != seen[-1] for menus in seen[-5:]):  # passed, or stood at
            time.sleep(0.02)
            seen.append(self.person.ask("menu"))
        if seen[-1][-1:] == line["titles"][-1:]:
            return True
        self.person.press_fast(*len(seen[-1]) * ["Escape"])
        self.person.wait_until("menu", partial(_so_many, 0))
        return False

    def check(self) -> None:
        """It was this action that ran, and no other."""
        self.ran += self.person.ask("ran")
        assert self.ran == self.wanted

    def jump(self, uid: str) -> None:
        """To a layer: to the canvas by the command palette, and from there with the arrow keys."""
        if self.person.ask("focus") != "Network":
            self.person.press("ctrl+k")
            self.person.type("3 Max")
            self.person.press("Return")
            self.until(lambda state: state["selected"][0] == "pool", "no jump to the pooling")
        self.person.press_fast(*STEPS[uid])
        self.until(lambda state: state["selected"] == [uid, uid], f"no way to {uid}")

    def press(self, *keys: str, until: str = "") -> None:
        """Press keys, and wait until that part of the state is another one."""
        before = self.state()
        self.person.press(*keys)
        if until:
            self.until(lambda state: state[until] != before[until], f"{keys}: {until}")

    def tidy(self) -> None:
        """Leave what has opened, stop what runs, and take back what was done to the project."""
        state = self.state()
        for _ in range(9):
            if not state["windows"] and not state["menus"]:
                break
            self.person.escape_from(self.person.ask("above"))
            time.sleep(0.05)
            state = self.state()
            if not state["windows"]:
                self.check()
        left = state["windows"] or state["menus"]
        assert not left, f"Escape does not leave {left}"
        if self.line("Training › Slow motion")["checked"]:
            self.press("ctrl+F6", until="switches")
            state = self.state()
        if state["run"] and state["run"][0] in GOES_ON:
            self.person.press("shift+F5")
            state = self.until(lambda state: state["run"][0] not in GOES_ON, "goes on")
        if state["saved"][1] != str(self.path):
            self.open()
            state = self.state()
        if state["undo"] and state["typing"]:
            self.jump("pool")  # in a field the key takes back what was typed
        while self.state()["undo"]:
            self.press("ctrl+z", until="revision")

    def open(self) -> None:
        """The project of this story."""
        self.press("ctrl+o", until="windows")
        self.file(self.path)
        self.until(lambda state: state["saved"][1] == str(self.path), "not opened")

    def file(self, path: Path) -> None:
        """Answer the dialog of a file in front."""
        self.person.press("ctrl+a")
        self.person.type(str(path))
        self.person.press("Return")

    def edit(self) -> None:
        """Something that can be undone."""
        self.jump("first")
        self.press("ctrl+d", until="revision")

    def train(self) -> None:
        """A few steps of a run."""
        end = time.monotonic() + SECONDS
        while not self.line("Training › Train")["enabled"]:
            assert time.monotonic() < end, "nothing can be trained"
            time.sleep(0.05)
        self.person.press("F5")
        self.until(lambda state: state["run"] and state["run"][1] > 9, "no run")
