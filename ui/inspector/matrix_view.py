"""A convolution as two matrices: patches × filters, the way in which libraries compute it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz.arithmetic.matrices import matrices
from ui.colors import floats, natural_limit
from ui.i18n import tr
from ui.theme import theme
from ui.widgets.captioned import Captioned
from ui.widgets.labels import Label
from ui.widgets.pixel_map import PixelMap

if TYPE_CHECKING:
    from cnnviz.layers import Conv2d
    from ui.inspector.pixel_reading import Worked
    from ui.inspector.wordings import Wordings


class MatrixView(QWidget):
    """Each row of the first matrix is the patch of a position, each column of the second a filter;
    the row and the column that meet in the value are framed."""

    chosen = Signal(int, int)
    """A position, counted row by row, and a filter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.patches, self.filters, self.products = (PixelMap(stretched=True) for _ in range(3))
        maps = (self.patches, self.filters, self.products)
        self.boxes = tuple(Captioned(view) for view in maps)
        self._first = (0, 0)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for box, stretch, sign in zip(self.boxes, (4, 2, 2), ("×", "=", ""), strict=True):
            self._row.addWidget(box, stretch)
            if sign:
                self._row.addWidget(Label(sign, "title"))
        self.patches.chosen.connect(lambda row, _: self._choose(row, None))
        self.filters.chosen.connect(lambda _, column: self._choose(None, column))
        self.products.chosen.connect(self._choose)
        self._at = (0, 0)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_matrices(self, layer: Conv2d, worked: Worked) -> None:
        """Show the positions and filters around the value."""
        found = matrices(layer, worked.reading)
        self._first = (found.first_position, found.first_filter)
        self._at = (found.row, found.column)
        patches, filters, products = (
            floats(values) for values in (found.patches, found.filters, found.products)
        )
        self.patches.set_values(patches, natural_limit(patches))
        self.filters.set_values(filters, natural_limit(filters))
        self.products.set_values(products, natural_limit(products))
        values = range(filters.shape[0])
        self.patches.set_window((found.row,), values)
        self.filters.set_window(values, (found.column,))
        self.products.set_mark((found.row, found.column))
        rows = _span(found.first_position, len(patches), found.positions)
        columns = _span(found.first_filter, filters.shape[1], found.filters_in_all)
        words: tuple[Wordings, ...] = (
            (
                tr(
                    "patches: positions {first:,}–{last:,} of {n:,}, {k:,} values each",
                    k=filters.shape[0],
                    **rows,
                ),
                tr("{first:,}–{last:,} of {n:,}", **rows),
            ),
            (
                tr("filters {first:,}–{last:,} of {n:,}", **columns),
                tr("{first:,}–{last:,} of {n:,}", **columns),
            ),
            (tr("products, before the bias"), tr("before the bias")),
        )
        for box, word in zip(self.boxes, words, strict=True):
            box.caption.choose(*word)

    def retranslate(self) -> None:
        """Say everything in the present language."""
        names = (tr("Matrix of patches"), tr("Matrix of filters"), tr("Matrix of products"))
        for view, name in zip((self.patches, self.filters, self.products), names, strict=True):
            view.setAccessibleName(name)

    def _choose(self, row: int | None, column: int | None) -> None:
        position = self._first[0] + (self._at[0] if row is None else row)
        self.chosen.emit(position, self._first[1] + (self._at[1] if column is None else column))

    def _restyle(self) -> None:
        self._row.setSpacing(theme.px(8))


def _span(first: int, count: int, n: int) -> dict[str, int]:
    """So many from a first one on, of n, as a text has it."""
    return {"first": first, "last": first + count - 1, "n": n}
