"""The line below one value's arithmetic: sliding, its place, and ways to take the numbers along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from ui.i18n import language, tr
from ui.theme import theme
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import Label
from ui.widgets.number_fields import IntField
from ui.widgets.tabs import PillTabs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.inspector.pixel_actions import PixelActions

SPEEDS = (0.5, 1.0, 2.0, 4.0)


class PixelBar(QWidget):
    """Buttons for the actions, the speed, fields for the place, and the switch of the view."""

    place_edited = Signal(int, int)
    """Which of the numbers of the place, and its new value."""
    view_chosen = Signal(str)
    """"window" or "matrices"."""

    def __init__(self, actions: PixelActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.speed = 1.0
        self._slide, self._step = Button(icon="play"), IconButton("step")
        self._speed = Button()
        self._speeds = QMenu(self)
        group = QActionGroup(self)
        for factor in SPEEDS:
            action = self._speeds.addAction(_times(factor))
            action.setCheckable(True)
            action.setChecked(factor == self.speed)
            group.addAction(action)
            action.triggered.connect(lambda _=False, factor=factor: self._set_speed(factor))
        self._speed.setMenu(self._speeds)
        self._labels = [Label("", "caption") for _ in range(3)]
        self.fields = [IntField() for _ in range(3)]
        self.views = PillTabs()
        self._copy, self._save = IconButton("duplicate"), IconButton("save")
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._slide)
        self._row.addWidget(self._step)
        self._row.addWidget(self._speed)
        self._row.addSpacing(theme.px(10))
        for index, (label, field) in enumerate(zip(self._labels, self.fields, strict=True)):
            self._row.addWidget(label)
            self._row.addWidget(field)
            field.edited.connect(lambda value, index=index: self._edited(index, value))
        self._row.addStretch(1)
        for widget in (self.views, self._copy, self._save):
            self._row.addWidget(widget)
        self._slide.clicked.connect(actions.slide.trigger)
        self._step.clicked.connect(actions.step.trigger)
        self._copy.clicked.connect(actions.copy.trigger)
        self._save.clicked.connect(actions.save.trigger)
        actions.slide.toggled.connect(self._show_sliding)
        self.views.selected.connect(self.view_chosen)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def show_place(self, place: Sequence[int], size: Sequence[int]) -> None:
        """Show where the value is: (map, row, column) or (index,), of so many."""
        vector = len(place) == 1
        for index, (label, field) in enumerate(zip(self._labels, self.fields, strict=True)):
            given = index < len(place)
            label.setVisible(given)
            field.setVisible(given)
            if given:
                field.set_range(0, size[index] - 1)
                field.set_value(place[index])
        self._labels[0].setText(tr("Value") if vector else tr("Map"))
        self.fields[0].setAccessibleName(self._labels[0].text())

    def show_views(self, given: bool) -> None:
        """Whether there is another view than the window."""
        self.views.setVisible(given)

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self._labels[1].setText(tr("Row"))
        self._labels[2].setText(tr("Column"))
        for label, field in zip(self._labels[1:], self.fields[1:], strict=True):
            field.setAccessibleName(label.text())
        self.views.set_tabs([("window", tr("Window")), ("matrices", tr("Matrices"))])
        self.views.setAccessibleName(tr("View of the convolution"))
        self.views.setToolTip(
            tr("The window with its kernel, or all patches and filters as two matrices (im2col)")
        )
        self._speed.setAccessibleName(tr("Speed"))
        self._speed.setToolTip(tr("Speed of sliding"))
        for button, action in (
            (self._step, self._actions.step),
            (self._copy, self._actions.copy),
            (self._save, self._actions.save),
        ):
            button.set_tip(action.text(), action.shortcut())
        self._show_sliding(self._actions.slide.isChecked())
        self._set_speed(self.speed)

    def _show_sliding(self, sliding: bool) -> None:
        self._slide.set_icon("pause" if sliding else "play")
        self._slide.setText(tr("Pause") if sliding else tr("Slide"))
        keys = self._actions.slide.shortcut()
        words = self._actions.slide.text()
        shown = keys.toString(QKeySequence.SequenceFormat.NativeText)
        self._slide.setToolTip(tr("{action} ({keys})", action=words, keys=shown))

    def _set_speed(self, factor: float) -> None:
        self.speed = factor
        self._speed.setText(_times(factor))

    def _edited(self, index: int, value: object) -> None:
        if isinstance(value, int):
            self.place_edited.emit(index, value)

    def _restyle(self) -> None:
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.px(6))
        for field in self.fields:
            field.setFixedWidth(theme.px(62))


def _times(factor: float) -> str:
    return f"{factor:g}×"
