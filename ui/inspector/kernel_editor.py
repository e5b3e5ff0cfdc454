"""One kernel: painted by hand or chosen by name, its filter muted, its layer frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnviz.stock_kernels import STOCK, stock
from ui.i18n import language, text, tr
from ui.inspector.backward_layer import paragraph_area
from ui.theme import theme
from ui.widgets.buttons import IconButton
from ui.widgets.fields import BoolField, ChoiceField
from ui.widgets.labels import Label
from ui.widgets.paint_grid import PaintGrid

if TYPE_CHECKING:
    import numpy as np


class KernelEditor(QWidget):
    """Shows what it is given; what a person does is told, not done."""

    painted = Signal(object, bool)
    """The kernel (height, width) as it shall be; whether it goes on with a stroke."""
    muted = Signal(object)
    froze = Signal(object)
    left = Signal()
    """Back to all kernels."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.told = Label("", "heading"), Label("", "muted")
        self.told.setWordWrap(True)
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.grid, self.stock = PaintGrid(), ChoiceField()
        self.mute, self.freeze = BoolField(), BoolField()
        self.back = IconButton("close", quiet=True)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.back)
        self._column = QVBoxLayout()
        self._column.addLayout(head)
        self._column.addWidget(self.stock)
        self._column.addWidget(self.mute)
        self._column.addWidget(self.freeze)
        told = paragraph_area(self.told)
        told.setMinimumWidth(0)
        self._column.addWidget(told, 1)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.grid, 1)
        self._row.addLayout(self._column)
        self.grid.painted.connect(self.painted)
        self.stock.edited.connect(self._take_stock)
        self.mute.edited.connect(self.muted)
        self.freeze.edited.connect(self.froze)
        self.back.clicked.connect(self.left)
        escape = QShortcut(QKeySequence("Escape"), self)
        escape.activated.connect(self.left)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def show_kernel(
        self, title: str, kernel: np.ndarray, limit: float, *, muted: bool, frozen: bool | None
    ) -> None:
        """Show a kernel (height, width); the strongest colour is that of `limit`.

        frozen: None where a filter cannot be frozen on its own.
        """
        self.title.setText(title)
        self.grid.setAccessibleName(title)
        self.grid.set_values(kernel, limit)
        self.mute.set_value(muted)
        self.freeze.setVisible(frozen is not None)
        self.freeze.set_value(bool(frozen))

    def retranslate(self) -> None:
        """Say everything in the present language."""
        choices = [("", tr("Kernels by name…"))]
        choices += [(name, text(title)) for name, (title, _) in STOCK.items()]
        self.stock.set_choices(choices)
        self.stock.set_value("")
        self.stock.setAccessibleName(tr("Kernels by name"))
        self.stock.set_help(tr("Take a known kernel instead; undo brings this one back"))
        self.mute.setText(tr("Mute this filter"))
        self.mute.set_help(
            tr("See the maps, the answer and the accuracy without it; nothing is learned by it")
        )
        self.freeze.setText(tr("Freeze this filter"))
        self.freeze.set_help(tr("It stays as it is while the other filters learn"))
        self.back.set_tip(tr("All kernels (Esc)"))
        self.grid.setToolTip(
            tr(
                "Left button: blue. Right button: orange. Middle button or Shift: zero. The wheel, "
                "plus and minus change a value a little."
            )
        )

    def _take_stock(self, name: object) -> None:
        self.stock.set_value("")
        if isinstance(name, str) and name:
            height, width = self.grid.values.shape
            kernel = stock(name, height, width, self.grid.limit)
            self.painted.emit(kernel, False)

    def _restyle(self) -> None:
        self._column.setSpacing(theme.px(4))
        self._row.setSpacing(theme.px(10))
        self.grid.setMinimumWidth(theme.px(160))
        self.setFixedWidth(theme.px(372))
