"""A network's numbers as a table or as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cnnviz.layers import Maps
from cnnviz.network import INPUT_UID

if TYPE_CHECKING:
    from cnnviz.analysis import Report, Row
    from cnnviz.message import Message


def summary_json(report: Report) -> str:
    """A JSON object with the totals and a row for each layer, each on a line of its own.

    Paths count from 0, the input is not a row, and what is not known is null.
    """
    rows = ",\n  ".join(json.dumps(_row(row)) for row in report.rows)
    totals = {
        "parameters": report.parameters,
        "buffers": report.buffers,
        "multiply_adds": report.multiply_adds,
    }
    if any(row.frozen for row in report.rows):
        totals["trainable"] = report.trainable
    return f'{{"layers": [\n  {rows}],\n {json.dumps(totals)[1:]}'


def _row(row: Row) -> dict[str, Any]:
    field = row.receptive_field
    disabled = {"disabled": True} if row.off else {}
    return {
        "path": row.path,
        "type": row.layer.kind,
        "output_shape": _shape(row),
        "parameters": row.parameter_count,
        "buffers": row.buffer_count,
        "multiply_adds": row.multiply_adds,
        "receptive_field": None if field is None else [field.height, field.width],
        "problem": None if row.problem is None else _sentence(row.problem.headline),
        **disabled,
    }


def _shape(row: Row) -> list[int] | None:
    if isinstance(row.output, Maps):
        return [row.output.height, row.output.width, row.output.channels]
    return None if row.output is None else [row.output.length]


def _sentence(message: Message) -> str:
    return " ".join(str(message).split())


def summary_table(report: Report) -> str:
    """The same for people, in English, with the problem in the last line if there is one."""
    image = report.network.input.shape
    lines = [
        ("", "layer", "output", "parameters", "multiply-adds", "sees"),
        ("", "input", str(image), "", "", ""),
    ]
    for row in report.rows:
        field = row.receptive_field
        unknown = "?"
        lines.append(
            (
                row.path,
                f"{row.layer.name} {row.layer.detail}".strip() + (" (disabled)" if row.off else ""),
                unknown if row.output is None else str(row.output),
                unknown if row.parameter_count is None else f"{row.parameter_count:,}",
                unknown if row.multiply_adds is None else f"{row.multiply_adds:,}",
                unknown if field is None else f"{field.height}×{field.width}",
            )
        )
    lines.append(("", "total", "", f"{report.parameters:,}", f"{report.multiply_adds:,}", ""))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    text = []
    if report.network.name:
        text.append(report.network.name)
    for number, name, *rest in lines:
        cells = [number.rjust(widths[0]), name.ljust(widths[1])]
        cells += [cell.rjust(width) for cell, width in zip(rest, widths[2:], strict=True)]
        text.append("  ".join(cells).rstrip())
    if any(row.frozen for row in report.rows):
        text.append(
            f"{report.trainable:,} of the parameters are trained; the layers of the others are "
            "frozen."
        )
    if report.buffers:
        text.append(f"{report.buffers:,} running statistics are kept beside the parameters.")
    if report.problem is not None:
        text.append(problem_line(report))
    return "\n".join(text)


def problem_line(report: Report) -> str:
    """The problem and its place, as one line."""
    if report.problem is None:
        raise ValueError("there is no problem")
    headline, detail = _sentence(report.problem.headline), _sentence(report.problem.detail)
    where = "The input"
    if report.problem_uid != INPUT_UID:
        row = report.row(report.problem_uid)
        where = f"Layer {row.path}"
        if not headline.startswith(str(row.layer.name)):
            where += f" ({row.layer.name})"
    return f"{where}: {headline} {detail}"
