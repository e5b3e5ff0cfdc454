"""Somebody in front of the program: a real mouse, a real keyboard, and eyes."""

from __future__ import annotations

import contextlib
import functools
import itertools
import operator
import os
import subprocess
import time
from typing import TYPE_CHECKING, Any

from tests.journeys.program import EndedError, Program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    Place = Sequence[int]
    Gap = tuple[int, str, int]

PATIENCE = 90.0
"""Seconds to wait for what is sure to come; the machine may be busy with other things."""
BLINK = 0.04
"""Seconds between two looks, and between two moves of the mouse."""
EDGE = 60
"""So near the edge of the canvas a drag would scroll it."""
DOUBLE_CLICK = 0.5
"""Two presses within this time on one place are a double click (Qt: 0.4)."""


class Person:
    """Does what a person can do on a display, and looks what comes of it.

    There is no window manager: the keyboard is given to the window in front before it is used.
    """

    def __init__(self, display: str, home: Path, pictures: Path) -> None:
        self._display = display
        self._environment = {**os.environ, "DISPLAY": display}
        self._home = home
        self._pictures = pictures
        self._numbers = itertools.count(1)
        self._pressed: tuple[Place, float] = ((-1, -1), 0.0)
        self._programs: list[Program] = []
        self.last_picture: Path | None = None
        self.broken_off = False

    # --- the program --------------------------------------------------------------------------

    @property
    def program(self) -> Program:
        """The program started last."""
        assert self._programs, "no program has been started"
        return self._programs[-1]

    def start(self, *arguments: str | Path) -> None:
        """Start the program and wait until its engine is up."""
        number = len(self._programs) + 1
        self._programs.append(Program(self._display, self._home, number, arguments))
        self.wait_until("device", something)
        self.wait_until("predicted", bool)

    def leave(self) -> None:
        """Close the program without saving, if it still runs."""
        if not self._programs or not self.program.running:
            return
        self.press("ctrl+q")
        program, end = self.program, time.monotonic() + PATIENCE
        while not program.ends_within(BLINK) and time.monotonic() < end:
            with contextlib.suppress(LookupError, EndedError):
                self.click_at(self.ask("standard_button", "Discard"))
        assert program.wait() == 0

    def break_off(self) -> None:
        """A chapter has failed, and nobody knows what the program is in the midst of: the next test
        must find nothing of it, and the next chapter must not wait for what cannot come."""
        self.broken_off = True
        self.tidy()

    def tidy(self) -> list[str]:
        """Make sure that no program is left; returns what has outlived one."""
        return [words for program in self._programs for words in program.tidy()]

    def complaints(self) -> str:
        """All that the programs have printed as errors or written to their log."""
        printed = "".join(program.errors for program in self._programs)
        return printed + "".join(path.read_text() for path in self._home.glob("data/**/*.log"))

    def place_window(self, left: int, top: int, width: int, height: int) -> None:
        """What a window manager does when one drags the title bar and the corner of a window."""
        window = self.ask("front")
        self._act("windowmove", window, left, top)
        self._act("windowsize", window, width, height)

    def put_mouse_away(self) -> None:
        """To a corner of the screen, where no menu opens under it and takes it for a choice."""
        self._act("mousemove", 0, 999)

    def autosaves(self) -> list[Path]:
        """What has been kept in case the program dies."""
        return list(self._home.glob("data/**/recovery/*.cnnviz"))

    def wait_for_autosave(self) -> None:
        """Until there is one."""
        end = time.monotonic() + PATIENCE
        while not self.autosaves():
            assert time.monotonic() < end, "there is no autosave"
            time.sleep(BLINK)

    # --- the mouse ----------------------------------------------------------------------------

    def click(self, name: str) -> None:
        """Click on what has this text or name."""
        self.click_at(self.find("widget", name))

    def click_at(self, place: Place) -> None:
        """Click there, and not so soon after the last click that both were a double click."""
        self._press(place)
        self._act("mouseup", 1)

    def answer(self, button: str) -> None:
        """Answer the question in front with "Save", "Discard" or "Cancel"."""
        self.click_at(self.find("standard_button", button))

    def double_click(self, place: Place) -> None:
        """Click there twice."""
        self._press(place)
        self._act("mouseup", 1, "sleep", BLINK, "mousedown", 1, "mouseup", 1)

    def take(self, place: Place) -> None:
        """Press the mouse there and move a little, as one does who wants to drag."""
        self._press(place)
        x, y = place
        for step in (4, 9, 15):
            self._act("mousemove", x + step, y + step // 3, "sleep", BLINK)

    def carry(self, place: Place) -> None:
        """Move the mouse there, in steps, with whatever hangs on it."""
        x, y = self._at
        steps = 8
        for step in range(1, steps + 1):
            part = step / steps
            to = round(x + part * (place[0] - x)), round(y + part * (place[1] - y))
            self._act("mousemove", *to, "sleep", BLINK)

    def let_go(self) -> None:
        """Release the mouse."""
        self._act("mouseup", 1)

    def card(self, uid: str) -> Place:
        """Where a layer's card is, after scrolling until it can be seen."""
        left, top, width, height = self.ask("canvas")
        place = self.find("card", uid)
        while not left + EDGE < place[0] < left + width - EDGE:
            wheel = 4 if place[0] < left + width // 2 else 5
            self._act("mousemove", left + width // 2, top + height // 2, "click", wheel)
            place = self.wait_until("card", functools.partial(operator.ne, place), uid)
        return place

    def select(self, uid: str) -> None:
        """Click on the card of a layer."""
        self.click_at(self.card(uid))
        self.wait_until("selection", lambda now: now == uid)

    def drag(self, start: Place, gap: int | Gap, holding: str = "") -> None:
        """Drag a chip or a card into a gap between the cards, and drop it when the gap is open."""
        self.carry_over(start, gap, holding)
        self.let_go()
        if holding:
            self.release(holding)
        self.wait_until("open_gap", nothing)

    def carry_over(self, start: Place, gap: int | Gap, holding: str = "") -> None:
        """Drag a chip or a card over a gap until it opens, perhaps with a key held down.

        gap: a position in the network's own chain, or position, block and branch.
        """
        place = (gap, "", 0) if isinstance(gap, int) else gap
        self.take(start)
        if holding:
            self.hold(holding)
        self.carry(self.ask("gap", *place))
        self.wait_until("open_gap", lambda opened: opened == list(place))

    def draw(self, points: Iterable[tuple[float, float]]) -> None:
        """One stroke on the pad; points are parts of its side, from the upper left corner."""
        left, top, width, height = self.find("rectangle", "Drawing pad")
        side = min(width, height)
        left, top = left + (width - side) // 2, top + (height - side) // 2
        places = [(round(left + x * side), round(top + y * side)) for x, y in points]
        self._press(places[0])
        for place in places[1:]:
            self.carry(place)
        self.let_go()

    # --- the keyboard -------------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        """Press keys one after the other: "ctrl+z", "Return", "Down"."""
        for key in keys:
            self._act("windowfocus", self.ask("front"), "key", key)

    def escape_from(self, window: int) -> None:
        """Press Escape in a window that need not be in front of all others."""
        self._act("windowfocus", window, "key", "Escape")

    def hold(self, key: str) -> None:
        """Press a key and keep it down."""
        self._act("windowfocus", self.ask("front"), "keydown", key)

    def release(self, key: str) -> None:
        """Let it go."""
        self._act("keyup", key)

    def press_fast(self, *keys: str) -> None:
        """Press keys as fast as nobody can."""
        self._act("windowfocus", self.ask("front"), "key", "--delay", 5, *keys)

    def type(self, text: str) -> None:
        """Type a text where the keyboard is."""
        self._act("windowfocus", self.ask("front"), "type", "--delay", 20, text)

    def fill(self, name: str, text: str) -> None:
        """Click into a field and put another text in."""
        self.click(name)
        self.press("ctrl+a")
        self.type(text)

    def choose(self, opener: str, *titles: str) -> None:
        """Open a menu by its key and go through it with the arrow keys, line by line."""
        self.press(opener)
        for depth, title in enumerate(titles):
            self._go_to_line(depth, title)
            self.press("Return")
        self.wait_until("menu", lambda lines: not lines)

    def _go_to_line(self, depth: int, title: str) -> None:
        lines = self.wait_until("menu", lambda lines: len(lines) == depth + 1)
        seen: list[str] = []
        while (line := lines[depth]) != title:
            assert line not in seen, f"no {title!r} in the menu: {seen}"
            seen += [line] if line else []
            self.press("Down")
            lines = self.wait_until("menu", _line_is_not(depth, line))

    # --- the eyes -----------------------------------------------------------------------------

    def ask(self, question: str, *arguments: object) -> Any:
        """What `Answers` says to a question."""
        return self.program.ask(question, *arguments)

    def find(self, question: str, *arguments: object) -> Any:
        """The answer to where something is, as soon as it is there."""
        return self.wait_until(question, lambda _: True, *arguments)

    def find_at_rest(self, question: str, *arguments: object) -> Any:
        """The same for what moves while panels find their sizes: three looks must agree."""
        looks = [self.find(question, *arguments)]
        while len(looks) < 3 or any(look != looks[-1] for look in looks[-3:]):
            time.sleep(0.2)
            looks.append(self.find(question, *arguments))
        return looks[-1]

    def wait_until(
        self,
        question: str,
        fits: Callable[[Any], object],
        *arguments: object,
    ) -> Any:
        """The first answer that fits."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self.ask(question, *arguments)
                if fits(answer):
                    return answer
            except LookupError as error:
                answer = error
            if time.monotonic() > end:
                self.look("waited in vain")
                raise AssertionError(
                    f"{question}{arguments}: after {PATIENCE:.0f} seconds still {answer!r}"
                )
            time.sleep(BLINK)

    def look(self, name: str) -> None:
        """Keep a picture of the screen."""
        if not self._programs or not self.program.running:
            return
        self._pictures.mkdir(parents=True, exist_ok=True)
        path = self._pictures / f"{next(self._numbers):02} {name}.png"
        try:
            self.ask("picture", str(path))
        except (EndedError, LookupError):
            return
        self.last_picture = path

    # --- inside -------------------------------------------------------------------------------

    def _press(self, place: Place) -> None:
        before, at = self._pressed
        near = abs(before[0] - place[0]) + abs(before[1] - place[1]) < 12
        if near and (left := at + DOUBLE_CLICK - time.monotonic()) > 0:
            time.sleep(left)
        self._pressed = place, time.monotonic()
        self._act("mousemove", *place, "sleep", BLINK, "mousedown", 1)

    @property
    def _at(self) -> tuple[int, int]:
        words = self._act("getmouselocation", "--shell")
        values = dict(line.split("=") for line in words.split())
        return int(values["X"]), int(values["Y"])

    def _act(self, *words: object) -> str:
        """Through the X server's XTEST extension: the program sees real events."""
        done = subprocess.run(
            ["xdotool", *map(str, words)],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"xdotool {words}: {done.stderr}"
        return done.stdout


def _line_is_not(depth: int, title: str) -> Callable[[list[str]], bool]:
    return lambda lines: lines[depth] != title


def something(answer: object) -> bool:
    """There is an answer."""
    return answer is not None


def nothing(answer: object) -> bool:
    """There is none, any more."""
    return answer is None
