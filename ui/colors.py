"""The colour language of all values: zero is the background, positive blue, negative orange.

Values become 8-bit indices first (`quantise`, `quantise_grey`) and colours after, through a table
of 256 entries (`luts`), so that a change of theme needs no new numbers. Both arms of the signed
table run through OKLab with the same lightness at the same distance from zero, in steps that look
even where a screen also shows some light of the room: equal magnitudes look equally strong, and
blue against orange stays apart for all common kinds of colour blindness. The input alone is grey.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

ZERO = 127
"""Index of the value zero in the signed table; 0 is -limit, 254 is +limit."""
NOT_FINITE = 255
"""Index of NaN and infinities in both tables, a colour that no value has."""

Floats = NDArray[np.float32]
Indices = NDArray[np.uint8]
Lut = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Luts:
    """The tables of one theme: 256 colours each, as 0xffrrggbb."""

    signed: Lut
    grey: Lut


@dataclass(frozen=True, slots=True)
class _Ramps:
    """What the signed table of a theme is made from: the colour of zero (sRGB), the hues of both
    arms half way and at the limit (sRGB), and the lightness at the limit (OKLab)."""

    zero: str
    negative: tuple[str, str]
    positive: tuple[str, str]
    lightness: float


_LIGHT = _Ramps("#ffffff", ("#f0a04b", "#a34a04"), ("#5fa3d0", "#0b4a8f"), 0.46)
_DARK = _Ramps("#111827", ("#9a560f", "#ffc078"), ("#1f6aa8", "#8cc8ff"), 0.83)
_BLACK = _Ramps("#000000", _DARK.negative, _DARK.positive, _DARK.lightness)
_FLARE = 0.05
"""The light of the room that a screen shows, as a part of its white (WCAG 2.2 counts as much).
Without it half the scale would go to values that a projector cannot tell from a dark ground."""
_NOT_FINITE_COLOR = {False: 0xFFD6249F, True: 0xFFF062C8}  # a magenta beside blue and orange


def floats(values: NDArray[np.float64]) -> Floats:
    """Values in float32; what is too large for it becomes infinite."""
    with np.errstate(over="ignore"):
        return values.astype(np.float32)


def natural_limit(values: Floats) -> float:
    """The largest finite magnitude in `values`, or 1 where there is none but zero."""
    return float(natural_limits(values.reshape(1, -1))[0]) if values.size else 1.0


def natural_limits(values: Floats) -> Floats:
    """The largest finite magnitude of each map of (maps, ...); 1 where all is zero."""
    flat = values.reshape(len(values), -1)
    if not flat.shape[1]:
        return np.ones(len(values), np.float32)
    limits = np.maximum(flat.max(axis=1), -flat.min(axis=1))
    if not np.isfinite(limits).all():
        limits = np.where(np.isfinite(flat), np.abs(flat), 0).max(axis=1)
    return np.where(limits > 0, limits, 1).astype(np.float32)


def bent(values: Floats, limit: float | Floats, gamma: float) -> Floats:
    """sign(v)·(|v| / limit)^gamma: values whose limit is 1. With a gamma below 1 those near zero
    get stronger colours; zero, the limit and the signs stay. `limit` is as in `quantise`."""
    limits = np.maximum(np.asarray(limit, np.float32), np.float32(1e-30))
    if limits.ndim:
        limits = limits.reshape((-1,) + (1,) * (values.ndim - 1))
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.asarray(values / limits, np.float32)
        if gamma != 1.0:
            found = np.sign(found) * np.abs(found) ** np.float32(gamma)
    return found


def light_colors(table: Lut) -> NDArray[np.bool_]:
    """Which of the colours 0xffrrggbb are so light that dark letters are read better on them.

    By the relative luminance of WCAG 2.2: above 0.2 dark letters have the greater contrast.
    """
    parts = np.stack([table >> shift & 255 for shift in (16, 8, 0)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.array([0.2126, 0.7152, 0.0722]) @ linear > 0.2)


def quantise(values: Floats, limit: float | Floats) -> Indices:
    """Signed values as indices into the signed table: -limit is 0, zero 127, +limit 254.

    `values` is (maps, height, width) or any other shape; `limit` > 0 is one number, or one for
    each map (the first axis). What lies beyond the limit takes the colour of the limit; what is
    not finite gets `NOT_FINITE`.
    """
    with np.errstate(over="ignore"):
        limits = np.maximum(np.asarray(limit, np.float32), np.float32(1e-30))  # zero stays zero
    scale = np.divide(ZERO, limits, dtype=np.float32)
    if scale.ndim:
        scale = scale.reshape((-1,) + (1,) * (values.ndim - 1))
    return _indices(values, scale, ZERO + 0.5)


def quantise_grey(values: Floats) -> Indices:
    """Values between 0 and 1 as indices into the grey table: 0 is 0 (black), 1 is 254 (white)."""
    return _indices(values, np.asarray(254, np.float32), 0.5)


def _indices(values: Floats, scale: Floats, offset: float) -> Indices:
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = values * scale
        scaled += np.float32(offset)
        np.clip(scaled, 0, 254, out=scaled)
        indices = scaled.astype(np.uint8)
        # One pass that sees any NaN or infinity (or, at worst, an overflow) is much cheaper than
        # isfinite on every value, and nearly always says that there is nothing to mark.
        flat = values.reshape(-1)
        if not np.isfinite(flat @ flat):
            indices[~np.isfinite(values)] = NOT_FINITE
    return indices


@cache
def luts(dark: bool, strong: bool = False) -> Luts:
    """The tables of the light or the dark theme, or of those of high contrast; all are read-only.

    Zero has the colour of their surfaces.
    """
    ramps = (_BLACK if strong else _DARK) if dark else _LIGHT
    negative, positive = _arm(ramps, ramps.negative), _arm(ramps, ramps.positive)
    signed = np.concatenate([negative[::-1], positive[1:]])
    ramp = np.linspace(0, 255, 255)
    grey = np.stack([ramp, ramp, ramp], axis=1)
    return Luts(_table(signed, dark), _table(grey, dark))


def _table(rgb: NDArray[np.float64], dark: bool) -> Lut:
    """(255, 3) colours from 0 to 255 and the colour of what is not finite, as 0xffrrggbb."""
    red, green, blue = np.rint(rgb).astype(np.uint32).T
    table = np.append(0xFF000000 | red << 16 | green << 8 | blue, _NOT_FINITE_COLOR[dark])
    table = table.astype(np.uint32)
    table.setflags(write=False)
    return table


def _arm(ramps: _Ramps, hues: tuple[str, str]) -> NDArray[np.float64]:
    """128 colours from zero to the limit, (128, 3), in steps of lightness that look even."""
    zero, half, full = (to_oklab(_rgb(color)) for color in (ramps.zero, *hues))
    first, last = np.cbrt(np.array([zero[0], ramps.lightness]) ** 3 + _FLARE)
    seen = np.linspace(first, last, ZERO + 1)[:, None]
    lightness = np.cbrt(seen**3 - _FLARE)
    part = (lightness - zero[0]) / (ramps.lightness - zero[0])
    lab = zero + (half - zero) * np.clip(2 * part, 0, 1)
    lab += (full - half) * np.clip(2 * part - 1, 0, 1)
    lab[:, :1] = lightness
    return _from_oklab(lab)


def _rgb(color: str) -> NDArray[np.float64]:
    return np.array([int(color[place : place + 2], 16) for place in (1, 3, 5)], np.float64)


# OKLab: Björn Ottosson, "A perceptual color space for image processing" (2020).
_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LMS_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def to_oklab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """sRGB colours (..., 3) from 0 to 255 in OKLab (lightness 0 to 1, a, b)."""
    encoded = rgb / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _TO_LMS.T) @ _LMS_TO_LAB.T)


def _from_oklab(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    linear = ((lab @ np.linalg.inv(_LMS_TO_LAB).T) ** 3) @ np.linalg.inv(_TO_LMS).T
    linear = np.clip(linear, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return encoded * 255
