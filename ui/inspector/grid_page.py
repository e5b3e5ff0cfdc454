"""What the pages of kernels and of feature maps share: maps or vectors, and a panel beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from ui.array_export import plate
from ui.grid_export import grid_plate
from ui.i18n import language, text, tr
from ui.inspector.vector_view import VectorRow, VectorView
from ui.theme import theme
from ui.widgets.buttons import IconButton
from ui.widgets.color_scale import ColorScale
from ui.widgets.labels import Label
from ui.widgets.map_grid import MapGrid
from ui.widgets.tabs import PillTabs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.export.arrays import Plate
    from ui.array_export import ArrayExport
    from ui.engine_client import EngineClient
    from ui.session import Session


class GridPage(QWidget):
    """Maps, vectors or a sentence, and beside them the value under the pointer and the scale."""

    def __init__(
        self,
        session: Session,
        engine: EngineClient,
        exports: ArrayExport,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._engine = session, engine
        self.grid, self.vectors, self.message = MapGrid(), VectorView(), Label("", "muted")
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        holder = QWidget()  # without one, the first that is added is shown as a window for a moment
        self._stack = QStackedLayout(holder)
        for widget in (self.grid, self.vectors, self.message):
            self._stack.addWidget(widget)

        self.heading, self.counts = Label("", "heading"), Label("", "muted")
        self.reading = Label()
        self.reading.setWordWrap(True)
        self.reading.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._range, self._scale = PillTabs(), ColorScale()
        self._range.selected.connect(self._set_range_mode)
        self.grid.hovered.connect(self._point_in_maps)
        self.grid.left.connect(self._leave)
        self.vectors.hovered.connect(self._point_in_vectors)
        self.vectors.left.connect(self._leave)

        line = QHBoxLayout()
        line.addWidget(self.heading)
        line.addWidget(self.counts, 1)
        self._ranges = QWidget()
        ranges = QHBoxLayout(self._ranges)
        ranges.setContentsMargins(0, 0, 0, 0)
        ranges.setSpacing(0)
        ranges.addWidget(self._range)
        ranges.addStretch(1)
        self._buttons = []
        for name, action in (("duplicate", exports.copy), ("save", exports.save)):
            button = IconButton(name, quiet=True)
            button.clicked.connect(action.trigger)
            ranges.addWidget(button)
            self._buttons.append((button, action))
        for view in (self.grid, self.vectors):
            view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
            view.addActions(exports.actions())
        self._panel = QWidget()
        self._column = QVBoxLayout(self._panel)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(line)
        self._column.addWidget(self.reading, 1)
        self._column.addWidget(self._ranges)
        self._column.addWidget(self._scale)
        self._row = QHBoxLayout(self)
        self._row.addWidget(holder, 1)
        self._row.addWidget(self._panel)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._bring(self.message)
        self._restyle()
        self.retranslate()

    # --- for the pages ------------------------------------------------------------------------

    def show_maps(
        self, maps: np.ndarray, limit: float | None = None, *, grey: bool = False
    ) -> None:
        """Show maps (n, height, width)."""
        self.grid.set_maps(maps, limit, grey=grey)
        self._show_grid(grey=grey)

    def show_kernels(self, weights: np.ndarray, *, units: bool = False) -> None:
        """Show kernels (filters, channels, height, width), or those of a dense layer's units."""
        self.grid.set_kernels(weights, groups="units" if units else "filters")
        self._show_grid()

    def show_vectors(self, rows: Sequence[VectorRow]) -> None:
        """Show vectors."""
        self.vectors.set_rows(rows)
        self._bring(self.vectors)
        self._range.hide()
        one = len({row.limit for row in rows}) == 1
        self._scale.set_range(rows[0].limit if one else None)
        self._scale.setVisible(one)

    def show_message(self, sentence: str) -> None:
        """Show a sentence instead."""
        self.message.setText(sentence)
        self._bring(self.message)

    @property
    def offers(self) -> bool:
        """Whether there are values to be taken along."""
        return self._stack.currentWidget() is not self.message

    def plate(self) -> Plate | None:
        """What is on show, to be taken along."""
        name = f"{self.title()} {self.heading.text()}".strip()
        shown = self._stack.currentWidget()
        if shown is self.vectors:
            return _plate_of_rows(name, self.vectors.rows)
        return grid_plate(self.grid, name, self.one()) if shown is self.grid else None

    def one(self) -> str:
        """What the maps are counted as in a table."""
        return tr("map")

    def title(self) -> str:
        """What the layer is called in the name of a file."""
        layer = self._session.selected_layer
        return "" if layer is None else f"{text(layer.name)} {layer.detail}".strip()

    def read_map(self, index: int, row: int, column: int, value: float) -> str:
        """What to say about a value of a map."""
        raise NotImplementedError

    def read_vector(self, row: int, index: int, value: float) -> str:
        """What to say about a value of a vector."""
        raise NotImplementedError

    def ranges(self) -> list[tuple[str, str]]:
        """For what one range of the colours may stand, by key and title."""
        return [("layer", tr("Per layer")), ("map", tr("Per map"))]

    def range_help(self) -> str:
        """What these are."""
        return tr("One range of colours for the whole layer, or for each map its own")

    def hint(self) -> str:
        """What to do with the values."""
        return tr("Point at a value to read it.")

    def refresh(self) -> None:
        """Show what is selected now."""
        self.show_picture()

    def show_picture(self) -> None:
        """Show the newest values."""
        raise NotImplementedError

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self._range.set_tabs(self.ranges())
        self._range.setAccessibleName(tr("Range of the colours"))
        self._range.setToolTip(self.range_help())
        self.reading.setAccessibleName(tr("Value under the pointer"))
        for button, action in self._buttons:
            button.set_tip(action.text(), action.shortcut())
        self._leave()
        self.show_picture()

    # --- inside -------------------------------------------------------------------------------

    def _show_grid(self, *, grey: bool = False) -> None:
        self._bring(self.grid)
        self._range.setVisible(not grey)
        self._scale.show()
        self._show_scale(grey=grey)

    def _bring(self, widget: QWidget) -> None:
        if self._stack.currentWidget() is not widget:
            self._stack.setCurrentWidget(widget)
            self._panel.setVisible(widget is not self.message)
            self._leave()

    def _show_scale(self, *, grey: bool = False) -> None:
        cell = self.grid.cursor_cell()
        if self._range.current() == "map" and not grey:
            self._scale.set_range(self.grid.limit(cell[0]) if cell is not None else None)
        else:
            self._scale.set_range(self.grid.limit(), grey=grey)

    def _set_range_mode(self, mode: str) -> None:
        self.grid.set_range_mode("map" if mode == "map" else "layer")
        self._show_scale()

    def _point_in_maps(self, index: int, row: int, column: int, value: float) -> None:
        self.reading.set_role("body")
        self.reading.setText(self.read_map(index, row, column, value))
        if self._range.current() == "map" and self._range.isVisible():
            self._show_scale()

    def _point_in_vectors(self, row: int, index: int, value: float) -> None:
        self.reading.set_role("body")
        self.reading.setText(self.read_vector(row, index, value))

    def _leave(self) -> None:
        self.reading.set_role("muted")
        self.reading.setText("" if self._stack.currentWidget() is self.message else self.hint())

    def _restyle(self) -> None:
        self._row.setContentsMargins(theme.px(14), theme.px(8), theme.px(14), theme.px(8))
        self._row.setSpacing(theme.px(14))
        self._column.setSpacing(theme.px(4))
        self._panel.setFixedWidth(theme.px(262))


def _plate_of_rows(name: str, rows: Sequence[VectorRow]) -> Plate | None:
    """Vectors as the rows of a table; None where they are of different lengths."""
    if len({len(row.values) for row in rows}) != 1:
        return None
    values = np.stack([row.values for row in rows])  # (rows, length)
    limits = np.array([row.limit for row in rows], np.float32)
    limit = float(limits[0]) if len(set(limits.tolist())) == 1 else limits
    taken = values[0] if len(rows) == 1 else values
    return plate(name, taken, limit, (), maps=values[:, None])
