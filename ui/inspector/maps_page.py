"""Feature maps of the selected layer, large."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal

from cnnviz.explain import maps_behind, same_place
from cnnviz.layers import Flatten, Maps
from cnnviz.network import INPUT_UID
from ui.i18n import tr
from ui.inspector.grid_page import GridPage
from ui.inspector.reading import absence, sight
from ui.inspector.vector_view import VectorRow
from ui.numerals import significant

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.array_export import ArrayExport
    from ui.engine_client import EngineClient
    from ui.session import Session


class MapsPage(GridPage):
    """All feature maps; a vector's values as bars; of the input, what the network sees."""

    chosen = Signal(object)
    """The place of a value that was clicked: (map, row, column) or (index,)."""

    def __init__(
        self,
        session: Session,
        engine: EngineClient,
        exports: ArrayExport,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(session, engine, exports, parent)
        self.grid.clicked.connect(lambda *place: self._choose(place))
        self.vectors.clicked.connect(lambda _, index: self._choose((index,)))
        self.grid.hovered.connect(self._point_at)
        self.grid.left.connect(session.spot.leave)
        session.spot.changed.connect(self._mark_spot)

    def _choose(self, place: tuple[int, ...]) -> None:
        if self._session.selection != INPUT_UID:
            self.chosen.emit(place)

    def _point_at(self, _map: int, row: int, column: int, _value: float) -> None:
        self._session.spot.point_at(self._session.selection, row, column)

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
        uid, picture = self._session.selection, self._engine.picture
        missing = absence(self._session, self._engine)
        values = picture.maps.get(uid) if picture is not None and not missing else None
        if values is None or picture is None:
            self.show_message(missing)
            return
        self.heading.setText(tr("Input") if uid == INPUT_UID else tr("Feature maps"))
        limit = picture.limits.get(uid, 1.0)
        if values.ndim == 1:
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
        if uid == INPUT_UID and picture.greys:
            self.show_maps(np.asarray(values), grey=True)
        else:
            self.show_maps(values, limit)

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
