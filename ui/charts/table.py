"""The numbers that charts show, as a table with a row for each step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ui.charts.curve import LAST_STEP

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from ui.charts.curve import Line
    from ui.charts.painting import Painting

_PIECE = 2000
"""Steps that are turned into text at once."""


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

    def rows(self) -> Iterator[NDArray[np.generic]]:
        """The steps of all columns together, rising, piece by piece.

        All at once would sort millions, and hold the window up while it does.
        """
        ends = [column.steps[[0, -1]] for column in self.columns if len(column.steps)]
        if not ends:
            return
        first, last = (int(edge) for edge in (min(e[0] for e in ends), max(e[1] for e in ends)))
        for start in range(first, last + 1, _PIECE):
            found = [column.steps[_slice(column.steps, start, start + _PIECE)]
                     for column in self.columns]  # fmt: skip
            steps = np.unique(np.concatenate(found))
            if len(steps):
                yield steps

    @cached_property
    def count(self) -> int:
        """How many rows there are."""
        return sum(len(steps) for steps in self.rows())

    def pieces(self, separator: str, newline: str, every: int = 1) -> Iterator[tuple[str, float]]:
        """The table as text, piece by piece, each with the share that is done by then.

        every: only every so manieth step is given, and the last.
        """
        yield separator.join(["step", *(column.title for column in self.columns)]) + newline, 0.0
        done = 0
        for steps in self.rows():
            left = self.count - done - len(steps)
            rows = steps[(len(steps) + left - 1) % every :: every]
            done += len(steps)
            if not len(rows):
                continue
            cells = [rows.astype("U"), *(_cells(column, rows) for column in self.columns)]
            lines = (separator.join(row) for row in zip(*(c.tolist() for c in cells), strict=True))
            yield newline.join(lines) + newline, done / self.count


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
    part = _slice(steps, max(round(span[0]), 0), max(round(span[1]), 0) + 1)
    return Column(title, steps[part], ys[part])


def _slice(steps: NDArray[np.generic], start: int, end: int) -> slice:
    """The places of the steps from `start` on and before `end`."""
    edges = np.array([start, min(end, LAST_STEP)], steps.dtype)
    first, last = np.searchsorted(steps, edges, "left").tolist()
    return slice(first, last)


def _cells(column: Column, rows: NDArray[np.generic]) -> NDArray[np.str_]:
    """The shortest digits that give back the very number."""
    part = _slice(column.steps, int(rows[0]), int(rows[-1]) + 1)
    steps, values = column.steps[part], column.values[part]
    places = np.searchsorted(rows, steps)
    there = (rows[places] == steps) & np.isfinite(values.astype(np.float64))
    cells = np.full(len(rows), "", "U32")
    cells[places[there]] = values[there].astype("U")
    return cells
