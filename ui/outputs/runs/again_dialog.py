"""Run again with one thing changed: which setting, and what it is to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from ui.forms.fields_form import FieldsForm
from ui.forms.training_words import FIELDS, value_words
from ui.i18n import language, text, tr
from ui.outputs.runs.words import title_of
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from cnnviz.layers import Field
    from cnnviz.runs import KeptRun

_WIDTH = 360
_TITLES = 112


class AgainDialog(QDialog):
    """A setting to pick, its value, and what the new run will have in common with the old one."""

    wanted = Signal(str, object)
    """The name of the setting and its value."""

    def __init__(self, run: KeptRun, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._run = run
        self._fields = [field for field in FIELDS if run.settings.shown(field.name)]
        self.values: dict[str, Any] = {}
        """What was typed, by the name of the setting."""
        self._which = Label()
        self.pick = QComboBox()
        self._which.setBuddy(self.pick)
        self.form = FieldsForm(titles=_TITLES, columns=1)
        self._before, self._same = Label("", "caption"), Label("", "caption")
        for label in (self._before, self._same):
            label.setWordWrap(True)
        self.go, self._cancel = Button(icon="play", primary=True), Button()
        buttons = QDialogButtonBox()
        buttons.addButton(self.go, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self._cancel, QDialogButtonBox.ButtonRole.RejectRole)
        self._column = QVBoxLayout(self)
        for widget in (self._which, self.pick, self.form, self._before, self._same, buttons):
            self._column.addWidget(widget)
        self.pick.currentIndexChanged.connect(self._picked)
        self.form.edited.connect(self._edited)
        self.go.clicked.connect(self._say)
        self._cancel.clicked.connect(self.reject)
        language.changed.connect(self.retranslate)
        self.retranslate()
        names = [field.name for field in self._fields]
        self.pick.setCurrentIndex(names.index("learning_rate"))
        self._picked()
        self.setMinimumWidth(theme.px(_WIDTH))
        self.pick.setFocus()

    @property
    def field(self) -> Field:
        """The setting that is picked."""
        return self._fields[max(self.pick.currentIndex(), 0)]

    def retranslate(self) -> None:
        """Say everything in the present language."""
        run = title_of(self._run)
        self.setWindowTitle(tr("Run again with one thing changed"))
        self._which.setText(tr("What should differ from “{run}”?", run=run))
        self.pick.setAccessibleName(tr("Setting"))
        present = max(self.pick.currentIndex(), 0)
        self.pick.blockSignals(True)
        self.pick.clear()
        self.pick.addItems([text(field.title) for field in self._fields])
        self.pick.setCurrentIndex(present)
        self.pick.blockSignals(False)
        self.go.setText(tr("Run"))
        self._cancel.setText(tr("Cancel"))
        self._show_words()

    def _value(self) -> Any:
        name = self.field.name
        before = self._run.project.seed if name == "seed" else getattr(self._run.settings, name)
        return self.values.get(name, before)

    def _picked(self) -> None:
        """Show the value of the setting that is picked now."""
        self.form.set_fields([self.field])
        self.form.set_values({self.field.name: self._value()}, [self.field.name])
        # What was made last is last for Qt, whatever stands above it.
        before: QWidget = self.pick
        editors = self.form.findChildren(QWidget)
        for widget in (*editors, self.go, self._cancel):
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None:
                self.setTabOrder(before, widget)
                before = widget
        self._show_words()

    def _edited(self, name: str, value: object) -> None:
        self.values[name] = value
        self._show_words()

    def _show_words(self) -> None:
        name, kept = self.field.name, self.values
        before = self._run.project.seed if name == "seed" else getattr(self._run.settings, name)
        self._before.setText(tr("It was {value}.", value=value_words(before)))
        self._same.setText(
            self._seed_words()
            if name == "seed"
            else tr(
                "Everything else is the same: the network, the initial weights and the order of "
                "the images."
            )
        )
        changed = name in kept and kept[name] != before
        self.go.setEnabled(changed)
        self.go.setToolTip("" if changed else tr("Change the value first"))

    def _seed_words(self) -> str:
        if self._run.from_seed:
            return tr("Another seed gives other initial weights and another order of the images.")
        return tr(
            "Another seed gives another order of the images. The weights begin as they did, with "
            "what had been learned before."
        )

    def _say(self) -> None:
        self.accept()
        self.wanted.emit(self.field.name, self._value())
