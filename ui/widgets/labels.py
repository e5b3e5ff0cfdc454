"""Text in one of the few looks that the window has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QTextLayout
from PySide6.QtWidgets import QLabel, QSizePolicy

from ui.widgets.line_ends import JOINER, ended, halves, numbered
from ui.widgets.style import set_property

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QWidget

LabelRole = Literal[
    "body", "caption", "muted", "label", "heading", "number", "title", "danger", "warning", "ok"
]


class Label(QLabel):
    """A label whose look follows its role and the theme."""

    def __init__(
        self, text: str = "", role: LabelRole = "body", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._words = ""
        Label.setText(self, text)
        self.setProperty("role", role)

    def text(self) -> str:
        """What it says, as it was given."""
        return self._words

    def setText(self, text: str) -> None:
        """Say something else; no paragraph ends with one Chinese character on its last line."""
        self._words = text
        super().setText(ended(text) if self.wordWrap() else text)

    def clear(self) -> None:
        """Say nothing."""
        Label.setText(self, "")

    def setWordWrap(self, on: bool) -> None:
        super().setWordWrap(on)
        Label.setText(self, self._words)

    def set_role(self, role: LabelRole) -> None:
        """Change the look."""
        set_property(self, "role", role)

    # A QLabel remembers its size hint with the least size that it had then.

    def setMinimumWidth(self, width: int) -> None:
        if width == self.minimumWidth():
            return
        super().setMinimumWidth(width)
        self._measure_anew()

    def setMinimumHeight(self, height: int) -> None:
        if height == self.minimumHeight():
            return
        super().setMinimumHeight(height)
        self._measure_anew()

    def _measure_anew(self) -> None:
        text = QLabel.text(self)
        QLabel.clear(self)
        QLabel.setText(self, text)


class ShortLabel(Label):
    """One line or a few; the last ends in … where the text is too long, and the tool tip has all
    of it.

    A number must not be behind the …: of what has numbers there are wordings to `choose` from.
    """

    def __init__(
        self,
        text: str = "",
        role: LabelRole = "body",
        parent: QWidget | None = None,
        *,
        lines: int = 1,
    ) -> None:
        super().__init__(text, role, parent)
        self._most = lines
        self._shorter: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def choose(self, text: str, *shorter: str) -> None:
        """A text, and what it is shortened to, word by word, where there is no room for it."""
        if (text, shorter) != (self.text(), self._shorter):
            self._shorter = shorter
            super().setText(text)
            self.update()

    def setText(self, text: str) -> None:
        self.choose(text)

    def broken(self, width: int, text: str | None = None) -> list[str]:
        """The lines of its text, or of another one, in a room of so many pixels."""
        wordings = (self.text(), *self._shorter) if text is None else (text,)
        return self._fitting(width, wordings)[0]

    @property
    def is_cut(self) -> bool:
        """Whether there is more to the shortest wording than is seen."""
        return self._seen()[1]

    @property
    def lines(self) -> list[str]:
        """What is seen now."""
        lines, cut = self._seen()
        return self._ended(lines) if cut else lines

    def _seen(self) -> tuple[list[str], bool]:
        return self._fitting(self.contentsRect().width(), (self.text(), *self._shorter))

    def _fitting(self, width: int, wordings: Sequence[str]) -> tuple[list[str], bool]:
        """The lines of the longest wording that fits, and whether even the shortest is too long."""
        metrics, lines = self.fontMetrics(), list[str]()
        for text in wordings:
            lines = self._broken(width, text)
            if all(metrics.horizontalAdvance(line) <= width for line in lines):
                return lines, False  # else a word is longer than a line, or there are too many
        return lines, True

    def _ended(self, lines: Sequence[str]) -> list[str]:
        metrics, width = self.fontMetrics(), self.contentsRect().width()
        return [metrics.elidedText(line, Qt.TextElideMode.ElideRight, width) for line in lines]

    def _broken(self, width: int, text: str) -> list[str]:
        lines = list[str]()
        whole = numbered(text)
        layout, rest = QTextLayout(whole, self.font()), text
        layout.beginLayout()
        while len(lines) < self._most - 1 and (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            start, end = line.textStart(), line.textStart() + line.textLength()
            start, end = (at - whole.count(JOINER, 0, at) for at in (start, end))
            lines.append(text[start:end].strip())
            rest = text[end:]
        layout.endLayout()
        lines = [*lines, rest] if rest else lines
        if len(lines) == 2:
            metrics = self.fontMetrics()
            better = halves(text, lambda line: metrics.horizontalAdvance(line) <= width)
            lines = list(better or lines)
        return lines

    def paintEvent(self, event: QPaintEvent) -> None:
        room = self.contentsRect()
        lines, cut = self._seen()
        whole = not cut and lines == self._broken(room.width(), self.text())
        self.setToolTip("" if whole else self.text())
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(room, self.alignment(), "\n".join(self._ended(lines) if cut else lines))
