"""All numbers of a network as a table for documents (Markdown) and for spreadsheets (CSV)."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from cnnviz.analysis import BYTES_PER_VALUE
from cnnviz.layers import CHOICE_NAMES, Initialisation, Layer, fields_of
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnnviz.analysis import Report
    from cnnviz.layers import Field, ReceptiveField, Shape

    Say = Callable[[Message], str]

Number = int | None

HEADER = (
    Message("Path"),
    Message("Layer"),
    Message("Settings"),
    Message("Output"),
    Message("Parameters"),
    Message("Buffers"),
    Message("Multiply-adds"),
    Message("Bytes"),
    Message("Sees"),
)
CONVENTIONS = (
    Message("Paths count from 0: /3/1/0 is the first layer of the second branch of layer 3."),
    Message("Outputs are height×width×channels, or the length of a vector, for one image."),
    Message("Parameters are what an optimizer changes; running statistics are buffers."),
    Message(
        "Multiply-adds are the products of convolutions and dense layers for one image; biases and "
        "everything else are left out."
    ),
    Message("Bytes are those of the output for one image in float32; the total has the input too."),
    Message(
        "Sees: the receptive field in pixels of the input, not clipped at its border; in the total "
        "that of the last maps."
    ),
)
"""How everything is counted; stated with every table."""


class _Cells(Struct, frozen=True):
    path: str
    name: str
    settings: str
    output: str
    parameters: Number
    buffers: Number
    multiply_adds: Number
    bytes: Number
    sees: str


def markdown(report: Report, say: Say = str) -> str:
    """A table with a heading, the problem if there is one, and how everything is counted."""
    rows = [tuple(say(title) for title in HEADER)]
    rows += [tuple(map(_in_markdown, _values(cells))) for cells in _rows(report, say)]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|:--|:--|:--|--:|--:|--:|--:|--:|--:|")
    name = _in_markdown(report.network.name)
    heading = [f"# {name}", ""] if name else []
    trouble = []
    if report.problem is not None:
        trouble = ["", _in_markdown(say(report.problem.headline))]
    notes = ["", *(f"- {_in_markdown(say(note))}" for note in CONVENTIONS)]
    return "\n".join([*heading, *lines, *trouble, *notes, ""])


def sheet(report: Report, say: Say = str) -> str:
    """The same as CSV (RFC 4180), with whole numbers and without separators.

    How everything is counted stands in the last rows, in the first column.
    """
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([say(title) for title in HEADER])
    for cells in _rows(report, say):
        writer.writerow([harmless(v) if isinstance(v, str) else v for v in _values(cells)])
    writer.writerow([])
    if report.problem is not None:
        writer.writerow([harmless(say(report.problem.headline))])
    writer.writerows([[say(note)] for note in CONVENTIONS])
    return stream.getvalue()


def _values(cells: _Cells) -> tuple[str | Number, ...]:
    return tuple(getattr(cells, name) for name in cells.__struct_fields__)


def _rows(report: Report, say: Say) -> Iterator[_Cells]:
    image = report.network.input.shape
    yield _Cells("", say(Message("Input")), "", str(image), 0, 0, 0, _bytes(image), "1×1")
    for row in report.rows:
        output = say(Message("waiting")) if row.output is None else str(row.output)
        if row.problem is not None:
            output = say(Message("does not fit"))
        name = row.layer.name
        if row.off:
            name = Message("{layer} (disabled)", layer=name)
        yield _Cells(
            f"/{row.path}",  # a bare 3/1/0 is a date to a spreadsheet
            say(name),
            _settings(row.layer, say),
            output,
            row.parameter_count,
            row.buffer_count,
            row.multiply_adds,
            None if row.output is None else _bytes(row.output),
            _sees(row.receptive_field),
        )
    yield _Cells(
        "",
        say(Message("Total")),
        "",
        "" if report.output is None else str(report.output),
        report.parameters,
        report.buffers,
        report.multiply_adds,
        report.activation_bytes,
        _sees(report.receptive_field),
    )


def _bytes(shape: Shape) -> int:
    return shape.size * BYTES_PER_VALUE


def _sees(field: ReceptiveField | None) -> str:
    return "" if field is None else f"{field.height}×{field.width}"


def _settings(layer: Layer, say: Say) -> str:
    """The first two settings, which say most, and all others that are not as they begin."""
    shown = [field for field in fields_of(type(layer)) if layer.shown(field.name)]
    said = [
        (say(field.title), _setting(field, layer.effective(field.name), say))
        for index, field in enumerate(shown)
        if (index < 2 and field.kind != "text") or getattr(layer, field.name) != field.default
    ]
    return ", ".join(f"{title} {value}" for title, value in said if value != say(layer.name))


def _setting(field: Field, value: Any, say: Say) -> str:
    if isinstance(value, bool):
        return say(Message("yes") if value else Message("no"))
    if isinstance(value, Initialisation):
        return say(CHOICE_NAMES[value.recipe])
    if field.kind == "connections":
        return f"{sum(map(len, value)):,}"
    if field.kind == "text":
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:g}"
    return say(CHOICE_NAMES[value]) if value in CHOICE_NAMES else str(value)


_MARKUP = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]<>#|~"} | {"\n": " ", "\r": " "})


def _in_markdown(value: str | Number) -> str:
    """Foreign text without a meaning of its own."""
    if value is None:
        return "?"
    return f"{value:,}" if isinstance(value, int) else " ".join(value.translate(_MARKUP).split())


def harmless(text: str) -> str:
    """Text that a spreadsheet does not take for a formula, whoever wrote it (OWASP, CSV injection):
    an apostrophe says that text follows."""
    return f"'{text}" if text.lstrip().startswith(tuple("=+-@＝＋－＠")) else text
