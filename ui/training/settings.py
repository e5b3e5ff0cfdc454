"""A setting of training with the field that edits it, as it stands in the bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from cnnviz.training import NEXT_RUN, TRAINING_NAMES
from ui.i18n import language, text, tr
from ui.widgets.fields import BoolField, ChoiceField, FloatField, IntField

if TYPE_CHECKING:
    from cnnviz.layers import Field
    from ui.engine_client import EngineClient
    from ui.session import Session


def apply(session: Session, field: Field, value: Any) -> None:
    """Set a setting of the session's project."""
    if field.name == "seed":
        session.set_seed(value)
        return
    changed = msgspec.structs.replace(session.project.training, **{field.name: value})
    session.set_training(changed, field.title)


class Setting(QObject):
    """One setting: a field that shows the session's value and edits it.

    Keystrokes until the field loses the focus are one step of the history.
    """

    def __init__(
        self, field: Field, session: Session, engine: EngineClient, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.field = field
        self._session = session
        self._engine = engine
        self.editor = _editor(field, parent)
        self._help = ""
        self._language = ""
        self._refused = False  # what stands in the field is beyond the limits
        self.editor.edited.connect(self._edited)
        self.editor.installEventFilter(self)
        self.refresh()

    @property
    def value(self) -> Any:
        """The session's value."""
        project = self._session.project
        return project.seed if self.field.name == "seed" else getattr(project.training, self.name)

    @property
    def name(self) -> str:
        """The name of the field in its struct."""
        return self.field.name

    @property
    def counts(self) -> bool:
        """Whether it has an effect now."""
        return self._session.project.training.shown(self.name)

    def refresh(self) -> None:
        """Show the session's value; what is being typed stays as it is typed."""
        if self._refused and self.editor.hasFocus():
            return
        if self.editor.value() != self.value:
            self.editor.set_value(self.value)

    def describe(self) -> None:
        """Say what it is, and from when on a change counts."""
        if isinstance(self.editor, ChoiceField) and self._language != language.code:
            self._language = language.code
            names = [(value, text(TRAINING_NAMES[value])) for value in self.field.choices]
            self.editor.set_choices(names)
        words = text(self.field.help)
        if self._engine.training:
            if self.name in NEXT_RUN or self.name == "seed":
                words += "\n" + tr("A change counts from the next run on.")
            else:
                words += "\n" + tr("A change counts at once, also in this run.")
        if words != self._help:
            self._help = words
            self.editor.set_help(words)
        self.editor.setAccessibleName(text(self.field.title))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self._refuse(None)
            self.editor.set_value(self.value)
            self._session.end_field()
        return False

    def _edited(self, value: Any) -> None:
        minimum, maximum = self.field.minimum, self.field.maximum
        if minimum is not None and maximum is not None and not minimum <= value <= maximum:
            self._refuse(
                tr(
                    "{field} goes from {minimum:,} to {maximum:,}.",
                    field=self.field.title,
                    minimum=minimum,
                    maximum=maximum,
                )
            )
            return
        self._refuse(None)
        apply(self._session, self.field, value)

    def _refuse(self, reason: str | None) -> None:
        if self._refused or reason is not None:
            self._refused = reason is not None
            self.editor.set_problem(reason)


def _editor(field: Field, parent: QWidget) -> IntField | FloatField | ChoiceField | BoolField:
    minimum, maximum = field.minimum or 0, field.maximum or 0
    if field.kind == "choice":
        return ChoiceField(parent=parent)
    if field.kind == "bool":
        return BoolField(parent=parent)
    if field.kind == "int":
        return IntField(int(minimum), int(maximum), parent=parent)
    return FloatField(minimum, maximum, step=field.step, parent=parent)
