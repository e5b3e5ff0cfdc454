"""Lines between the groups of a menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QObject


def in_groups(parent: QObject, *groups: Sequence[QAction]) -> list[QAction]:
    """The actions of all groups in their order, with a separator before all but the first.

    parent: owns the separators.
    """
    found: list[QAction] = []
    for group in groups:
        if found and group:
            separator = QAction(parent)
            separator.setSeparator(True)
            found.append(separator)
        found += group
    return found
