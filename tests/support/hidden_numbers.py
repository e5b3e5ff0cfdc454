"""Finds numbers that somebody does not see because a text is shortened or cut where they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel, QWidget

from ui.widgets.step_lines import StepLines

if TYPE_CHECKING:
    from typing import Any

NUMBER = re.compile(r"\d+(?:[.,]\d+)*%?|[⁰¹²³⁴⁵⁶⁷⁸⁹]+")


def hidden_numbers(window: QWidget) -> list[str]:
    """A line for each number that is behind a "…", and for each line of arithmetic that is wider
    than its place."""
    return [*_shortened(window), *_too_wide(window)]


def _shortened(window: QWidget) -> list[str]:
    """Whoever writes a "…", a label as well as what paints itself, does so while it is painted."""
    found: dict[str, None] = {}
    before = QFontMetrics.elidedText

    def elided(self: QFontMetrics, text: str, *where: Any) -> str:
        shown = before(self, text, *where)
        if NUMBER.findall(text) != NUMBER.findall(shown):
            found[f"{text!r} is painted as {shown!r}"] = None
        return shown

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QFontMetrics, "elidedText", elided)
        window.grab()
    return list(found)


def _too_wide(window: QWidget) -> list[str]:
    found = []
    for lines in window.findChildren(StepLines):
        page = lines.widget()
        if page is None or not page.isVisible() or page.visibleRegion().isEmpty():
            continue
        if (wide := page.width() - lines.viewport().width()) > 0:
            texts = [label.text() for label in lines.findChildren(QLabel) if label.isVisible()]
            found.append(f"{texts} are {wide} pixels too wide")
    return found
