"""The choices of 'Why this answer': the method, the class, and whose maps are weighed."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz.explain.answers import METHODS, Method
from ui.i18n import language, text, tr
from ui.theme import theme
from ui.widgets.fields import ChoiceField
from ui.widgets.tabs import PillTabs

if TYPE_CHECKING:
    from collections.abc import Sequence


class WhyBar(QWidget):
    """A line of choices."""

    changed = Signal()
    """A person has chosen something else."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes: tuple[str, ...] = ()
        self.methods = PillTabs()
        self.layers, self.classes = ChoiceField(), ChoiceField()
        self.layers.set_value("last")
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.methods)
        self._row.addStretch(1)
        self._row.addWidget(self.layers)
        self._row.addWidget(self.classes)
        self.methods.selected.connect(self._choose_method)
        self.layers.edited.connect(lambda _: self.changed.emit())
        self.classes.edited.connect(lambda _: self.changed.emit())
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()
        self._show_layers()

    @property
    def method(self) -> Method:
        """The chosen method."""
        return cast("Method", self.methods.current())

    @property
    def target(self) -> int | None:
        """The chosen class; None for the one that is predicted."""
        value = self.classes.value()
        return value if isinstance(value, int) else None

    @property
    def selected_layer(self) -> bool:
        """Whether the maps of the selected layer are weighed, and not the last ones."""
        return self.method == "grad_cam" and self.layers.value() == "selected"

    def set_target(self, target: int | None) -> None:
        """Choose a class."""
        self.classes.set_value(target)

    def set_classes(self, classes: Sequence[str]) -> None:
        """The names of the classes."""
        if tuple(classes) == self._classes:
            return
        self._classes = tuple(classes)
        if self.target is not None and self.target >= len(classes):
            self.set_target(None)
        self._name_classes()

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.methods.set_tabs([(key, text(words.title)) for key, words in METHODS.items()])
        self.methods.setAccessibleName(tr("Method"))
        self.layers.set_choices([("last", tr("Last maps")), ("selected", tr("Selected layer"))])
        self.layers.setAccessibleName(tr("Whose maps are weighed"))
        self.layers.set_help(
            tr("Weigh the maps of the last layer that has some, or of the layer that is selected")
        )
        self.classes.setAccessibleName(tr("Class"))
        self.classes.set_help(tr("The class that is explained"))
        self._name_classes()

    def _name_classes(self) -> None:
        named = [(i, tr("Class {name}", name=name)) for i, name in enumerate(self._classes)]
        self.classes.set_choices([(None, tr("Predicted class")), *named])

    def _choose_method(self) -> None:
        self._show_layers()
        self.changed.emit()

    def _show_layers(self) -> None:
        self.layers.setVisible(self.method == "grad_cam")

    def _restyle(self) -> None:
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.px(8))
