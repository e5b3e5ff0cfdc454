"""The settings of training, each with the field that edits it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from cnnviz.layers import Field, fields_of
from cnnviz.project import Project, Training
from ui.i18n import text, tr
from ui.widgets.fields import BoolField, ChoiceField, FloatField, IntField

if TYPE_CHECKING:
    from ui.engine_client import EngineClient
    from ui.session import Session

FIELDS: tuple[Field, ...] = fields_of(Training) + fields_of(Project)
"""All settings in the order of the form: those of training, then the seed."""

LIVE = frozenset({"learning_rate", "momentum", "weight_decay", "epochs"})
"""What changes a run that goes on; the others count from the next run on."""

_OPTIMIZERS = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop"}


def counts(name: str, training: Training) -> bool:
    """Whether a setting has an effect with the present values of the others."""
    if name == "momentum":
        return training.optimizer in {"sgd", "rmsprop"}
    if name == "nesterov":
        return training.optimizer == "sgd" and training.momentum > 0
    return True


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
        return counts(self.name, self._session.project.training)

    def refresh(self) -> None:
        """Show the session's value; what is being typed stays as it is typed."""
        if self._refused and self.editor.hasFocus():
            return
        if self.editor.value() != self.value:
            self.editor.set_value(self.value)

    def describe(self) -> None:
        """Say what it is, and from when on a change counts."""
        words = text(self.field.help)
        if self._engine.training:
            if self.name in LIVE:
                words += "\n" + tr("A change counts at once, also in this run.")
            else:
                words += "\n" + tr("A change counts from the next run on.")
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
        if self.name == "seed":
            self._session.set_seed(value)
        else:
            training = self._session.project.training
            changed = msgspec.structs.replace(training, **{self.name: value})
            self._session.set_training(changed, self.field.title)

    def _refuse(self, reason: str | None) -> None:
        if self._refused or reason is not None:
            self._refused = reason is not None
            self.editor.set_problem(reason)


def _editor(field: Field, parent: QWidget) -> IntField | FloatField | ChoiceField | BoolField:
    minimum, maximum = field.minimum or 0, field.maximum or 0
    if field.kind == "choice":
        choice = ChoiceField(parent=parent)
        choice.set_choices([(value, _OPTIMIZERS[value]) for value in field.choices])
        return choice
    if field.kind == "bool":
        return BoolField(parent=parent)
    if field.kind == "int":
        return IntField(int(minimum), int(maximum), parent=parent)
    return FloatField(minimum, maximum, parent=parent)
