"""Many maps in one picture: every pixel is the colour of its value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor

from ui.colors import luts, quantise
from ui.theme import theme
from ui.widgets.mosaic import mosaic

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

GAP = "#123456"


@given(
    count=st.integers(1, 12),
    height=st.integers(1, 5),
    width=st.integers(1, 5),
    columns=st.integers(1, 14),
    gap=st.integers(0, 3),
)
def test_every_pixel(count: int, height: int, width: int, columns: int, gap: int) -> None:
    maps = np.random.default_rng(count).standard_normal((count, height, width)).astype(np.float32)
    image = mosaic(maps, columns, 2.0, luts(False).signed, gap, GAP)
    columns = min(columns, count)
    rows = -(-count // columns)
    assert image.width() == columns * (width + gap) - gap
    assert image.height() == rows * (height + gap) - gap
    expected = np.full((image.height(), image.width()), int("ff" + GAP[1:], 16), np.uint32)
    colors = luts(False).signed[quantise(maps, 2.0)]
    for tile in range(count):
        row, column = divmod(tile, columns)
        top, left = row * (height + gap), column * (width + gap)
        expected[top : top + height, left : left + width] = colors[tile]
    if count % columns:
        surface = QColor(theme.colors.surface).rgb()
        expected[(rows - 1) * (height + gap) :, count % columns * (width + gap) :] = surface
    shown = np.frombuffer(image.constBits(), np.uint32).reshape(expected.shape)
    assert (shown == expected).all()


def test_the_largest_magnitude_is_the_limit_where_none_is_given(qapp: QApplication) -> None:
    maps = np.array([[[0.0, -4.0]], [[2.0, 1.0]]], np.float32)
    image = mosaic(maps, 2, lut=luts(False).signed)
    assert image.pixel(1, 0) == luts(False).signed[0]


def test_an_input_is_grey(qapp: QApplication) -> None:
    image = mosaic(np.array([[[0.0, 1.0]]], np.float32), 1, grey=True)
    assert (image.pixel(0, 0), image.pixel(1, 0)) == (0xFF000000, 0xFFFFFFFF)


@pytest.mark.parametrize("shape", [(0, 3, 3), (2, 0, 3)])
def test_no_maps_no_picture(shape: tuple[int, int, int]) -> None:
    assert mosaic(np.empty(shape, np.float32), 4).isNull()
