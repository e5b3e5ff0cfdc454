"""A drawing or a picture as an image of any data set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from cnnviz.data.catalogue import DATA_SETS
from cnnviz.data.datasets import data_set
from cnnviz.data.digits import prepare
from cnnviz.data.drawing import as_channels, image_of_drawing, image_of_file
from cnnviz.data.folders import ImageFolder
from cnnviz.data.images import digit_from_image

if TYPE_CHECKING:
    from pathlib import Path

CANVAS = np.zeros((280, 280), np.uint8)
CANVAS[40:80, 100:240] = 255


@pytest.mark.parametrize("name", ["mnist", "emnist_letters"])
def test_handwriting_is_prepared_as_mnist_is(name: str) -> None:
    assert np.array_equal(image_of_drawing(CANVAS, DATA_SETS[name]), prepare(CANVAS))


def test_other_grey_sets_get_the_canvas_as_it_is() -> None:
    image = image_of_drawing(CANVAS, DATA_SETS["toy_shapes"])
    assert image.shape == (28, 28)
    assert np.array_equal(image[4:8, 10:24], np.full((4, 14), 255))
    assert image.sum() == 4 * 14 * 255


def test_in_colour_a_stroke_is_grey_repeated() -> None:
    image = image_of_drawing(CANVAS, DATA_SETS["cifar10"])
    assert image.shape == (32, 32, 3)
    assert np.array_equal(image[..., 0], image[..., 2])
    assert image.max() == 255
    assert image.mean() == pytest.approx(CANVAS.mean(), rel=0.01)


def test_a_picture_in_colour_that_was_drawn_on(tmp_path: Path) -> None:
    sheet = np.zeros((280, 280, 3), np.uint8)
    sheet[:140] = (200, 100, 0)
    image = image_of_drawing(sheet, DATA_SETS["cifar10"])
    assert image[4, 4].tolist() == [200, 100, 0]
    assert image[28, 4].tolist() == [0, 0, 0]
    assert image_of_drawing(sheet, DATA_SETS["mnist"])[4, 4] == 100  # the mean of the colours


def test_oblong_images_take_the_middle_of_the_canvas() -> None:
    wide = data_set(ImageFolder("/p", 20, 40, 1, ("a", "b")))
    canvas = np.zeros((280, 280), np.uint8)
    canvas[:70] = canvas[210:] = 9  # above and below what is seen
    canvas[70:140] = 255
    image = image_of_drawing(canvas, wide)
    assert image.shape == (20, 40)
    assert (image[:10] == 255).all()
    assert (image[10:] == 0).all()


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "red.png"
    Image.new("RGB", (90, 30), (200, 30, 10)).save(path)
    image = image_of_file(path, DATA_SETS["cifar10"])
    assert image.shape == (32, 32, 3)
    assert image[16, 16].tolist() == [200, 30, 10]
    grey = image_of_file(path, DATA_SETS["fashion_mnist"])
    assert grey.shape == (28, 28)
    digit = tmp_path / "digit.png"
    Image.fromarray(255 - CANVAS).save(digit)
    assert np.array_equal(image_of_file(digit, DATA_SETS["mnist"]), digit_from_image(digit))


def test_channels() -> None:
    colours = np.dstack([np.full((2, 3), value, np.uint8) for value in (10, 20, 33)])
    assert (as_channels(colours, 1) == 21).all()
    assert as_channels(colours, 3) is colours
    grey = colours[..., 0]
    assert as_channels(grey, 3).shape == (2, 3, 3)
    assert as_channels(grey, 1) is grey
