"""Between arrays of bytes, grey or in colour, and Qt's images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

Pixels = NDArray[np.uint8]


def qimage(pixels: Pixels) -> QImage:
    """Bytes (height, width) or (height, width, 3) as an image of the same size, in the memory of
    its own."""
    values = np.ascontiguousarray(pixels, np.uint8)
    height, width = values.shape[:2]
    colour = values.ndim == 3
    kind = QImage.Format.Format_RGB888 if colour else QImage.Format.Format_Grayscale8
    shared = QImage(values.data, width, height, values.strides[0], kind)
    return shared.convertToFormat(QImage.Format.Format_RGB32) if colour else shared.copy()


def colour_image(values: NDArray[np.float32]) -> QImage:
    """Red, green and blue (3, height, width), 0 to 1, as one picture."""
    levels = np.clip(values * 255 + 0.5, 0, 255).astype(np.uint8)
    return qimage(levels.transpose(1, 2, 0))


def levels(values: np.ndarray) -> list[Pixels]:
    """Images (count, channels, height, width), 0 to 1, as bytes: in colour where there are three
    channels, else the mean of them in grey."""
    of_each = np.clip(values * 255 + 0.5, 0, 255)
    if of_each.shape[1] == 3:
        return list(of_each.transpose(0, 2, 3, 1).astype(np.uint8))
    return list(of_each.mean(1).astype(np.uint8))


def pixels_of(image: QImage, colour: bool) -> Pixels:
    """The bytes of an image: (height, width), or (height, width, 3) in colour; read-only."""
    kind = QImage.Format.Format_RGB888 if colour else QImage.Format.Format_Grayscale8
    plain = image.convertToFormat(kind)
    channels = 3 if colour else 1
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), -1)
    rows = rows[:, : plain.width() * channels].copy()
    rows.flags.writeable = False
    return rows.reshape(plain.height(), plain.width(), 3) if colour else rows
