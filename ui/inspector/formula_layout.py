"""Where the pieces of worked formulas lie, in a width and in columns. Measures, never paints."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QRectF, Qt, QTextBoundaryFinder
from PySide6.QtGui import QFont, QFontMetricsF

from cnnviz.message import Message
from ui.i18n import text
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnnviz.explain import Formula

Kind = Literal["title", "number", "plain", "result", "small"]

LEAST_WIDTH = 350
"""Pixels at scale 1 that a column of formulas needs."""

SMALL_FLAGS = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in its place. `role` is the field that a number comes from."""

    text: str
    kind: Kind
    rect: QRectF
    role: str = ""


def font(kind: Kind) -> QFont:
    """The font of a kind of run."""
    if kind == "title":
        return theme.font("heading")
    if kind == "small":
        return theme.font("caption")
    made = theme.font("formula")
    made.setBold(kind in {"number", "result"})
    return made


def lay_out(formulas: Sequence[Formula], width: float, height: float) -> tuple[list[Run], float]:
    """The runs of all formulas, and the height that they take.

    One column where everything fits into `height`, else as many as find room beside each other.
    """
    gap, least = theme.px(28), theme.px(LEAST_WIDTH)
    most = max(1, int((width + gap) // (least + gap)))
    for columns in range(1, most + 1):
        each = width if columns == 1 else (width - gap * (columns - 1)) / columns
        blocks = [_block(formula, each) for formula in formulas]
        split = _split([block[1] for block in blocks], columns)
        runs: list[Run] = []
        tallest = 0.0
        for column, (first, last) in enumerate(pairwise(split)):
            y, x = 0.0, column * (each + gap)
            for made, tall in blocks[first:last]:
                runs += [
                    Run(run.text, run.kind, run.rect.translated(x, y), run.role) for run in made
                ]
                y += tall
            tallest = max(tallest, y)
        if tallest <= height or columns == most:
            break
    return runs, tallest


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


def _block(formula: Formula, width: float) -> tuple[list[Run], float]:
    """The runs of one formula, and the height that it takes with the space behind it."""
    runs = _lines([(text(formula.title), "title", "")], width, 0.0)
    y = _bottom(runs, 0.0)
    pieces = list(_pieces(formula))
    if pieces:
        runs += _lines(pieces, width, y + theme.px(1))
        y = _bottom(runs, y)
    for line in (formula.rule, formula.note):
        if line is not None:
            small = text(line)
            metrics = QFontMetricsF(font("small"))
            place = metrics.boundingRect(QRectF(0, 0, width, 10_000), SMALL_FLAGS, small)
            runs.append(Run(small, "small", QRectF(0, y, width, place.height())))
            y += place.height()
    return runs, y + theme.px(7)


def _bottom(runs: Sequence[Run], y: float) -> float:
    return max((run.rect.bottom() for run in runs), default=y)


def _pieces(formula: Formula) -> Iterator[tuple[str, Kind, str]]:
    """(text, kind, role) of the line with the numbers."""
    for term in formula.terms:
        word = text(term.text) if isinstance(term.text, Message) else term.text
        yield word, "number" if term.role else "plain", term.role
    if formula.result:
        if any(isinstance(term.text, str) for term in formula.terms):
            yield " = ", "plain", ""
        yield formula.result, "result", ""
    if formula.unit is not None:
        yield " " + text(formula.unit), "plain", ""


def _lines(pieces: Sequence[tuple[str, Kind, str]], width: float, top: float) -> list[Run]:
    """Runs from left to right; where the width ends a new line begins."""
    runs: list[Run] = []
    x, y = 0.0, top
    pad = theme.px(5)
    for whole, kind, role in pieces:
        metrics = QFontMetricsF(font(kind))
        extra = pad if kind == "result" else 0
        tall = metrics.height() + (theme.px(2) if kind != "title" else 0)
        for part in _parts(whole) if kind in {"plain", "title"} else [whole]:
            wide = metrics.horizontalAdvance(part) + 2 * extra
            if x and x + metrics.horizontalAdvance(part.rstrip()) + 2 * extra > width:
                x, y = 0.0, y + tall
            if not x:
                part = part.lstrip()  # noqa: PLW2901  # a line does not begin with a space
                wide = metrics.horizontalAdvance(part) + 2 * extra
            runs.append(Run(part, kind, QRectF(x, y, wide, tall), role))
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
