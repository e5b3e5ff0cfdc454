"""A table of numbers in their colours, with a word before each row."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractScrollArea

from ui.colors import floats, natural_limit, quantise
from ui.i18n import tr
from ui.numerals import significant
from ui.theme import theme
from ui.widgets.when_asked import say_when_asked, words_changed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent, QResizeEvent
    from PySide6.QtWidgets import QWidget


_GAP, _TIGHT_GAP = 14, 4
"""Between columns, in pixels at scale 1, and where all of them are to fit into little room."""
MOST_READ = 50
"""So many rows are measured, and read out to those who do not see them."""


class NumberTable(QAbstractScrollArea):
    """Rows of numbers; a cell has a stripe of its colour. One row may be the one that counts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._titles: tuple[str, ...] = ()
        self._labels: Sequence[str] = ()
        self._columns: tuple[np.ndarray, ...] = ()
        self._limits: tuple[float, ...] = ()
        self._mine = -1
        self._wides: tuple[int, ...] = ()
        """The width of each column in pixels, so wide that no number reaches over its stripe."""
        self._tight = False
        say_when_asked()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Numbers"))
        theme.changed.connect(self._restyle)

    def set_table(
        self,
        titles: Sequence[str],
        labels: Sequence[str],
        columns: Sequence[np.ndarray],
        mine: int = -1,
    ) -> None:
        """titles: of the labels and of each column. columns: one number a row (float64)."""
        moved = mine != self._mine or len(labels) != len(self._labels)
        other = len(labels) != len(self._labels) or tuple(titles) != self._titles
        width = self.sizeHint().width()
        self._titles, self._labels = tuple(titles), labels
        self._columns, self._mine = tuple(columns), mine
        self._limits = tuple(natural_limit(floats(values)) for values in columns)
        needed = self._needed()
        # While a window slides no column becomes narrower: nothing is to jump.
        self._wides = needed if other else tuple(map(max, self._wides, needed))
        if moved or self.sizeHint().width() != width:
            self._measure()
        if moved:
            self.verticalScrollBar().setValue(0)  # another table's place means nothing here
            self._reveal()
        words_changed(self)
        self.viewport().update()

    def text(self, row: int) -> list[str]:
        """What a row says."""
        return [
            self._labels[row],
            *(significant(float(v[row]), 3, tiny=1e-3) for v in self._columns),
        ]

    def _pitch(self) -> int:
        return QFontMetrics(theme.font("body")).height() + theme.px(3)

    def _read(self) -> list[list[str]]:
        """What the first rows say, and the one that counts."""
        rows = list(range(min(len(self._labels), MOST_READ)))
        rows += [self._mine] if self._mine >= len(rows) else []
        return [self.text(row) for row in rows]

    def _needed(self) -> tuple[int, ...]:
        rows = self._read()
        number = QFontMetrics(theme.font("body")).horizontalAdvance
        caption = QFontMetrics(theme.font("caption")).horizontalAdvance
        found = []
        for column, title in enumerate(self._titles[1:], 1):
            longest = max((number(row[column]) for row in rows), default=0)
            wide = max(longest + theme.px(10), caption(title), theme.px(30))
            found.append(wide + theme.px(_GAP))
        return tuple(found)

    def _lefts(self, *, tight: bool | None = None) -> list[int]:
        """Where each column begins, and where the last one ends; tight: None as they are now."""
        tight = self._tight if tight is None else tight
        less = theme.px(_GAP) - theme.px(_TIGHT_GAP) if tight else 0
        return list(accumulate((w - less for w in self._wides), initial=self._first() - less))

    def _first(self) -> int:
        metrics = QFontMetrics(theme.font("body"))
        words = [*self._labels[:50], *(self._titles[:1])]
        return max((metrics.horizontalAdvance(word) for word in words), default=0) + theme.px(_GAP)

    def sizeHint(self) -> QSize:
        return QSize(
            self._lefts(tight=False)[-1] + theme.px(16),
            self._pitch() * (min(len(self._labels), 8) + 1),
        )

    def least_width(self) -> int:
        """So wide that all of its columns are seen."""
        return self._lefts(tight=True)[-1] + theme.px(16)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), theme.px(300)), self._pitch() * 3)

    def _restyle(self) -> None:
        self._wides = self._needed()
        self._measure()

    def _measure(self) -> None:
        self.updateGeometry()
        self._tight = self.width() < self.sizeHint().width()
        bar = self.verticalScrollBar()
        room = self.viewport().height() - self._pitch()
        rows = max(1, room // self._pitch())  # whole ones: at the end, too, it begins with one
        bar.setRange(0, max(0, len(self._labels) - rows) * self._pitch())
        bar.setPageStep(room)
        bar.setSingleStep(self._pitch())
        across = self.horizontalScrollBar()
        across.setRange(0, max(0, self._lefts()[-1] - self.viewport().width()))
        across.setPageStep(self.viewport().width())
        across.setSingleStep(self._pitch())
        self.viewport().update()

    def _reveal(self) -> None:
        """Have the row that counts in the middle, with whole rows above it."""
        if self._mine >= 0:
            rows = self.viewport().height() // self._pitch() - 1
            self.verticalScrollBar().setValue((self._mine - (rows - 1) // 2) * self._pitch())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()
        self._reveal()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        pitch, colors = self._pitch(), theme.colors
        offset = self.verticalScrollBar().value()
        first = offset // pitch
        last = min(first + self.viewport().height() // pitch + 1, len(self._labels))
        lefts, wides = self._lefts(), self._wides  # of the whole table
        left = lefts[0]
        stripe = theme.px(6)
        tables = [
            theme.luts.signed[quantise(floats(values[first:last]), limit)]
            for values, limit in zip(self._columns, self._limits, strict=True)
        ]
        painter.translate(-self.horizontalScrollBar().value(), 0)
        painter.setClipRect(0, pitch, lefts[-1], self.viewport().height())
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for row in range(first, last):
            top = pitch + row * pitch - offset
            if row == self._mine:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(colors.accent_soft))
                painter.drawRoundedRect(
                    QRect(0, top, lefts[-1], pitch - 1), theme.px(4), theme.px(4)
                )
            painter.setFont(theme.font("body"))
            words = self.text(row)
            painter.setPen(QColor(colors.text_muted))
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRect(theme.px(6), top, left, pitch), middle, words[0])
            for column, word in enumerate(words[1:]):
                x, wide = lefts[column], wides[column]
                cell = QRect(x, top + 2, stripe, pitch - 5)
                painter.fillRect(cell, QColor(int(tables[column][row - first])))
                painter.setPen(QColor(colors.border_soft))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(cell)
                painter.setPen(QColor(colors.text))
                painter.drawText(QRect(x, top, wide - theme.px(_GAP), pitch), right, word)
        painter.setClipping(False)
        painter.setFont(theme.font("caption"))
        painter.setPen(QColor(colors.text_muted))
        for column, title in enumerate(self._titles):
            if column == 0:
                place = QRect(theme.px(6), 0, left, pitch)
                painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, title)
            else:
                place = QRect(lefts[column - 1], 0, wides[column - 1] - theme.px(_GAP), pitch)
                painter.drawText(place, right, title)

    def in_words(self) -> str:
        """For screen readers: the first rows, and the one that counts."""
        return "\n".join(", ".join(row) for row in (self._titles, *self._read()))
