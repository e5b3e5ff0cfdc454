"""A column of summands that can be chosen, and below it what they add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QFrame,
    QGridLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui.i18n import language, tr
from ui.theme import theme
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent


class Line(Struct, frozen=True):
    """A number of a sum, as it is shown, what it is, and for a tool tip what that means."""

    words: str
    number: str
    help: str = ""


class _Rows(QAbstractScrollArea):
    """The summands; one is chosen."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[Line, ...] = ()
        self._current = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        theme.changed.connect(self._measure)

    def set_lines(self, lines: Sequence[Line], current: int) -> None:
        count = len(self._lines)
        self._lines = tuple(lines)
        if current != self._current or len(lines) != count:
            self._current = current
            self._measure()
            self._reveal()
        self.viewport().update()

    def pitch(self) -> int:
        """From one line to the next."""
        return QFontMetrics(theme.font("body")).height() + theme.px(3)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(150), self.pitch() * max(len(self._lines), 1))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(90), self.pitch() * min(max(len(self._lines), 1), 2))

    def _measure(self) -> None:
        self.setMaximumHeight(self.sizeHint().height())
        self.updateGeometry()
        self._set_bar()
        self.viewport().update()

    def _set_bar(self) -> None:
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self.pitch() * len(self._lines) - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(self.pitch())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        rest = self.height() % self.pitch() if self.height() >= self.pitch() else 0
        self.setViewportMargins(0, 0, 0, rest)  # no line is cut in half
        self._set_bar()
        self._reveal()

    def _reveal(self) -> None:
        top, bar, pitch = self._current * self.pitch(), self.verticalScrollBar(), self.pitch()
        if top < bar.value():
            bar.setValue(top)
        elif top + pitch > bar.value() + self.viewport().height():
            bar.setValue(top + pitch - self.viewport().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        pitch, colors, width = self.pitch(), theme.colors, self.viewport().width()
        offset = self.verticalScrollBar().value()
        first, last = offset // pitch, (offset + self.viewport().height()) // pitch + 1
        pad = theme.px(6)
        many = len(self._lines) > 1
        for index in range(first, min(last, len(self._lines))):
            place = QRect(0, index * pitch - offset, width, pitch)
            if many and index == self._current:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(colors.accent_soft))
                painter.drawRoundedRect(place.adjusted(0, 0, -1, -1), theme.px(4), theme.px(4))
                if self.hasFocus():
                    painter.setPen(QColor(colors.accent))
                    painter.drawRoundedRect(place.adjusted(0, 0, -1, -1), theme.px(4), theme.px(4))
            inner, line = place.adjusted(pad, 0, -pad, 0), self._lines[index]
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.setFont(theme.font("caption"))
            painter.setPen(
                QColor(colors.accent_ink if many and index == self._current else colors.text_muted)
            )
            painter.drawText(inner, middle | Qt.AlignmentFlag.AlignLeft, line.words)
            painter.setFont(theme.font("body"))
            painter.setPen(QColor(colors.text))
            painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, line.number)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose((event.position().toPoint() + QPoint(0, self.verticalScrollBar().value())).y())

    def _choose(self, y: int) -> None:
        index = y // self.pitch()
        if 0 <= index < len(self._lines):
            self.chosen.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        index = self._current + step
        if 0 <= index < len(self._lines):
            self.chosen.emit(index)


class SumList(QWidget):
    """Summands that can be chosen, further ones below them, the total, and a remark."""

    chosen = Signal(int)
    """The summand that was chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = _Rows()
        self.rows.chosen.connect(self.chosen)
        self.rows.verticalScrollBar().rangeChanged.connect(self._restyle)
        self._more = [(Label("", "caption"), Label()) for _ in range(2)]
        self._total, self._remark = Label("", "title"), Label("", "caption")
        self._sum = ""
        self._remark.setWordWrap(True)
        self._remark.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._line = QFrame()
        self._line.setFrameShape(QFrame.Shape.HLine)
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        for index, (words, number) in enumerate(self._more):
            self._grid.addWidget(words, index, 0)
            self._grid.addWidget(number, index, 1, Qt.AlignmentFlag.AlignRight)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(self.rows, 1000)
        column.addLayout(self._grid)
        column.addWidget(self._line)
        column.addWidget(self._total, alignment=Qt.AlignmentFlag.AlignRight)
        column.addWidget(self._remark)
        column.addStretch(1)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def set_sum(
        self, lines: Sequence[Line], current: int, more: Sequence[Line], total: str, remark: str
    ) -> None:
        """Show a sum; `more` are at most two further summands, such as the bias."""
        self.rows.set_lines(lines, current)
        for index, (words, number) in enumerate(self._more):
            given = index < len(more)
            words.setVisible(given)
            number.setVisible(given)
            if given:
                words.setText(more[index].words)
                number.setText(more[index].number)
                words.setToolTip(more[index].help)
                number.setToolTip(more[index].help)
        self._sum = total
        self._remark.setText(remark)
        self._fit()
        said = [f"{line.words}: {line.number}" for line in (*lines[:50], *more)]
        self.rows.setAccessibleDescription("\n".join(said))
        self.setAccessibleDescription("\n".join([*said, f"= {total}", remark]))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where it is low, the remark stands in the tool tip of the total, and no number is cut.

        The ✓ of a remark stands behind the total then.
        """
        spaces = [row.sizeHint().height() for pair in self._more for row in pair[1:]
                  if not row.isHidden()]  # fmt: skip
        needed = self.rows.minimumSizeHint().height() + sum(spaces)
        needed += self._total.sizeHint().height() + self._line.sizeHint().height()
        needed += max(0, self._remark.heightForWidth(self.width())) + len(spaces) * theme.px(1)
        fits = needed <= self.height()
        self._remark.setVisible(fits)
        remark = "" if fits else self._remark.text()
        marked = f"{self._sum} ✓"
        room = self.width() - self._total.contentsMargins().right()
        seen = "✓" in remark and self._total.fontMetrics().horizontalAdvance(marked) <= room
        self._total.setText(marked if seen else self._sum)
        self._total.setToolTip(remark)

    def set_remark_help(self, words: str) -> None:
        """What the remark means, as a tool tip."""
        self._remark.setToolTip(words)

    def total(self) -> str:
        """The total as it is shown."""
        return self._sum

    def remark(self) -> str:
        """The remark below it."""
        return self._remark.text()

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.setAccessibleName(tr("Sum"))
        self.rows.setAccessibleName(tr("Summands"))

    def _restyle(self) -> None:
        pad, bar = theme.px(6), self.rows.verticalScrollBar()
        beside = pad + (bar.sizeHint().width() if bar.maximum() else 0)  # numbers below each other
        self._grid.setContentsMargins(pad, 0, beside, 0)
        self._grid.setVerticalSpacing(theme.px(1))
        for widget in (self._total, self._remark):
            widget.setContentsMargins(0, 0, beside, 0)
