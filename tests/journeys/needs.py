"""What an action of the menus needs before it is possible, and what its dialog wants to know."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.journeys.keyboard import GOES_ON, SECONDS, Keyboard
from tests.journeys.person import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SLIDE = "View › Detail › Let the grey square slide"


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
    who then presses the same keys ends it. Before that the answer to an earlier question is there.
    """
    keyboard.person.wait_until("explained", _all_places_are_known)
    end = time.monotonic() + SECONDS
    while keyboard.line(SLIDE)["checked"]:
        assert time.monotonic() < end, "it slides for ever"
        time.sleep(0.05)


def _all_places_are_known(answer: dict[str, Any] | None) -> bool:
    return answer is not None and answer["method"] == "occlusion" and answer["done"] == 1


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
