"""Where the pieces of worked formulas lie, in a width and in columns. Measures, never paints."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QRectF, Qt, QTextBoundaryFinder
from PySide6.QtGui import QFont, QFontMetricsF

from cnnviz.message import Message
from ui.i18n import language, text, tr
from ui.theme import theme
from ui.widgets.line_ends import ended

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnnviz.explain import Formula

Kind = Literal["title", "number", "plain", "result", "small", "why"]
"""A "why" is the room of a button, which the view puts there."""

LEAST_WIDTH = 345
"""Pixels at scale 1 that a column of formulas needs."""

EQUALS = " = "
"""Between the numbers and their result, with which it stays in one line."""

SMALL_FLAGS = int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap)


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in its place. `role` is the field that a number comes from."""

    text: str
    kind: Kind
    rect: QRectF
    role: str = ""

    @property
    def key(self) -> object:
        """Runs with the same key look the same."""
        return self.text, self.kind, self.role, self.rect.getRect()


def font(kind: Kind) -> QFont:
    """The font of a kind of run."""
    return _font(kind, theme.scale)


@cache
def _font(kind: Kind, scale: float) -> QFont:
    if kind == "title":
        return theme.font("heading")
    if kind in {"small", "why"}:
        return theme.font("caption")
    made = theme.font("formula")
    made.setBold(kind in {"number", "result"})
    return made


@cache
def _metrics(kind: Kind, scale: float) -> QFontMetricsF:
    return QFontMetricsF(_font(kind, scale))


@lru_cache(maxsize=10_000)
def _width(words: str, kind: Kind, scale: float) -> float:
    """Measuring takes most of the time of a layout, and the same few words come again."""
    return _metrics(kind, scale).horizontalAdvance(words)


@lru_cache(maxsize=2_000)
def _small_height(words: str, width: float, scale: float) -> float:
    """The height of wrapped small text."""
    room = QRectF(0, 0, width, 10_000)
    return _metrics("small", scale).boundingRect(room, SMALL_FLAGS, ended(words)).height()


@dataclass(frozen=True, slots=True)
class _Columns:
    """Blocks of runs, which of them begin and end each column, and how high the tallest is."""

    blocks: list[tuple[list[Run], float]]
    split: list[int]
    pitch: float
    height: float


def lay_out(formulas: Sequence[Formula], width: float, height: float) -> tuple[list[Run], float]:
    """The runs of all formulas, and the height that they take.

    One column where everything fits into `height`, else as many as find room beside each other.
    """
    columns = _columns(formulas, width, height)
    runs: list[Run] = []
    for column, (first, last) in enumerate(pairwise(columns.split)):
        x, y = column * columns.pitch, 0.0
        for made, tall in columns.blocks[first:last]:
            runs += [Run(run.text, run.kind, run.rect.translated(x, y), run.role) for run in made]
            y += tall
    return runs, columns.height


def height_for(formulas: Sequence[Formula], width: float, height: float) -> float:
    """How high the formulas are in a room of this width and height."""
    return _columns(formulas, width, height).height


def _columns(formulas: Sequence[Formula], width: float, height: float) -> _Columns:
    gap, least = theme.px(28), theme.px(LEAST_WIDTH)
    most = max(1, int((width + gap) // (least + gap)))
    for count in range(1, most + 1):
        each = (width - gap * (count - 1)) / count
        blocks = [_block(formula, each, theme.scale, language.manner) for formula in formulas]
        heights = [tall for _, tall in blocks]
        split = _split(heights, count)
        tallest = max(sum(heights[first:last]) for first, last in pairwise(split))
        if tallest <= height:
            break
    return _Columns(blocks, split, each + gap, tallest)


def _split(heights: Sequence[float], columns: int) -> list[int]:
    """Where columns begin and end, so that the tallest is as short as can be."""
    limits = sorted(
        {
            sum(heights[first:last])
            for first in range(len(heights))
            for last in range(first + 1, len(heights) + 1)
        }
    )
    for limit in limits:
        split, filled = [0], 0.0
        for index, tall in enumerate(heights):
            if filled and filled + tall > limit:
                split.append(index)
                filled = 0.0
            filled += tall
        split.append(len(heights))
        if len(split) - 1 <= columns and max(heights) <= limit:
            return split
    return [0, len(heights)]


@lru_cache(maxsize=500)
def _block(
    formula: Formula, width: float, scale: float, manner: tuple[str, bool]
) -> tuple[list[Run], float]:
    """The runs of one formula, and the height that it takes with the space behind it."""
    runs = _lines([(text(formula.title), "title", "")], width, 0.0)
    y = _bottom(runs, 0.0)
    if formula.why is not None:
        runs.append(_why(runs[-1].rect, width))
    pieces = list(_pieces(formula))
    if pieces:
        runs += _lines(pieces, width, y + theme.px(1))
        y = _bottom(runs, y)
    for line in (formula.rule, formula.note):
        if line is not None:
            small = text(line)
            tall = _small_height(small, width, theme.scale)
            runs.append(Run(small, "small", QRectF(0, y, width, tall)))
            y += tall
    return runs, y + theme.px(7)


def why_word() -> str:
    """What the button says that opens the paragraph about a formula."""
    return tr("why?")


def _why(title: QRectF, width: float) -> Run:
    """Behind the title, or at the right end."""
    wide = _width(why_word(), "why", theme.scale) + 2 * theme.px(6)
    left = min(title.right() + theme.px(4), width - wide)
    return Run(why_word(), "why", QRectF(left, title.top(), wide, title.height()))


def _bottom(runs: Sequence[Run], y: float) -> float:
    return max((run.rect.bottom() for run in runs), default=y)


def _pieces(formula: Formula) -> Iterator[tuple[str, Kind, str]]:
    """(text, kind, role) of the line with the numbers."""
    for term in formula.terms:
        word = text(term.text) if isinstance(term.text, Message) else term.text
        yield word, "number" if term.role else "plain", term.role
    if formula.result:
        if any(isinstance(term.text, str) for term in formula.terms):
            yield EQUALS, "plain", ""
        yield formula.result, "result", ""
    if formula.unit is not None:
        yield " " + text(formula.unit), "plain", ""


def _lines(pieces: Sequence[tuple[str, Kind, str]], width: float, top: float) -> list[Run]:
    """Runs from left to right; where the width ends a new line begins."""
    runs: list[Run] = []
    x, y = 0.0, top
    pad, space, scale = theme.px(5), theme.px(2), theme.scale
    for place, (whole, kind, role) in enumerate(pieces):
        extra = 2.0 * pad if kind == "result" else 0.0
        if whole == EQUALS:
            result = _width(pieces[place + 1][0], "result", scale) + 2 * pad
            extra = result + _width(" ", kind, scale)
        tall = _metrics(kind, scale).height() + (space if kind != "title" else 0)
        fits = x + _width(whole.rstrip(), kind, scale) + extra <= width
        for part in (whole,) if fits or kind not in {"plain", "title"} else _parts(whole):
            if x and x + _width(part.rstrip(), kind, scale) + extra > width:
                x, y = 0.0, y + tall
            shown = part if x else part.lstrip()  # a line does not begin with a space
            wide = _width(shown, kind, scale) + (extra if kind == "result" else 0)
            runs.append(Run(shown, kind, QRectF(x, y, wide, tall), role))
            x += wide
    return runs


def _parts(whole: str) -> Iterator[str]:
    """A text cut where a line may end, in any language."""
    finder = QTextBoundaryFinder(QTextBoundaryFinder.BoundaryType.Line, whole)
    start = 0
    while (end := finder.toNextBoundary()) != -1:
        if end > start:
            yield whole[start:end]
        start = end
