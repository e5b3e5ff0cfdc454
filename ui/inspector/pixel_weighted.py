"""A sum of products, channel by channel: patch × kernel, two matrices, or a list of terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QWidget

from cnnviz.arithmetic import Weighted
from cnnviz.arithmetic.digits import places_for, rounded, shown
from cnnviz.layers import Conv2d
from ui.i18n import tr
from ui.inspector.matrix_view import MatrixView
from ui.inspector.pixel_reading import total_places, verdict
from ui.inspector.wordings import rounding_words
from ui.theme import theme
from ui.widgets.captioned import Captioned
from ui.widgets.labels import Label
from ui.widgets.number_grid import NumberGrid
from ui.widgets.number_table import NumberTable
from ui.widgets.sum_list import Line, SumList

if TYPE_CHECKING:
    from ui.inspector.pixel_reading import Worked
    from ui.inspector.wordings import Wordings


class WeightedView(QWidget):
    """Patch × kernel = products of one channel, and the column of sums of all of them."""

    channel_chosen = Signal(int)
    """The place of a channel among those that are read."""
    pointed = Signal(int, int)
    """Row and column of the window that is pointed at."""
    left = Signal()
    entered = Signal(int, int)
    """Row and column of the window that was clicked twice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._worked: Worked | None = None
        self._channel = 0
        self._cell: tuple[int, int] | None = None
        self.patch, self.kernel, self.products = NumberGrid(), NumberGrid(), NumberGrid()
        self.grids = (self.patch, self.kernel, self.products)
        self.boxes = tuple(Captioned(grid) for grid in self.grids)
        self._signs = (Label("×", "title"), Label("=", "title"))
        self.table, self.matrices, self.sums = NumberTable(), MatrixView(), SumList()
        side_by_side = QWidget()
        row = QHBoxLayout(side_by_side)
        row.setContentsMargins(0, 0, 0, 0)
        for box, sign in zip(self.boxes, (*self._signs, None), strict=True):
            row.addWidget(box, 1)
            if sign is not None:
                row.addWidget(sign)
        holder = (
            QWidget()
        )  # without one, what is added to a stack is shown as a window for a moment
        self._stack = QStackedLayout(holder)
        for widget in (side_by_side, self.table, self.matrices):
            self._stack.addWidget(widget)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(holder, 1)
        whole.addWidget(self.sums)
        self._row, self._whole = row, whole
        self.sums.chosen.connect(self.channel_chosen)
        self.products.legible_changed.connect(self._write_captions)
        for grid in self.grids:
            grid.pointed.connect(self._point)
            grid.left.connect(self._leave)
            grid.entered.connect(self.entered)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_worked(self, worked: Worked, channel: int, *, matrices: bool) -> None:
        """Show the products of one of the channels that are read, or the two matrices."""
        picture = worked.account.picture
        assert isinstance(picture, Weighted)
        self._worked, self._channel = worked, channel
        layer = worked.row.layer
        if not picture.mapped:
            self._show_table(worked, picture)
        elif matrices and isinstance(layer, Conv2d):
            self._stack.setCurrentIndex(2)
            self.matrices.show_matrices(layer, worked)
        else:
            self._stack.setCurrentIndex(0)
            self._show_grids(worked, picture)
        self._show_sums(worked, picture)

    def retranslate(self) -> None:
        """Say everything in the present language."""
        names = (tr("Patch"), tr("Kernel"), tr("Products"))
        for grid, name in zip(self.grids, names, strict=True):
            grid.setAccessibleName(name)
        self.sums.set_remark_help(
            tr(
                "PyTorch adds up in float32, which has about seven digits. Here the same numbers "
                "are added up in float64."
            )
        )
        self.matrices.retranslate()

    def _show_grids(self, worked: Worked, picture: Weighted) -> None:
        index = self._channel
        if not picture.products.size:  # a transposed convolution that leaves gaps
            for grid in self.grids:
                grid.set_values(np.zeros((0, 0)), 1.0)
            self._captions(("",), (tr("nothing reaches this place"),), ("",))
            return
        grey = worked.grey(0)
        hatched = ~picture.inside
        self.patch.set_values(picture.patch[index], worked.limits[0], grey=grey, hatched=hatched)
        self.kernel.set_values(picture.weights[index], _limit(picture.weights))
        self.products.set_values(picture.products[index], _limit(picture.products))
        self._write_captions()

    def _write_captions(self) -> None:
        """What the grids are, or what is pointed at in them."""
        worked = self._worked
        if worked is None or not isinstance(worked.account.picture, Weighted):
            return
        picture, cell = worked.account.picture, self._cell
        height, width = picture.inside.shape
        if not picture.products.size:
            return
        if cell is not None and cell[0] < height and cell[1] < width:
            self._read(worked, picture, cell)
            return
        channel = worked.account.reads.channels[self._channel]
        places = total_places(worked.account)
        part = float(picture.sums[self._channel])
        made = rounded(
            picture.products[self._channel].ravel(),
            part,
            self.products.places,
            total_places=places,
        )
        total: Wordings = tr("products, sum {sum}", sum=made.total), tr("sum {sum}", sum=made.total)
        if made.remainder and self.products.shows_numbers():
            total = rounding_words(made.total, made.remainder)
        kernel = tr("kernel {index}", index=worked.place[0])
        if len(worked.place) == 1:
            kernel = tr("weights of unit {index}", index=worked.place[0])
        patch = tr("patch {height}×{width} of map {map}", height=height, width=width, map=channel)
        self._captions((patch, tr("map {index}", index=channel)), (kernel,), total)

    def _captions(self, *words: Wordings) -> None:
        for box, caption in zip(self.boxes, words, strict=True):
            box.caption.choose(*caption)

    def _show_table(self, worked: Worked, picture: Weighted) -> None:
        self._stack.setCurrentIndex(1)
        labels = [str(index) for index in worked.account.reads.columns]
        columns = [v[0, 0] for v in (picture.patch, picture.weights, picture.products)]
        titles = (tr("value"), tr("input"), tr("weight"), tr("product"))
        self.table.set_table(titles, labels, columns)

    def _show_sums(self, worked: Worked, picture: Weighted) -> None:
        places = total_places(worked.account)
        sums = picture.sums.tolist()
        terms = [*sums, *([] if picture.bias is None else [picture.bias])]
        made = rounded(terms, worked.account.value, places)
        channels = worked.account.reads.channels
        if len(sums) == 1:
            lines = [Line(tr("products"), made.terms[0])]
        else:
            lines = [
                Line(tr("map {index}", index=channel), number)
                for channel, number in zip(channels, made.terms, strict=False)
            ]
        more = [] if picture.bias is None else [Line(tr("bias"), made.terms[-1])]
        if made.remainder:
            help_text = tr("How far the digits that are shown here are from adding up.")
            more.append(Line(tr("rounding"), made.remainder, help_text))
        self.sums.set_sum(lines, self._channel, more, made.total, verdict(worked, places))

    def _point(self, row: int, column: int) -> None:
        self._cell = (row, column)
        for grid in self.grids:
            grid.point_at(self._cell)
        self._write_captions()
        self.pointed.emit(row, column)

    def _leave(self) -> None:
        self._cell = None
        for grid in self.grids:
            grid.point_at(None)
        self._write_captions()
        self.left.emit()

    def _read(self, worked: Worked, picture: Weighted, cell: tuple[int, int]) -> None:
        """The captions for one product."""
        (row, column), reads = cell, worked.account.reads
        x, weight, product = (
            float(values[self._channel, row, column])
            for values in (picture.patch, picture.weights, picture.products)
        )
        places = max(places_for((x, weight, product)), 3)
        here: Wordings = (tr("padding"),)
        if picture.inside[row, column]:
            row, column = reads.rows[row], reads.columns[column]
            here = tr("row {row}, column {column}", row=row, column=column), f"{row}, {column}"
        weight_words = shown(weight, places)
        factors = f"{shown(x, places)} · " + (f"({weight_words})" if weight < 0 else weight_words)
        self._captions(here, (factors,), (f"= {shown(product, places)}",))

    def _restyle(self) -> None:
        self._row.setSpacing(theme.px(8))
        self._whole.setSpacing(theme.px(16))
        self.sums.setFixedWidth(theme.px(196))


def _limit(values: np.ndarray) -> float:
    with np.errstate(invalid="ignore"):
        sizes = np.abs(values[np.isfinite(values)])
    return float(sizes.max(initial=0)) or 1.0
