"""A walk through all scenes, which finds what is cut off in any of them, and hidden numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.cut_texts import cut_texts
from tests.support.hidden_numbers import hidden_numbers
from tests.support.scenes import SCENES, TABS_AND_DIALOGS
from tests.support.stage import project, shown, stage

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

SMALLEST = (1280, 720)
"""As large as many a projector; what is not a tab or a dialog is seen in it alone, since it has the
least room."""
LARGER = ((1600, 900), (1920, 1080))
PAINTED = "menu"
"""Begins the names of scenes whose texts are no widgets."""
AWAY = {"canvas long middle"}
"""Scenes that look at more than the problem, which a person may have to scroll to."""


def cut_on_a_walk(app: QApplication, *, larger: bool = False, projector: bool = False) -> list[str]:
    """A line for each text and window that does not fit, and each number that a "…" hides, in the
    present language and scale.

    larger: tabs and dialogs in larger windows as well. projector: after its key was pressed.
    """
    cut = []
    with stage(app, *SMALLEST) as window:
        if projector:
            project(window)
        for name, scene in SCENES.items():
            if name.startswith(PAINTED) or name in AWAY:
                continue
            sizes = LARGER if larger and name in TABS_AND_DIALOGS else ()
            for width, height in (SMALLEST, *sizes):
                window.resize(width, height)
                with shown(window, scene) as seen:
                    found = (*cut_texts(seen), *hidden_numbers(seen))
                    cut += [f"{name} {width}×{height}: {line}" for line in found]
    return cut
