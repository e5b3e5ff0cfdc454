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

    from PySide6.QtGui import QResizeEvent


class WhyBar(QWidget):
    """A line of choices; the methods are tabs, or a list where there is no room for tabs."""

    changed = Signal()
    """A person has chosen something else."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes: tuple[str, ...] = ()
        self.methods, self.method_list = PillTabs(), ChoiceField()
        self.layers, self.classes = ChoiceField(), ChoiceField()
        self.layers.set_value("last")
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.methods)
        self._row.addWidget(self.method_list)
        self._row.addStretch(1)
        self._row.addWidget(self.layers)
        self._row.addWidget(self.classes)
        self.methods.selected.connect(self.choose_method)
        self.method_list.edited.connect(self.choose_method)
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

    def choose_method(self, method: str) -> None:
        """Explain by another method."""
        self.methods.set_current(method)
        self.method_list.set_value(method)
        self._show_layers()
        self.changed.emit()

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
        titles = [(key, text(words.title)) for key, words in METHODS.items()]
        self.methods.set_tabs(titles)
        self.method_list.set_choices(titles)
        self.method_list.set_value(self.method)
        self.methods.setAccessibleName(tr("Method"))
        self.method_list.setAccessibleName(tr("Method"))
        self.layers.set_choices([("last", tr("Last maps")), ("selected", tr("Selected layer"))])
        self.layers.setAccessibleName(tr("Whose maps are weighed"))
        self.layers.set_help(
            tr("Weigh the maps of the last layer that has some, or of the layer that is selected")
        )
        self.classes.setAccessibleName(tr("Class"))
        self.classes.set_help(tr("The class that is explained"))
        self._name_classes()
        self._fit()

    def _name_classes(self) -> None:
        named = [(i, tr("Class {name}", name=name)) for i, name in enumerate(self._classes)]
        self.classes.set_choices([(None, tr("Predicted class")), *named])

    def _show_layers(self) -> None:
        self.layers.setVisible(self.method == "grad_cam")

    def _fit(self) -> None:
        """Tabs where all of them can be read, also with the choice of Grad-CAM beside them."""
        needed = sum(
            widget.sizeHint().width() + self._row.spacing()
            for widget in (self.methods, self.layers, self.classes)
        )
        roomy = self.width() >= needed
        self.methods.setVisible(roomy)
        self.method_list.setVisible(not roomy)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _restyle(self) -> None:
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.px(8))
        self._fit()
