"""Two inputs, two layers, or weights of two steps side by side, and their difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from ui.beside.side import Side
from ui.colors import natural_limit
from ui.grid_export import GridExport
from ui.i18n import language, together, tr
from ui.inspector.reading import waiting
from ui.numerals import significant
from ui.theme import theme
from ui.widgets import screen_room
from ui.widgets.buttons import Button
from ui.widgets.color_scale import ColorScale
from ui.widgets.labels import Label
from ui.widgets.map_grid import MapGrid

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QHideEvent, QShowEvent

    from ui.engine_client import EngineClient
    from ui.session import Session

_WIDTH, _HEIGHT = 1240, 660


class BesideWindow(QDialog):
    """A window beside the main one; it follows the pen, a run, and every edit."""

    def __init__(self, session: Session, engine: EngineClient, parent: QWidget | None = None):
        super().__init__(parent)
        self._session, self._engine = session, engine
        self._kept: NDArray[np.uint8] | None = None
        self._selection = session.selection
        self.left, self.right = (Side(f"beside {n}", session, engine) for n in (1, 2))
        self.difference, self._apart = MapGrid(), Label("", "muted")
        self._apart.setWordWrap(True)
        self._apart.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._between, self.reading = Label("", "heading"), Label()
        self._hint = Label("", "muted")
        self._hint.setWordWrap(True)
        self._difference_words, self._maps_words = Label("", "caption"), Label("", "caption")
        self.difference_scale, self.scale = ColorScale(), ColorScale()
        self.keep_button, self._close = Button(icon="image"), Button()
        self.keep_button.clicked.connect(self.keep)
        self._close.clicked.connect(self.close)
        self._lay_out()
        for side in (self.left, self.right):
            side.edited.connect(self._ask)
            side.question.answered.connect(self._show)
        self.exports = [
            GridExport(self.left.grid, self.left.title, self),
            GridExport(self.right.grid, self.right.title, self),
            GridExport(self.difference, self.difference.accessibleName, self),
        ]
        for grid in (self.left.grid, self.right.grid, self.difference):
            grid.hovered.connect(self._point)
            grid.left.connect(self._leave)
        engine.probed.connect(self._follow)
        session.changed.connect(self._follow)
        session.runs.changed.connect(self._follow)
        session.runs.grown.connect(self._follow)
        session.selection_changed.connect(self._follow_selection)
        language.changed.connect(self.retranslate)
        self.retranslate()
        room = screen_room.of(self)
        self.resize(min(theme.px(_WIDTH), room.width()), min(theme.px(_HEIGHT), room.height()))

    @property
    def kept(self) -> NDArray[np.uint8] | None:
        """The input that was put aside."""
        return self._kept

    def keep(self) -> None:
        """Put the present input aside, to be compared with what comes after it."""
        self._kept = self._engine.input_image.copy()
        self.left.refresh(kept=True)
        self.left.input.set_value("kept")
        if self.isVisible():
            self._ask()

    def finish(self) -> None:
        """The program ends: wait for what is being written."""
        for export in self.exports:
            export.finish()

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.setWindowTitle(tr("Side by side"))
        self._between.setText(tr("Difference, right − left"))
        self.difference.setAccessibleName(tr("Difference, right − left"))
        for side, words in ((self.left, tr("Left")), (self.right, tr("Right"))):
            side.setAccessibleName(words)
            side.retranslate()
        self._maps_words.setText(tr("Both sides"))
        self._difference_words.setText(tr("Difference"))
        self.keep_button.setText(tr("Keep this input to compare"))
        self._close.setText(tr("Close"))
        if self.isVisible():
            self._ask()

    # --- making -------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        middle = QWidget()
        self._middle = QStackedLayout(middle)
        self._middle.addWidget(self.difference)
        self._middle.addWidget(self._apart)
        self._above, self._below = QWidget(), QWidget()
        above, below = QVBoxLayout(self._above), QVBoxLayout(self._below)
        above.addWidget(self._between)
        above.addWidget(self._hint)
        above.addStretch()
        below.addWidget(self.reading)
        below.addStretch()
        for words, scale in (
            (self._maps_words, self.scale),
            (self._difference_words, self.difference_scale),
        ):
            below.addWidget(words)
            below.addWidget(scale)
        between = QVBoxLayout()
        between.setSpacing(0)
        for part in (above, below):
            part.setContentsMargins(0, 0, 0, 0)
        between.addWidget(self._above)
        between.addWidget(middle, 1)
        between.addWidget(self._below)
        row = QHBoxLayout()
        row.setSpacing(theme.px(18))
        row.addWidget(self.left, 1)
        row.addLayout(between, 1)
        row.addWidget(self.right, 1)
        buttons = QDialogButtonBox()
        buttons.addButton(self.keep_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self._close, QDialogButtonBox.ButtonRole.RejectRole)
        column = QVBoxLayout(self)
        column.addLayout(row, 1)
        self.left.holder.installEventFilter(self)
        column.addWidget(buttons)

    def _level(self) -> None:
        """Let the difference lie beside the maps of the sides, so that its tiles are as large."""
        above, below = self.left.around()
        self._above.setMinimumHeight(above)
        self._below.setMinimumHeight(below)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.left.holder and event.type() in {QEvent.Type.Resize, QEvent.Type.Move}:
            self._level()
        return super().eventFilter(watched, event)

    # --- following ----------------------------------------------------------------------------

    def _follow(self, _: object = None) -> None:
        if self.isVisible():
            self._ask()

    def _follow_selection(self) -> None:
        """A side that shows what was selected shows what is selected now."""
        before, self._selection = self._selection, self._session.selection
        for side in (self.left, self.right):
            if side.layer.value() == before:
                side.layer.set_value(self._selection)
        self._follow()

    def _ask(self) -> None:
        for side in (self.left, self.right):
            side.refresh(kept=self._kept is not None)
        sentence = waiting(self._session, self._engine)
        if not sentence:
            for side in (self.left, self.right):
                side.ask(self._engine.input_image, self._kept)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        for side in (self.left, self.right):
            side.question.rest()
        self._engine.take_back()

    # --- showing ------------------------------------------------------------------------------

    def _show(self) -> None:
        self._hint.setText(self._advice())
        self._hint.setVisible(bool(self._hint.text()))
        sentence = waiting(self._session, self._engine)
        both = [side.maps for side in (self.left, self.right)]
        there = [values for values in both if values is not None]
        limit = max((natural_limit(values) for values in there), default=1.0)
        for side, values in zip((self.left, self.right), both, strict=True):
            if sentence or values is None:
                on_the_way = tr("The values are on their way.")
                side.show_message(sentence or side.question.note or on_the_way)
            else:
                side.show_maps(limit)
        all_grey = self.left.grey and self.right.grey
        self.scale.set_range(limit if there and not sentence else None, grey=all_grey)
        self._show_difference(both[0], both[1], sentence)

    def _show_difference(
        self,
        left: NDArray[np.float32] | None,
        right: NDArray[np.float32] | None,
        sentence: str,
    ) -> None:
        self._middle.setCurrentWidget(self._apart)
        self.difference_scale.set_range(None)
        if sentence or left is None or right is None:
            self._apart.setText("")
        elif self.left.shape != self.right.shape:
            self._apart.setText(
                tr(
                    "The maps have different shapes, {left} and {right}: they have no difference.",
                    left=self.left.shape,
                    right=self.right.shape,
                )
            )
        elif np.array_equal(left, right):
            self._apart.setText(
                tr("Both sides are the same. Choose another input, weights or layer.")
            )
        else:
            values = right - left
            limit = natural_limit(values)
            self.difference.set_maps(values, limit)
            self.difference_scale.set_range(limit)
            self._middle.setCurrentWidget(self.difference)

    def _advice(self) -> str:
        """What can be done to have more to choose from."""
        said = []
        if self._kept is None:
            said.append(tr("Keep an input to compare it with what you draw next."))
        if self.left.run.count() < 2:
            said.append(tr("Train, and the steps of the run can be chosen as weights."))
        return together(said)

    # --- one value ----------------------------------------------------------------------------

    def _point(self, number: int, row: int, column: int, _value: float) -> None:
        """Mark a place on both sides, and read it where both have it."""
        said = []
        for side in (self.left, self.right):
            side.grid.set_spot((row, column))
            maps = side.maps
            if maps is not None and number < len(maps) and row < maps.shape[1]:
                inside = column < maps.shape[2]
                said.append(significant(float(maps[number, row, column]), 4) if inside else "–")
            else:
                said.append("–")
        self.difference.set_spot((row, column))
        self.reading.setText(
            tr(
                "Map {map}, row {row}, column {column}: left {left}, right {right}",
                map=number,
                row=row,
                column=column,
                left=said[0],
                right=said[1],
            )
        )

    def _leave(self) -> None:
        for grid in (self.left.grid, self.right.grid, self.difference):
            grid.set_spot(None)
        self.reading.setText("")
