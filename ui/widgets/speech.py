"""What is told to screen readers, beside the names that widgets have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


def describe(widget: QWidget, words: str) -> None:
    """Describe a widget in these words, and read them out where they have changed: few screen
    readers look at a description again while they stay on its widget."""
    if words == widget.accessibleDescription():
        return
    widget.setAccessibleDescription(words)  # which Qt tells screen readers itself
    announce(widget, words)


def announce(widget: QWidget, words: str, *, urgent: bool = False) -> None:
    """Have words read out: after what is being read, or at once where they are urgent."""
    if not widget.isVisible():
        return
    # Their enumerations take a while to be made: not before the window is there.
    from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

    event = QAccessibleAnnouncementEvent(widget, words)
    if urgent:
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
    QAccessible.updateAccessibility(event)
