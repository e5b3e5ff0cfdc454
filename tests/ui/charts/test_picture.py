"""Charts as pictures: all of them, sharp, and in SVG with texts that are texts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QImage

from ui.charts.content import Content, Series, Shown
from ui.charts.curve import Line
from ui.charts.painting import Painting
from ui.charts.picture import SHARPNESS, as_image, as_png, as_svg
from ui.charts.shapes import SHAPES, swatch
from ui.charts.sight import View
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication


def paintings() -> list[Painting]:
    line = Line.of(np.arange(100), np.linspace(2, 0, 100))
    lines = (Shown(Series("train", "training", line), line),)
    return [
        Painting(Content(title), lines, View(), QSizeF(300, 160)) for title in ("Loss", "Accuracy")
    ]


def test_a_png_is_sharp_and_holds_all(qapp: QApplication) -> None:
    theme.set_mode("light")
    image = as_image(paintings())
    assert image.width() == (300 + 24) * SHARPNESS
    assert image.height() == (320 + 14 + 24) * SHARPNESS
    read = QImage.fromData(as_png(image))
    assert read.size() == image.size()
    blue = {
        y // (image.height() // 2)
        for y in range(image.height())
        if any(
            image.pixelColor(x, y).blue() - image.pixelColor(x, y).red() > 150
            for x in range(400, 500, 7)
        )
    }
    assert blue == {0, 1}


def test_an_svg_has_its_words(qapp: QApplication) -> None:
    root = ElementTree.fromstring(as_svg(paintings()))
    words = " ".join(element.text or "" for element in root.iter() if element.tag.endswith("text"))
    assert "Loss" in words
    assert "Accuracy" in words
    assert "step 99" in words
    assert root.attrib["viewBox"] == "0 0 324 358"


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_no_two_swatches_look_the_same(qapp: QApplication, mode: str) -> None:
    theme.set_mode(mode)  # type: ignore[arg-type]
    seen = set()
    for number in range(20):
        picture = swatch(number % 4, SHAPES[number % len(SHAPES)]).pixmap(24, 24).toImage()
        seen.add(bytes(picture.constBits()))
    assert len(seen) == 20
