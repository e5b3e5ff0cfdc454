"""What a chart shows: its series, how each looks, and what stands beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QColor

from ui.charts.shapes import ink_of
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtCore import QRectF

    from ui.charts.curve import Line


@dataclass(frozen=True)
class Series:
    """A line of a chart: what it is called (translated), and how it is drawn.

    color: its place in the theme's colours of series. smooth: whether it may be smoothed; its own
    points are then drawn faintly behind. dash: "", "dashed" or "dotted". shape: one of `SHAPES`,
    drawn at its end, or "". group: what is switched on and off together ("" is the key), and
    group_label is what the head calls it where there are several. quiet: it stands back behind the
    others. at: the step whose value is told while nobody points at another; None: the last one.
    """

    key: str
    label: str
    line: Line
    color: int = 0
    smooth: bool = False
    dash: str = ""
    shape: str = ""
    group: str = ""
    group_label: str = ""
    quiet: bool = False
    at: float | None = None

    @property
    def ink(self) -> QColor:
        """Its colour in the present theme."""
        return QColor(theme.colors.arrow) if self.quiet else ink_of(self.color)

    @property
    def switch(self) -> str:
        """By what it is switched on and off."""
        return self.group or self.key


@dataclass(frozen=True)
class Shown:
    """A series with the line that is drawn clearly; `raw` is drawn faintly where it is another."""

    series: Series
    line: Line
    raw: Line | None = None

    @property
    def told(self) -> float | None:
        """The value that is told while nobody points at another; None without points."""
        at = self.series.at
        point = self.line.last if at is None else self.line.nearest(at)
        return None if point is None else point[1]


@dataclass(frozen=True)
class Content:
    """What a chart shows, whoever looks at it.

    name: what files call it. percent: the values lie between 0 and 1. logarithmic: whether a
    logarithmic scale suits them. whole: peaks are to be seen as well, because none of them is a
    mishap. marks: where something happened, by its step, and what.
    """

    title: str = ""
    empty: str = ""
    name: str = "value"
    percent: bool = False
    logarithmic: bool = False
    whole: bool = False
    marks: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class Entry:
    """A word of the legend, and where it stands; a click on it hides its series.

    dash: of the lines that it stands for, where they have colours of their own; else None.
    """

    key: str
    words: str
    rect: QRectF
    ink: QColor
    hidden: bool
    dash: str | None = None


@dataclass(frozen=True)
class Reading:
    """What one series says at the step that is pointed at."""

    series: Series
    step: float
    value: float
    raw: float | None = None
