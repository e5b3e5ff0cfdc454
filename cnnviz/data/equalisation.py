"""Contrast-limited adaptive histogram equalisation, in whole numbers: the same on every machine.

K. Zuiderveld: Contrast limited adaptive histogram equalization, Graphics Gems IV, 1994. Exported
scripts print these functions as they stand, so they need nothing but numpy.
"""

from __future__ import annotations

import numpy as np


def equalised(images: np.ndarray, tiles: int, limit: float) -> np.ndarray:
    """uint8 images (count, height, width) or (…, channels); each channel by itself.

    Each side is divided into `tiles`. In each tile a grey counts at most `limit` times the average;
    what is cut off is given to all greys alike. A pixel's new grey is the share of its tile that is
    not lighter, taken between the middles of the four tiles around it.
    """
    if images.ndim == 4:
        channels = [equalised(images[..., c], tiles, limit) for c in range(images.shape[3])]
        return np.stack(channels, -1)
    count, height, width = images.shape
    row_tile, row_ends = _tiles(height, tiles)
    column_tile, column_ends = _tiles(width, tiles)
    rows, columns = len(row_ends) - 1, len(column_ends) - 1
    tile = row_tile[:, None] * columns + column_tile  # (height, width): which tile a pixel is in
    number = np.arange(count)[:, None, None] * (rows * columns) + tile
    places = number.astype(np.int64) * 256 + images
    greys = np.bincount(places.ravel(), minlength=count * rows * columns * 256)
    greys = greys.reshape(count, rows * columns, 256)
    area = np.outer(np.diff(row_ends), np.diff(column_ends)).reshape(-1, 1)  # (tiles, 1)
    most = np.maximum(1, (limit * area / 256).astype(np.int64))
    cut = np.maximum(greys - most, 0).sum(2, keepdims=True)
    greys = np.minimum(greys, most) + cut // 256
    left = cut % 256  # too few for all greys: spread over them
    apart = 256 // np.maximum(left, 1)
    grey = np.arange(256)
    greys = greys + ((grey % apart == 0) & (grey // apart < left))
    table = (greys.cumsum(2) * 255 + area // 2) // area  # (count, tiles, 256): the new greys
    above, below, down, tall = _between(height, row_ends)
    left_, right_, across, wide = _between(width, column_ends)
    pixels, image = images.astype(np.int64), np.arange(count)[:, None, None]

    def read(row: np.ndarray, column: np.ndarray) -> np.ndarray:
        grey: np.ndarray = table[image, row[:, None] * columns + column, pixels]
        return grey

    down, tall = down[:, None], tall[:, None]
    top = read(above, left_) * (wide - across) + read(above, right_) * across
    bottom = read(below, left_) * (wide - across) + read(below, right_) * across
    parts = tall * wide
    mixed = top * (tall - down) + bottom * down
    result: np.ndarray = ((2 * mixed + parts) // (2 * parts)).astype(np.uint8)
    return result


def _tiles(length: int, tiles: int) -> tuple[np.ndarray, np.ndarray]:
    """(length,): the tile of each pixel along an axis; and where the tiles end, from 0 on."""
    tiles = min(tiles, length)
    ends = np.arange(tiles + 1) * length // tiles
    return np.repeat(np.arange(tiles), np.diff(ends)), ends


def _between(
    length: int, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """For each pixel the tiles before and after it, how far it is from the middle of the first, and
    how far the middles are apart; all in half pixels."""
    middles = ends[:-1] + ends[1:]
    pixel = 2 * np.arange(length) + 1
    before = np.clip(np.searchsorted(middles, pixel, side="right") - 1, 0, len(middles) - 1)
    after = np.where(pixel < middles[0], 0, np.minimum(before + 1, len(middles) - 1))
    far = np.where(before == after, 0, pixel - middles[before])
    apart = np.where(before == after, 1, middles[after] - middles[before])
    return before, after, far, apart
