"""All settings of training in a panel that pops up below its button, with the planned schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.training import GROUPS
from ui.forms.training_words import FIELDS
from ui.i18n import language, tr
from ui.stillness import exhaust
from ui.training.pop_up import PopUp
from ui.training.schedule_curve import ScheduleCurve
from ui.training.settings import apply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QWidget

    from ui.engine_client import EngineClient
    from ui.session import Session

LEFT = 3
"""So many groups stand in the left column; the seed goes with the last of them."""


class SettingsPanel(PopUp):
    """The full form, derived from the declarations; what has no meaning now is not there."""

    def __init__(self, session: Session, engine: EngineClient, parent: QWidget) -> None:
        super().__init__(2, parent)
        self._session, self._engine = session, engine
        self._fields = {field.name: field for field in FIELDS}
        self._making = self._make()
        session.changed.connect(self._follow)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def make(self) -> Iterator[None]:
        """Make what is not there yet, a group in each step: all of them take some frames."""
        return self._making

    def _make(self) -> Iterator[None]:
        for number, (title, names) in enumerate(GROUPS):
            stack = self.stacks[number >= LEFT]
            seed = ("seed",) if number == LEFT - 1 else ()
            self.add_heading(stack, title)
            form = self.add_form(stack, [self._fields[name] for name in (*names, *seed)])
            form.edited.connect(self._apply)
            form.finished.connect(self._session.end_field)
            yield
        self.stacks[1].addWidget(ScheduleCurve(self._session, self._engine), 1)
        self.stacks[0].addStretch(1)
        self.name_headings()

    def retranslate(self) -> None:
        """Set all texts."""
        self.setAccessibleName(tr("Training settings"))
        self.name_headings()
        self.note.setText(
            tr(
                "Another optimizer, batch size or seed counts from the next run on; all "
                "other changes act on a run at once, and the curves mark where."
            )
        )

    def refresh(self) -> None:
        """Show the session's values, and only the settings that have a meaning now."""
        exhaust(self.make())
        project = self._session.project
        training = project.training
        for form, names in self.forms:
            values = {
                name: project.seed if name == "seed" else getattr(training, name) for name in names
            }
            form.set_values(values, [name for name in names if training.shown(name)])
        self.fit()

    def pop_up(self, below: QWidget) -> None:
        self.refresh()
        super().pop_up(below)

    def _follow(self) -> None:
        if self.isVisible():
            self.refresh()

    def _apply(self, name: str, value: object) -> None:
        apply(self._session, self._fields[name], value)
