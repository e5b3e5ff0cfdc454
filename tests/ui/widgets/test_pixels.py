from __future__ import annotations

import numpy as np
import pytest

from ui.widgets.pixels import colour_image, pixels_of, qimage

CHANCE = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3), (28, 28), (3, 2, 3)])
def test_there_and_back(shape: tuple[int, ...]) -> None:
    pixels = CHANCE.integers(0, 256, shape, np.uint8)
    image = qimage(pixels)
    assert (image.height(), image.width()) == shape[:2]
    assert np.array_equal(pixels_of(image, colour=len(shape) == 3), pixels)


def test_an_image_keeps_its_pixels_when_the_array_goes() -> None:
    pixels = np.full((4, 4), 7, np.uint8)
    image = qimage(pixels)
    pixels[:] = 0
    assert image.pixelColor(1, 1).red() == 7


def test_three_planes_are_one_picture() -> None:
    planes = np.zeros((3, 2, 4), np.float32)
    planes[0] = 1
    planes[2, 1] = 0.5
    image = colour_image(planes)
    assert (image.width(), image.height()) == (4, 2)
    assert image.pixelColor(0, 0).name() == "#ff0000"
    assert image.pixelColor(3, 1).name() == "#ff0080"
