"""Runs in words: what they are called, when they began, and what stands in their tables."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from cnnviz.message import Message
from cnnviz.runs import results
from ui.i18n import text, tr
from ui.numerals import significant

if TYPE_CHECKING:
    from cnnviz.runs import KeptRun, Line, Value


def title_of(run: KeptRun) -> str:
    """What to call it."""
    return text(run.title) if isinstance(run.title, Message) else run.title


def began(run: KeptRun, now: datetime | None = None) -> str:
    """When it began: the time of today, the day of this year, or all of it."""
    then = datetime.fromtimestamp(run.began).astimezone()
    today = (now or datetime.now().astimezone()).date()
    if then.date() == today:
        return f"{then:%H:%M}"
    return f"{then:%m-%d}" if then.year == today.year else f"{then:%Y-%m-%d}"


def moment_of(run: KeptRun) -> str:
    """Day and time at which it began."""
    return f"{datetime.fromtimestamp(run.began).astimezone():%Y-%m-%d %H:%M}"


def best_of(run: KeptRun) -> str:
    """Its best accuracy on test images; "" before the first measurement."""
    return percent(float(run.test.accuracy.max())) if len(run.test) else ""


def state_of(run: KeptRun) -> str:
    """How it stands, or how it ended."""
    state = results((run,))[0]
    return value_words(state, state.values[0])


def percent(share: float) -> str:
    """A share with one hundredth of a per cent, in which good networks differ."""
    return f"{100 * share:.2f}%"


def value_words(line: Line, value: Value) -> str:
    """What stands in a cell of the table of differences."""
    if value is None:
        return "–"
    if isinstance(value, Message):
        return text(value)
    if isinstance(value, bool):
        return tr("on") if value else tr("off")
    if isinstance(value, float):
        return percent(value) if line.share else significant(value)
    return f"{value:,}" if isinstance(value, int) else value
