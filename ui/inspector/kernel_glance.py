"""A glance at the kernels of a convolution, beside its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.i18n import language, tr
from ui.theme import theme
from ui.widgets.color_scale import ColorScale
from ui.widgets.labels import Label
from ui.widgets.map_grid import MapGrid

if TYPE_CHECKING:
    import numpy as np


class KernelGlance(QWidget):
    """All kernels, small, with how many there are of which size, and their scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._weights: np.ndarray | None = None
        self._heading, self._counts = Label("", "heading"), Label("", "muted")
        self._grid, self._scale = MapGrid(), ColorScale()
        self._scale_heading = Label("", "heading")
        line = QHBoxLayout()
        line.addWidget(self._heading)
        line.addWidget(self._counts, 1)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(line)
        column.addWidget(self._grid, 1)
        column.addWidget(self._scale_heading)
        column.addWidget(self._scale)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def has_kernels(self) -> bool:
        """Whether there is anything to see."""
        return self._weights is not None

    def set_kernels(self, kernels: np.ndarray | None) -> None:
        """Show kernels (filters, channels, height, width), or nothing."""
        before, self._weights = self._weights, kernels
        if (None if before is None else before.shape) != (
            None if kernels is None else kernels.shape
        ):
            self.retranslate()
        self._grid.set_kernels(kernels)
        self._scale.set_range(self._grid.limit() if kernels is not None else None)

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self._heading.setText(tr("Kernels"))
        self._scale_heading.setText(tr("Scale"))
        self._grid.setAccessibleName(tr("Kernels"))
        if self._weights is None:
            self._counts.setText("")
            return
        self._counts.setText(kernel_counts(self._weights))

    def _restyle(self) -> None:
        self._column.setSpacing(theme.px(3))


def kernel_counts(weights: np.ndarray) -> str:
    """How many kernels there are, and how large each is."""
    filters, channels, height, width = weights.shape
    return tr(
        "{filters:,} of {height}×{width}×{channels}",
        filters=filters,
        height=height,
        width=width,
        channels=channels,
    )
