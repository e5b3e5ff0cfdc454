"""Fields for numbers: any text may be typed, every keystroke that makes a number counts."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHoverEvent, QKeyEvent, QKeySequence, QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QLabel, QStyle, QStyleOptionSpinBox

from ui.i18n import tr
from ui.theme import theme
from ui.widgets.style import show_problem

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QResizeEvent, QWheelEvent
    from PySide6.QtWidgets import QWidget

N = TypeVar("N", int, float)

_ARROWS = {QStyle.SubControl.SC_SpinBoxUp: 1, QStyle.SubControl.SC_SpinBoxDown: -1}


class _NumberField(QAbstractSpinBox, Generic[N]):
    """A spin box that lets everything be typed and says what it is.

    `minimum` and `maximum` hold for steps (arrow keys, buttons, and the wheel when focused) only.
    """

    edited = Signal(object)
    considered = Signal(object)
    """What the arrow under the pointer would give; None where there is none."""

    def __init__(self, value: N, minimum: N, maximum: N, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._value: N = value
        self._minimum: N = minimum
        self._maximum: N = maximum
        self._help = ""
        self._zero: QLabel | None = None
        self._reason: str | None = None
        self._considered = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCorrectionMode(QAbstractSpinBox.CorrectionMode.CorrectToPreviousValue)
        self.lineEdit().setMaxLength(24)
        self.lineEdit().setText(self._format(value))
        self.lineEdit().textEdited.connect(self._typed)
        self.editingFinished.connect(self._tidy)
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_bare(self) -> None:
        """Without frame and buttons, as a part of a larger field."""
        self.setProperty("bare", True)
        self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.lineEdit().textChanged.connect(self.updateGeometry)
        self._restyle()

    # What a kind of number must say

    def _parse(self, text: str) -> N | None:
        raise NotImplementedError

    def _format(self, value: N) -> str:
        raise NotImplementedError

    def _stepped(self, value: N, steps: int) -> N:
        raise NotImplementedError

    def _needed(self) -> str:
        """What is needed where the text is no number."""
        raise NotImplementedError

    # For the owner

    def value(self) -> N:
        """The last number that was typed or set."""
        return self._value

    def set_value(self, value: N) -> None:
        """Show a number. Never emits, and leaves a text that means it as it was typed."""
        typing = self.hasFocus() and value == self._value
        self._value = value
        if typing or self._parse(self.lineEdit().text()) == value:
            return
        self.lineEdit().setText(self._format(value))
        self._show_reason()

    def set_range(self, minimum: N, maximum: N) -> None:
        """Let steps go no further than this from now on."""
        self._minimum, self._maximum = minimum, maximum

    def set_problem(self, reason: str | None) -> None:
        """Show what is wrong with the number, or that nothing is."""
        self._reason = reason
        self._show_reason()

    def set_word_for_zero(self, word: str) -> None:
        """Say beside a 0 what it stands for, such as "off"."""
        if self._zero is None:
            self._zero = QLabel(self.lineEdit())
            self._zero.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self._zero.setProperty("role", "caption")
            self.lineEdit().textChanged.connect(self._show_word)
        self._zero.setText(word)
        self._show_word()

    def set_help(self, text: str) -> None:
        """What the number is, as a tool tip."""
        self._help = text
        self._show_reason()

    # Qt

    def event(self, event: QEvent) -> bool:
        # What is typed counts at once, so taking it back is the business of the whole program.
        # Qt asks first whether the line of text would rather have the key for itself; Ctrl+K, too,
        # which deletes what follows on some platforms, and nobody needs that in a number.
        if event.type() == QEvent.Type.ShortcutOverride and _is_of_the_program(event):
            event.ignore()
            return False
        if isinstance(event, QHoverEvent):
            self._consider(event)
        return super().event(event)

    def _consider(self, event: QHoverEvent) -> None:
        option = QStyleOptionSpinBox()
        self.initStyleOption(option)
        part = self.style().hitTestComplexControl(
            QStyle.ComplexControl.CC_SpinBox, option, event.position().toPoint(), self
        )
        steps = 0 if event.type() == QEvent.Type.HoverLeave else _ARROWS.get(part, 0)
        if steps != self._considered:
            self._considered = steps
            value = self.value_after(steps) if steps else self._value
            self.considered.emit(None if value == self._value else value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _is_of_the_program(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        return QValidator.State.Acceptable, text, position

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        flags = QAbstractSpinBox.StepEnabledFlag.StepNone
        if self._value < self._maximum:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        if self._value > self._minimum:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        return flags

    def value_after(self, steps: int) -> N:
        """The number that so many steps lead to."""
        return min(max(self._stepped(self._value, steps), self._minimum), self._maximum)

    def stepBy(self, steps: int) -> None:
        value = self.value_after(steps)
        if value == self._value:
            return
        self._considered = 0
        self.considered.emit(None)
        self._value = value
        self.lineEdit().setText(self._format(value))
        self.lineEdit().selectAll()
        self._show_reason()
        self.edited.emit(value)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(theme.font())
        if self.property("bare"):
            widest = metrics.horizontalAdvance(self.lineEdit().text() or "0")
            return QSize(widest + theme.px(6), metrics.height() + theme.px(2))
        width = metrics.horizontalAdvance("00000000") + theme.px(30)
        return QSize(width, metrics.height() + theme.px(8) + 2)

    def minimumSizeHint(self) -> QSize:
        if self.property("bare"):
            return self.sizeHint()
        width = QFontMetrics(theme.font()).horizontalAdvance("000") + theme.px(30)
        return QSize(width, self.sizeHint().height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_text()
        self._show_word()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self._place_text()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._tidy()

    def _typed(self, text: str) -> None:
        value = self._parse(text)
        self._show_reason()
        if value is not None and value != self._value:
            self._value = value
            self.edited.emit(value)

    def _tidy(self) -> None:
        """Show the number in our form; a text that is none makes way for the last number."""
        text = self._format(self._value)
        if self.lineEdit().text() != text:
            self.lineEdit().setText(text)
            self._show_reason()

    def _restyle(self) -> None:
        self.lineEdit().setTextMargins(0 if self.property("bare") else theme.px(5), 0, 0, 0)
        self.updateGeometry()
        self._place_text()

    def _place_text(self) -> None:
        # The style sheet keeps room for the buttons also where there are none.
        if self.property("bare"):
            self.lineEdit().setGeometry(self.rect())

    def _show_word(self) -> None:
        """Behind the number, where there is room for it."""
        if self._zero is None:
            return
        line, word = self.lineEdit(), self._zero
        word.setFont(theme.font("caption"))
        left = line.textMargins().left() + theme.px(6)
        left += QFontMetrics(line.font()).horizontalAdvance(line.text() + "  ")
        width = QFontMetrics(word.font()).horizontalAdvance(word.text())
        word.setGeometry(left, 0, width + theme.px(2), line.height())
        fits = left + width <= line.width()
        word.setVisible(self._parse(line.text()) == 0 and fits)

    def _show_reason(self) -> None:
        reason = self._reason
        if self._parse(self.lineEdit().text()) is None:
            reason = self._needed()
        show_problem(self, reason, self._help)


class IntField(_NumberField[int]):
    """A whole number."""

    def __init__(
        self, minimum: int = 0, maximum: int = 10**9, parent: QWidget | None = None
    ) -> None:
        super().__init__(minimum, minimum, maximum, parent)

    def _parse(self, text: str) -> int | None:
        text = text.strip().replace(",", "").replace("−", "-")
        return int(text) if re.fullmatch(r"[+-]?\d+", text) else None

    def _format(self, value: int) -> str:
        return str(value)

    def _stepped(self, value: int, steps: int) -> int:
        return value + steps

    def _needed(self) -> str:
        return tr("A whole number is needed")


class FloatField(_NumberField[float]):
    """A number such as a learning rate: `1e-3` may be typed, steps go 1, 2, 5, 10 and so on; or one
    that goes up and down by the same step."""

    def __init__(
        self,
        minimum: float = 0.0,
        maximum: float = 1e9,
        *,
        smallest: float = 1e-6,
        step: float | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`smallest` is the step above zero, where there is no `step` that is always the same."""
        self._smallest, self._step = smallest, step
        super().__init__(minimum, minimum, maximum, parent)

    def _parse(self, text: str) -> float | None:
        try:
            value = float(text.strip().replace(",", ".").replace("−", "-"))
        except ValueError:
            return None
        return value if math.isfinite(value) else None

    def _format(self, value: float) -> str:
        return re.sub(r"e([+-])0*(\d)", r"e\1\2", f"{value:.12g}").replace("e+", "e")

    def _stepped(self, value: float, steps: int) -> float:
        if self._step is not None:  # to the next multiple, and on from there
            at = value / self._step
            whole = math.floor(at + 1e-9) if steps > 0 else math.ceil(at - 1e-9)
            return round((whole + steps) * self._step, 9)
        for _ in range(abs(steps)):
            value = _next_125(value, self._smallest) if steps > 0 else _last_125(
                value, self._smallest)  # fmt: skip
        return value

    def _needed(self) -> str:
        return tr("A number such as 0.001 or 1e-3 is needed")


def _is_of_the_program(event: QEvent) -> bool:
    keys = QKeySequence.StandardKey
    return isinstance(event, QKeyEvent) and any(
        event.matches(key) for key in (keys.Undo, keys.Redo, keys.DeleteEndOfLine)
    )


def _next_125(value: float, smallest: float) -> float:
    """The next larger of 1, 2, 5 times a power of ten."""
    if value < smallest:
        return smallest
    power = math.floor(math.log10(value))
    candidates = (float(f"{digit}e{power}") for digit in (1, 2, 5, 10))
    return next(candidate for candidate in candidates if candidate > value * (1 + 1e-9))


def _last_125(value: float, smallest: float) -> float:
    """The next smaller of 1, 2, 5 times a power of ten, and zero below the smallest."""
    if value <= smallest:
        return 0.0
    power = math.floor(math.log10(value))
    candidates = (float(f"{digit}e{power}") for digit in (5, 2, 1, 0.5))
    return next(candidate for candidate in candidates if candidate < value * (1 - 1e-9))
