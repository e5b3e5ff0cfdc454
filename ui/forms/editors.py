"""One editor a kind of setting: it speaks the layer's values, whatever widget shows them."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnviz.layers import CHOICE_NAMES, LIMIT, Border, Field, Layer, Shape, Sides, Size
from cnnviz.message import Message
from cnnviz.preparation import PREPARATION_NAMES
from cnnviz.training import TRAINING_NAMES
from ui.i18n import text, tr
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.fields import BoolField, ChoiceField, FloatField, IntField, PairField
from ui.widgets.labels import Label


class Editor(QWidget):
    """The widget of one setting. `edited` is emitted on a person's action only."""

    edited = Signal(object)
    considered = Signal(object)
    """The value that a person is about to choose; None where there is none."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.restyle()

    def restyle(self) -> None:
        """Keep to the scale of the theme."""
        self._column.setSpacing(theme.px(4))

    def line_height(self) -> int:
        """The height of the first line, beside which the title stands."""
        first = self.focusProxy()
        return first.sizeHint().height() if first is not None else 0

    def center_line(self, height: int) -> None:
        """Put the first line into the middle of this height."""
        above = max(0, height - self.line_height()) // 2
        self._column.setContentsMargins(0, above, 0, above)

    def value(self) -> Any:
        """What the editor shows, in the form that the layer has it."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show a value of the layer. Never emits."""
        raise NotImplementedError

    def begin(self) -> None:
        """Forget what was done for another layer; a value follows."""

    def set_surroundings(self, layer: Layer, x: Shape | None) -> None:
        """The layer that the setting belongs to, and what it receives where that is known."""

    def set_automatic(self, automatic: bool) -> None:
        """Whether the value is the one that the layer finds itself where the field is empty."""

    def set_problem(self, reason: str | None) -> None:
        """Show why the value cannot be, or that it can."""
        raise NotImplementedError

    def retranslate(self) -> None:
        """Name and explain the editor in the present language."""
        raise NotImplementedError

    def changed(self, _: object) -> None:
        """Tell of an action in the widget."""
        self.edited.emit(self.value())

    can_step = False
    """Whether it holds whole numbers that go up and down."""

    def step(self, steps: int) -> None:
        """Go up or down as the arrows do, where the value is a number."""

    def pointed_at(self, value: object) -> None:
        """Tell of a value that the widget would have, in the form that the layer has it."""
        self.considered.emit(value)

    def show_widget(self, widget: QWidget) -> None:
        """Put a widget in; the first one takes the focus."""
        self._column.addWidget(widget)
        if self.focusProxy() is None:
            self.setFocusProxy(widget)


_Widget = TypeVar("_Widget", bound=IntField | FloatField | BoolField | ChoiceField | PairField)


class WidgetEditor(Editor, Generic[_Widget]):
    """One widget, which holds the value as the layer has it unless a kind says otherwise."""

    def __init__(self, field: Field, widget: _Widget) -> None:
        super().__init__(field)
        self._widget = widget
        widget.edited.connect(self.changed)
        widget.considered.connect(self.pointed_at)
        self.show_widget(widget)

    def value(self) -> Any:
        return self._widget.value()

    def set_value(self, value: Any) -> None:
        self._widget.set_value(value)

    def set_problem(self, reason: str | None) -> None:
        self._widget.set_problem(reason)

    def retranslate(self) -> None:
        self._widget.setAccessibleName(text(self.field.title))
        self._widget.set_help(text(self.field.help))


class NumberEditor(WidgetEditor[IntField | FloatField]):
    """A whole or a real number."""

    can_step = True

    def __init__(self, field: Field) -> None:
        low, high = field.minimum or 0, LIMIT if field.maximum is None else field.maximum
        super().__init__(
            field,
            IntField(int(low), int(high))
            if field.kind == "int"
            else FloatField(low, high, step=field.step),
        )

    def step(self, steps: int) -> None:
        self._widget.stepBy(steps)

    def retranslate(self) -> None:
        super().retranslate()
        if self.field.zero is not None:
            self._widget.set_word_for_zero(text(self.field.zero))


class BoolEditor(WidgetEditor[BoolField]):
    """On or off."""

    def __init__(self, field: Field) -> None:
        super().__init__(field, BoolField())
        self._widget.toggled.connect(self.retranslate)

    def retranslate(self) -> None:
        super().retranslate()
        self._widget.setText(tr("on") if self._widget.value() else tr("off"))


class ChoiceEditor(WidgetEditor[ChoiceField]):
    """One of a few words."""

    def __init__(self, field: Field) -> None:
        super().__init__(field, ChoiceField())

    def value(self) -> str:
        return str(self._widget.value())

    def retranslate(self) -> None:
        super().retranslate()
        names = CHOICE_NAMES | TRAINING_NAMES | PREPARATION_NAMES
        self._widget.set_choices([(name, text(names[name])) for name in self.field.choices])


class SizeEditor(WidgetEditor[PairField]):
    """Height and width; where the layer can find them itself, a button goes back to that."""

    can_step = True

    def __init__(self, field: Field) -> None:
        super().__init__(field, PairField(1, LIMIT))
        self._again: Button | None = None
        if field.automatic is not None:
            self._again = Button(icon="reset", quiet=True)
            self._again.clicked.connect(lambda: self.edited.emit(None))
            self._again.hide()
            self.show_widget(self._again)

    def step(self, steps: int) -> None:
        self._widget.step(steps)

    def pointed_at(self, value: object) -> None:
        super().pointed_at(Size(*value) if isinstance(value, tuple) else None)

    def value(self) -> Size:
        return Size(*self._widget.value())

    def set_value(self, value: Any) -> None:
        self._widget.set_value(value.pair)

    def begin(self) -> None:
        self._widget.set_linked(True)

    def set_automatic(self, automatic: bool) -> None:
        if self._again is not None:
            self._again.setHidden(automatic)

    def retranslate(self) -> None:
        super().retranslate()
        if self._again is not None and self.field.automatic is not None:
            self._again.setText(text(self.field.automatic))
            self._again.setToolTip(text(self.field.help))


CUSTOM = "custom"
PADDING_NAMES = {"valid": Message("valid"), "same": Message("same")}


class PaddingEditor(Editor):
    """Valid, same, or rows and columns of one's own, which then show in a second line."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._reason: str | None = None
        self._rule = ChoiceField()
        self._pair = PairField(0, LIMIT)
        self._pair.set_value((1, 1))
        self._pair.hide()
        self._rule.edited.connect(self._ruled)
        self._pair.edited.connect(self.changed)
        self._rule.considered.connect(self.pointed_at)
        self._pair.considered.connect(self.pointed_at)
        self.show_widget(self._rule)
        self.show_widget(self._pair)

    can_step = True

    def step(self, steps: int) -> None:
        """From "valid" or "same" the first step begins with a row and a column on each side; a fast
        pointer makes several at once."""
        if self._rule.value() == CUSTOM:
            self._pair.step(steps)
        elif steps > 0:
            self._rule.set_value(CUSTOM)
            self._pair.set_value((steps, steps))
            self._ruled(CUSTOM)

    def pointed_at(self, value: object) -> None:
        if value == CUSTOM:
            value = self._pair.value()
        super().pointed_at(Border(*value) if isinstance(value, tuple) else value)

    def value(self) -> str | Border:
        rule = str(self._rule.value())
        return Border(*self._pair.value()) if rule == CUSTOM else rule

    def set_value(self, value: Any) -> None:
        custom = isinstance(value, Border)
        if custom:
            self._pair.set_value(value.pair)
        self._rule.set_value(CUSTOM if custom else value)
        self._pair.setVisible(custom)
        self._show_reason()

    def begin(self) -> None:
        self._pair.set_value((1, 1))
        self._pair.set_linked(True)

    def set_problem(self, reason: str | None) -> None:
        self._reason = reason
        self._show_reason()

    def _show_reason(self) -> None:
        """In the numbers where there are some, else in the rule."""
        self._rule.set_problem(self._reason if self._pair.isHidden() else None)
        self._pair.set_problem(self._reason)

    def retranslate(self) -> None:
        choices = [(name, text(PADDING_NAMES[name])) for name in self.field.choices]
        self._rule.set_choices([*choices, (CUSTOM, tr("custom"))])
        title = text(self.field.title)
        self._rule.setAccessibleName(title)
        self._rule.set_help(text(self.field.help))
        self._pair.setAccessibleName(title)
        self._pair.set_help(tr("Rows above and below, columns at the left and the right"))

    def _ruled(self, rule: str) -> None:
        self._pair.setVisible(rule == CUSTOM)
        self._show_reason()
        self.edited.emit(self.value())


class SidesEditor(Editor):
    """Rows above and below in the first line, columns at the left and the right in the second."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._fields = tuple(IntField(0, LIMIT) for _ in range(4))
        for arrows, pair in (("↑↓", self._fields[:2]), ("←→", self._fields[2:])):
            line = QWidget()
            row = QHBoxLayout(line)
            row.setContentsMargins(0, 0, 0, 0)
            for arrow, widget in zip(arrows, pair, strict=True):
                widget.edited.connect(self.changed)
                row.addWidget(Label(arrow, "muted"))
                row.addWidget(widget, 1)
            line.setFocusProxy(pair[0])
            self.show_widget(line)

    def value(self) -> Sides:
        return Sides(*(widget.value() for widget in self._fields))

    def set_value(self, value: Any) -> None:
        for widget, number in zip(self._fields, value.all, strict=True):
            widget.set_value(number)

    def set_problem(self, reason: str | None) -> None:
        for widget in self._fields:
            widget.set_problem(reason)

    def retranslate(self) -> None:
        names = (tr("Above"), tr("Below"), tr("Left"), tr("Right"))
        for widget, name in zip(self._fields, names, strict=True):
            widget.setAccessibleName(name)
            widget.set_help(name)


def shown(value: object) -> object:
    """A value as a person reads it; square sizes are one number."""
    if isinstance(value, Size | Border) and len(set(value.pair)) == 1:
        return f"{value.pair[0]:,}"
    if isinstance(value, bool):
        return tr("on") if value else tr("off")
    if isinstance(value, str):
        return CHOICE_NAMES.get(value) or PADDING_NAMES[value]
    return f"{value:,}" if isinstance(value, int) else str(value)
