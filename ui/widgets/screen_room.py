"""Where what opens above a window finds room: within its screen, and over the window if it can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


def of(widget: QWidget) -> QRect:
    """What a window may take of the screen that a widget is on, in pixels of all screens."""
    return widget.screen().availableGeometry()


def place_over(corner: QPoint, size: QSize, widget: QWidget) -> QPoint:
    """The upper left corner of something of a size that wants to open at `corner` and belongs to
    a widget: moved into the screen, and sideways into the widget's window where that is wide
    enough. All are pixels of all screens."""
    return moved_inside(QRect(corner, size), widget.window().geometry(), of(widget))


def moved_inside(wanted: QRect, window: QRect, screen: QRect) -> QPoint:
    """The upper left corner of a rectangle that is moved as little as need be; of one that is
    larger than the screen the upper left part is seen."""
    left, top = wanted.left(), wanted.top()
    for room in (window, screen) if wanted.width() <= window.width() else (screen,):
        left = max(min(left, room.left() + room.width() - wanted.width()), room.left())
    top = max(min(top, screen.top() + screen.height() - wanted.height()), screen.top())
    return QPoint(left, top)
