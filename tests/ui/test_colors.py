"""The colour language: zero is the ground, signs have hues, magnitudes have lightness."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ui.colors import (
    NOT_FINITE,
    ZERO,
    Lut,
    bent,
    luts,
    natural_limit,
    natural_limits,
    quantise,
    quantise_grey,
    to_oklab,
)
from ui.palette import DARK, LIGHT

# Machado, Oliveira, Fernandes, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency" (2009), severity 1, on linear RGB.
BLINDNESS = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
THEMES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
MAPS = arrays.arrays(
    np.float32,
    arrays.array_shapes(min_dims=3, max_dims=3, max_side=6),
    elements=st.floats(-100, 100, width=32),
)


def rgb(table: Lut) -> np.ndarray:
    return np.stack([table >> 16 & 255, table >> 8 & 255, table & 255], axis=1).astype(float)


@THEMES
def test_zero_is_the_ground(dark: bool) -> None:
    surface = (DARK if dark else LIGHT).surface
    assert luts(dark).signed[ZERO] == int("ff" + surface[1:], 16)


@pytest.mark.parametrize("strong", [False, True])
@THEMES
def test_lightness_says_the_magnitude_alike_on_both_sides(dark: bool, strong: bool) -> None:
    lab = to_oklab(rgb(luts(dark, strong).signed[:NOT_FINITE]))
    lightness = np.cbrt(lab[:, 0] ** 3 + 0.05)  # as it is seen in a room with some light
    distance = np.abs(lightness - lightness[ZERO])
    negative, positive = distance[ZERO::-1], distance[ZERO:]
    assert np.abs(negative - positive).max() < 0.01
    ideal = np.linspace(0, positive[-1], ZERO + 1)
    assert np.abs(positive - ideal).max() < 0.01


@THEMES
def test_positive_is_blue_and_negative_orange(dark: bool) -> None:
    red, _, blue = rgb(luts(dark).signed[:NOT_FINITE]).T
    warmth = (red - blue) - (red - blue)[ZERO]
    assert (warmth[: ZERO - 2] > 0).all()
    assert (warmth[ZERO + 3 :] < 0).all()
    assert (red > blue)[: ZERO - 30].all()
    assert (blue > red)[ZERO + 30 :].all()


@THEMES
@pytest.mark.parametrize("kind", BLINDNESS)
def test_signs_stay_apart_for_the_colour_blind(dark: bool, kind: str) -> None:
    encoded = rgb(luts(dark).signed[:NOT_FINITE]) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(BLINDNESS[kind]).T, 0, 1)
    seen = np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055) * 255
    lab = to_oklab(seen)
    quarter = ZERO // 4
    apart = np.linalg.norm(lab[ZERO - quarter :: -1] - lab[ZERO + quarter :], axis=1)
    assert apart.min() > 0.05  # in OKLab about 0.02 is just noticeable


@THEMES
def test_what_is_not_finite_looks_like_no_value(dark: bool) -> None:
    for table in (luts(dark).signed, luts(dark).grey):
        lab = to_oklab(rgb(table))
        assert np.linalg.norm(lab[:NOT_FINITE] - lab[NOT_FINITE], axis=1).min() > 0.1


def test_grey_goes_from_black_to_white() -> None:
    grey = luts(False).grey
    assert (grey[0], grey[254]) == (0xFF000000, 0xFFFFFFFF)


def test_the_tables_cannot_be_spoilt() -> None:
    with pytest.raises(ValueError, match="read-only"):
        luts(False).signed[0] = 0


def test_oklab_is_that_of_its_author() -> None:
    red = to_oklab(np.array([[255.0, 0, 0]]))
    assert red[0] == pytest.approx([0.62796, 0.22486, 0.12585], abs=1e-4)


@given(MAPS, st.floats(0.01, 200))
def test_indices_are_rounded_places_on_the_scale(maps: np.ndarray, limit: float) -> None:
    exact = np.clip(maps.astype(float) / limit, -1, 1) * ZERO + ZERO
    indices = quantise(maps, limit)
    assert indices.dtype == np.uint8
    assert np.abs(indices - exact).max() <= 0.501


@given(MAPS)
def test_each_map_may_have_its_own_limit(maps: np.ndarray) -> None:
    limits = natural_limits(maps)
    each = np.stack(
        [quantise(one[None], float(limit))[0] for one, limit in zip(maps, limits, strict=True)]
    )
    assert (quantise(maps, limits) == each).all()


@given(MAPS)
def test_the_natural_limit_is_the_largest_magnitude(maps: np.ndarray) -> None:
    assert natural_limit(maps) == (np.abs(maps).max() or 1.0)


def test_zero_is_always_zero() -> None:
    assert (quantise(np.zeros((2, 3, 3), np.float32), 0.0) == ZERO).all()


@pytest.mark.parametrize("spoilt", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_marked_and_does_not_spoil_the_range(spoilt: float) -> None:
    maps = np.array([[[1.0, spoilt, -2.0]]], np.float32)
    assert natural_limit(maps) == 2.0
    assert quantise(maps, 2.0).tolist() == [[[191, NOT_FINITE, 0]]]
    assert quantise_grey(maps).tolist() == [[[254, NOT_FINITE, 0]]]


def test_huge_values_are_not_taken_for_infinite_ones() -> None:
    maps = np.array([[[3e38, -3e38]]], np.float32)
    assert quantise(maps, 1.0).tolist() == [[[254, 0]]]


def test_nothing_has_a_limit_too() -> None:
    assert natural_limit(np.empty((0, 3, 3), np.float32)) == 1.0


def test_bent_keeps_zero_sign_and_limit_and_lifts_what_is_small() -> None:
    values = np.array([[-2.0, -0.5, 0.0, 0.5, 2.0], [-4.0, 0.0, 1.0, 2.0, 4.0]], np.float32)
    limits = np.array([2.0, 4.0], np.float32)
    np.testing.assert_array_equal(bent(values, limits, 1.0), values / limits[:, None])
    found = bent(values, limits, 0.5)
    np.testing.assert_allclose(found[0], [-1, -0.5, 0, 0.5, 1], rtol=1e-6)
    np.testing.assert_allclose(found[1], [-1, 0, 0.5, 0.5**0.5, 1], rtol=1e-6)
    assert np.isnan(bent(np.array([np.nan], np.float32), 1.0, 0.5)).all()
