"""The prediction: a bar and a percentage for every class."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.i18n import language, tr
from ui.theme import theme
from ui.widgets.line_ends import ended

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QMouseEvent, QPaintEvent


MANY, MOST = 20, 12
"""Of more than so many classes only the most probable ones have a bar, the best at the top."""
SHORT = 40
"""Pixels at scale 1 that a name has at most, for the bars to stand in columns."""


SHORTEST = 12
"""Pixels at scale 1: where less is left for a bar, the number says it alone."""


_MESSAGE = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap


class PredictionBars(QWidget):
    """Probabilities as horizontal bars; the most probable class stands out in colour and bold.

    All classes in their order; of very many the best ones in theirs.
    """

    chosen = Signal(int)
    """The class whose bar was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ""
        self._labels: tuple[str, ...] = ()
        self._probabilities: tuple[float, ...] | None = None
        self._message = ""
        self._columns = 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def set_labels(self, labels: Sequence[str]) -> None:
        """The names of the classes, in the order of the probabilities."""
        self._labels = tuple(labels)
        self._probabilities = None
        self._restyle()
        self.retranslate()

    def set_columns(self, columns: int) -> None:
        """Stand in so many columns, from above to below, where the names are short enough."""
        if columns != self._columns:
            self._columns = columns
            self._restyle()

    def set_probabilities(self, probabilities: Sequence[float] | None, message: str = "") -> None:
        """Show one probability a class; None shows empty bars and the message instead."""
        values = None if probabilities is None else tuple(float(p) for p in probabilities)
        if values is not None and len(values) != len(self._labels):
            raise ValueError(f"{len(values)} probabilities for {len(self._labels)} classes")
        if (values, message) == (self._probabilities, self._message):
            return
        self._probabilities, self._message = values, message
        if values is None:
            self.unsetCursor()
        else:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.retranslate()
        self.update()

    def set_name(self, name: str) -> None:
        """What they are called, where more than one stands in a window."""
        self._name = name
        self.setAccessibleName(name)

    def retranslate(self) -> None:
        """Say in the present language what is predicted."""
        self.setAccessibleName(self._name or tr("Prediction"))
        best = self._best()
        if best is None or self._probabilities is None:
            self.setAccessibleDescription(self._message)
        else:
            self.setAccessibleDescription(
                tr(
                    "{label}: {percent:.1f} %",
                    label=self._labels[best],
                    percent=100 * self._probabilities[best],
                )
            )

    def sizeHint(self) -> QSize:
        return QSize(theme.px(240), theme.px(18) * self._rows())

    def minimumSizeHint(self) -> QSize:
        metrics = theme.metrics("body")
        return QSize(theme.px(150), metrics.height() * self._rows())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._labels:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plain = theme.font("body")
        bold = QFont(plain)
        bold.setBold(True)
        metrics = QFontMetrics(bold)
        label_width = min(self._widest(), self.width() // 3)
        number_width = metrics.horizontalAdvance("100.0%")
        left = label_width + theme.px(10)
        thickness = theme.px(10)

        best = self._best()
        middle = Qt.AlignmentFlag.AlignVCenter
        message = self._message if self._probabilities is None else ""
        plate = self._plate(painter, left) if message else QRect()
        for place, index in enumerate(self._shown()):
            label = self._labels[index]
            cell = self.cell(place)
            row = cell.toRect()
            first = index == best
            painter.setFont(bold if first else plain)
            painter.setPen(theme.colors.text if first else theme.colors.label)
            shown = label
            if metrics.horizontalAdvance(label) > label_width:
                shown = metrics.elidedText(label, Qt.TextElideMode.ElideRight, label_width)
            name = QRect(row.left(), row.top(), label_width, row.height())
            if not name.intersects(plate):
                painter.drawText(row, middle | Qt.AlignmentFlag.AlignLeft, shown)
            track = QRectF(0, 0, cell.width() - left - number_width - theme.px(8), thickness)
            track.moveTopLeft(cell.topLeft() + QPointF(left, (cell.height() - thickness) / 2))
            if track.width() >= theme.px(SHORTEST) and not track.intersects(QRectF(plate)):
                self._paint_bar(painter, track, index, first)
            if self._probabilities is not None:
                percent = _percent(self._probabilities[index])
                painter.setPen(theme.colors.text if first else theme.colors.text_muted)
                painter.drawText(row, middle | Qt.AlignmentFlag.AlignRight, percent)
        if message:
            painter.setFont(plain)
            painter.setPen(theme.colors.text_muted)
            painter.drawText(plate, _MESSAGE, ended(message))

    def _paint_bar(self, painter: QPainter, track: QRectF, index: int, first: bool) -> None:
        colors = theme.colors
        radius = theme.px(2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.track)
        painter.drawRoundedRect(track, radius, radius)
        if self._probabilities is None:
            return
        # A sliver stays also where the probability is nil: the bar begins here.
        probability = self._probabilities[index]
        filled = track.width() * probability if math.isfinite(probability) else 0.0
        part = max(filled, theme.px(1.6))
        painter.setBrush(colors.accent if first else colors.track_mark)
        bar = QRectF(track.left(), track.top(), part, track.height())
        painter.drawRoundedRect(bar, min(radius, part / 2), radius)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # otherwise whatever lies behind gets the release

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        places = range(self._count())
        row = next((n for n in places if self.cell(n).contains(event.position())), None)
        inside = self.rect().contains(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or self._probabilities is None or not inside:
            super().mouseReleaseEvent(event)
        elif row is not None:
            self.chosen.emit(self._shown()[row])

    def cell(self, place: int) -> QRectF:
        """Where the name, the bar and the number of the class are that is shown at a place."""
        rows = self._rows()
        column, row = divmod(place, rows)
        columns, gap = -(-self._count() // rows), theme.px(18)
        wide = (self.width() - gap * (columns - 1)) / columns
        high = min(theme.px(28), self.height() / rows)
        return QRectF(column * (wide + gap), row * high, wide, high)

    def _rows(self) -> int:
        """How many bars stand below each other."""
        columns = self._columns if self._widest() <= theme.px(SHORT) else 1
        return max(1, -(-self._count() // columns))

    def _widest(self) -> int:
        bold = theme.font("body")
        bold.setBold(True)
        metrics = QFontMetrics(bold)
        return max(map(metrics.horizontalAdvance, self._labels), default=0)

    def _count(self) -> int:
        """How many bars there are."""
        return len(self._labels) if len(self._labels) <= MANY else MOST

    def _shown(self) -> list[int]:
        """The classes that have a bar, from above."""
        everything, values = range(len(self._labels)), self._probabilities
        if self._count() == len(self._labels):
            return list(everything)
        if values is None or not all(map(math.isfinite, values)):
            return list(everything[:MOST])
        return sorted(everything, key=lambda index: -values[index])[:MOST]

    def _plate(self, painter: QPainter, left: int) -> QRect:
        """Where the message is, whose place no name and no bar takes: behind the names, or across
        all where it is long."""
        beside, pad = QRect(left, 0, self.width() - left, self.height()), theme.px(8)
        message = ended(self._message)
        painter.setFont(theme.font("body"))
        painter.setPen(theme.colors.text_muted)  # without a pen there is nothing to measure
        needed = painter.boundingRect(beside.adjusted(pad, 0, -pad, 0), _MESSAGE, message)
        if needed.height() > beside.height():
            beside = self.rect()
            needed = painter.boundingRect(beside, _MESSAGE, message)
        return QRect(beside.left(), needed.top(), beside.width(), needed.height())

    def _best(self) -> int | None:
        values = self._probabilities
        if not values or not all(map(math.isfinite, values)):
            return None
        return max(range(len(values)), key=values.__getitem__)

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()


def _percent(probability: float) -> str:
    """With one decimal; a network whose weights are spoilt predicts nothing."""
    return f"{100 * probability:.1f}%" if math.isfinite(probability) else "–"
