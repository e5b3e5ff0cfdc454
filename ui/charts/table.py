"""The numbers that charts show, as a table with a row for each step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from ui.charts.curve import Line
    from ui.charts.painting import Painting

_PIECE = 4000
"""Rows that are turned into text at once."""


@dataclass(frozen=True)
class Column:
    """A line, or a part of one: (points,) steps that do not fall, and what was measured there."""

    title: str
    steps: NDArray[np.generic]
    values: NDArray[np.generic]


@dataclass(frozen=True)
class Table:
    """Columns side by side; a cell is empty where a line has no point at that step."""

    columns: tuple[Column, ...]

    @cached_property
    def steps(self) -> NDArray[np.generic]:
        """The steps of all columns together, rising."""
        return np.unique(np.concatenate([column.steps for column in self.columns]))

    def pieces(self, separator: str, newline: str, every: int = 1) -> Iterator[tuple[str, float]]:
        """The table as text, piece by piece, each with the share that is done by then.

        every: only every so manieth step is given, and the last.
        """
        yield separator.join(["step", *(column.title for column in self.columns)]) + newline, 0.0
        steps = self.steps[::-1][::every][::-1]
        for start in range(0, len(steps), _PIECE):
            rows = steps[start : start + _PIECE]
            cells = [rows.astype("U"), *(_cells(column, rows) for column in self.columns)]
            lines = (separator.join(row) for row in zip(*(c.tolist() for c in cells), strict=True))
            yield newline.join(lines) + newline, (start + len(rows)) / len(steps)


def table_of(paintings: Sequence[Painting]) -> Table:
    """All lines that the charts show, within the steps that they show, to the last digit.

    A line that is smoothed has a column for what was measured and one for its mean.
    """
    columns = []
    for painting in paintings:
        if painting.span is None:
            continue
        for one in painting.lines:
            title = f"{painting.content.name}_{one.series.key}".replace(".", "_")
            if one.raw is not None:
                columns.append(_column(title, one.raw, painting.span))
                title = f"{title}_mean"
            columns.append(_column(title, one.line, painting.span))
    return Table(tuple(columns))


def _column(title: str, line: Line, span: tuple[float, float]) -> Column:
    """Views on what the line is now: it may grow while a file is being written."""
    steps, ys = line.steps, line.ys
    left, right = (steps.dtype.type(max(round(edge), 0)) for edge in span)
    part = slice(np.searchsorted(steps, left, "left"), np.searchsorted(steps, right, "right"))
    return Column(title, steps[part], ys[part])


def _cells(column: Column, rows: NDArray[np.generic]) -> NDArray[np.str_]:
    """The shortest digits that give back the very number."""
    first = int(np.searchsorted(column.steps, rows[0], "left"))
    last = int(np.searchsorted(column.steps, rows[-1], "right"))
    steps, values = column.steps[first:last], column.values[first:last]
    places = np.searchsorted(rows, steps)
    there = (rows[places] == steps) & np.isfinite(values.astype(np.float64))
    cells = np.full(len(rows), "", "U32")
    cells[places[there]] = values[there].astype("U")
    return cells
