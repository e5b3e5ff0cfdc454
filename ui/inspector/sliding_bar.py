"""The line below the sliding picture: its steps, its speed, and what is seen in words."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.i18n import language, tr
from ui.theme import theme
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from ui.inspector.sliding_actions import SlidingActions

MILLISECONDS = 250
"""For a position of the window, at the usual speed."""
_LINES, _LEAST_WORDS = 2, 100


class SlidingBar(QWidget):
    """Buttons for the actions, and two lines of words."""

    beat = Signal(int)
    """While it plays: it is time for the next position, which may take so many milliseconds."""

    def __init__(self, actions: SlidingActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._go_on)
        self._back, self._play = IconButton("step_back", quiet=True), IconButton("play", quiet=True)
        self._forward = IconButton("step", quiet=True)
        self._speed = Button(actions.speeds.words, quiet=True)
        self._speed.setMenu(actions.speeds)
        actions.speeds.changed.connect(lambda: self._speed.setText(actions.speeds.words))
        self._said = "", ""
        self.words = Label("", "caption")
        self.words.setWordWrap(True)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._buttons = (self._back, self._play, self._forward, self._speed)
        for button in self._buttons:
            self._row.addWidget(button)
        self._row.addWidget(self.words, 1)
        self._back.clicked.connect(actions.back.trigger)
        self._play.clicked.connect(actions.play.trigger)
        self._forward.clicked.connect(actions.forward.trigger)
        actions.play.toggled.connect(self._run)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    @property
    def playing(self) -> bool:
        """Whether the window slides by itself."""
        return self._timer.isActive()

    def say(self, words: str, shorter: str = "") -> None:
        """Show so many of the lines as there is room for, or instead of a first line that is too
        long the shorter one; the tool tip has all of them."""
        self._said = words, shorter
        metrics, room = self.words.fontMetrics(), self.words.contentsRect()
        flags, most = int(Qt.TextFlag.TextWordWrap), _LINES * metrics.lineSpacing()
        lines = words.split("\n")
        shown = ["\n".join(lines[:count]) for count in range(len(lines), 0, -1)]

        def fits(text: str) -> bool:
            needed = metrics.boundingRect(0, 0, room.width(), 10_000, flags, text)
            return needed.height() <= max(room.height(), most)

        found = filter(fits, shown) if room.width() > 0 else iter(shown)
        self.words.setText(next(found, shorter or shown[-1]))
        self.words.setToolTip(words)

    def retranslate(self) -> None:
        """Say everything in the present language."""
        for button, action in (
            (self._back, self._actions.back),
            (self._play, self._actions.play),
            (self._forward, self._actions.forward),
        ):
            button.set_tip(action.text(), action.shortcut())
        self._speed.setAccessibleName(tr("Speed"))
        self._speed.setToolTip(tr("Speed of sliding"))

    def _run(self, on: bool) -> None:
        self._play.set_icon("pause" if on else "play")
        if on:
            self._go_on()
            self._timer.start()
        else:
            self._timer.stop()

    def _go_on(self) -> None:
        pause = round(MILLISECONDS / self._actions.speeds.factor)
        self._timer.setInterval(pause)
        self.beat.emit(pause)

    def _restyle(self) -> None:
        self._row.setSpacing(theme.px(2))
        line = ceil(QFontMetricsF(theme.font("caption")).lineSpacing())  # as a label reckons
        self.words.setFixedHeight(_LINES * line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # A sentence with a few letters a line would be cut off, and is not read.
        buttons = sum(button.sizeHint().width() for button in self._buttons)
        self.words.setVisible(self.width() - buttons >= theme.px(_LEAST_WORDS))
        self.say(*self._said)
