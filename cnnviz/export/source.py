"""What the programs in PyTorch and in Keras share: how a network becomes lines of a program."""

from __future__ import annotations

import ast
import keyword
import pprint
import re
import textwrap
from collections import Counter
from importlib import resources
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from cnnviz.analysis import analyze
from cnnviz.layers import Activation, Branches, Call, Layer
from cnnviz.message import Message, UserError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from cnnviz.analysis import Report, Row

WIDTH = 100
"""How many characters a line of a program has at most, where it can be helped."""
COMMENTS = 64
"""Comments stand one below the other, but not further to the right than this."""
STEP = "    "


class Line(Struct, frozen=True):
    """A line of a program, without its indentation, and the comment behind it."""

    text: str
    comment: str = ""
    depth: int = 0


def check_works(report: Report) -> None:
    """Refuse a network that has a problem.

    Raises:
        UserError: with the problem.
    """
    if report.problem is not None:
        raise UserError(
            Message(
                "The network cannot be exported until its problem is fixed: {problem}",
                problem=report.problem.headline,
            )
        )


def computed(report: Report) -> Report:
    """Without the disabled layers, which do not become part of a program."""
    network = report.network.without_disabled()
    return report if network is report.network else analyze(network)


def source_of(room: str, module: str, names: Collection[str]) -> list[str]:
    """The source of functions and classes of ours; read, not imported, which for torch would take
    seconds."""
    file = resources.files("cnnviz").joinpath(room, f"{module}.py")
    source = file.read_text(encoding="utf-8")
    return [
        ast.get_source_segment(source, node) or ""
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in names
    ]


def left_out(report: Report) -> str:
    """Lines for the head of a program that name the disabled layers; "" where there are none."""
    names = [
        f"{row.layer.name} {row.layer.detail}".strip()
        for row in report.rows
        if not row.layer.enabled
    ]
    if not names:
        return ""
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    said = one_line(f"Disabled, and so left out: {', '.join(names[:_NAMED])}{more}.")
    return textwrap.fill(said, WIDTH) + "\n"


_NAMED = 3
"""So many disabled layers are called by their names."""


def ends_in_softmax(report: Report) -> bool:
    """Whether the last layer is a softmax, which is then part of the loss."""
    last = report.network.last
    return isinstance(last, Activation) and last.function == "softmax"


def printed_chain(report: Report) -> tuple[Layer, ...]:
    """The layers that become modules: a softmax at the end is part of the loss."""
    return report.network.layers[:-1] if ends_in_softmax(report) else report.network.layers


def printed_rows(report: Report) -> Iterator[Row]:
    """The rows of all layers that become modules, those inside of blocks too."""
    skipped = report.network.layers[-1].uid if ends_in_softmax(report) else None
    return (row for row in report.rows if row.layer.uid != skipped)


def one_line(name: str) -> str:
    """A name that can stand in a docstring or a comment, whoever gave it."""
    return " ".join("".join(c if c.isprintable() and c not in '"\\' else " " for c in name).split())


def laid_out(lines: Iterable[Line], depth: int) -> str:
    """The lines as text, the comments of neighbours one below the other."""
    text: list[str] = []
    group: list[Line] = []

    def flush() -> None:
        lengths = [len(line.text) + len(STEP) * line.depth for line in group]
        said = [n for n, line in zip(lengths, group, strict=True) if line.comment and n <= COMMENTS]
        column = max(said, default=0)
        for line, length in zip(group, lengths, strict=True):
            gap = " " * max(column - length, 0)
            comment = f"{gap}  # {line.comment}" if line.comment else ""
            text.append(f"{STEP * (depth + line.depth)}{line.text}{comment}".rstrip())
        group.clear()

    for line in lines:
        if group and (line.depth != group[-1].depth):
            flush()
        group.append(line)
    flush()
    return "\n".join(text)


def written(
    call: Call, depth: int, before: str = "", after: str = "", comment: str = ""
) -> list[Line]:
    """A call as lines: one where it fits, else an argument a line, and long tables wrapped."""
    line = f"{before}{call.source()}{after}"
    if len(line) + len(comment) + len("  # ") + len(STEP) * (depth + 1) <= WIDTH:
        return [Line(line, comment, depth)]
    lines = [Line(f"{before}{call.name}(", depth=depth)]
    words = [("", value) for value in call.positional]
    words += [(f"{name}=", value) for name, value in call.keywords.items()]
    for name, value in words:
        room = WIDTH - len(STEP) * (depth + 3) - len(name)
        rows = pprint.pformat(value, width=room, compact=True).splitlines()
        if len(rows) == 1:
            lines.append(Line(f"{name}{rows[0]},", depth=depth + 1))
            continue
        # The brackets of a table stand on lines of their own, as formatters set them.
        lines.append(Line(f"{name}{rows[0][0]}", depth=depth + 1))
        inner = "\n".join([rows[0][1:], *(row[1:] for row in rows[1:])])[:-1]
        lines += [Line(row.strip(), depth=depth + 2) for row in f"{inner.rstrip(',')},".split("\n")]
        lines.append(Line(f"{rows[-1][-1]},", depth=depth + 1))
    lines.append(Line(f"){after}", comment, depth))
    return lines


def rounded(number: float) -> float:
    """As exact as chance has to be, and no longer to read."""
    return float(f"{number:.6g}")


class Repeated:
    """Blocks that occur more than once just as they are become functions of their own."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._counts: Counter[bytes] = Counter()
        self._first: dict[bytes, Branches] = {}
        self._keys: dict[str, bytes] = {}
        self._visit(printed_chain(report))
        taken: Counter[str] = Counter()
        self._names: dict[bytes, str] = {}
        for key, block in self._first.items():
            if self._counts[key] > 1:
                slug = _slug(block)
                taken[slug] += 1
                number = f"_{taken[slug]}" if taken[slug] > 1 else ""
                self._names[key] = f"{slug}_block{number}"

    @property
    def functions(self) -> list[tuple[str, Branches]]:
        """Each function's name and the block that it makes."""
        return [(name, self._first[key]) for key, name in self._names.items()]

    def name(self, block: Branches) -> str | None:
        """The function that makes a block; None where it occurs only once."""
        return self._names.get(self._keys.get(block.uid, b""))

    def _visit(self, chain: Sequence[Layer]) -> None:
        for layer in chain:
            if not isinstance(layer, Branches):
                continue
            row = self._report.row(layer.uid)
            key = likeness(row)
            self._keys[layer.uid] = key
            self._counts[key] += 1
            if self._counts[key] == 1:
                self._first[key] = layer
                for branch in layer.branches:
                    self._visit(branch)


def likeness(row: Row) -> bytes:
    """The same for layers, blocks too, that do the same with inputs of the same shape."""
    return msgspec.json.encode((str(row.input), _nameless(row.layer)))


def _nameless(layer: Layer) -> Any:
    """The settings of a layer and of all inside it, without what tells it from its copies."""

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: strip(part) for name, part in value.items() if name != "uid"}
        return [strip(part) for part in value] if isinstance(value, list | tuple) else value

    return strip(msgspec.to_builtins(layer))


def _slug(block: Branches) -> str:
    words = re.findall(r"[a-z][a-z0-9]*", block.label.lower())
    return "_".join(words[:3]) or block.merge


def identifier(name: str) -> str:
    """A name that is not one of Python's own words."""
    return f"{name}_" if keyword.iskeyword(name) else name


class Code(str):
    """A value that is printed as it is, such as a call inside a call."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)
