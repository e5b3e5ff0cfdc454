"""Where on the screen the things of a canvas are: for menus that open there, and for whoever drives
the program from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF

from cnnviz.network import Place
from ui.canvas.lanes import TITLE
from ui.theme import theme

if TYPE_CHECKING:
    from ui.canvas.canvas import Canvas

_ON_TITLE = 30
"""From the left edge of a frame to its words."""


def card_center(canvas: Canvas, uid: str) -> QPoint:
    """The middle of a card."""
    box = canvas.arrangement.boxes[uid]
    return _on_screen(canvas, box.middle, box.top + box.height / 2)


def title_center(canvas: Canvas, uid: str) -> QPoint:
    """A point on the title of a block that stands open."""
    box, unit = canvas.arrangement.frames[uid].box, theme.scale
    return _on_screen(canvas, box.left + _ON_TITLE * unit, box.top + TITLE * unit / 2)


def gap_center(canvas: Canvas, place: Place | int) -> QPoint:
    """Where a layer is dropped to get a place."""
    place = Place(place) if isinstance(place, int) else place
    return _on_screen(canvas, *canvas.arrangement.slot(place))


def fix_center(canvas: Canvas, index: int) -> QPoint:
    """The middle of the problem's button of that number."""
    button = canvas.bubble.buttons[index]
    return button.mapToGlobal(button.rect().center())


def _on_screen(canvas: Canvas, x: float, y: float) -> QPoint:
    return canvas.viewport().mapToGlobal(canvas.mapFromScene(QPointF(x, y)))
