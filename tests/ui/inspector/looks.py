"""How a view looks and what it says, for tests that hold two moments against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QImage

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.inspector import Inspector


def spoken(inspector: Inspector) -> str:
    """The formulas, as screen readers have them."""
    return inspector.settings.formulas.accessibleDescription()


def painted(widget: QWidget) -> np.ndarray:
    """All pixels of a widget."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).copy()
