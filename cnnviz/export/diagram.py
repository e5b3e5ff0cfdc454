"""A network as a drawing for slides: SVG of nothing but shapes and text, with light colours."""

from __future__ import annotations

from itertools import zip_longest
from math import log
from types import MappingProxyType
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from msgspec import Struct

from cnnviz.export.source import likeness
from cnnviz.layers import Branches, Maps, enabled
from cnnviz.layers.branches import MERGE_NAMES
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from cnnviz.analysis import Report, Row
    from cnnviz.layers import Layer, Shape

    Say = Callable[[Message], str]

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "input": "#64748b",
        "convolution": "#0046ca",
        "pooling": "#dd710d",
        "activation": "#1aa44c",
        "dense": "#7e39f5",
        "normalisation": "#007a73",
        "dropout": "#8291a8",
        "reshaping": "#64748b",
        "branches": "#d51d76",
    }
)
"""The colours of the families of layers; those of the window's light theme."""
INK, MUTED, LINE, EDGE, DANGER = "#0f172a", "#5b6b82", "#94a3b8", "#cbd5e1", "#dc2626"
FONTS = "Segoe UI, SF Pro Text, Ubuntu, DejaVu Sans, Noto Sans CJK SC, Microsoft YaHei, sans-serif"

ASPECT = 16 / 9
"""Of a slide; long networks go on in the next row so that they come near to it."""
MARGIN, GAP, ROW_GAP, LANE_GAP, PAD = 28.0, 28.0, 44.0, 14.0, 11.0
FORK, TITLE, CARD_HEIGHT, FOLD_TITLE = 30.0, 32.0, 74.0, 28.0


class Drawing(Struct, frozen=True):
    """Something with a size that can be put anywhere; arrows meet it `axis` below its top."""

    width: float
    height: float
    axis: float
    parts: tuple[str, ...]

    def at(self, x: float, y: float) -> str:
        """The SVG of it, with its upper left corner there."""
        return f'<g transform="translate({x:.1f} {y:.1f})">{"".join(self.parts)}</g>'


def diagram(report: Report, say: Say = str) -> str:
    """The network as an SVG document.

    A card a layer, branches as lanes in a frame, and blocks that follow each other unchanged once,
    with their number. `say` translates what is written. A problem is shown where it is. What is
    disabled is left out.
    """
    image = report.network.input.shape
    first = _card("input", say(Message("Input")), "", _shape(image))
    rows = _in_rows([first, *_drawings(report, report.network.layers, say)])
    parts, y = [], MARGIN
    name = _printable(report.network.name)
    if name:
        parts.append(_text(MARGIN, y + 18, name, 20, bold=True))
        y += 30
    totals = Message(
        "{parameters:,} parameters · {products:,} multiply-adds",
        parameters=report.parameters,
        products=report.multiply_adds,
    )
    parts.append(_text(MARGIN, y + 12, say(totals), 12, MUTED))
    y += 40
    for row, after in zip_longest(rows, rows[1:]):
        parts.append(row.at(MARGIN, y))
        end, y = y + row.axis, y + row.height + ROW_GAP
        if after is not None:
            parts.append(_next_row(MARGIN + row.width, end, y - ROW_GAP / 2, y + after.axis))
    titles = [_width(name, 20, bold=True), _width(say(totals), 12)]
    width = max([row.width for row in rows] + titles) + 2 * MARGIN
    height = y - ROW_GAP + MARGIN
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family={quoteattr(FONTS)}>\n'
        f"<title>{escape(name or say(Message('Network')))}</title>\n"
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


# --- layers -----------------------------------------------------------------------------------


def _drawings(report: Report, chain: Sequence[Layer], say: Say) -> list[Drawing]:
    found: list[Drawing] = []
    for layers, count in _folded(report, enabled(chain)):
        drawn = [_drawn(report, layer, say) for layer in layers]
        found += drawn if count == 1 else [_fold(_row(drawn), count)]
    return found


def _drawn(report: Report, layer: Layer, say: Say) -> Drawing:
    """A card, or a frame with the card of its merge behind it."""
    row = report.row(layer.uid)
    if not isinstance(layer, Branches):
        return _card_of(row, say(layer.name), layer.detail, say)
    lanes = [_row(_drawings(report, branch, say)) if branch else None for branch in layer.computed]
    title = say(Message("{name} · {n:,} branches", name=layer.name, n=len(lanes)))
    frame = _frame(_printable(title), lanes, say(Message("identity")))
    return _row([frame, _card_of(row, say(MERGE_NAMES[layer.merge]), "", say)])


def _card_of(row: Row, name: str, detail: str, say: Say) -> Drawing:
    family = row.layer.family
    if row.problem is not None:
        return _card(family, name, detail, say(Message("does not fit")), ink=DANGER)
    if row.output is None:
        return _card(family, name, detail, say(Message("waiting")), ink=MUTED)
    note = say(Message("{n:,} params", n=row.parameter_count)) if row.parameter_count else ""
    return _card(family, name, detail, _shape(row.output), note)


def _shape(shape: Shape) -> str:
    if isinstance(shape, Maps):
        return f"{shape.height:,}×{shape.width:,}×{shape.channels:,}"
    return f"{shape.length:,}"


def _folded(report: Report, chain: Sequence[Layer]) -> Iterator[tuple[Sequence[Layer], int]]:
    """Parts of a chain, and how often each follows itself; only with blocks in them."""
    if not any(isinstance(layer, Branches) for layer in chain):
        yield chain, 1
        return
    keys = [likeness(report.row(layer.uid)) for layer in chain]
    start = 0
    while start < len(chain):
        length, count = _repetition(chain, keys, start)
        yield chain[start : start + length], count
        start += length * count


def _repetition(chain: Sequence[Layer], keys: Sequence[bytes], start: int) -> tuple[int, int]:
    """The length of what begins here and follows itself, and how often it stands there."""
    for length in range(1, 1 + min(LONGEST_FOLD, (len(chain) - start) // 2)):
        part = chain[start : start + length]
        block = next((i for i, layer in enumerate(part) if isinstance(layer, Branches)), None)
        count = _count(keys, start, length)
        # What can as well begin with its block does.
        if block is None or count == 1 or (block and _count(keys, start + block, length) == count):
            continue
        return length, count
    return 1, 1


def _count(keys: Sequence[bytes], start: int, length: int) -> int:
    count = 1
    while (
        keys[start + count * length : start + (count + 1) * length] == keys[start : start + length]
    ):
        count += 1
    return count


LONGEST_FOLD = 8
"""How many layers may follow each other in what is looked for again right behind it."""

# --- shapes -----------------------------------------------------------------------------------


def _card(
    family: str, name: str, detail: str, result: str, note: str = "", ink: str = INK
) -> Drawing:
    name = _printable(name)
    title = _width(name, 12, bold=True) + (_width(detail, 12) + 6 if detail else 0)
    width = max(title, _width(result, 12, bold=True), _width(note, 11), 56) + 2 * PAD
    height = CARD_HEIGHT
    band = f"M 1 4 A 8 8 0 0 1 8 0 H {width - 8:.1f} A 8 8 0 0 1 {width - 1:.1f} 4 z"
    body = f"M 0.5 4 H {width - 0.5:.1f} V {height - 8:.1f} a 7.5 7.5 0 0 1 -7.5 7.5 H 8 "
    body += "a 7.5 7.5 0 0 1 -7.5 -7.5 z"
    parts = [
        f'<path d="{band}" fill="{FAMILIES[family]}"/>',
        f'<path d="{body}" fill="#ffffff" stroke="{DANGER if ink == DANGER else EDGE}"/>',
        _text(PAD, 24, name, 12, bold=True),
    ]
    if detail:
        parts.append(_text(PAD + _width(name, 12, bold=True) + 6, 24, detail, 12, MUTED))
    parts.append(_text(PAD, 46, result, 12, ink, bold=True))
    if note:
        parts.append(_text(PAD, 62, note, 11, MUTED))
    return Drawing(width, height, height / 2, tuple(parts))


def _frame(title: str, lanes: Sequence[Drawing | None], identity: str) -> Drawing:
    """Lanes one below the other, between a fork and a join; None passes on what comes."""
    color = FAMILIES["branches"]
    longest = max((lane.width for lane in lanes if lane is not None), default=0.0)
    inner = max(
        longest, _width(identity, 11) + 20, _width(title, 12, bold=True) + 2 * PAD - 2 * FORK
    )
    width, y = inner + 2 * FORK, TITLE
    parts: list[str] = []
    axes: list[tuple[float, float]] = []
    for lane in lanes:
        height = 30.0 if lane is None else lane.height
        axis = y + (20.0 if lane is None else lane.axis)
        if lane is None:
            parts.append(_text(FORK + 6, axis - 6, identity, 11, MUTED))
            axes.append((axis, FORK))
        else:
            parts.append(lane.at(FORK, y))
            axes.append((axis, FORK + lane.width))
        y += height + LANE_GAP
    middle = (axes[0][0] + axes[-1][0]) / 2
    for lane, (axis, end) in zip(lanes, axes, strict=True):
        curve = FORK * 0.6
        fork = f"M 0 {middle:.1f} C {curve:.1f} {middle:.1f} 6 {axis:.1f} {FORK - 1:.1f} {axis:.1f}"
        join = f"L {width - FORK:.1f} {axis:.1f} C {width - 6:.1f} {axis:.1f} "
        join += f"{width - curve:.1f} {middle:.1f} {width:.1f} {middle:.1f}"
        parts += [
            _line(fork),
            _line(f"M {end:.1f} {axis:.1f} {join}"),
            _head(FORK - 1, axis) if lane is not None else "",
        ]
    height = y
    outline = (
        f'<rect x="0.75" y="0.75" width="{width - 1.5:.1f}" height="{height - 1.5:.1f}" rx="9" '
        f'fill="#ffffff" stroke="{color}" stroke-opacity="0.5" stroke-width="1.5" '
        'stroke-dasharray="6 4"/>'
    )
    heading = _text(PAD, 20, title, 12, color, bold=True)
    return Drawing(width, height, middle, (outline, heading, *parts))


def _fold(inside: Drawing, count: int) -> Drawing:
    """What stands there several times, once."""
    width, height = inside.width + 2 * PAD, inside.height + FOLD_TITLE + PAD
    outline = (
        f'<rect x="0.5" y="0.5" width="{width - 1:.1f}" height="{height - 1:.1f}" rx="10" '
        f'fill="#f8fafc" stroke="{EDGE}"/>'
    )
    number = _text(PAD, 19, f"{count} ×", 14, bold=True)
    parts = (outline, number, inside.at(PAD, FOLD_TITLE))
    return Drawing(width, height, FOLD_TITLE + inside.axis, parts)


def _row(drawings: Sequence[Drawing]) -> Drawing:
    """Drawings beside each other, with arrows between them."""
    axis = max(drawing.axis for drawing in drawings)
    below = max(drawing.height - drawing.axis for drawing in drawings)
    parts: list[str] = []
    x = 0.0
    for drawing in drawings:
        if x:
            parts += [_line(f"M {x:.1f} {axis:.1f} h {GAP - 2:.1f}"), _head(x + GAP - 2, axis)]
            x += GAP
        parts.append(drawing.at(x, axis - drawing.axis))
        x += drawing.width
    return Drawing(x, axis + below, axis, tuple(parts))


def _in_rows(drawings: Sequence[Drawing]) -> list[Drawing]:
    """As many rows as bring the whole near to the form of a slide."""
    widest = max(drawing.width for drawing in drawings)
    whole = sum(drawing.width + GAP for drawing in drawings)
    tries = [widest * (whole / widest) ** (step / 24) for step in range(25)]
    rows = min((_wrapped(drawings, width) for width in tries), key=_distance_from_slide)
    return [_row(row) for row in rows]


def _distance_from_slide(rows: Sequence[Sequence[Drawing]]) -> float:
    width = max(sum(drawing.width + GAP for drawing in row) for row in rows)
    height = sum(max(drawing.height for drawing in row) + ROW_GAP for row in rows)
    return abs(log(width / height / ASPECT))


def _wrapped(drawings: Iterable[Drawing], width: float) -> list[list[Drawing]]:
    rows: list[list[Drawing]] = [[]]
    x = 0.0
    for drawing in drawings:
        if rows[-1] and x + drawing.width > width:
            rows.append([])
            x = 0.0
        rows[-1].append(drawing)
        x += drawing.width + GAP
    return rows


def _next_row(x: float, start: float, middle: float, end: float) -> str:
    """The arrow from the end of a row, through the gap below it, to the beginning of the next."""
    path = f"M {x:.1f} {start:.1f} h 12 V {middle:.1f} H {MARGIN - 16:.1f} V {end:.1f} h 14"
    return _line(path) + _head(MARGIN - 2, end)


def _line(path: str) -> str:
    return (
        f'<path d="{path}" fill="none" stroke="{LINE}" stroke-width="1.5" stroke-linejoin="round"/>'
    )


def _head(x: float, y: float) -> str:
    return (
        f'<path d="M {x - 5:.1f} {y - 4:.1f} L {x:.1f} {y:.1f} L {x - 5:.1f} {y + 4:.1f}" '
        f'fill="none" stroke="{LINE}" stroke-width="1.5"/>'
    )


def _text(x: float, y: float, text: str, size: int, color: str = INK, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}"{weight} fill="{color}">'
        f"{escape(text)}</text>"
    )


def _printable(name: str) -> str:
    """A foreign name without what XML does not allow, on one line, and not endless."""
    clean = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return clean if len(clean) <= LONGEST_NAME else f"{clean[: LONGEST_NAME - 1]}…"


LONGEST_NAME = 80

_EMS = {
    **dict.fromkeys("ijlI.,:;!'|· ", 0.35),
    **dict.fromkeys("tfr()[]/-", 0.47),
    **dict.fromkeys("mwMW@%×—+=<>", 0.9),
}
"""How wide characters are in DejaVu Sans, a wide font, in units of the size; others: 0.64."""


def _width(text: str, size: int, bold: bool = False) -> float:
    """Pixels that a text takes, rather too many than too few."""
    ems = sum(1.0 if ord(c) > 0x2E80 else _EMS.get(c, 0.64) for c in text)
    return ems * size * (1.09 if bold else 1.0)
