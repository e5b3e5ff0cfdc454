"""The editor of a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ui.forms.editors import Editor
from ui.i18n import text
from ui.widgets.text_field import TextField

if TYPE_CHECKING:
    from cnnviz.layers import Field, Layer, Shape


class TextEditor(Editor):
    """A line of text; while it is empty, the name that the layer then has shows through."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._widget = TextField(int(field.maximum or 0))
        self._widget.textEdited.connect(self.changed)
        self.show_widget(self._widget)

    def value(self) -> str:
        return self._widget.value()

    def set_value(self, value: Any) -> None:
        self._widget.set_value(value)

    def set_surroundings(self, layer: Layer, x: Shape | None) -> None:
        self._widget.setPlaceholderText(text(layer.name))

    def set_problem(self, reason: str | None) -> None:
        """Every text that can be typed is possible."""

    def retranslate(self) -> None:
        self._widget.setAccessibleName(text(self.field.title))
        self._widget.set_help(text(self.field.help))
