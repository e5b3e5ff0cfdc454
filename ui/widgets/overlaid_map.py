"""A map in colour over the image that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ui.theme import theme
from ui.widgets.pixel_map import PixelMap

if TYPE_CHECKING:
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QWidget

    from ui.colors import Floats

FAINT = 0.22
"""How much of its lightness a colour loses (in the dark theme, gains) at full ink: enough to see
where one is, and little enough to tell the values by their colours."""


class OverlaidMap(PixelMap):
    """Values whose ground, the colour of zero, carries the strokes of an image as a faint shade."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ink: Floats | None = None

    def set_ink(self, ink: Floats | None) -> None:
        """The image (height, width), 0 to 1, as large as the values; another one is left out."""
        self._ink = ink
        self._image = None
        self.update()

    def _picture(self, values: Floats) -> QImage:
        image = super()._picture(values)
        if self._ink is None or self._ink.shape != values.shape:
            return image
        # Blue, green and red; the fourth byte stays 255, without which Qt blends the image.
        pixels = np.frombuffer(image.bits(), np.uint8).reshape(*values.shape, 4)[..., :3]
        kept = 1 - FAINT * np.clip(self._ink, 0, 1)[..., None]  # (height, width, 1)
        shaded = 255 - (255 - pixels) * kept if theme.dark else pixels * kept
        pixels[:] = np.rint(shaded).astype(np.uint8)
        return image
