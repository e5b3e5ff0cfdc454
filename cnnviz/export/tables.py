"""Tables to be taken along: as a drawing, as their numbers, or as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

import numpy as np
from msgspec import Struct

if TYPE_CHECKING:
    from cnnviz.arithmetic.text import Cell

_ROW, _GAP, _CHARACTER = 20, 18, 7.2
"""Units of an SVG: the height of a row, between two columns, and the width of a character."""
_MOST_DRAWN = 200
"""Rows; a drawing of more is no picture any more."""


class Tabled(Struct, frozen=True, eq=False):
    """A table and how it is drawn.

    rows: cells, the first row titles; later rows may be shorter. name: what the table is called.
    ground, ink: the colours of paper and of what is written, #rrggbb.
    """

    name: str
    rows: Sequence[Sequence[Cell]]
    ground: str = "#ffffff"
    ink: str = "#1f2937"

    @property
    def count(self) -> int:
        """How many cells there are."""
        return sum(len(row) for row in self.rows)


def table_csv(table: Tabled) -> bytes:
    """A line for each row, with the mark that Excel wants; no digit is lost."""
    return _lines(table, ",", "\r\n").encode("utf-8-sig")


def table_text(table: Tabled) -> str:
    """The same for the clipboard: with tabs, as spreadsheets take them."""
    return _lines(table, "\t", "\n")


def table_npy(table: Tabled) -> bytes:
    """The rows below the titles as numpy.load reads them: float64, NaN where a cell is a word."""
    width = max((len(row) for row in table.rows), default=0)
    values = np.full((max(len(table.rows) - 1, 0), width), np.nan)
    for index, row in enumerate(table.rows[1:]):
        values[index, : len(row)] = [np.nan if isinstance(cell, str) else cell for cell in row]
    stream = io.BytesIO()
    np.save(stream, values, allow_pickle=False)
    return stream.getvalue()


def table_svg(table: Tabled) -> bytes:
    """A drawing of the table: words at the left of their column, numbers at its right. Of a long
    table the first rows, and how many more there are."""
    drawn = [[_shown(cell) for cell in row] for row in table.rows[: _MOST_DRAWN + 1]]
    count = max((len(row) for row in drawn), default=0)
    widths = [
        max((_width(row[column]) for row in drawn if column < len(row)), default=0)
        for column in range(count)
    ]
    rest = len(table.rows) - len(drawn)
    across = round(sum(widths) + _GAP * (count + 1))
    down = _ROW * (len(drawn) + (1 if rest else 0)) + _GAP
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across} {down}" width="{across}"',
        f'height="{down}" font-family="sans-serif" font-size="12" fill="{table.ink}">',
        f"<title>{escape(table.name)}</title>",
        f'<rect width="{across}" height="{down}" fill="{table.ground}"/>',
    ]
    for index, row in enumerate(drawn):
        left, base = float(_GAP), _GAP / 2 + (index + 0.7) * _ROW
        for column, words in enumerate(row):
            number = index > 0 and not isinstance(table.rows[index][column], str)
            titled = index == 0 and _is_numbers(table, column)
            at = left + widths[column] if number or titled else left
            anchor = ' text-anchor="end"' if number or titled else ""
            weight = ' font-weight="bold"' if index == 0 else ""
            lines.append(f'<text x="{at:g}" y="{base:g}"{anchor}{weight}>{escape(words)}</text>')
            left += widths[column] + _GAP
        if index == 0:
            under = _GAP / 2 + _ROW
            lines.append(
                f'<line x1="{_GAP}" y1="{under:g}" x2="{across - _GAP}" y2="{under:g}" '
                f'stroke="{table.ink}" stroke-opacity="0.4"/>'
            )
    if rest:
        base = _GAP / 2 + (len(drawn) + 0.7) * _ROW
        lines.append(f'<text x="{_GAP}" y="{base:g}">… + {rest:,}</text>')
    return ("\n".join(lines) + "\n</svg>\n").encode()


TABLE_WRITERS: Mapping[str, Callable[[Tabled], bytes]] = MappingProxyType(
    {"svg": table_svg, "npy": table_npy, "csv": table_csv}
)
"""By the names of `ARRAY_FORMATS`; a PNG is made of the drawing by whoever has fonts."""


def _lines(table: Tabled, delimiter: str, end: str) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator=end).writerows(table.rows)
    return stream.getvalue()


def _is_numbers(table: Tabled, column: int) -> bool:
    return any(column < len(row) and not isinstance(row[column], str) for row in table.rows[1:8])


def _shown(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    words = f"{cell:,}" if isinstance(cell, int) else f"{cell:.7g}"  # float32 has no more digits
    return words.replace("-", "−")


def _width(words: str) -> float:
    """About as wide as it is drawn; a Chinese character takes the room of two others."""
    return _CHARACTER * sum(2 if east_asian_width(c) in "WF" else 1 for c in words)
