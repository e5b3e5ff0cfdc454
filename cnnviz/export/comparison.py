"""Two networks side by side as text, Markdown, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from cnnviz.compare import sees
from cnnviz.export.sheet import harmless
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cnnviz.analysis import Row
    from cnnviz.compare import Comparison, Pair, Total, Verdict

MARKS: dict[Verdict, str] = {"equal": "=", "changed": "≠", "left": "−", "right": "+"}
"""Beside a pair: both alike, both there but different, only on the left, only on the right."""

NOTHING = "—"
INDENT = "\N{EN SPACE}\N{EN SPACE}"
"""Before the name of a layer for each block that it is in; Markdown keeps it."""


def name_of(row: Row, text: Callable[[Message], str] = str) -> str:
    """Name and main numbers of a layer, further in where it stands in a block, ❄ where frozen.

    text: how to say a message, where that is not in English.
    """
    inside = INDENT * (row.path.count("/") // 2)
    name = f"{inside}{text(row.layer.name)} {row.layer.detail}".rstrip()
    if row.off:
        return f"{inside}{text(Message('{layer} (disabled)', layer=name.strip()))}"
    return f"{name} ❄" if row.frozen else name


def cells(row: Row | None, name: Callable[[Row], str] = name_of) -> tuple[str, ...]:
    """Layer, output, parameters, multiply-adds and receptive field of one side, as texts.

    name: how to call a layer, where that is not in English.
    """
    if row is None:
        return ("",) * 5
    field = sees(row)
    return (
        name(row),
        "?" if row.output is None else str(row.output),
        "?" if row.parameter_count is None else f"{row.parameter_count:,}",
        "?" if row.multiply_adds is None else f"{row.multiply_adds:,}",
        "?" if field is None else f"{field[0]:,}×{field[1]:,}",
    )


def total_cells(total: Total, title: Callable[[Message], str] = str) -> tuple[str, ...]:
    """Title, both numbers, their difference and their ratio, as texts."""
    numbers = [
        NOTHING if number is None else f"{'≥ ' if partial else ''}{number:,}"
        for number, partial in zip((total.left, total.right), total.partial, strict=True)
    ]
    difference = NOTHING if total.difference is None else f"{total.difference:+,}"
    if total.difference == 0:
        difference = "0"
    ratio = NOTHING if total.ratio is None else ratio_text(total.ratio)
    return (title(total.title), *numbers, difference.replace("-", "−"), ratio)


def ratio_text(ratio: float) -> str:
    """How many times as much, or which part of it, with three digits: ×1.33, ×10,000, ÷72,200."""
    sign, number = ("÷", 1 / ratio) if 0 < ratio < 0.1 else ("×", ratio)
    short = float(f"{number:.3g}")
    return f"{sign}{short:,.0f}" if short >= 100 else f"{sign}{short:g}"


def comparison_table(comparison: Comparison, names: tuple[str, str]) -> str:
    """For people, in English; `names` are those of the two sides."""
    head = ("layer", "output", "parameters", "multiply-adds", "sees")
    lines: list[tuple[str, ...]] = [("", *head, *head)]
    lines += [
        (MARKS[pair.verdict], *cells(pair.left), *cells(pair.right)) for pair in comparison.pairs
    ]
    totals: list[tuple[str, ...]] = [("", *names, "difference", "ratio")]
    totals += [total_cells(total) for total in comparison.totals]
    rows, sums = _columns(lines, {1, 6}), _columns(totals, {0})
    half = rows[0].index(head[0], rows[0].index(head[0]) + 1)
    title = f"   {names[0]}".ljust(half) + names[1]
    return "\n".join([title, *rows, "", *sums, "", _summary(comparison)])


def _summary(comparison: Comparison) -> str:
    said: tuple[tuple[Verdict, str], ...] = (
        ("equal", "alike"), ("changed", "changed"),
        ("left", "only on the left"), ("right", "only on the right"),
    )  # fmt: skip
    return ", ".join(f"{comparison.count(verdict):,} {word} ({MARKS[verdict]})"
                     for verdict, word in said) + "."  # fmt: skip


def _columns(lines: Sequence[Sequence[str]], left: set[int]) -> list[str]:
    """Lines of cells in columns; those of `left` begin at the left, the others end at the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place in left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]


def markdown(
    comparison: Comparison,
    names: tuple[str, str],
    head: Sequence[str],
    totals_head: Sequence[str],
    name: Callable[[Row], str] = name_of,
    title: Callable[[Message], str] = str,
) -> str:
    """Two tables as Markdown: the layers, and the totals.

    head: the titles of the five columns of one side; totals_head: those of difference and ratio.
    """
    both = [f"{side}: {word}" for side in names for word in head]
    lines = [["", *both], ["---", *(["---", "---:", "---:", "---:", "---:"] * 2)]]
    lines += [
        [MARKS[pair.verdict], *cells(pair.left, name), *cells(pair.right, name)]
        for pair in comparison.pairs
    ]
    sums = [["", *names, *totals_head], ["---", "---:", "---:", "---:", "---:"]]
    sums += [list(total_cells(total, title)) for total in comparison.totals]
    return "\n".join([*map(_markdown_line, lines), "", *map(_markdown_line, sums), ""])


def _markdown_line(parts: Sequence[str]) -> str:
    return f"| {' | '.join(part.replace('|', '∣') for part in parts)} |"


def comma_separated(comparison: Comparison) -> str:
    """The layers as CSV, with plain numbers and English titles, as a program would read them."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    columns = (
        "path",
        "layer",
        "type",
        "output_shape",
        "parameters",
        "multiply_adds",
        "receptive_field",
    )
    sides = [f"{side}_{column}" for side in ("left", "right") for column in columns]
    writer.writerow(["verdict", "differs", *sides])
    for pair in comparison.pairs:
        found = [*_plain(pair.left), *_plain(pair.right)]
        writer.writerow([pair.verdict, " ".join(pair.differs), *found])
    return stream.getvalue()


def _plain(row: Row | None) -> list[object]:
    if row is None:
        return [""] * 7
    field = sees(row)
    return [
        row.path,
        harmless(name_of(row).strip()),
        row.layer.kind,
        "" if row.output is None else str(row.output),
        row.parameter_count,
        row.multiply_adds,
        "" if field is None else f"{field[0]}×{field[1]}",
    ]


def comparison_json(comparison: Comparison, names: tuple[str, str]) -> str:
    """An object with both names, a row for each pair and the totals; what is not known is null."""
    rows = ",\n  ".join(json.dumps(_pair(pair)) for pair in comparison.pairs)
    totals = {
        total.name: {
            "left": total.left,
            "right": total.right,
            "difference": total.difference,
            "ratio": total.ratio,
        }
        for total in comparison.totals
    }
    sides = json.dumps({"left": names[0], "right": names[1]})
    return f'{sides[:-1]},\n "rows": [\n  {rows}],\n "totals": {json.dumps(totals)}}}'


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "verdict": pair.verdict,
        "differs": list(pair.differs),
        "left": _side(pair.left),
        "right": _side(pair.right),
    }


def _side(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    field = sees(row)
    return {
        "path": row.path,
        "type": row.layer.kind,
        "name": name_of(row).strip(),
        "output_shape": None if row.output is None else list(row.output.sizes),
        "parameters": row.parameter_count,
        "multiply_adds": row.multiply_adds,
        "receptive_field": None if field is None else list(field),
    }
