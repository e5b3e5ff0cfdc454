"""What comes back to a layer, what it hands back, and what it learns, as maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QWidget

from cnnviz.layers import LocallyConnected2d
from ui.grid_export import GridExport, grid_plate
from ui.i18n import tr
from ui.inspector.way_back import Quantity, limit_of, quantities, result_of
from ui.numerals import significant
from ui.theme import theme
from ui.widgets.captioned import Captioned
from ui.widgets.folding import folded
from ui.widgets.labels import Label
from ui.widgets.map_grid import MapGrid
from ui.widgets.map_painter import Names

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent

    from cnnviz.analysis import Row
    from cnnviz.arithmetic import Place
    from cnnviz.export.arrays import Plate
    from cnnviz.layers import Maps, Size
    from ui.inspector.way_back import Course
    from ui.inspector.wordings import Wordings
    from ui.widgets.map_painter import Captions

MOST_LEARNED = 2


class BackwardLayer(QWidget):
    """δ of the input, what is learned, and δ of the output, with a paragraph on what happens."""

    chosen = Signal(object, object)
    """A `Quantity` and a place in it that was clicked."""
    output_chosen = Signal(object)
    """A place in δ of the output that was clicked."""
    left = Signal()
    """Beside the maps was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.handed, self.output = MapGrid(), MapGrid()
        self.learned = [MapGrid() for _ in range(MOST_LEARNED)]
        self._grids = (self.handed, *self.learned, self.output)
        self._boxes = tuple(Captioned(grid, above=True) for grid in self._grids)
        Captioned.in_a_row(*self._boxes)
        self._shapes: dict[MapGrid, tuple[tuple[int, ...], tuple[int, ...]]] = {}
        """What is shown, and as what."""
        self._quantities: dict[MapGrid, Quantity] = {}
        self.words = Label()
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for box in self._boxes:
            self._row.addWidget(box, 3)
        self._area = paragraph_area(self.words)
        self._row.addWidget(self._area, 3)
        self.exports = [GridExport(grid, grid.accessibleName, self) for grid in self._grids]
        for grid in self._grids:
            grid.clicked.connect(
                lambda tile, row, column, grid=grid: self._choose(grid, tile, row, column)
            )
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_course(self, course: Course, row: Row, behind: Maps | None) -> None:
        """Show all of a layer. behind: the maps that a vector which it reads was written out from,
        to which what belongs to that vector is folded back."""
        every = quantities(row)
        handed = every[0]
        learned = [quantity for quantity in every if quantity.kind == "tensor"][:MOST_LEARNED]
        self._quantities = {self.handed: handed}
        back = tr("δ handed back to the input"), tr("δ handed back")
        self._fill(0, result_of(course, handed), back, behind)
        for index, grid in enumerate(self.learned, start=1):
            given = index <= len(learned)
            self._boxes[index].setVisible(given)
            if given:
                quantity = learned[index - 1]
                self._quantities[grid] = quantity
                words = tr("gradient: bias"), tr("bias")
                if quantity.name == "weight":
                    words = tr("gradient: weights"), tr("gradient")
                of_inputs = len(row.parameters[quantity.name]) == 2
                gradient = result_of(course, quantity)
                kernel = row.layer.kernel if isinstance(row.layer, LocallyConnected2d) else None
                self._fill(index, gradient, words, behind if of_inputs else None, kernel)
                alone = len(row.parameters[quantity.name]) == 1  # a column of cells is narrow
                self._row.setStretch(index, 1 if alone else 3)
        output = tr("δ of the output"), "δ"
        self._fill(len(self._grids) - 1, course.deltas.get(course.uid), output)

    def plate(self) -> Plate | None:
        """The maps that the keyboard is in, else those that are handed back."""
        grid = next((grid for grid in self._grids if grid.hasFocus()), self.handed)
        return grid_plate(grid, grid.accessibleName(), tr("map"))

    def finish(self) -> None:
        """The program ends: wait for what is being written."""
        for export in self.exports:
            export.finish()

    def _fill(
        self,
        index: int,
        values: np.ndarray | None,
        words: Wordings,
        behind: Maps | None = None,
        kernel: Size | None = None,
    ) -> None:
        grid = self._grids[index]
        if values is None:
            grid.set_maps(None)
            self._boxes[index].caption.choose(*words)
            return
        shape = shown_as(values.shape, behind, kernel)
        self._shapes[grid] = values.shape, shape
        grid.set_names(Names(shown=len(shape) > 2))
        if len(shape) == 4 and shape != values.shape:
            groups: Captions = "units" if values.ndim == 2 else "positions"
            grid.set_kernels(values.reshape(shape), limit_of(values), groups=groups)
        else:
            grid.set_maps(as_maps(values.reshape(shape)), limit_of(values))
        limit = significant(limit_of(values) if values.any() else 0.0, 2, tiny=1e-3)
        reach = (tr("{what}, ±{limit}", what=what, limit=limit) for what in words)
        self._boxes[index].caption.choose(*reach)
        grid.setAccessibleName(words[0])

    def _choose(self, grid: MapGrid, tile: int, row: int, column: int) -> None:
        if grid not in self._shapes:
            return
        size, shape = self._shapes[grid]
        place = place_in(shape, tile, row, column)
        if place is None:
            return
        if shape != size:
            index = np.unravel_index(int(np.ravel_multi_index(place, shape)), size)
            place = tuple(int(one) for one in index)
        if grid is self.output:
            self.output_chosen.emit(place)
        else:
            self.chosen.emit(self._quantities[grid], place)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.left.emit()

    def _restyle(self) -> None:
        self._row.setSpacing(theme.px(12))


def paragraph_area(words: Label) -> QScrollArea:
    """A paragraph that scrolls where it is longer than its room."""
    area = QScrollArea()
    area.setWidget(words)
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setMinimumWidth(theme.px(180))
    return area


def shown_as(
    size: tuple[int, ...], behind: Maps | None, kernel: Size | None = None
) -> tuple[int, ...]:
    """The shape in which an array is shown, with its values in the same order.

    behind: the maps that its last axis was written out from, as far as it has one value for each of
    theirs. kernel: what the last axis of the weights of a locally connected layer, (positions,
    filters, channels · height · width), is made of; they become (positions, kernels, height,
    width).
    """
    if kernel is not None and len(size) == 3:
        return (size[0], size[1] * size[2] // (kernel.height * kernel.width), *kernel.pair)
    if behind is None or len(size) > 2 or size[-1] != behind.size:
        return size
    return (*size[:-1], behind.channels, behind.height, behind.width)


def as_maps(values: np.ndarray) -> np.ndarray:
    """Any array as maps (n, height, width): a vector folded, a matrix as one."""
    if values.ndim == 1:
        return folded(values)[None]
    if values.ndim == 2:
        return values[None]
    return values.reshape(-1, *values.shape[-2:])


def place_in(shape: tuple[int, ...], tile: int, row: int, column: int) -> Place | None:
    """The index of what `as_maps` shows at a place; None where nothing is."""
    if len(shape) == 1:
        columns = 1 if shape[0] <= 16 else int(np.ceil(np.sqrt(shape[0])))
        index = row * columns + column
        return (index,) if index < shape[0] else None
    if len(shape) == 2:
        return row, column
    if len(shape) == 3:
        return tile, row, column
    return (*divmod(tile, shape[1]), row, column)
