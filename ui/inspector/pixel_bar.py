"""The line below one value's arithmetic: sliding, its place, and ways to take the numbers along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.i18n import language, tr
from ui.theme import theme
from ui.widgets.buttons import Button, IconButton
from ui.widgets.fields import ChoiceField
from ui.widgets.labels import Label
from ui.widgets.number_fields import IntField
from ui.widgets.tabs import PillTabs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

    from ui.inspector.pixel_actions import PixelActions

MOST_FIELDS = 4


class PixelBar(QWidget):
    """Buttons for the actions, the speed, fields for the place, and the switch of the view."""

    place_edited = Signal(int, int)
    """Which of the numbers of the place, and its new value."""
    view_chosen = Signal(str)
    """The key of a tab."""

    def __init__(self, actions: PixelActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._names: tuple[str, ...] = ()
        self._slide, self._step = Button(icon="play"), IconButton("step")
        self._speed = Button(actions.speeds.words)
        self._speed.setMenu(actions.speeds)
        actions.speeds.changed.connect(lambda: self._speed.setText(actions.speeds.words))
        self._labels = [Label("", "caption") for _ in range(MOST_FIELDS)]
        self.fields = [IntField() for _ in range(MOST_FIELDS)]
        self.views, self.listed_views = PillTabs(), ChoiceField()
        self._several_views = True
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
        for widget in (self.views, self.listed_views, self._copy, self._save):
            self._row.addWidget(widget)
        self.listed_views.hide()
        self._slide.clicked.connect(actions.slide.trigger)
        self._step.clicked.connect(actions.step.trigger)
        self._copy.clicked.connect(actions.copy.trigger)
        self._save.clicked.connect(actions.save.trigger)
        actions.slide.toggled.connect(self._show_sliding)
        self.views.selected.connect(self._choose_view)
        self.listed_views.edited.connect(self._choose_view)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    @property
    def speed(self) -> float:
        """So many times as fast as usual."""
        return self._actions.speeds.factor

    def show_place(
        self, place: Sequence[int], size: Sequence[int], names: Sequence[str] = ()
    ) -> None:
        """Show where the value is, of so many: (map, row, column), (index,) or as `names` say."""
        self._names = tuple(names) or _names(len(place))
        for index, (label, field) in enumerate(zip(self._labels, self.fields, strict=True)):
            given = index < len(place)
            label.setVisible(given)
            field.setVisible(given)
            if given:
                field.set_range(0, size[index] - 1)
                field.set_value(place[index])
                label.setText(self._names[index])
                field.setAccessibleName(self._names[index])
                field.set_help(self._names[index])
        self._fit()

    def set_views(self, tabs: Sequence[tuple[str, str]], name: str, help_text: str = "") -> None:
        """The views that there are, by key and title, and what a choice of them is called."""
        self.views.set_tabs(tabs)
        self.views.setAccessibleName(name)
        self.views.setToolTip(help_text)
        self.listed_views.set_choices(tabs)
        self.listed_views.setAccessibleName(name)
        self.listed_views.set_help(help_text or name)
        self.show_view(self.views.current())

    def show_view(self, key: str) -> None:
        """Show which view is on show. Never emits."""
        self.views.set_current(key)
        self.listed_views.set_value(key)

    def show_views(self, given: bool) -> None:
        """Whether there is another view than the window."""
        self._several_views = given
        self._fit()

    def _fit(self) -> None:
        """Where there is little room the speed goes first, and then the words before the fields,
        which their tool tips and screen readers say as well. Views that do not find room as tabs
        then are a list."""
        given = [not field.isHidden() for field in self.fields]
        shown = [field for field, there in zip(self.fields, given, strict=True) if there]
        words = [label for label, there in zip(self._labels, given, strict=True) if there]
        fixed = [self._slide, self._step, self._copy, self._save, *shown]
        listed = False
        if self._several_views:
            beside = sum(widget.sizeHint().width() + self._row.spacing() for widget in fixed)
            left = self.width() - beside - theme.px(10)
            listed = not self.views.fits(left)
            self.views.yield_to(left)
            fixed.append(self.listed_views if listed else self.views)
        self.views.setVisible(self._several_views and not listed)
        self.listed_views.setVisible(listed)

        def width(widgets: Sequence[QWidget]) -> int:
            return sum(widget.sizeHint().width() + self._row.spacing() for widget in widgets)

        room = self.width() - width(fixed) - theme.px(10)
        self._speed.setVisible(room >= width([self._speed, *words]))
        for label in words:
            label.setVisible(room >= width(words))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self._speed.setAccessibleName(tr("Speed"))
        self._speed.setToolTip(tr("Speed of sliding"))
        for button, action in (
            (self._step, self._actions.step),
            (self._copy, self._actions.copy),
            (self._save, self._actions.save),
        ):
            button.set_tip(action.text(), action.shortcut())
        self._show_sliding(self._actions.slide.isChecked())

    def _show_sliding(self, sliding: bool) -> None:
        self._slide.set_icon("pause" if sliding else "play")
        self._slide.setText(tr("Pause") if sliding else tr("Slide"))
        keys = self._actions.slide.shortcut()
        words = self._actions.slide.text()
        shown = keys.toString(QKeySequence.SequenceFormat.NativeText)
        self._slide.setToolTip(tr("{action} ({keys})", action=words, keys=shown))

    def _choose_view(self, key: str) -> None:
        self.show_view(key)
        self.view_chosen.emit(key)

    def _edited(self, index: int, value: object) -> None:
        if isinstance(value, int):
            self.place_edited.emit(index, value)

    def _restyle(self) -> None:
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.px(6))
        for field in self.fields:
            field.setFixedWidth(theme.px(62))


def _names(count: int) -> tuple[str, ...]:
    return (tr("Value"),) if count == 1 else (tr("Map"), tr("Row"), tr("Column"))
