"""Settings of training in words: their values, and what was changed during a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.layers import fields_of
from cnnviz.message import Message
from cnnviz.preparation import PREPARATION_NAMES, Preparation
from cnnviz.project import Project
from cnnviz.training import TRAINING_NAMES, Training
from ui.i18n import text, tr
from ui.numerals import significant

if TYPE_CHECKING:
    from cnnviz.layers import Field
    from cnnviz.runs import Changed

FIELDS: tuple[Field, ...] = fields_of(Training) + fields_of(Project)
"""All settings: those of training, then the seed."""

DATA_FIELDS: tuple[Field, ...] = fields_of(Preparation)
"""How the data are prepared."""

WORDS = TRAINING_NAMES | PREPARATION_NAMES
"""What to call each word that one of all these may choose."""


def value_words(value: float | str | bool) -> str:
    """The value of a setting as a person reads it."""
    if isinstance(value, bool):
        return tr("on") if value else tr("off")
    if isinstance(value, str):
        return text(WORDS[value])
    return f"{value:,}" if isinstance(value, int) else significant(value)


def change_words(changed: Changed) -> str:
    """A change on the way, in a line for the curves."""
    fields = (*FIELDS, *DATA_FIELDS)
    titles = {field.name: field.title for field in fields} | {"threads": Message("Threads")}
    return tr(
        "Step {step:,}: {setting} {before} → {after}",
        step=changed.step,
        setting=titles.get(changed.field, changed.field),
        before=value_words(changed.before),
        after=value_words(changed.after),
    )
