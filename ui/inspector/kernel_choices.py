"""In which order kernels are shown, and whether as they are, as they were, or how they changed."""

from __future__ import annotations

from typing import Literal, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz.stock_kernels import ORDERS, Order
from ui.i18n import language, text, tr
from ui.theme import theme
from ui.widgets.fields import ChoiceField

Age = Literal["now", "before", "change"]


class KernelChoices(QWidget):
    """Two choices beside each other."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ages, self.orders = ChoiceField(), ChoiceField()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for field in (self.ages, self.orders):
            self._row.addWidget(field, 1)
            field.edited.connect(lambda _: self.changed.emit())
        language.changed.connect(self.retranslate)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.retranslate()
        self.ages.set_value("now")
        self.orders.set_value("number")

    @property
    def age(self) -> Age:
        """What is shown of the kernels."""
        return cast("Age", self.ages.value())

    @property
    def order(self) -> Order:
        """In which order."""
        return cast("Order", self.orders.value())

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.ages.set_choices(
            [("now", tr("As they are")), ("before", tr("As they were")), ("change", tr("Change"))]
        )
        self.ages.setAccessibleName(tr("Which weights"))
        self.ages.set_help(
            tr(
                "As they were: before the newest run, or, without a run, where the seed lets them "
                "begin. Change: what has become of them since."
            )
        )
        self.orders.set_choices([(key, text(title)) for key, title in ORDERS.items()])
        self.orders.setAccessibleName(tr("Order"))
        self.orders.set_help(
            tr("By norm: the strongest first. By similarity: those that are alike together.")
        )

    def _restyle(self) -> None:
        self._row.setSpacing(theme.px(6))
