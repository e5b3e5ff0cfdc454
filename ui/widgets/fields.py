"""Fields of a form. They tell at once what a person types, and never stand in the way.

All have `edited(object)`, emitted on a person's action only, `value()`, `set_value(v)`, which
never emits, `set_help(text)`, and `set_problem(reason)`, which shows the field in red with the
reason as its tool tip: impossible values can be typed, and the owner says what is wrong with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QWidget,
)

from ui.i18n import language, tr
from ui.theme import theme
from ui.widgets.arrows import Arrows
from ui.widgets.buttons import IconButton
from ui.widgets.number_fields import FloatField, IntField
from ui.widgets.style import set_property, show_problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QEnterEvent, QFontMetrics, QMouseEvent, QWheelEvent

__all__ = ["BoolField", "ChoiceField", "FloatField", "IntField", "PairField"]


class PairField(QWidget):
    """Two whole numbers, height × width, that move together while they are linked."""

    edited = Signal(object)
    """(height, width)"""
    considered = Signal(object)
    """The pair that the arrow under the pointer would give; None where there is none."""

    def __init__(
        self, minimum: int = 0, maximum: int = 10**9, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._fields = (IntField(minimum, maximum), IntField(minimum, maximum))
        self._times = QLabel("×")
        self._frame = QFrame()
        self._frame.setProperty("field", True)
        self._inner = QHBoxLayout(self._frame)
        self._inner.setSpacing(0)
        for field in self._fields:
            field.set_bare()
            field.edited.connect(self._changed)
            field.installEventFilter(self)
        # The first is as wide as its number, the second takes the rest: "5 × 5", as one reads it.
        self._fields[0].setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._fields[1].setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._inner.addWidget(self._fields[0])
        self._inner.addWidget(self._times)
        self._inner.addWidget(self._fields[1])
        self._arrows = Arrows()
        self._arrows.stepped.connect(self._press)
        self._arrows.hovered.connect(self._consider)
        self._inner.addWidget(self._arrows)
        self._last = 0
        """The half that had the keyboard last, which the arrows step where the halves are free."""
        self._link = IconButton("link", quiet=True)
        self._link.setProperty("link", True)
        self._link.setCheckable(True)
        self._link.setChecked(True)
        self._link.toggled.connect(self._draw_link)
        self._link.clicked.connect(self._linked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self._frame, 1)
        row.addWidget(self._link)
        self.setFocusProxy(self._fields[0])
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def value(self) -> tuple[int, int]:
        """(height, width)"""
        return self._fields[0].value(), self._fields[1].value()

    def set_value(self, value: tuple[int, int]) -> None:
        """Show two numbers; different ones are unlinked. Never emits."""
        for field, number in zip(self._fields, value, strict=True):
            field.set_value(number)
        if value[0] != value[1]:
            self._link.setChecked(False)

    def set_linked(self, linked: bool) -> None:
        """Let the numbers move together or alone from now on. Never emits."""
        self._link.setChecked(linked)

    def set_problem(self, reason: str | None) -> None:
        """Show what is wrong with the pair, or that nothing is."""
        set_property(self._frame, "problem", bool(reason))
        for field in self._fields:
            field.set_problem(reason)

    def set_help(self, text: str) -> None:
        """What the numbers are, as a tool tip."""
        for field in self._fields:
            field.set_help(text)

    def setAccessibleName(self, name: str) -> None:
        """Name the pair, and its halves after it."""
        super().setAccessibleName(name)
        self.retranslate()

    def retranslate(self) -> None:
        """Name the halves and the link in the present language."""
        name = self.accessibleName()
        self._fields[0].setAccessibleName(tr("{name}, height", name=name))
        self._fields[1].setAccessibleName(tr("{name}, width", name=name))
        self._draw_link()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn:
            self._last = int(watched is self._fields[1])
        if event.type() in {QEvent.Type.FocusIn, QEvent.Type.FocusOut}:
            set_property(self._frame, "active", event.type() == QEvent.Type.FocusIn)
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The "×" and the edges belong to the number beside them: one may write there as well."""
        place = event.position().toPoint()
        if event.button() != Qt.MouseButton.LeftButton or not self._frame.geometry().contains(
            place
        ):
            super().mousePressEvent(event)
            return
        middle = self._times.mapTo(self, self._times.rect().center()).x()
        half = self._fields[int(place.x() > middle)]
        half.setFocus(Qt.FocusReason.MouseFocusReason)
        half.selectAll()

    def _changed(self, number: int) -> None:
        if self._link.isChecked():
            for field in self._fields:
                field.set_value(number)
        self.edited.emit(self.value())

    def step(self, steps: int) -> None:
        """Go up or down: both while they are linked, else the half that had the keyboard last."""
        self._fields[self._last].stepBy(steps)

    def _press(self, steps: int) -> None:
        self.step(steps)
        self._consider(steps)

    def _consider(self, steps: int) -> None:
        half = self._fields[self._last]
        number = half.value_after(steps) if steps else half.value()
        pair = list(self.value())
        pair[self._last] = number
        if self._link.isChecked():
            pair = [number, number]
        changes = steps and tuple(pair) != self.value()
        self.considered.emit(tuple(pair) if changes else None)

    def _linked(self, linked: bool) -> None:
        height, width = self.value()
        if linked and height != width:
            self._fields[1].set_value(height)
            self.edited.emit(self.value())

    def _draw_link(self) -> None:
        linked = self._link.isChecked()
        self._link.set_icon("link" if linked else "unlink")
        self._link.set_tip(tr("Height and width are linked") if linked
                           else tr("Height and width are free"))  # fmt: skip

    def _restyle(self) -> None:
        pad = theme.px(5)
        self._inner.setContentsMargins(pad, theme.px(3), theme.px(3), theme.px(3))
        self._times.setContentsMargins(0, 0, theme.px(2), 0)


class ChoiceField(QComboBox):
    """One of a few values; the wheel scrolls the form unless the field has the focus."""

    edited = Signal(object)
    considered = Signal(object)
    """The choice that the open list points at; None where it is the present one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._help = ""
        self.highlighted.connect(self._highlighted)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._present: Any = None
        self.activated.connect(self._chosen)

    def set_choices(self, choices: Sequence[tuple[Any, str]]) -> None:
        """The values and what to call them; the present value stays. Never emits."""
        blocker = QSignalBlocker(self)
        self.clear()
        for value, text in choices:
            self.addItem(text, value)
        self.set_value(self._present)
        blocker.unblock()
        self.updateGeometry()

    def value(self) -> Any:
        """The present value."""
        return self._present

    def set_value(self, value: Any) -> None:
        """Show a value; one that is no choice leaves the field blank. Never emits."""
        self._present = value
        found = (i for i in range(self.count()) if self.itemData(i) == value)
        self.setCurrentIndex(next(found, -1))

    def set_problem(self, reason: str | None) -> None:
        """Show what is wrong with the choice, or that nothing is."""
        show_problem(self, reason, self._help)

    def set_help(self, text: str) -> None:
        """What is chosen here, as a tool tip."""
        self._help = text
        self.set_problem(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def sizeHint(self) -> QSize:
        # Qt's own way to fit the choices shrinks the field whenever the style changes.
        return QSize(self.width_in(self.fontMetrics()), super().sizeHint().height())

    def width_in(self, metrics: QFontMetrics) -> int:
        """In pixels, how wide it must be for the longest choice in a font."""
        texts = (self.itemText(i) for i in range(self.count()))
        return max(map(metrics.horizontalAdvance, texts), default=0) + theme.px(36)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(60), self.sizeHint().height())

    def showPopup(self) -> None:
        # The open list may be wider than the field: nothing in it is cut off.
        frame = self.view().verticalScrollBar().sizeHint().width() + theme.px(20)
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + frame)
        self.view().installEventFilter(self)
        super().showPopup()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Escape closes the list without a call of `hidePopup`.
        if event.type() == QEvent.Type.Hide:
            self.considered.emit(None)
        return super().eventFilter(watched, event)

    def _highlighted(self, index: int) -> None:
        value = self.itemData(index)
        self.considered.emit(None if value == self._present else value)

    def _chosen(self, index: int) -> None:
        value = self.itemData(index)
        if value != self._present:
            self._present = value
            self.edited.emit(value)


class BoolField(QCheckBox):
    """Yes or no."""

    edited = Signal(object)
    considered = Signal(object)
    """What a click would make of it, while the pointer is on it; None where it is not."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._help = ""
        self.clicked.connect(self._clicked)

    def value(self) -> bool:
        """Whether it is ticked."""
        return self.isChecked()

    def set_value(self, value: bool) -> None:
        """Tick or untick. Never emits `edited`."""
        self.setChecked(value)

    def set_problem(self, reason: str | None) -> None:
        """Say what is wrong, or that nothing is."""
        show_problem(self, reason, self._help)

    def set_help(self, text: str) -> None:
        """What is asked, as a tool tip."""
        self._help = text
        self.set_problem(None)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.considered.emit(not self.isChecked())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.considered.emit(None)

    def _clicked(self, checked: bool) -> None:
        self.edited.emit(checked)
        self.considered.emit(None)
