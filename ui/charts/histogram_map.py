"""How values were spread at each time: a map with the time across, the values upwards, and the more
colour the more values there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QSize, QSizeF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.charts.content import Content
from ui.charts.histogram_painting import HistogramPainting, reading
from ui.charts.zooming import KEYS
from ui.i18n import language, tr
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent

    from ui.charts.histograms import Histograms


class HistogramMap(QWidget):
    """A title, the map with its scale, and what is pointed at."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content, self._color = Content(title), 0
        self._histograms: Histograms | None = None
        self._time: int | None = None
        self._painting: HistogramPainting | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self._restyle)
        language.changed.connect(self._say)
        self._say()

    def set_content(self, content: Content, color: int = 0) -> None:
        """What the values are, and what to say while there are none; the place of its colour."""
        self._content, self._color = content, color
        self._painting = None
        self._say()

    def set_histograms(self, histograms: Histograms | None) -> None:
        """Show these; None or none of them: there is nothing to be seen."""
        self._histograms = histograms if histograms is not None and len(histograms) else None
        self._painting = None
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

    def painting(self, size: QSizeF | None = None) -> HistogramPainting:
        """What is painted now, or would be in another room."""
        room = QSizeF(self.size()) if size is None else size
        return HistogramPainting(self._content, self._histograms, self._color, room)

    def _now(self) -> HistogramPainting:
        """What is painted now; kept until something else is to be shown."""
        if self._painting is None or self._painting.size != QSizeF(self.size()):
            self._painting = self.painting()
        return self._painting

    def paintEvent(self, event: QPaintEvent) -> None:
        self._now().paint(QPainter(self), self._time, focused=self.hasFocus())

    # --- words --------------------------------------------------------------------------------

    def _say(self) -> None:
        self.setAccessibleName(self._content.title)
        found = self._histograms
        words = self._content.empty
        if found is not None:
            time = len(found) - 1 if self._time is None else self._time
            step = tr("step {number:,}", number=round(float(found.steps[time])))
            words = f"{step}: {reading(found, time)}"
        self.setAccessibleDescription(words)
        self.update()

    # --- events -------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found, plot = self._histograms, self._now().plot
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
        self._painting = None
        self.updateGeometry()
        self.update()
