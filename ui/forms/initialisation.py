"""The editor of how weights start: a recipe, and its numbers where it has any."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, get_args

import msgspec
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QLineEdit

from cnnviz.layers import CHOICE_NAMES, Dense, Initialisation, Size, Vector
from cnnviz.layers.initialisation import MOST_VALUES, Recipe
from ui.forms.editors import Editor
from ui.i18n import text, tr
from ui.widgets.fields import ChoiceField, FloatField
from ui.widgets.style import set_property

if TYPE_CHECKING:
    from cnnviz.layers import Field, Layer, Shape

_WITH_A_VALUE = {"normal", "uniform", "constant"}
_BY_HAND = "by_hand"


class InitialisationEditor(Editor):
    """The recipe; below it a number, or the numbers of one kernel, where the recipe wants them."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._shown = Initialisation()
        self._wanted = 0
        self._reason: str | None = None
        self._recipe, self._value, self._values = ChoiceField(), FloatField(-1e6, 1e6), QLineEdit()
        self._recipe.edited.connect(self.changed)
        self._value.edited.connect(self.changed)
        self._values.textEdited.connect(self._typed)
        self._values.installEventFilter(self)
        for widget in (self._recipe, self._value, self._values):
            self.show_widget(widget)
        self._show_lines()

    def value(self) -> Initialisation:
        return Initialisation(self._recipe.value(), self._value.value(), self._shown.values)

    def set_value(self, value: Any) -> None:
        typing = self._values.hasFocus() and value.values == self._shown.values
        self._shown = value
        self._recipe.set_value(value.recipe)
        self._value.set_value(value.value)
        if not typing:
            self._values.setText(_written(value.values))
            self._show_reason()
        self._show_lines()

    def set_problem(self, reason: str | None) -> None:
        self._reason = reason
        self._value.set_problem(reason)
        self._show_reason()

    def _show_reason(self) -> None:
        """In the numbers by hand: also while they are none."""
        wrong = _read(self._values.text()) is None
        set_property(self._values, "problem", wrong or bool(self._reason))
        help_text = tr(
            "The numbers of one kernel, row by row; for a dense layer those of one unit, or of "
            "all units"
        )
        self._values.setToolTip(help_text if self._reason is None else self._reason)
        self._values.setAccessibleDescription(self._values.toolTip())

    def set_surroundings(self, layer: Layer, x: Shape | None) -> None:
        if isinstance(layer, Dense):
            self._wanted = x.size if isinstance(x, Vector) else 0
        else:
            kernel = getattr(layer, "kernel", Size(0, 0))
            self._wanted = kernel.height * kernel.width

    def changed(self, value: object) -> None:
        self._shown = self.value()
        if self._shown.recipe == _BY_HAND and not self._shown.values:
            self._shown = msgspec.structs.replace(self._shown, values=_middle(self._wanted))
            self._values.setText(_written(self._shown.values))
        self._show_lines()
        super().changed(value)

    def retranslate(self) -> None:
        self._recipe.set_choices([(name, text(CHOICE_NAMES[name])) for name in get_args(Recipe)])
        title = text(self.field.title)
        self._recipe.setAccessibleName(title)
        self._recipe.set_help(text(self.field.help))
        self._value.setAccessibleName(title)
        self._value.set_help(
            tr("Standard deviation for normal, bound for uniform, the number for constant")
        )
        self._values.setAccessibleName(title)
        self._values.setPlaceholderText("0 1 0; 1 −4 1; 0 1 0")
        self._show_reason()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._values and event.type() == QEvent.Type.FocusOut:
            self._values.setText(_written(self._shown.values))
            self._show_reason()
        return super().eventFilter(watched, event)

    def _typed(self, words: str) -> None:
        numbers = _read(words)
        self._show_reason()
        if numbers is not None and numbers != self._shown.values:
            self._shown = msgspec.structs.replace(self._shown, values=numbers)
            self.changed(numbers)

    def _show_lines(self) -> None:
        self._value.setVisible(self._shown.recipe in _WITH_A_VALUE)
        self._values.setVisible(self._shown.recipe == _BY_HAND)


def _read(words: str) -> tuple[float, ...] | None:
    """Numbers between spaces, commas or semicolons; None where something else is there."""
    try:
        numbers = tuple(float(word) for word in words.replace("−", "-").translate(_BETWEEN).split())
    except ValueError:
        return None
    fine = len(numbers) <= MOST_VALUES and all(
        math.isfinite(number) and abs(number) <= 1e6 for number in numbers
    )
    return numbers if fine else None


def _middle(count: int) -> tuple[float, ...]:
    """What a kernel by hand begins with: it hands on the pixel in its middle."""
    if count > MOST_VALUES:
        return ()
    return tuple(float(index == count // 2) for index in range(count))


_BETWEEN = str.maketrans({",": " ", ";": " "})


def _written(numbers: tuple[float, ...]) -> str:
    """Row by row where they are those of a square."""
    words = [f"{number:g}".replace("-", "−") for number in numbers]
    side = math.isqrt(len(words))
    if side < 2 or side * side != len(words):
        return " ".join(words)
    return "; ".join(" ".join(words[i : i + side]) for i in range(0, len(words), side))
