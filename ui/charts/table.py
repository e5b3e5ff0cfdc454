"""The numbers that charts show, as a table with a row for each step."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ui.charts.curve import LAST_STEP

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from PySide6.QtCore import QSizeF
    from PySide6.QtGui import QPainter

    from ui.charts.content import Content, Shown
    from ui.charts.curve import Line

_PIECE = 2000
"""Steps that are turned into text at once."""


@dataclass(frozen=True)
class Column:
    """A line, or a part of one: (points,) steps that do not fall, and what was measured there,
    (points,) numbers or (points, parts) of them."""

    title: str
    steps: NDArray[np.generic]
    values: NDArray[np.generic]

    @property
    def titles(self) -> list[str]:
        """A title for each part."""
        if self.values.ndim == 1:
            return [self.title]
        return [f"{self.title}_{part}" for part in range(self.values.shape[1])]


class Painted(Protocol):
    """A chart as it is painted into a file."""

    size: QSizeF

    @property
    def content(self) -> Content:
        """What it shows beside its values."""

    def paint(self, painter: QPainter) -> None:
        """Paint all of it."""

    def columns(self) -> list[Column]:
        """The numbers that it shows; none where it shows nothing."""


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
        titles = ["step", *(title for column in self.columns for title in column.titles)]
        head = io.StringIO(newline="")  # a layer of a file may be called with a comma
        csv.writer(head, delimiter=separator, lineterminator=newline).writerow(titles)
        yield head.getvalue(), 0.0
        done = 0
        for steps in self.rows():
            left = self.count - done - len(steps)
            rows = steps[(len(steps) + left - 1) % every :: every]
            done += len(steps)
            if not len(rows):
                continue
            cells = [rows.astype("U"), *(cell for c in self.columns for cell in _cells(c, rows))]
            lines = (separator.join(row) for row in zip(*(c.tolist() for c in cells), strict=True))
            yield newline.join(lines) + newline, done / self.count

    def npy(self) -> Iterator[tuple[bytes, float]]:
        """The table as numpy.load reads it, with the share that is done: a record for each step.

        The titles are the names of its fields; a field with parts is an array. NaN is where a line
        has no point.
        """
        kinds: list[tuple[str, np.dtype[Any], tuple[int, ...]]] = [("step", np.dtype(np.int64), ())]
        for column in self.columns:
            kind = np.result_type(column.values.dtype, np.float32)  # the others know no NaN
            kinds.append((column.title, kind, column.values.shape[1:]))
        records = np.zeros(self.count, kinds)
        for column in self.columns:
            records[column.title] = np.nan
        done = 0
        for rows in self.rows():
            part = records[done : done + len(rows)]
            part["step"] = rows
            for column in self.columns:
                places, values = _placed(column, rows)
                part[column.title][places] = values
            done += len(rows)
            yield b"", done / self.count
        stream = io.BytesIO()
        np.save(stream, records, allow_pickle=False)
        yield stream.getvalue(), 1.0


def table_of(paintings: Sequence[Painted]) -> Table:
    """All that the charts show, to the last digit; no two columns have the same title."""
    columns: dict[str, Column] = {}
    for painting in paintings:
        for column in painting.columns():
            title, number = column.title, 1
            while title in columns or title == "step":
                number += 1
                title = f"{column.title}_{number}"
            columns[title] = replace(column, title=title)
    return Table(tuple(columns.values()))


def columns_of(name: str, lines: Sequence[Shown], span: tuple[float, float]) -> list[Column]:
    """Of the lines of a chart, within the steps that it shows.

    name: what the titles begin with. A line that is smoothed has a column for what was measured and
    one for its mean.
    """
    columns = []
    for one in lines:
        title = f"{name}_{one.series.key}".replace(".", "_")
        if one.raw is not None:
            columns.append(_column(title, one.raw, span))
            title = f"{title}_mean"
        columns.append(_column(title, one.line, span))
    return columns


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


def _placed(
    column: Column, rows: NDArray[np.generic]
) -> tuple[NDArray[np.intp], NDArray[np.generic]]:
    """Which of the rows a column has values of, and these."""
    part = _slice(column.steps, int(rows[0]), int(rows[-1]) + 1)
    steps, values = column.steps[part], column.values[part]
    places = np.searchsorted(rows, steps)
    there = rows[places] == steps
    return places[there], values[there]


def _cells(column: Column, rows: NDArray[np.generic]) -> Iterator[NDArray[np.str_]]:
    """The shortest digits that give back the very number, of each part of a column."""
    places, values = _placed(column, rows)
    for some in values.reshape(len(values), -1).T:
        known = np.isfinite(some.astype(np.float64))
        cells = np.full(len(rows), "", "U32")
        cells[places[known]] = some[known].astype("U")
        yield cells
