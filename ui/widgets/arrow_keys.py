"""The arrow keys as steps over rows and columns."""

from __future__ import annotations

from PySide6.QtCore import Qt

ARROW_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
"""How far down and how far to the right each arrow key goes."""
