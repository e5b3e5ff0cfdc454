"""The grey square of occlusion: where it is, and how probable the class is with it there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.i18n import language, tr
from ui.theme import theme
from ui.widgets.bars import PredictionBars
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import ShortLabel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QAction, QHideEvent

    from cnnviz.engine.protocol import Explained

MILLISECONDS = 60
"""How long the square stays at a place."""


class Square(NamedTuple):
    """Where it is, in pixels, and the probability of the class with it there."""

    top: int
    left: int
    side: int
    share: float

    @property
    def rows(self) -> range:
        """The rows that it covers."""
        return range(self.top, self.top + self.side)

    @property
    def columns(self) -> range:
        """The columns that it covers."""
        return range(self.left, self.left + self.side)


class SquareBar(QWidget):
    """Play, a bar that moves with the square, and where that is. While it is tried out, the square
    is where it was last, and trying can be stopped; afterwards it is where somebody points, or
    slides over all its places, row by row."""

    moved = Signal()
    """The square is elsewhere."""
    stop_wanted = Signal(bool)
    """Stop trying out; False: begin again."""

    def __init__(self, slide: QAction, parent: QWidget | None = None) -> None:
        """slide: the action that lets it slide."""
        super().__init__(parent)
        self._slide = slide
        self._answer: Explained | None = None
        self._order: list[int] = []
        """Its places in the order of reading; the coarse ones are tried first."""
        self._stopped = False
        self._name = ""
        self._bare = 0.0
        self._pointed: tuple[int, int] | None = None
        self._at = 0
        self._timer = QTimer(self)
        self._timer.setInterval(MILLISECONDS)
        self._timer.timeout.connect(self._next)
        self.play = IconButton("play", quiet=True)
        self.play.setCheckable(True)
        self.play.clicked.connect(slide.trigger)
        self.bar, self.words = PredictionBars(), ShortLabel("", "caption")
        self.stop = Button(quiet=True)
        self.stop.clicked.connect(lambda: self.stop_wanted.emit(not self._stopped))
        self.bar.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.play)
        self._row.addWidget(self.bar, 1)
        self._row.addWidget(self.words, 1)
        self._row.addWidget(self.stop)
        slide.toggled.connect(self._play)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self.hide()
        self._restyle()
        self.retranslate()

    @property
    def square(self) -> Square | None:
        """Where the square is now; None where it is nowhere."""
        answer = self._answer
        if answer is None or not answer.shares:
            return None
        if self._busy:
            return _square(answer, len(answer.shares) - 1)
        if self._slide.isChecked():
            return _square(answer, self._order[min(self._at, len(self._order) - 1)])
        if self._pointed is None:
            return None
        return _square(answer, _nearest(answer, self._pointed))

    @property
    def sliding(self) -> bool:
        """Whether it slides by itself."""
        return self._slide.isChecked()

    def slide(self) -> None:
        """Let it slide once over all its places."""
        self._slide.setChecked(True)

    @property
    def _busy(self) -> bool:
        """Whether more places are on their way."""
        return self._answer is not None and self._answer.done < 1 and not self._stopped

    def show_answer(
        self, answer: Explained | None, name: str, bare: float, *, stopped: bool = False
    ) -> None:
        """What occlusion has found by now; None where another method is chosen.

        name: of the explained class. bare: its probability without a square. stopped: nothing
        more is tried out.
        """
        self._answer = found = answer if answer is not None and answer.shares else None
        self._name, self._bare, self._stopped = name, bare, stopped
        if found is not None:
            places = list(zip(found.tops, found.lefts, strict=True))
            self._order = sorted(range(len(places)), key=places.__getitem__)
        if found is None or self._busy:
            self._slide.setChecked(False)
        self.setVisible(self._answer is not None)
        self._show()

    def point_at(self, cell: tuple[int, int] | None) -> None:
        """Put the square over this pixel; None takes it away."""
        if cell == self._pointed:
            return
        self._pointed = cell
        if cell is not None:
            self._slide.setChecked(False)
        self._show()
        self.moved.emit()

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.play.set_tip(tr("Let the grey square slide"), self._slide.shortcut())
        self._show()

    def _show(self) -> None:
        if self._answer is None:
            return
        self.play.setEnabled(not self._busy)
        self.stop.setVisible(self._answer.done < 1)
        self.stop.setText(tr("Begin again") if self._stopped else tr("Stop"))
        square = self.square
        self.bar.set_labels((tr("Class {name}", name=self._name),))
        self.bar.set_probabilities((self._bare if square is None else square.share,))
        without = tr("{percent:.1f} % without the square", percent=100 * self._bare)
        if square is None:
            self.words.setText(tr("Point at a place to put the square there"))
        else:
            rows = f"{square.rows[0]}–{square.rows[-1]}"
            columns = f"{square.columns[0]}–{square.columns[-1]}"
            place = tr("rows {rows}, columns {columns}", rows=rows, columns=columns)
            whole = tr("{place}; {without}", place=place, without=without)
            self.words.choose(whole, place, f"{rows}, {columns}")
        self.bar.setAccessibleDescription(
            f"{self.bar.accessibleDescription()}; {self.words.text()}"
        )

    def _play(self, on: bool) -> None:
        self.play.setChecked(on)
        self.play.set_icon("pause" if on else "play")
        self._at = 0
        if on:
            self._timer.start()
        else:
            self._timer.stop()
        self._show()
        self.moved.emit()

    def _next(self) -> None:
        self._at += 1
        if self._answer is None or self._at >= len(self._order):
            self._slide.setChecked(False)
            return
        self._show()
        self.moved.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._slide.setChecked(False)

    def _restyle(self) -> None:
        self._row.setSpacing(theme.px(8))
        self.bar.setFixedHeight(theme.px(22))


def _square(answer: Explained, index: int) -> Square:
    return Square(answer.tops[index], answer.lefts[index], answer.side, answer.shares[index])


def _nearest(answer: Explained, cell: tuple[int, int]) -> int:
    """The square whose middle is nearest to a pixel."""
    half = (answer.side - 1) / 2
    places: Sequence[tuple[int, int]] = list(zip(answer.tops, answer.lefts, strict=True))

    def far(index: int) -> float:
        top, left = places[index]
        return (top + half - cell[0]) ** 2 + (left + half - cell[1]) ** 2

    return min(range(len(places)), key=far)
