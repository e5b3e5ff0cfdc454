"""Disturbed images: what is exact is exact, and nothing comes from nowhere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.data.disturbances import UNDISTURBED, Disturbance, disturbed

IMAGE = np.random.default_rng(1).integers(0, 256, (28, 28), np.uint8)


def blob(rows: slice, columns: slice) -> np.ndarray:
    image = np.zeros((28, 28), np.uint8)
    image[rows, columns] = 200
    return image


def test_left_alone_it_is_the_same() -> None:
    assert disturbed(IMAGE, UNDISTURBED) is IMAGE


@given(down=st.integers(-30, 30), right=st.integers(-30, 30))
def test_shifts_are_exact(down: int, right: int) -> None:
    found = disturbed(IMAGE, Disturbance(right=right, down=down))
    for row, column in ((0, 0), (3, 20), (14, 14), (27, 27)):
        source = row - down, column - right
        inside = 0 <= source[0] < 28 and 0 <= source[1] < 28
        assert found[row, column] == (IMAGE[source] if inside else 0)


@pytest.mark.parametrize("quarters", [1, 2, 3, -1])
def test_quarter_turns_are_exact(quarters: int) -> None:
    for image in (IMAGE, IMAGE[:27, :27]):
        found = disturbed(image, Disturbance(turn=90 * quarters))
        np.testing.assert_array_equal(found, np.rot90(image, -quarters))


def test_scaled_about_the_middle() -> None:
    found = disturbed(blob(slice(10, 18), slice(10, 18)), Disturbance(scale=2))
    assert found[6:22, 6:22].all()
    assert not found[:5].any()
    assert not found[:, 23:].any()
    small = disturbed(blob(slice(10, 18), slice(10, 18)), Disturbance(scale=0.5))
    assert small.astype(int).sum() == pytest.approx(200 * 16, rel=0.05)


@given(spread=st.floats(0.05, 4))
def test_blur_keeps_the_light_and_spreads_it(spread: float) -> None:
    image = blob(slice(13, 15), slice(13, 15))
    found = disturbed(image, Disturbance(blur=spread)).astype(float)
    assert found.sum() == pytest.approx(800, rel=0.25)  # of whole grey levels
    np.testing.assert_array_equal(found, found[::-1])
    np.testing.assert_array_equal(found, found.T)


def test_noise_is_always_the_same_and_as_strong_as_it_says() -> None:
    grey = np.full((28, 28), 128, np.uint8)
    once, again = (disturbed(grey, Disturbance(noise=0.1)) for _ in range(2))
    np.testing.assert_array_equal(once, again)
    assert np.std(once.astype(float)) == pytest.approx(25.5, rel=0.1)
    assert once.astype(float).mean() == pytest.approx(128, abs=3)


@given(
    how=st.builds(
        Disturbance,
        right=st.integers(-14, 14),
        down=st.integers(-14, 14),
        turn=st.floats(-180, 180),
        scale=st.floats(0.5, 2),
        blur=st.floats(0, 4),
        noise=st.floats(0, 0.5),
    ),
    height=st.integers(1, 30),
    width=st.integers(1, 30),
)
def test_any_image_stays_an_image(how: Disturbance, height: int, width: int) -> None:
    image = np.full((height, width), 200, np.uint8)
    found = disturbed(image, how)
    assert found.shape == image.shape
    assert found.dtype == np.uint8
    if not how.noise and not how.blur:
        assert found.max() <= 200
