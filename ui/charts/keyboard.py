"""A chart by keyboard: what the mouse can do, key by key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from ui.charts.zooming import KEYS, TURN

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from ui.charts.chart import Chart

_FAR = 10
"""Columns of pixels that the cross-hair moves by with Ctrl."""


def obey(chart: Chart, event: QKeyEvent) -> bool:
    """Do what a key asks for; whether it asks for anything.

    Left, Right (with Ctrl: further), Home and End point at steps, Escape at none; +, - and 0 zoom,
    PageUp and PageDown move what is zoomed to; 1 to 9 switch the lines of the legend.
    """
    painting, sight, key = chart.painting(), chart.sight, Qt.Key(event.key())
    axes = painting.axes
    if axes is None and not sight.view.hidden:
        return False
    number = key - Qt.Key.Key_1
    if 0 <= number < len(painting.entries):
        sight.toggle(painting.entries[number].key)
        return True
    if axes is None:
        return False
    step, left, right = sight.view.step, axes.bounds.left, axes.bounds.right
    if key in KEYS:
        far = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        columns = KEYS[key] * (_FAR if far else 1)
        begun = step if step is not None else (right if columns < 0 else left)
        pixel = max((right - left) / max(axes.plot.width(), 1.0), 1.0)
        sight.look(step=min(max(begun + columns * pixel, left), right))
    elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
        sight.look(step=left if key == Qt.Key.Key_Home else right)
    elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
        chart.pan(-0.5 if key == Qt.Key.Key_PageUp else 0.5)
    elif event.text() in ("+", "=", "-"):
        chart.zoom(TURN if event.text() == "-" else 1 / TURN)
    elif key == Qt.Key.Key_0:
        chart.show_all()
    elif key == Qt.Key.Key_Escape and step is not None:
        sight.look(step=None)
    else:
        return False
    return True
