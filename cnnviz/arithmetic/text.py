"""The arithmetic as text to be copied, and as a table for other programs."""

from __future__ import annotations

from math import floor, isfinite, log10
from typing import TYPE_CHECKING

from cnnviz.arithmetic.digits import TINY, alone, places_for, rounded, shown
from cnnviz.arithmetic.values import Listed, Merged, Moved, Outer, Shared, Weighted, Window
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cnnviz.arithmetic.values import Account, Step

    Say = Callable[[Message], str]

Cell = str | int | float
_SIGNS = ("+ ", "− ", "· ", "× ", "/ ", "^", "^(")
"""Behind these a negative number stands in brackets."""
_POWERS = ("²", "^")
"""Before these as well."""


def line(step: Step, say: Say = str) -> str:
    """The numbers of a step and what they give: 0.5 · (−1.2) + 0.25 = −0.35.

    The digits of a sum add up as they are shown, with the remainder of the rounding where needed.
    """
    numbers = [piece for piece in step.pieces if not isinstance(piece, str)]
    if len(numbers) > 1 and all(piece == " + " for piece in step.pieces if isinstance(piece, str)):
        return _sum(numbers, step.result, say)
    parts: list[str] = []
    for piece, following in zip(step.pieces, (*step.pieces, "")[1:], strict=True):
        if isinstance(piece, str):
            parts.append(piece)
        else:
            words = number(piece) if step.places is None else shown(piece, step.places)
            signed = words.startswith("−") or "e" in words
            raised = signed and str(following).startswith(_POWERS)
            parts.append(f"({words})" if raised or _needs_brackets(words, parts) else words)
    result = number(step.result) if step.places is None else shown(step.result, step.places)
    left = "".join(parts)
    return result if left in {"", result} else f"{left} = {result}"


def _sum(numbers: Sequence[float], total: float, say: Say) -> str:
    """The sum in digits that add up; of tiny numbers all have the same exponent."""
    power, ending = 0, ""
    largest = max(map(abs, (*numbers, total)))
    if 0 < largest < TINY:
        power = max(floor(log10(largest)), -300)
        ending = f"e−{-power}"
        numbers, total = [number * 10.0**-power for number in numbers], total * 10.0**-power
    places = 2 if power else places_for((*numbers, total))
    made = rounded(numbers, total, places, plus=False)
    parts: list[str] = []
    for words in made.terms:
        parts += [" + "] if parts else []
        term = words + ending
        parts.append(f"({term})" if _needs_brackets(term, parts) else term)
    if made.remainder:
        parts.append(say(Message(" + ({rest} of rounding)", rest=made.remainder + ending)))
    return f"{''.join(parts)} = {made.total}{ending}"


def _needs_brackets(words: str, before: list[str]) -> bool:
    return words.startswith("−") and bool(before) and before[-1].endswith(_SIGNS)


def number(value: float, digits: int = 3) -> str:
    """A number by itself, see `alone`; a whole one without a point."""
    if isfinite(value) and abs(value) < 1e6 and value == round(value):
        return shown(value, 0)
    return alone(value, digits)


def as_text(account: Account, computed: float | None = None, say: Say = str) -> str:
    """All steps, one a line, and what PyTorch computed."""
    lines = [f"{say(step.title)}: {line(step, say=say)}" for step in account.steps]
    if computed is not None:
        words = number(computed, 6)
        lines.append(say(Message("PyTorch computed {value}", value=words)))
    return "\n".join(lines)


def as_table(account: Account, say: Say = str) -> list[list[Cell]]:
    """Rows of a table with every number in full, the first of them titles."""
    picture = account.picture
    if isinstance(picture, Weighted):
        return list(_weighted(account, picture, say))
    if isinstance(picture, Window):
        return list(_window(account, picture, say))
    if isinstance(picture, Shared):
        return list(_shared(account, picture, say))
    if isinstance(picture, Outer):
        return list(_outer(picture, say))
    if isinstance(picture, Listed):
        titles: list[Cell] = [say(picture.rows_are)]
        titles += [say(title) for title, _ in picture.columns]
        columns = [values.tolist() for _, values in picture.columns]
        table = [titles]
        table += [[label, *row] for label, *row in zip(picture.labels, *columns, strict=True)]
        between = [""] * (len(titles) - 2)
        return table + [[say(step.title), *between, step.result] for step in account.steps]
    rows: list[list[Cell]] = [[say(Message("step")), say(Message("value"))]]
    if isinstance(picture, Merged):
        for branch, value in enumerate(picture.values, start=1):
            rows.append([say(Message("branch {n}", n=branch)), value])
    elif isinstance(picture, Moved) and picture.source is not None:
        rows.append([say(Message("from")), " ".join(map(str, picture.source))])
    rows += [[say(step.title), step.result] for step in account.steps]
    return rows


def _weighted(account: Account, picture: Weighted, say: Say) -> Iterator[list[Cell]]:
    words = (Message("map"), Message("row"), Message("column"), *picture.factors)
    yield [say(m) for m in (*words, Message("product"))]
    numbers = (picture.patch, picture.weights, picture.products)
    _, height, width = picture.products.shape
    rows, columns = (
        _numbered(taps, given, size)
        for taps, given, size in (
            (account.taps[0], account.reads.rows, height),
            (account.taps[1], account.reads.columns, width),
        )
    )
    for i, channel in enumerate(account.reads.channels[: len(picture.products)]):
        for j, row in enumerate(rows):
            for k, column in enumerate(columns):
                yield [channel, row, column, *(float(values[i, j, k]) for values in numbers)]
    if picture.bias is not None:
        yield [say(Message("bias")), "", "", "", "", picture.bias]
    yield [say(Message("sum")), "", "", "", "", account.value]


def _numbered(taps: Sequence[int | None], given: Sequence[int], size: int) -> list[Cell]:
    """What the rows or columns of a patch are called: by their place, "" in a gap."""
    if len(taps) == size:
        return ["" if at is None else at for at in taps]
    return list(given) if len(given) == size else list(range(size))


def _shared(account: Account, picture: Shared, say: Say) -> Iterator[list[Cell]]:
    words = (Message("row"), Message("column"), Message("δ"), Message("share"), Message("product"))
    yield [say(m) for m in words]
    for window in picture.windows:
        share = float(window.shares[window.cell])
        yield [window.row, window.column, window.delta, share, window.part]
    yield [say(Message("sum")), "", "", "", account.value]


def _outer(picture: Outer, say: Say) -> Iterator[list[Cell]]:
    yield [say(m) for m in (Message("unit"), Message("input"), Message("product"))]
    for i, row in enumerate(picture.products.tolist()):
        for j, value in enumerate(row):
            yield [picture.first_unit + i, picture.first_input + j, value]


def _window(account: Account, picture: Window, say: Say) -> Iterator[list[Cell]]:
    yield [say(m) for m in (Message("map"), Message("row"), Message("column"), Message("input"))]
    reads = account.reads
    for j, row in enumerate(reads.rows):
        for k, column in enumerate(reads.columns):
            if picture.counted[j, k]:
                yield [reads.channels[0], row, column, float(picture.values[j, k])]
    for step in account.steps:
        yield [say(step.title), "", "", step.result]
