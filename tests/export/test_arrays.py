"""Arrays in files: every value comes back from NPY and CSV, every colour from PNG and SVG."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from cnnviz.export.arrays import ARRAY_FORMATS, Plate, as_csv, as_npy, as_png, as_svg, as_text
from cnnviz.export.arrays import written as written_as

SVG = "{http://www.w3.org/2000/svg}"


def painted(values: np.ndarray, limit: float | np.ndarray | None) -> np.ndarray:
    """Colours of which the value can be told again, in 256 steps from -limit to limit."""
    low, high = (0.0, 1.0) if limit is None else (-1.0, 1.0)
    scaled = (
        values if limit is None else values / np.reshape(limit, (-1,) + (1,) * (values.ndim - 1))
    )
    step = np.clip((scaled - low) / (high - low) * 255, 0, 255).astype(np.uint32)
    return 0xFF000000 | step << 16 | (255 - step) << 8 | 7


def plate(values: np.ndarray, limit: float | np.ndarray | None = 1.0, columns: int = 2) -> Plate:
    maps = values.reshape(-1, *values.shape[-2:]) if values.ndim > 1 else values[None, None]
    axes = ("filter", "map", "row", "column")[-values.ndim :]
    return Plate("maps <1>", values, maps, limit, painted, axes, columns, "#abcdef", "#123456")


def chance(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)


any_values = arrays(
    np.float32,
    st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple),
    elements=st.floats(width=32),
)


@given(values=any_values)
def test_no_digit_is_lost_in_numbers(values: np.ndarray) -> None:
    read = np.load(io.BytesIO(as_npy(plate(values))), allow_pickle=False)
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, values)
    text = as_csv(plate(values)).decode("utf-8-sig")
    for words, delimiter in ((text, ","), (as_text(plate(values)), "\t")):
        lines = list(csv.reader(io.StringIO(words), delimiter=delimiter))
        beside = values.ndim - 1 if values.ndim > 2 else 0
        if beside:
            width = values.shape[-1]
            assert lines.pop(0) == [*plate(values).axes[:beside], *map(str, range(width))]
            places = [tuple(map(int, line[:beside])) for line in lines]
            assert places == list(np.ndindex(values.shape[:-1]))
        found = np.array([[float(word) for word in line[beside:]] for line in lines], np.float32)
        np.testing.assert_array_equal(found.reshape(values.shape), values)


def squares(image: np.ndarray, shape: tuple[int, ...], columns: int) -> tuple[int, int]:
    """The size of a value and of the gap, from the size of the picture."""
    for square in range(32, 0, -1):
        gap = max(1, square // 2)
        rows = -(-shape[0] // columns)
        if image.shape[:2] == (
            rows * (shape[1] * square + gap) + gap,
            columns * (shape[2] * square + gap) + gap,
        ):
            return square, gap
    raise AssertionError(f"{image.shape} is no picture of {shape}")


@pytest.mark.parametrize("limit", [1.0, None, np.array([0.5, 1.0, 2.0], np.float32)])
def test_a_png_has_the_colour_of_every_value(limit: float | np.ndarray | None) -> None:
    values = chance(3, 5, 7)
    image = np.asarray(Image.open(io.BytesIO(as_png(plate(values, limit)))))
    square, gap = squares(image, values.shape, 2)
    assert image[0, 0].tolist() == [0xAB, 0xCD, 0xEF]
    wanted = painted(values, limit)
    for index, row, column in np.ndindex(values.shape):
        down, across = divmod(index, 2)
        y = gap + down * (5 * square + gap) + row * square
        x = gap + across * (7 * square + gap) + column * square
        cell = image[y : y + square, x : x + square].reshape(-1, 3)
        color = int(wanted[index, row, column])
        assert (cell == [color >> 16 & 255, color >> 8 & 255, color & 255]).all()


def test_many_maps_are_drawn_smaller() -> None:
    image = Image.open(io.BytesIO(as_png(plate(chance(512, 28, 28), columns=32))))
    assert 900 < image.width < 2100
    wide = Image.open(io.BytesIO(as_png(plate(chance(1, 3, 4000), columns=1))))
    assert wide.width == 4002


def test_an_svg_has_the_colour_of_every_value_and_says_what_it_means() -> None:
    values = chance(3, 4, 5)
    values[1, 2] = values[1, 2, 0]  # equal ones in a row are one rectangle
    drawn = plate(values)
    tree = ET.fromstring(as_svg(drawn))
    groups = tree.findall(f"{SVG}g")
    assert len(groups) == 3
    wanted = drawn.colors
    for index, group in enumerate(groups):
        found = np.zeros((4, 5), np.uint32)
        for rect in group.findall(f"{SVG}rect")[:-1]:
            x, y = int(rect.get("x", "")) // 10, int(rect.get("y", "")) // 10
            found[y, x : x + int(rect.get("width", "")) // 10] = int(rect.get("fill", "")[1:], 16)
        np.testing.assert_array_equal(found, wanted[index] & 0xFFFFFF)
    assert len(groups[1].findall(f"{SVG}rect")) == 4 * 5 - 4 + 1
    said = [node.text for node in tree.iter(f"{SVG}text")]
    assert said == ["0", "1", "2", "−1", "0", "1"]
    assert tree.findtext(f"{SVG}title") == "maps <1>"
    places = [re.findall(r"\d+", group.get("transform", "")) for group in groups]
    assert places == [["8", "8"], ["66", "8"], ["8", "70"]]


def test_an_svg_of_very_many_values_holds_pictures() -> None:
    source = as_svg(plate(chance(64, 28, 28), columns=8))
    tree = ET.fromstring(source)
    assert len(tree.findall(f"{SVG}g/{SVG}image")) == 64
    assert len(source) < 1_000_000


def test_ranges_of_their_own_have_no_common_scale() -> None:
    own = ET.fromstring(as_svg(plate(chance(2, 3, 3), np.array([1.0, 2.0], np.float32))))
    assert [node.text for node in own.iter(f"{SVG}text")] == ["0", "1"]
    grey = ET.fromstring(as_svg(plate(chance(1, 3, 3), None)))
    assert [node.text for node in grey.iter(f"{SVG}text")] == ["0", "1"]
    assert len(list(grey.iter(f"{SVG}rect"))) > 100  # the bar from black to white


@pytest.mark.parametrize("name", ARRAY_FORMATS)
@pytest.mark.parametrize("shape", [(3,), (2, 3), (4, 2, 3), (2, 2, 3, 3)])
def test_every_shape_goes_into_every_format(name: str, shape: tuple[int, ...]) -> None:
    assert len(written_as(plate(chance(*shape)), name)) > 20
