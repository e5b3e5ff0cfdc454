"""How values were spread at each time: a map with the time across, the values upwards, and the more
colour the more values there are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.charts.axes import round_up
from ui.charts.shapes import ink_of
from ui.charts.zooming import KEYS
from ui.i18n import language, tr
from ui.numerals import significant
from ui.theme import theme

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent

_SEEN = 0.001
"""The scale holds all but this share of the newest values at each end, so that one far value does
not press all else together; what lies beyond is seen at the edge."""
_GAMMA = 0.5
"""Few values are to be seen as well: the square root of their share is shown."""


@dataclass(frozen=True, eq=False)
class Histograms:
    """Histograms at rising steps, each with its own range.

    steps: (times,). lows, highs: (times,) the edges of the first and the last bin. counts: (times,
    bins), how many values are in each bin.
    """

    steps: NDArray[np.float64]
    lows: NDArray[np.float64]
    highs: NDArray[np.float64]
    counts: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.steps)

    @cached_property
    def range(self) -> tuple[float, float]:
        """What is to be seen: round numbers around nearly all values, zero among them."""
        low = min(float(self._quantile(_SEEN).min()), 0.0)
        high = max(float(self._quantile(1 - _SEEN).max()), 0.0)
        low, high = -round_up(-low) if low < 0 else 0.0, round_up(high) if high > 0 else 0.0
        return (low, high) if low < high else (-1.0, 1.0)  # the smallest numbers round up to 0

    def median(self, time: int) -> float:
        """The middle of the values at a time."""
        return float(self._quantile(0.5)[time])

    def picture(self, width: int, height: int) -> NDArray[np.float64]:
        """The share of values in each pixel, against the largest of its column: (height, width)
        from 0 to 1, the highest values above. Columns go from the first step to the last."""
        span = max(float(self.steps[-1] - self.steps[0]), 1e-12)
        across = self.steps[0] + span * (np.arange(width) + 0.5) / width
        times = np.clip(np.searchsorted(self.steps, across, "right") - 1, 0, len(self) - 1)
        low, high = self.range
        values = high - (high - low) * (np.arange(height) + 0.5) / height
        bins = self.counts.shape[1]
        wide = np.maximum(self.highs - self.lows, 1e-12)[times]  # (width,)
        places = np.floor((values[:, None] - self.lows[times]) / wide * bins).astype(np.int64)
        inside = (places >= 0) & (places < bins)
        density = self.counts[times[None, :], np.clip(places, 0, bins - 1)] / wide * inside
        # Bins that are narrower than a pixel may lie between two of them: all is in one pixel then.
        row = np.clip((high - self._middles[times]) / (high - low) * height, 0, height - 1)
        none = density.max(axis=0) <= 0
        density[row.astype(np.int64)[none], np.flatnonzero(none)] = 1.0
        found: NDArray[np.float64] = density / density.max(axis=0)
        return found

    @cached_property
    def _middles(self) -> NDArray[np.float64]:
        return self._quantile(0.5)

    def _quantile(self, share: float) -> NDArray[np.float64]:
        """Below which this share of the values lies, at each time: (times,)."""
        below = self.counts.cumsum(axis=1)
        wanted = share * below[:, -1]
        places = (below < wanted[:, None]).sum(axis=1)
        every = np.arange(len(self))
        places = np.minimum(places, self.counts.shape[1] - 1)
        inside = self.counts[every, places]
        before = below[every, places] - inside
        part = np.where(inside > 0, (wanted - before) / np.maximum(inside, 1e-12), 0.5)
        width = (self.highs - self.lows) / self.counts.shape[1]
        found: NDArray[np.float64] = self.lows + (places + np.clip(part, 0, 1)) * width
        return found


class HistogramMap(QWidget):
    """A title, the map with its scale, and what is pointed at."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._empty, self._color = title, "", 0
        self._histograms: Histograms | None = None
        self._time: int | None = None
        self._image: QImage | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self._restyle)
        language.changed.connect(self._say)
        self._say()

    def set_title(self, title: str, empty: str = "", color: int = 0) -> None:
        """What the values are; what to say while there are none; the place of its colour."""
        self._title, self._empty, self._color = title, empty, color
        self._image = None
        self._say()

    def set_histograms(self, histograms: Histograms | None) -> None:
        """Show these; None or none of them: there is nothing to be seen."""
        self._histograms = histograms if histograms is not None and len(histograms) else None
        self._image = None
        if self._time is not None and self._histograms is not None:
            self._time = min(self._time, len(self._histograms) - 1)
        self._say()

    def point(self, time: int | None) -> None:
        """Look at the histogram of one time, by its place; None: of the last."""
        self._time = time
        self._say()

    # --- places and painting ------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(theme.px(240), theme.px(140))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(120), theme.px(84))

    def _plot(self) -> QRectF:
        caption = QFontMetrics(theme.font("caption"))
        head = QFontMetrics(theme.font("heading")).height() + theme.px(10)
        foot = caption.height() + theme.px(3)
        if self._histograms is None:
            return QRectF(0, head, self.width() - 1, self.height() - head - foot)
        shown = [significant(value, 3) for value in self._histograms.range]
        scale = max(caption.horizontalAdvance(words) for words in shown) + theme.px(6)
        return QRectF(scale, head, self.width() - scale - 1, self.height() - head - foot)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        heading = QFontMetrics(theme.font("heading"))
        baseline = heading.ascent() + theme.px(1)
        painter.setFont(theme.font("heading"))
        painter.setPen(theme.colors.heading)
        painter.drawText(0, baseline, self._title)
        if self.hasFocus():
            width = heading.horizontalAdvance(self._title)
            rule = QRectF(0, baseline + theme.px(3), width, theme.px(2))
            painter.fillRect(rule, QColor(theme.colors.accent))
        plot, found = self._plot(), self._histograms
        if found is None:
            painter.setFont(theme.font("body"))
            painter.setPen(theme.colors.text_muted)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(plot, flags, self._empty)
            return
        painter.drawImage(plot.topLeft(), self._picture(plot, found))
        self._paint_scale(painter, plot, found)
        if self._time is not None:
            across = plot.left() + self._part(found, self._time) * plot.width()
            painter.setPen(QPen(QColor(theme.colors.arrow), 1))
            painter.drawLine(QPointF(across, plot.top()), QPointF(across, plot.bottom()))
            painter.setFont(theme.font("body"))
            painter.setPen(theme.colors.text_muted)
            left = heading.horizontalAdvance(self._title) + theme.px(10)
            painter.drawText(left, baseline, self._reading(found))

    def _picture(self, plot: QRectF, found: Histograms) -> QImage:
        """Kept until something else is to be shown."""
        width, height = max(1, round(plot.width())), max(1, round(plot.height()))
        if self._image is None or (self._image.width(), self._image.height()) != (width, height):
            shares = found.picture(width, height) ** _GAMMA
            ground, ink = (
                np.array(QColor(color).getRgb()[:3], np.float64)  # type: ignore[index]
                for color in (theme.colors.surface, ink_of(self._color))
            )
            mixed = np.rint(ground + shares[..., None] * (ink - ground)).astype(np.uint32)
            pixels = 0xFF000000 | mixed[..., 0] << 16 | mixed[..., 1] << 8 | mixed[..., 2]
            data = np.ascontiguousarray(pixels, np.uint32)
            view = QImage(data.data, width, height, 4 * width, QImage.Format.Format_RGB32)
            self._image = view.copy()  # the array is not kept
        return self._image

    def _paint_scale(self, painter: QPainter, plot: QRectF, found: Histograms) -> None:
        painter.setFont(theme.font("caption"))
        metrics = QFontMetrics(painter.font())
        low, high = found.range
        up = (metrics.ascent() - metrics.descent()) / 2
        for value in {low, 0.0, high}:
            down = plot.bottom() - (value - low) / (high - low) * plot.height()
            painter.setPen(QPen(QColor(theme.colors.border), 1))
            painter.drawLine(QPointF(plot.left(), down), QPointF(plot.right(), down))
            words = significant(value, 3)
            painter.setPen(theme.colors.text_muted)
            right = plot.left() - theme.px(5) - metrics.horizontalAdvance(words)
            painter.drawText(QPointF(right, down + up), words)
        step = found.steps[-1] if self._time is None else found.steps[self._time]
        words = tr("step {number:,}", number=round(float(step)))
        below = plot.bottom() + metrics.ascent() + theme.px(3)
        across = (
            plot.right()
            if self._time is None
            else plot.left()
            + (self._part(found, self._time) * plot.width() + metrics.horizontalAdvance(words) / 2)
        )
        width = metrics.horizontalAdvance(words)
        left = min(max(across - width, plot.left()), plot.right() - width)
        painter.drawText(QPointF(left, below), words)

    @staticmethod
    def _part(found: Histograms, time: int) -> float:
        """Where a time lies between the first and the last, 0 to 1."""
        span = max(float(found.steps[-1] - found.steps[0]), 1e-12)
        return float(found.steps[time] - found.steps[0]) / span

    # --- words --------------------------------------------------------------------------------

    def _reading(self, found: Histograms) -> str:
        time = len(found) - 1 if self._time is None else self._time
        return tr(
            "{low} to {high}, half of them below {middle}",
            low=significant(float(found.lows[time]), 3),
            high=significant(float(found.highs[time]), 3),
            middle=significant(found.median(time), 3),
        )

    def _say(self) -> None:
        self.setAccessibleName(self._title)
        found = self._histograms
        words = self._empty
        if found is not None:
            time = len(found) - 1 if self._time is None else self._time
            step = tr("step {number:,}", number=round(float(found.steps[time])))
            words = f"{step}: {self._reading(found)}"
        self.setAccessibleDescription(words)
        self.update()

    # --- events -------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found, plot = self._histograms, self._plot()
        if found is None:
            return
        part = (event.position().x() - plot.left()) / max(plot.width(), 1.0)
        step = found.steps[0] + min(max(part, 0.0), 1.0) * (found.steps[-1] - found.steps[0])
        self.point(int(np.abs(found.steps - step).argmin()))

    def leaveEvent(self, event: QEvent) -> None:
        self.point(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, found = Qt.Key(event.key()), self._histograms
        if found is None or (key not in KEYS and key != Qt.Key.Key_Escape):
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Escape:
            self.point(None)
        else:
            time = len(found) - 1 if self._time is None else self._time + KEYS[key]
            self.point(min(max(time, 0), len(found) - 1))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def _restyle(self) -> None:
        self._image = None
        self.updateGeometry()
        self.update()
