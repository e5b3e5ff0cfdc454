"""A glance at the kernels of a convolution, beside its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnviz.layers import Maps
from ui.i18n import language, shape_text, tr
from ui.theme import theme
from ui.widgets.color_scale import ColorScale
from ui.widgets.labels import Label
from ui.widgets.map_grid import MapGrid

if TYPE_CHECKING:
    import numpy as np
    from PySide6.QtGui import QShowEvent

    from ui.inspector.kernels import Kernels


class KernelGlance(QWidget):
    """All kernels, small, with how many there are of which size, and their scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._weights: np.ndarray | None = None
        self._filters = 0
        self._heading, self._counts = Label("", "heading"), Label("", "muted")
        self.grid, self._scale = MapGrid(), ColorScale()
        self._scale_heading = Label("", "heading")
        line = QHBoxLayout()
        line.addWidget(self._heading)
        line.addWidget(self._counts, 1)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(line)
        column.addWidget(self.grid, 1)
        column.addWidget(self._scale_heading)
        column.addWidget(self._scale)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def has_kernels(self) -> bool:
        """Whether there is anything to see."""
        return self._weights is not None

    def set_kernels(self, found: Kernels | None) -> None:
        """Show kernels, or nothing."""
        kernels, filters = found or (None, 0)
        before, self._weights = self._weights, kernels
        shape = None if kernels is None else kernels.shape
        if (None if before is None else before.shape, self._filters) != (shape, filters):
            self._filters = filters
            self.retranslate()
        if self.isVisible():
            self._show()

    def _show(self) -> None:
        self.grid.set_kernels(self._weights)
        self._scale.set_range(self.grid.limit() if self._weights is not None else None)

    def showEvent(self, event: QShowEvent) -> None:
        self._show()  # there is not always room for it, and each edit has other kernels
        super().showEvent(event)

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self._heading.setText(tr("Kernels"))
        self._scale_heading.setText(tr("Scale"))
        self.grid.setAccessibleName(tr("Kernels"))
        if self._weights is None:
            self._counts.setText("")
            return
        self._counts.setText(kernel_counts(self._weights, self._filters))

    def _restyle(self) -> None:
        self._column.setSpacing(theme.px(3))


def kernel_counts(weights: np.ndarray, filters: int) -> str:
    """How many kernels there are, how many of them can be seen, and how large each is."""
    shown, channels, height, width = weights.shape
    if shown < filters:
        return first_of(shown, filters, shape_text(Maps(height, width, channels)))
    return tr("{filters:,} of {shape}", filters=filters, shape=Maps(height, width, channels))


def first_of(shown: int, count: int, size: str) -> str:
    """That only the first of so many can be seen."""
    return tr("the first {shown:,} of {n:,}, each {size}", shown=shown, n=count, size=size)
