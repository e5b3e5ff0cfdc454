"""Feature maps of the selected layer, large."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal

from cnnviz.arithmetic.sources import sources_of
from cnnviz.explain import maps_behind, same_place
from cnnviz.layers import Flatten, Maps
from cnnviz.network import INPUT_UID
from ui.array_export import plate
from ui.i18n import tr
from ui.inspector.grid_page import GridPage
from ui.inspector.large_map import LargeMap
from ui.inspector.reading import absence, sight
from ui.inspector.vector_view import VectorRow
from ui.numerals import significant
from ui.picture import network_limit
from ui.widgets.map_painter import Names

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QShowEvent
    from PySide6.QtWidgets import QWidget

    from cnnviz.export.arrays import Plate
    from ui.array_export import ArrayExport
    from ui.engine_client import EngineClient
    from ui.inspector.large_actions import LargeActions
    from ui.picture import Picture
    from ui.session import Session


class MapsPage(GridPage):
    """All feature maps; a vector's values as bars; of the input, what the network sees."""

    chosen = Signal(object)
    """The place of a value that was clicked: (map, row, column) or (index,)."""
    enlarged = Signal(bool)
    """One map is shown large, and wants room; or it is no longer."""

    def __init__(
        self,
        session: Session,
        engine: EngineClient,
        exports: ArrayExport,
        large: LargeActions,
        parent: QWidget | None = None,
    ) -> None:
        self._open: int | None = None  # what follows is needed when the page first speaks
        self.actions_of_large = large
        self.large = LargeMap(session, large)
        super().__init__(session, engine, exports, parent)
        self._stack.addWidget(self.large)
        self.large.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.large.addActions([*large.all(), *exports.actions()])
        self.grid.addActions([large.large])
        self.grid.set_opening(True)
        self.grid.opened.connect(self.open_large)
        self.large.map.clicked.connect(self._choose_in_large)
        self.large.map.hovered.connect(self._point_in_large)
        self.large.map.left.connect(self._leave_large)
        self.large.map.beside.connect(self.close_large)
        self.large.map.maps_moved.connect(self._open_next)
        self.large.gamma_changed.connect(self.show_picture)
        large.large.triggered.connect(self._toggle_large)
        self.grid.clicked.connect(lambda *place: self._choose(place))
        self.vectors.clicked.connect(lambda _, index: self._choose((index,)))
        self.grid.hovered.connect(self._point_at)
        self.grid.left.connect(session.spot.leave)
        session.spot.changed.connect(self._mark_spot)

    @property
    def open_map(self) -> int | None:
        """The map that is shown large."""
        return self._open

    def open_large(self, index: int) -> None:
        """Show one map large."""
        if self.grid.maps is None or self._stack.currentWidget() not in {self.grid, self.large}:
            return
        before, self._open = self._open, min(max(index, 0), len(self.grid.maps) - 1)
        self.show_picture()
        if before is None:
            self.large.map.setFocus()
            self.enlarged.emit(True)

    def close_large(self) -> None:
        """Back to all maps."""
        if self._open is None:
            return
        self._open = None
        self._session.spot.leave()
        self.show_picture()
        if self.isVisible():
            self.grid.setFocus()
        self.enlarged.emit(False)

    def _toggle_large(self) -> None:
        if self._open is not None:
            self.close_large()
        else:
            cell = self.grid.cursor_cell()
            self.open_large(0 if cell is None else cell[0])
        self._offer_large()

    def _open_next(self, by: int) -> None:
        if self._open is not None:
            self.open_large(self._open + by)

    def _offer_large(self) -> None:
        shown = self._stack.currentWidget()
        actions = self.actions_of_large
        actions.large.setChecked(shown is self.large)
        actions.set_enabled(self.isVisible() and shown in {self.grid, self.large})

    def _choose(self, place: tuple[int, ...]) -> None:
        if self._session.selection != INPUT_UID:
            self.chosen.emit(place)

    def _point_at(self, _map: int, row: int, column: int, _value: float) -> None:
        uid, report = self._session.selection, self._session.report
        if uid != INPUT_UID:  # a click, which is near now, is answered sooner with these at hand
            self._engine.want_whole(tuple(source.uid for source in sources_of(report, uid)))
        self._session.spot.point_at(self._session.selection, row, column)

    def _choose_in_large(self, row: int, column: int) -> None:
        if self._open is not None:
            self._choose((self._open, row, column))

    def _point_in_large(self, row: int, column: int, value: float) -> None:
        if self._open is not None:
            self._point_at(self._open, row, column, value)
            self._point_in_maps(self._open, row, column, value)

    def _leave_large(self) -> None:
        self._session.spot.leave()
        self._leave()

    def _mark_spot(self) -> None:
        place = self._session.spot.place
        if place is None or not self.isVisible():
            self.grid.set_spot(None)
        else:
            self.grid.set_spot(
                same_place(self._session.report, *place).get(self._session.selection)
            )

    def show_picture(self) -> None:
        """Show the newest values."""
        self._show_values()
        self._offer_large()

    def _show_values(self) -> None:
        uid, picture = self._session.selection, self._engine.picture
        missing = absence(self._session, self._engine)
        values = picture.maps.get(uid) if picture is not None and not missing else None
        if values is None or picture is None:
            self.show_message(missing)
            return
        self.heading.setText(tr("Input") if uid == INPUT_UID else tr("Feature maps"))
        limit = picture.limits.get(uid, 1.0)
        if values.ndim == 1:
            self.close_large()
            self.counts.setText(tr("{n:,} values", n=len(values)))
            self.show_vectors([VectorRow("", values, limit)])
            return
        shown, height, width = values.shape
        count = picture.channels.get(uid, shown)
        self.counts.setText(
            tr("{n:,} of {height}×{width}", n=count, height=height, width=width)
            if shown == count
            else tr(
                "{shown:,} of {n:,}, {height}×{width}",
                shown=shown,
                n=count,
                height=height,
                width=width,
            )
        )
        if self._range.current() == "network":
            limit = network_limit(picture)
        grey = uid == INPUT_UID and picture.greys
        self.grid.set_names(Names((), self._session.muted.of(uid)))
        self.grid.set_maps(np.asarray(values), limit, grey=grey)
        if self._open is None:
            self.show_maps(np.asarray(values), limit, grey=grey)
        else:
            self._show_large(values, picture, grey=grey)

    def _show_large(self, values: np.ndarray, picture: Picture, *, grey: bool) -> None:
        assert self._open is not None
        index = self._open = min(self._open, len(values) - 1)
        self.heading.setText(tr("Map {index}", index=index))
        self._bring(self.large)
        self._range.setVisible(not grey)
        self._scale.show()
        self.large.show_map(values[index], self.grid.limit(index), picture, grey=grey)
        self._show_scale(grey=grey)

    def plate(self) -> Plate | None:
        """What is on show, to be taken along."""
        maps = self.grid.maps
        if self._stack.currentWidget() is not self.large or maps is None or self._open is None:
            return super().plate()
        grey = self.grid.limits is None
        return plate(
            f"{self.title()} {self.heading.text()}".strip(),
            maps[self._open],
            None if grey else self.grid.limit(self._open),
            (),
            gamma=self.large.gamma,
        )

    def ranges(self) -> list[tuple[str, str]]:
        """For what one range of the colours may stand, by key and title."""
        return [("layer", tr("Layer")), ("map", tr("Map")), ("network", tr("Network"))]

    def range_help(self) -> str:
        """What these are."""
        return tr("One range of colours for the layer, for each map its own, or for all layers")

    def _set_range_mode(self, mode: str) -> None:
        super()._set_range_mode(mode)
        self.show_picture()

    def _show_scale(self, *, grey: bool = False) -> None:
        if self._stack.currentWidget() is self.large and self._open is not None:
            limit = self.grid.limit(self._open)
            self._scale.set_range(limit, grey=grey, gamma=self.large.gamma)
        else:
            super()._show_scale(grey=grey)

    def retranslate(self) -> None:
        """Say everything in the present language."""
        super().retranslate()
        self.grid.setAccessibleName(tr("Feature maps"))

    def refresh(self) -> None:
        """Show what is selected now."""
        super().refresh()
        self._leave()

    def hint(self) -> str:
        """What to do with the values."""
        if self._open is not None:
            return tr(
                "Wheel or + and −: zoom. Drag: move. Page Up and Page Down: other maps. "
                "Esc or a click beside it: back."
            )
        if self._session.selection == INPUT_UID:
            return super().hint()
        return tr("Point at a value to read it; click it to see how it came about.")

    def read_map(self, index: int, row: int, column: int, value: float) -> str:
        """A value, its place, and the pixels that it sees."""
        place = tr(
            "map {map}, row {row}, column {column}: {value}",
            map=index,
            row=row,
            column=column,
            value=significant(value),
        )
        seen = sight(self._session.report, self._session.selection, row, column)
        return f"{place}\n{seen}" if seen else place

    def read_vector(self, row: int, index: int, value: float) -> str:
        """A value, its index, and for what is only written out its place in the maps."""
        told = tr("value {index}: {value}", index=index, value=significant(value))
        maps = self._written_out()
        if maps is None:
            return f"{told}\n{sight(self._session.report, self._session.selection)}"
        channel, place = divmod(index, maps.height * maps.width)
        above, left = divmod(place, maps.width)
        came = tr("from map {map}, row {row}, column {column}", map=channel, row=above, column=left)
        return f"{told}\n{came}"

    def _written_out(self) -> Maps | None:
        """The maps that the values of the selected layer are still to be found in."""
        session = self._session
        row = session.report.row(session.selection)
        if isinstance(row.layer, Flatten) and isinstance(row.input, Maps):
            return row.input
        if row.parameters:
            return None
        return maps_behind(session.report, session.selection)

    # --- Qt -----------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._open is not None:
            self.close_large()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.close_large()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._open is not None:
            self.enlarged.emit(True)
        self._offer_large()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._engine.want_whole(())
        if self._open is not None:
            self.enlarged.emit(False)
        self._session.spot.leave()
        self._offer_large()
