"""The image that a network sees, pixel by pixel, in colour where it has colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ui.widgets.pixel_map import PixelMap
from ui.widgets.pixels import colour_image

if TYPE_CHECKING:
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QWidget

    from ui.colors import Floats


class SeenMap(PixelMap):
    """A map whose values are how light the pixels are, and which shows their colours."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colours: Floats | None = None

    def set_image(self, image: Floats) -> None:
        """Show an image (channels, height, width), 0 to 1; three channels are red, green, blue."""
        self._colours = image if len(image) == 3 else None
        self._image = None  # other colours may be as light
        self.set_values(np.asarray(image.mean(0), np.float32), grey=True)
        self.update()

    def _picture(self, values: Floats) -> QImage:
        if self._colours is None:
            return super()._picture(values)
        return colour_image(self._colours)
