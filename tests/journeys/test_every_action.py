"""Every action of the menus, run by keyboard alone.

The list is that of the menus themselves. An action that is possible and changes something that one
can see needs no line here; one that first needs something has a line in `READY`, and one whose
dialog wants an answer in `ANSWERS`.
"""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from cnnviz.files import save_project
from cnnviz.layers import Activation, BatchNorm, Branches, Conv2d, Dense, Flatten, MaxPool
from cnnviz.network import Network
from cnnviz.project import Project
from tests.journeys.person import PATIENCE
from tests.journeys.program import EndedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.journeys.person import Person

    Line = dict[str, Any]
    State = dict[str, Any]

pytestmark = pytest.mark.xvfb

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
SLIDE = "View › Detail › Let the grey square slide"
A_FEW = 1
"""Of each list of known networks so many are opened; tests/ui/test_known_networks.py knows all."""


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


def folded(keyboard: Keyboard, wanted: bool) -> None:
    """Let the block be folded, or not."""
    keyboard.jump("block")
    if bool(keyboard.state()["canvas"][1]) != wanted:
        keyboard.press("space", until="canvas")


def undone(keyboard: Keyboard) -> None:
    keyboard.edit()
    keyboard.press("ctrl+z", until="revision")


def broken(keyboard: Keyboard) -> None:
    keyboard.jump("out")
    keyboard.run("Insert › Conv")


def drawn(keyboard: Keyboard) -> None:
    person = keyboard.person
    for _ in range(100):
        if person.ask("focus") == "Drawing pad":
            break
        person.press("Tab")
    person.press("d", "ctrl+BackSpace", "Up", "Up")
    person.hold("space")
    person.press(*5 * ["Down"])
    person.release("space")


def pixel(keyboard: Keyboard) -> None:
    keyboard.jump("first")
    keyboard.person.press("ctrl+4")


def to(uid: str) -> Callable[[Keyboard], None]:
    return lambda keyboard: keyboard.jump(uid)


def key(*keys: str) -> Callable[[Keyboard], None]:
    return lambda keyboard: keyboard.person.press(*keys)


def window(keyboard: Keyboard) -> None:
    keyboard.jump("first")
    keyboard.person.press("ctrl+1")


def values(keyboard: Keyboard) -> None:
    keyboard.jump("first")
    keyboard.person.press("ctrl+3")


def large(keyboard: Keyboard) -> None:
    values(keyboard)
    if not keyboard.line("View › Detail › One map, large")["checked"]:
        keyboard.run("View › Detail › One map, large")


def by_chance(keyboard: Keyboard) -> None:
    if not keyboard.line("Input › Network as in training")["checked"]:
        keyboard.run("Input › Network as in training")


def nearer(keyboard: Keyboard) -> None:
    large(keyboard)
    keyboard.run("View › Detail › Zoom into the map")


def curves(keyboard: Keyboard) -> None:
    ran_once(keyboard)
    keyboard.person.press("ctrl+alt+1")


def earlier(keyboard: Keyboard) -> None:
    curves(keyboard)
    keyboard.run("View › Results › Time machine › Earlier weights")


def zoomed(keyboard: Keyboard) -> None:
    curves(keyboard)
    keyboard.run("View › Results › Curves › Zoom in")


def ran_once(keyboard: Keyboard) -> None:
    keyboard.train()
    keyboard.person.press("shift+F5")
    keyboard.until(lambda state: state["run"][0] not in GOES_ON, "goes on")


def statistics(keyboard: Keyboard) -> None:
    ran_once(keyboard)
    keyboard.person.press("ctrl+8")


READY: dict[str, Callable[[Keyboard], None]] = {
    "File › Save": Keyboard.edit,
    "File › Export › PyTorch reference script…": ran_once,
    "Edit › Undo": Keyboard.edit,
    "Edit › Redo": undone,
    "Edit › Select all layers": to("first"),
    "Edit › Move left": to("pool"),
    "Edit › Move › To the branch above": to("c"),
    "Edit › Move › To the branch below": to("a"),
    "Edit › Move › Into the block on the left": to("pool"),
    "Edit › Move › Into the block on the right": to("first"),
    "Edit › Move › Out of the block": to("a"),
    "Edit › Block › Unwrap": to("block"),
    "Edit › Block › Add a branch": to("block"),
    "Edit › Block › Remove the branch": to("block"),
    "Edit › Block › Fold": to("block"),
    "Edit › Block › Fold all blocks": partial(folded, wanted=False),
    "Edit › Block › Unfold all blocks": partial(folded, wanted=True),
    "Input › Undo stroke": drawn,
    "Input › Draw dropout and batch again": by_chance,
    "Training › Stop the run": Keyboard.train,
    "Training › Unfreeze all layers": key("ctrl+shift+f"),
    "View › Detail › Settings": key("ctrl+2"),
    "View › Detail › Let the window slide": window,
    "View › Detail › Window one step back": window,
    "View › Detail › Window one step on": window,
    "View › Detail › Slide over the map": pixel,
    "View › Detail › Next position": pixel,
    "View › Detail › Copy the arithmetic as text": pixel,
    "View › Detail › Save the numbers of this value…": pixel,
    "View › Detail › Copy the values as text": values,
    "View › Detail › Copy as a picture": values,
    "View › Detail › Save as a picture or as numbers…": values,
    "View › Detail › Copy the statistics as text": statistics,
    "View › Detail › Copy the statistics as a picture": statistics,
    "View › Detail › Save the statistics as a picture or as numbers…": statistics,
    "View › Detail › One map, large": values,
    "View › Detail › Zoom into the map": large,
    "View › Detail › Zoom out of the map": nearer,
    "View › Detail › The whole map": nearer,
    "View › Results › Curves": key("ctrl+alt+2"),
    "View › Results › Curves › Zoom in": curves,
    "View › Results › Curves › Zoom out": zoomed,
    "View › Results › Curves › Copy the curves as text": curves,
    "View › Results › Curves › Copy the curves as a picture": curves,
    "View › Results › Curves › Save the curves as a picture or as numbers…": curves,
    "View › Results › Time machine › Earlier weights": curves,
    "View › Results › Time machine › Later weights": earlier,
    "View › Results › Time machine › Play as a film": curves,
    "View › Results › Time machine › Back to the present": earlier,
    "View › Results › Time machine › Go on from here": earlier,
    "View › Results › Curves › Show all steps": zoomed,
    "View › Fit network in view": key("ctrl+equal"),
    "View › List of problems": broken,
    "View › Larger type": key("ctrl+shift+minus"),
    "View › Smaller type": key("ctrl+shift+equal"),
}
"""By the titles on the way to an action, what is to be done before."""


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


def saved(keyboard: Keyboard) -> None:
    """Go back to what the file held before."""
    keyboard.until(lambda state: not state["saved"][0], "not saved")
    keyboard.press("ctrl+z", until="revision")
    keyboard.press("ctrl+s", until="saved")


def written(keyboard: Keyboard) -> None:
    """Answer a dialog with a path, and find the file there."""
    before = files(keyboard.folder)
    keyboard.file(keyboard.folder / f"export {len(before)}")
    end = time.monotonic() + PATIENCE  # for ONNX, PyTorch is loaded once more
    while not (new := files(keyboard.folder) - before):
        assert time.monotonic() < end, "nothing was written"
        time.sleep(0.02)
    while not all(path.stat().st_size for path in new):
        assert time.monotonic() < end, "it is empty"
        time.sleep(0.02)


def files(folder: Path) -> set[Path]:
    """Without those that are being written under another name, which will be gone."""
    return {path for path in folder.iterdir() if not path.name.startswith(".")}


def reopened(keyboard: Keyboard) -> None:
    """Answer the dialog with the file of this story."""
    revision = keyboard.state()["revision"]
    keyboard.file(keyboard.path)
    keyboard.until(lambda state: state["revision"] != revision, "not opened")


def left_alone(keyboard: Keyboard) -> None:
    """There is nothing to write yet."""


def a_slow_step(keyboard: Keyboard) -> None:
    """See one made."""
    step = keyboard.state()["run"]
    keyboard.until(lambda state: state["run"] not in ("", step), "no step in slow motion")


def slid(keyboard: Keyboard) -> None:
    """Until the square has been everywhere: it begins by itself when all places are known, and
    who then presses the same keys ends it."""
    keyboard.person.wait_until("explained", lambda map_: map_ is not None and map_["done"] == 1)
    end = time.monotonic() + SECONDS
    while keyboard.line(SLIDE)["checked"]:
        assert time.monotonic() < end, "it slides for ever"
        time.sleep(0.05)


def in_english(keyboard: Keyboard) -> None:
    keyboard.run("View › Language › English")


ANSWERS: dict[str, Callable[[Keyboard], None]] = {
    "Training › Slow motion": a_slow_step,
    "View › Language › 简体中文": in_english,
    SLIDE: slid,
    "File › Open…": reopened,
    "File › Save": saved,
    "File › Save as…": written,
    "File › Export › ": written,
    "File › Export › Save the curves as a picture or as numbers…": left_alone,
    "View › Results › Curves › Save the curves as a picture or as numbers…": written,
    "View › Detail › Save the statistics as a picture or as numbers…": written,
}
"""By the titles, or those of a whole menu, what is to be done then."""


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
