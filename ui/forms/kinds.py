"""What edits each kind of setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.forms.classes import ClassesEditor
from ui.forms.connections import ConnectionsEditor
from ui.forms.editors import (
    BoolEditor,
    ChoiceEditor,
    Editor,
    NumberEditor,
    PaddingEditor,
    SidesEditor,
    SizeEditor,
)
from ui.forms.initialisation import InitialisationEditor
from ui.forms.text_editor import TextEditor

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz.layers import Field

EDITORS: dict[str, Callable[[Field], Editor]] = {
    "int": NumberEditor,
    "float": NumberEditor,
    "bool": BoolEditor,
    "choice": ChoiceEditor,
    "text": TextEditor,
    "size": SizeEditor,
    "padding": PaddingEditor,
    "sides": SidesEditor,
    "connections": ConnectionsEditor,
    "initialisation": InitialisationEditor,
    "classes": ClassesEditor,
}
"""By `Field.kind`."""
