"""Finds numbers that somebody does not see because a text is shortened or cut where they stand."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel, QWidget

from ui.widgets.labels import ShortLabel
from ui.widgets.step_lines import StepLines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

NUMBER = re.compile(r"\d[\d.,]*%?|[⁰¹²³⁴⁵⁶⁷⁸⁹]+")


def hidden_numbers(window: QWidget) -> list[str]:
    """A line for each number of a label that ends in "…", and of a line of arithmetic that is
    wider than its place."""
    found = [
        f"{label.text()!r} is shown as {label.lines}, without {lost}"
        for label in window.findChildren(ShortLabel)
        if _seen(label) and (lost := lost_numbers(label))
    ]
    for lines in window.findChildren(StepLines):
        page = lines.widget()
        if page is not None and _seen(page) and page.width() > lines.viewport().width():
            wide = page.width() - lines.viewport().width()
            texts = [label.text() for label in lines.findChildren(QLabel) if _seen(label)]
            found.append(f"{texts} are {wide} pixels too wide")
    return found


def lost_numbers(label: ShortLabel) -> list[str]:
    """What is said in numbers in the wording that is shown, and cut off."""
    if not label.is_cut:
        return []
    shown = NUMBER.findall(" ".join(label.lines))
    return [number for number in NUMBER.findall(label.shortest) if number not in shown]


@contextmanager
def painted_numbers() -> Iterator[list[str]]:
    """The same for what paints itself, meanwhile: each text with a number that was shortened to
    another one without it."""
    found: list[str] = []
    before = QFontMetrics.elidedText

    def elided(self: QFontMetrics, text: str, *where: Any) -> str:
        shown = before(self, text, *where)
        if NUMBER.findall(text) != NUMBER.findall(shown):
            found.append(f"{text!r} is painted as {shown!r}")
        return shown

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QFontMetrics, "elidedText", elided)
        yield found


def _seen(widget: QWidget) -> bool:
    """Whether a part of it can be seen that no part of its own covers."""
    return widget.isVisible() and not widget.visibleRegion().isEmpty()
