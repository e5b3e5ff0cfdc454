"""What a window reads at a position, and whom a weight meets, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.sliding import Sliding

MOST_LISTED = 4
"""So many rows that are not neighbours are named one by one."""


def told(sliding: Sliding, row: int, column: int) -> Message:
    """What the window at a position reads, or what a value of the input is stamped onto."""
    rows, columns = sliding.window(row, column)
    values = {
        "row": row,
        "column": column,
        "rows": _span(rows),
        "columns": _span(columns),
    }
    outside = any(
        window[0] < 0 or window[-1] >= axis.size
        for window, axis in zip((rows, columns), sliding.axes, strict=True)
    )
    if sliding.stamps:
        if outside:
            return Message(
                "Row {row}, column {column} of the input is stamped onto rows {rows}, columns "
                "{columns}; what lies outside is cut off",
                **values,
            )
        return Message(
            "Row {row}, column {column} of the input is stamped onto rows {rows}, columns "
            "{columns}",
            **values,
        )
    if outside:
        return Message(
            "Row {row}, column {column} reads rows {rows}, columns {columns}, with padding",
            **values,
        )
    if len(rows) == len(columns) == 1:
        return Message("Row {row}, column {column} reads row {rows}, column {columns}", **values)
    return Message("Row {row}, column {column} reads rows {rows}, columns {columns}", **values)


def told_of_tap(sliding: Sliding, row: int, column: int) -> Message:
    """How many values a weight, or a place of the window, meets over all positions."""
    count = 1
    for axis, tap in zip(sliding.axes, (row, column), strict=True):
        count *= axis.met(tap)
    values = {"row": row, "column": column, "n": count}
    if not sliding.weighted:
        return Message(
            "Row {row}, column {column} of the window meets {n:,} values of the input", **values
        )
    if sliding.stamps:
        return Message(
            "The weight in row {row}, column {column} adds to {n:,} values of the output", **values
        )
    return Message(
        "The weight in row {row}, column {column} multiplies {n:,} values of the input", **values
    )


def told_of_value(sliding: Sliding, row: int, column: int) -> Message:
    """Which positions have a value of the grid in their window."""
    rows, columns = sliding.axes[0].positions(row), sliding.axes[1].positions(column)
    if not rows or not columns:
        if sliding.stamps:
            return Message(
                "Row {row}, column {column} of the output gets no stamp, only the bias",
                row=row,
                column=column,
            )
        return Message(
            "Row {row}, column {column} of the input is never read", row=row, column=column
        )
    values = {"row": row, "column": column, "rows": _span(rows), "columns": _span(columns)}
    if sliding.stamps:
        return Message(
            "Row {row}, column {column} of the output gets the stamps of rows {rows}, columns "
            "{columns}",
            **values,
        )
    return Message(
        "Row {row}, column {column} of the input is read for rows {rows}, columns {columns}",
        **values,
    )


def told_of_rest(sliding: Sliding) -> Message | None:
    """How many rows and columns no window ever reads; None where it reads them all."""
    rows, columns = (axis.uncovered for axis in sliding.axes)
    if not sliding.fits or rows is None or columns is None or not rows + columns:
        return None
    height, width = sliding.grid
    values = {"rows": rows, "height": height, "columns": columns, "width": width}
    if sliding.stamps:
        return Message(
            "Only the bias, and no stamp: {rows:,} of {height:,} rows, {columns:,} of {width:,} "
            "columns",
            **values,
        )
    return Message(
        "Never read: {rows:,} of {height:,} rows, {columns:,} of {width:,} columns", **values
    )


def _span(places: Sequence[int]) -> str:
    step = places[1] - places[0] if len(places) > 1 else 1
    if step == 1:
        ends_ = dict.fromkeys((places[0], places[-1]))
        # A minus sign beside a dash could not be told from it.
        words = (" … " if places[0] < 0 else "–").join(map(str, ends_))
    elif len(places) <= MOST_LISTED:
        words = ", ".join(map(str, places))
    else:
        words = f"{places[0]}, {places[1]} … {places[-1]}"
    return words.replace("-", "−")
