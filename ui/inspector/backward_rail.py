"""Beside the way back: how near one looks, which class is right, and the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz.message import Message
from ui.able import allow_widget
from ui.i18n import language, tr
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.fields import ChoiceField
from ui.widgets.labels import Label
from ui.widgets.style import set_property

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

    from ui.inspector.backward_where import Zoom

RAIL = 140
ZOOMS: tuple[Zoom, ...] = ("all", "layer", "value")


class BackwardRail(QWidget):
    """Three zooms as buttons, the class that is right, and a line about the loss."""

    zoomed = Signal(str)
    """A `Zoom` that was pressed."""
    target_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes: tuple[str, ...] = ()
        self._loss = ("", "")
        self._labelled = False
        self.buttons: dict[Zoom, Button] = {zoom: Button(quiet=True) for zoom in ZOOMS}
        self.classes = ChoiceField()
        self._right, self.loss = Label("", "caption"), Label("", "caption")
        self.loss.setWordWrap(True)
        self._column = QVBoxLayout(self)
        for zoom, button in self.buttons.items():
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, zoom=zoom: self.zoomed.emit(zoom))
            self._column.addWidget(button)
        self._column.addWidget(self._right)
        self._column.addWidget(self.classes)
        self._column.addWidget(self.loss)
        self._column.addStretch(1)
        self.classes.edited.connect(lambda _: self.target_chosen.emit())
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    @property
    def target(self) -> int | None:
        """The class that was chosen; None for the label, or what is predicted."""
        value = self.classes.value()
        return value if isinstance(value, int) else None

    def show_loss(self, whole: str, short: str) -> None:
        """Say which class is right and what the loss is; short: where there is little room, as a
        loss near 0 has many digits."""
        self._loss = (whole, short)
        self._fit()

    def set_classes(self, classes: Sequence[str]) -> None:
        """The names of the classes."""
        if tuple(classes) != self._classes:
            self._classes = tuple(classes)
            if self.target is not None and self.target >= len(classes):
                self.classes.set_value(None)
            self._name()

    def set_labelled(self, labelled: bool) -> None:
        """Whether the class of the image is known; else what is predicted is taken to be right."""
        if labelled != self._labelled:
            self._labelled = labelled
            self._name()

    def show_zoom(self, zoom: Zoom, layer: str, *, value: bool) -> None:
        """Which zoom is on; what the layer is called, "" where none is chosen, as at the input;
        whether there is a value to go to."""
        for key, button in self.buttons.items():
            button.setChecked(key == zoom)
            set_property(button, "quiet", key != zoom)
        button = self.buttons["layer"]
        room = theme.px(RAIL) - theme.px(24)
        font = theme.font("body")
        name = layer or tr("Layer")
        if QFontMetrics(font).horizontalAdvance(name) > room:  # such as "Adaptive avg pool"
            font = theme.font("caption")
        button.setFont(font)
        shown = QFontMetrics(font).elidedText(name, Qt.TextElideMode.ElideRight, room)
        button.setText(shown)
        button.setAccessibleName(name)
        help_text = tr("How near the way back is looked at (Esc goes further away)")
        first = Message("Choose a layer first")
        whole = help_text if shown == name else f"{name}\n{help_text}"
        allow_widget(button, None if layer else first, whole)
        first = Message("Choose a value of the layer first")
        allow_widget(self.buttons["value"], None if value else first, help_text)

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.buttons["all"].setText(tr("All layers"))
        self.buttons["value"].setText(tr("One value"))
        for button in (one for one in self.buttons.values() if one.isEnabled()):
            button.setToolTip(tr("How near the way back is looked at (Esc goes further away)"))
        self._right.setText(tr("Right answer"))
        self.classes.setAccessibleName(tr("Right answer"))
        self.classes.set_help(tr("The class that the loss takes to be right for this image"))
        self._name()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where it is low, what can be read elsewhere makes room for what can be pressed."""
        line = self.fontMetrics().height()
        buttons = sum(button.sizeHint().height() for button in self.buttons.values())
        gaps = (self._column.count() - 2) * self._column.spacing()  # none after the last, a stretch
        rest = self.height() - buttons - self.classes.sizeHint().height() - gaps
        self._right.setVisible(rest >= line)
        self.loss.setVisible(rest >= 3 * line)
        whole, short = self._loss
        self.loss.setText(whole)
        self.loss.setToolTip(whole)
        if self.loss.heightForWidth(self.width()) > rest - self._right.sizeHint().height():
            self.loss.setText(short)

    def _name(self) -> None:
        named = [(i, tr("Class {name}", name=name)) for i, name in enumerate(self._classes)]
        given = tr("The label") if self._labelled else tr("As predicted")
        self.classes.set_choices([(None, given), *named])

    def _restyle(self) -> None:
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.px(3))
        self.setFixedWidth(theme.px(RAIL))
