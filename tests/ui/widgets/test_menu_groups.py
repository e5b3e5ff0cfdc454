"""Groups of actions with lines between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from ui.widgets.menu_groups import in_groups

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication


def test_lines_stand_between_groups_and_nowhere_else(qapp: QApplication) -> None:
    owner = QObject()
    new, old, other = (QAction(word, owner) for word in ("new", "old", "other"))
    words = [one.text() or "—" for one in in_groups(owner, [], [new, old], [], [other], [])]
    assert words == ["new", "old", "—", "other"]
