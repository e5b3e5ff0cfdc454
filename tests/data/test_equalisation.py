"""CLAHE against a slow reading of its description, and what must hold for any image."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.data.datasets import test_images as of_tests
from cnnviz.data.equalisation import equalised


def slowly(image: np.ndarray, tiles: int, limit: float) -> np.ndarray:
    """One image (height, width), pixel by pixel, in words of the description."""
    height, width = image.shape
    rows = [i * height // tiles for i in range(tiles + 1)]
    columns = [i * width // tiles for i in range(tiles + 1)]

    def table(row: int, column: int) -> list[int]:
        tile = image[rows[row] : rows[row + 1], columns[column] : columns[column + 1]]
        greys = [int((tile == grey).sum()) for grey in range(256)]
        most = max(1, int(limit * tile.size / 256))
        cut = sum(max(0, n - most) for n in greys)
        greys = [min(n, most) + cut // 256 for n in greys]
        left = cut % 256
        for n in range(left):
            greys[n * (256 // left)] += 1
        return [(sum(greys[: grey + 1]) * 255 + tile.size // 2) // tile.size for grey in range(256)]

    tables = [[table(i, j) for j in range(tiles)] for i in range(tiles)]

    def around(place: int, ends: list[int]) -> tuple[int, int, float]:
        middles = [(a + b) / 2 for a, b in itertools.pairwise(ends)]
        at = place + 0.5
        if at <= middles[0]:
            return 0, 0, 0.0
        if at >= middles[-1]:
            return tiles - 1, tiles - 1, 0.0
        k = max(i for i in range(tiles) if middles[i] <= at)
        return k, k + 1, (at - middles[k]) / (middles[k + 1] - middles[k])

    result = np.empty(image.shape)
    for y in range(height):
        for x in range(width):
            above, below, v = around(y, rows)
            left, right, h = around(x, columns)
            grey = int(image[y, x])
            top = tables[above][left][grey] * (1 - h) + tables[above][right][grey] * h
            bottom = tables[below][left][grey] * (1 - h) + tables[below][right][grey] * h
            result[y, x] = top * (1 - v) + bottom * v
    return result


def chance(height: int, width: int, seed: int = 0) -> np.ndarray:
    numbers = np.random.default_rng(seed)
    return (numbers.random((height, width)) ** 3 * 255).astype(np.uint8)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 14), st.integers(1, 14), st.integers(1, 4), st.floats(1, 256), st.integers(0, 99)
)
def test_it_is_what_the_description_says(
    height: int, width: int, tiles: int, limit: float, seed: int
) -> None:
    image = chance(height, width, seed)
    tiles = min(tiles, height, width)
    found = equalised(image[None], tiles, limit)[0]
    assert np.abs(found - slowly(image, tiles, limit)).max() <= 0.5 + 1e-9


def test_without_a_limit_and_in_one_tile_it_is_plain_equalisation() -> None:
    image = np.array([[10, 10, 20], [30, 30, 30], [30, 40, 255]], np.uint8)
    found = equalised(image[None], 1, 256)[0]
    shares = np.searchsorted(np.sort(image.ravel()), image, side="right") / image.size
    assert np.array_equal(found, np.rint(255 * shares))


def test_a_mirrored_image_gives_the_mirrored_result() -> None:
    image = chance(28, 28)
    found = equalised(image[None], 4, 4)[0]
    assert np.array_equal(equalised(image[None, :, ::-1], 4, 4)[0], found[:, ::-1])
    assert np.array_equal(equalised(image.T[None], 4, 4)[0], found.T)


def test_each_image_and_each_colour_is_by_itself() -> None:
    some = np.stack([chance(12, 12, seed) for seed in range(6)]).reshape(2, 3, 12, 12)
    some = some.transpose(0, 2, 3, 1)
    found = equalised(some, 3, 8)
    for number in range(2):
        for channel in range(3):
            alone = equalised(some[number : number + 1, ..., channel], 3, 8)[0]
            assert np.array_equal(found[number, ..., channel], alone)


def test_more_is_seen_where_there_was_little_contrast() -> None:
    faint = (100 + chance(32, 32) / 255 * 20).astype(np.uint8)
    spreads = [float(equalised(faint[None], 2, limit).std()) for limit in (1, 4, 256)]
    assert float(faint.std()) < spreads[0] + 1
    assert spreads == sorted(spreads)
    assert spreads[-1] > 50


@pytest.mark.parametrize("value", [0, 128, 255])
def test_an_image_of_one_grey_stays_one(value: int) -> None:
    found = equalised(np.full((1, 20, 20), value, np.uint8), 2, 8)
    assert len(np.unique(found)) == 1


def test_a_thousand_digits_take_no_time_that_one_waits_for() -> None:
    images = of_tests("mnist")[:1000]
    started = time.process_time()
    found = equalised(images, 2, 8)
    assert found.shape == images.shape
    assert time.process_time() - started < 1  # measured: 0.05
