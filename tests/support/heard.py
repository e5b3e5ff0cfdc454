"""What screen readers are answered, asked in the way that they ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAccessible

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


def heard(widget: QWidget) -> str:
    """The description of a widget."""
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Description)
