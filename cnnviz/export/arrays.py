"""Arrays to be taken along: as a picture in the colours of the window, or as their numbers."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np
from msgspec import Struct

from cnnviz.export import Format
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 2048
"""Pixels on the longer side of a PNG that need not be more; values are squares of whole pixels."""
_LARGEST_SQUARE = 32
_MOST_RECTANGLES = 20_000
"""An SVG with more is slow to open: then it holds a picture instead."""
_CELL = 10
"""Units of an SVG for a value."""
_GAP, _CAPTION, _SCALE = 8, 14, 40
_SCALE_STEPS = 101


class Plate(Struct, frozen=True, eq=False):
    """An array and how it looks.

    values: of any shape. maps: the same as (maps, height, width). limit: the value of the strongest
    colour, for all or for each map; None for values between 0 and 1 that are shown in grey.
    paint: gives values, and their limit, the colours 0xffrrggbb (uint32, of the same shape).
    name: what the array is called. axes: what those of `values` are called. columns: maps in a row
    of the picture. ground, ink: the colours between the maps and of what is written, #rrggbb.
    """

    name: str
    values: np.ndarray
    maps: np.ndarray
    limit: float | np.ndarray | None
    paint: Callable[[np.ndarray, float | np.ndarray | None], np.ndarray]
    axes: tuple[str, ...]
    columns: int = 1
    ground: str = "#ffffff"
    ink: str = "#1f2937"

    @property
    def count(self) -> int:
        """How many values there are."""
        return int(self.values.size)

    @property
    def colors(self) -> np.ndarray:
        """What the maps look like: 0xffrrggbb, (maps, height, width)."""
        return self.paint(self.maps, self.limit)


ARRAY_FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "png": Format(Message("PNG picture"), ".png"),
        "svg": Format(Message("SVG drawing"), ".svg"),
        "npy": Format(Message("NumPy array"), ".npy"),
        "csv": Format(Message("CSV table"), ".csv"),
    }
)
"""What a plate can be written as."""


def written(plate: Plate, name: str) -> bytes:
    """The file of a plate in one of `ARRAY_FORMATS`."""
    return _WRITERS[name](plate)


def as_npy(plate: Plate) -> bytes:
    """The values as numpy.load reads them, in their own type."""
    stream = io.BytesIO()
    np.save(stream, plate.values, allow_pickle=False)
    return stream.getvalue()


def as_csv(plate: Plate) -> bytes:
    """A line for each row of values, with the mark that Excel wants; no digit is lost.

    With more than two axes a line begins with its place on all but the last, and the first line
    names them.
    """
    return _table(plate, ",", "\r\n").encode("utf-8-sig")


def as_text(plate: Plate) -> str:
    """The same for the clipboard: with tabs, as spreadsheets take them."""
    return _table(plate, "\t", "\n")


def as_png(plate: Plate) -> bytes:
    """Each value a square, the maps beside and below each other."""
    from PIL import Image  # slow to import

    colors = plate.colors
    count, height, width = colors.shape
    columns = min(plate.columns, count)
    longest = max(columns * (width + 1), -(-count // columns) * (height + 1))
    square = min(max(_LONGEST // longest, 1), _LARGEST_SQUARE)
    gap = max(1, square // 2)
    tall, wide = height * square + gap, width * square + gap
    ground = np.uint32(0xFF000000 | int(plate.ground[1:], 16))
    sheet = np.full((-(-count // columns) * tall + gap, columns * wide + gap), ground, np.uint32)
    for index, map_ in enumerate(colors):
        row, column = divmod(index, columns)
        top, left = gap + row * tall, gap + column * wide
        drawn = map_.repeat(square, axis=0).repeat(square, axis=1)
        sheet[top : top + height * square, left : left + width * square] = drawn
    stream = io.BytesIO()
    Image.fromarray(_rgb(sheet)).save(stream, "PNG")
    return stream.getvalue()


def as_svg(plate: Plate) -> bytes:
    """Each value a rectangle (of equal ones in a row, one for all), the maps with their numbers,
    and the scale below; where there are too many values, each map is a picture."""
    colors = plate.colors
    count, height, width = colors.shape
    columns = min(plate.columns, count)
    tall, wide = height * _CELL + _CAPTION + _GAP, width * _CELL + _GAP
    across, down = columns * wide + _GAP, -(-count // columns) * tall + _GAP
    across = max(across, 160)
    one = plate.limit is None or isinstance(plate.limit, float | int)
    total = down + (_SCALE if one else 0)
    draw = _rectangles if colors.size <= _MOST_RECTANGLES else _image
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across} {total}" width="{across}"',
        f'height="{total}" font-family="sans-serif" font-size="11">',
        f"<title>{escape(plate.name)}</title>",
        f'<rect width="{across}" height="{total}" fill="{plate.ground}"/>',
    ]
    for index, map_ in enumerate(colors):
        row, column = divmod(index, columns)
        left, top = _GAP + column * wide, _GAP + row * tall
        lines.append(f'<g transform="translate({left} {top})" shape-rendering="crispEdges">')
        lines += draw(map_)
        lines.append(
            f'<rect width="{width * _CELL}" height="{height * _CELL}" fill="none" '
            f'stroke="{plate.ink}" stroke-opacity="0.25"/></g>'
        )
        if count > 1:
            lines.append(
                f'<text x="{left + width * _CELL / 2:g}" y="{top + height * _CELL + 11}" '
                f'text-anchor="middle" fill="{plate.ink}">{index}</text>'
            )
    if one:
        lines += _scale(plate, down, across)
    return ("\n".join(lines) + "\n</svg>\n").encode()


_WRITERS: Mapping[str, Callable[[Plate], bytes]] = MappingProxyType(
    {"png": as_png, "svg": as_svg, "npy": as_npy, "csv": as_csv}
)


# --- numbers ----------------------------------------------------------------------------------


def _table(plate: Plate, delimiter: str, end: str) -> str:
    values = plate.values
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=end)
    if values.ndim < 2:
        writer.writerows([[word] for word in _words(values.reshape(-1))])
        return stream.getvalue()
    places = values.ndim > 2
    if places:
        writer.writerow([*plate.axes[: values.ndim - 1], *range(values.shape[-1])])
    for place in np.ndindex(values.shape[:-1]):
        writer.writerow([*(place if places else ()), *_words(values[place])])
    return stream.getvalue()


def _words(row: np.ndarray) -> list[str]:
    """With as few digits as give the same number again."""
    words: list[str] = row.astype(str).tolist()
    return words


# --- pictures ---------------------------------------------------------------------------------


def _rgb(colors: np.ndarray) -> np.ndarray:
    parts = [(colors >> shift & 255).astype(np.uint8) for shift in (16, 8, 0)]
    return np.stack(parts, axis=-1)


def _rectangles(map_: np.ndarray) -> Iterator[str]:
    for row, colors in enumerate(map_):
        starts = np.flatnonzero(np.append(True, colors[1:] != colors[:-1]))
        ends = np.append(starts[1:], len(colors))
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            yield (
                f'<rect x="{start * _CELL}" y="{row * _CELL}" width="{(end - start) * _CELL}" '
                f'height="{_CELL}" fill="#{int(colors[start]) & 0xFFFFFF:06x}"/>'
            )


def _image(map_: np.ndarray) -> Iterator[str]:
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(_rgb(map_)).save(stream, "PNG")
    height, width = map_.shape
    yield (
        f'<image width="{width * _CELL}" height="{height * _CELL}" '
        'image-rendering="pixelated" preserveAspectRatio="none" '
        f'href="data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}"/>'
    )


def _scale(plate: Plate, top: int, across: int) -> Iterator[str]:
    """The bar below, from the strongest negative colour to the strongest positive one."""
    limit = plate.limit
    length = min(across - 2 * _GAP, 240)
    low, high = (0.0, 1.0) if limit is None else (-float(limit), float(limit))
    ramp = plate.paint(np.linspace(low, high, _SCALE_STEPS, dtype=np.float32), limit)
    step = length / _SCALE_STEPS
    for index, color in enumerate(ramp.tolist()):
        yield (
            f'<rect x="{_GAP + index * step:.2f}" y="{top + 4}" width="{step + 0.2:.2f}" '
            f'height="8" fill="#{color & 0xFFFFFF:06x}"/>'
        )
    marks = [(0.0, low, "start"), (1.0, high, "end")]
    if limit is not None:
        marks.insert(1, (0.5, 0.0, "middle"))
    for along, value, anchor in marks:
        shown = f"{value:.4g}".replace("-", "−")
        yield (
            f'<text x="{_GAP + along * length:g}" y="{top + 26}" text-anchor="{anchor}" '
            f'fill="{plate.ink}">{shown}</text>'
        )
