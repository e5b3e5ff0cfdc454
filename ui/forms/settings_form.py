"""The settings of what is selected: of a layer, or of the input."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtWidgets import QApplication

from cnnviz.explain.preview import preview
from cnnviz.fixes import possible
from cnnviz.layers import LIMIT, Field, Layer, fields_of
from cnnviz.message import Message
from ui.forms.editors import shown
from ui.forms.fields_form import FieldsForm
from ui.forms.preview_line import PreviewLine
from ui.i18n import language, text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.session import Session

INPUT_FIELDS = (
    Field(
        "height",
        "int",
        Message("Height"),
        Message("Rows of pixels of the image that the network takes."),
        28,
        minimum=1,
        maximum=LIMIT,
    ),
    Field(
        "width",
        "int",
        Message("Width"),
        Message("Columns of pixels of the image that the network takes."),
        28,
        minimum=1,
        maximum=LIMIT,
    ),
    Field(
        "channels",
        "int",
        Message("Channels"),
        Message("Values of each pixel: 1 for grey, 3 for red, green and blue."),
        1,
        minimum=1,
        maximum=LIMIT,
    ),
)


class SettingsForm(FieldsForm):
    """Edits go into the session at once; what happens there is shown without disturbing anyone."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._made_for: tuple[str, type] | None = None
        self._preview = PreviewLine(self)
        self._pointed_at: tuple[str, object] = ("", None)
        self._changed_last = ""
        """Of what is selected; it is to blame for a problem before other settings are."""
        self.edited.connect(self._apply)
        self.considered.connect(self._consider)
        self.finished.connect(session.end_field)
        session.changed.connect(self.refresh)
        session.selection_changed.connect(self.refresh)
        language.changed.connect(self._say_anew)
        self.refresh()

    def refresh(self) -> None:
        """Show the settings of what is selected now."""
        layer, image = self._session.selected_layer, self._session.network.input
        shown_for = (self._session.selection, type(layer))
        fields = INPUT_FIELDS if layer is None else fields_of(type(layer))
        if shown_for != self._made_for:
            self._made_for = shown_for
            self._changed_last = ""
            self._preview.hide()
            self.set_fields(fields)
        if layer is None:
            values = {field.name: getattr(image, field.name) for field in fields}
            self.set_values(values, list(values))
        else:
            self.set_surroundings(layer, self._session.report.row(layer.uid).input)
            values = {field.name: layer.effective(field.name) for field in fields}
            automatic = [field.name for field in fields if _as_if_empty(layer, field)]
            self.set_values(values, [name for name in values if layer.shown(name)], automatic)
        self.set_remarks(self._blamed(layer))

    def _blamed(self, layer: Layer | None) -> dict[str, Message]:
        """The setting that makes the layer impossible, and why."""
        problem = None if layer is None else self._session.report.row(layer.uid).problem
        if layer is None or problem is None:
            return {}
        names = list(possible(layer, problem))
        if not names:
            return {}
        name = self._changed_last if self._changed_last in names else names[0]
        return {name: problem.headline}

    def _consider(self, name: str, value: object) -> None:
        """Say what a value would give, or be silent again."""
        self._pointed_at = (name, value)
        if value is None:
            self._preview.hide()
            return
        session = self._session
        layer, network = session.selected_layer, session.network
        if layer is None:
            network = network.with_input(msgspec.structs.replace(network.input, **{name: value}))
        else:
            network = network.replace(layer.uid, msgspec.structs.replace(layer, **{name: value}))
        editor = self.editor(name)
        change = Message("{field} {value}", field=editor.field.title, value=shown(value))
        classes = len(session.dataset.classes)
        found = preview(session.report, network, session.selection, classes, change)
        above = QApplication.activePopupWidget() is not None
        self._preview.show_at(editor, text(found.words), works=found.works, above=above)

    def _say_anew(self) -> None:
        """In the language of now."""
        if not self._preview.isHidden():
            self._consider(*self._pointed_at)

    def _apply(self, field: str, value: object) -> None:
        layer, image = self._session.selected_layer, self._session.network.input
        self._changed_last = field
        if layer is None:
            self._session.set_input(msgspec.structs.replace(image, **{field: value}))
        else:
            self._session.set_field(layer.uid, field, value)


def _as_if_empty(layer: Layer, field: Field) -> bool:
    """Whether a field that may be left empty has the value that it would have then."""
    if field.automatic is None:
        return False
    empty = msgspec.structs.replace(layer, **{field.name: None})
    return bool(empty.effective(field.name) == layer.effective(field.name))
