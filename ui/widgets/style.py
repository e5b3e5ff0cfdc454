"""Dynamic properties, by which the style sheet tells variants of a widget apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet asks for, and show the widget accordingly at once."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()


def show_problem(widget: QWidget, reason: str | None, usual: str) -> None:
    """Show a field in red with the reason, or as usual where there is none."""
    set_property(widget, "problem", bool(reason))
    widget.setToolTip(reason or usual)
    widget.setAccessibleDescription(reason or usual)
