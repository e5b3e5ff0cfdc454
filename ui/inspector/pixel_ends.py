"""The two ends of one value's arithmetic: the map that is read, and the map that it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.arithmetic import Listed, Moved, Weighted
from ui.i18n import tr
from ui.inspector.pixel_reading import borders, image_of
from ui.numerals import significant
from ui.widgets.captioned import Captioned
from ui.widgets.folding import folded
from ui.widgets.pixel_map import PixelMap

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from PySide6.QtWidgets import QWidget

    from ui.inspector.pixel_reading import Worked


class SourceView(Captioned):
    """A map or vector that a layer reads, with the window over it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.map = PixelMap()
        super().__init__(self.map, parent)

    def show_worked(self, worked: Worked, channel: int, milliseconds: int) -> None:
        """Show what is read; of a sum of products one of its channels."""
        picture, behind = worked.account.picture, worked.reading.behind
        which = picture.which if isinstance(picture, Moved) else 0
        values = worked.reading.sources[which]
        mapped = isinstance(picture, Weighted) and picture.mapped and behind is not None
        if values.ndim == 3 or mapped:
            wordings = self._show_map(worked, which, channel, milliseconds)
        else:
            wordings = (self._show_vector(worked, values, worked.limits[which]),)
        if isinstance(picture, Moved) and picture.source is None:
            self.map.set_mark(None)
            wordings = (tr("padding: no value of the input"), tr("padding"))
        self.caption.choose(*wordings)
        self.map.setAccessibleName(tr("What is read"))
        self.map.setAccessibleDescription(wordings[0])

    def point_at(self, row: int, column: int) -> None:
        """Mark one value of the window; padding has none."""
        self.map.point_at((row, column))

    def point_at_none(self) -> None:
        """Nothing is pointed at any more."""
        self.map.point_at(None)

    def _show_map(
        self, worked: Worked, which: int, channel: int, milliseconds: int
    ) -> tuple[str, ...]:
        reads, picture = worked.account.reads, worked.account.picture
        if isinstance(picture, Weighted):
            index = reads.channels[channel]
        elif isinstance(picture, Listed):  # of its neighbours too
            index = worked.place[0]
        else:
            index = reads.channels[0]
        values = image_of(worked.reading.sources[which], index, worked.reading.behind)
        height, width = values.shape
        last = range(height - len(reads.rows), height), range(width - len(reads.columns), width)
        self.make_room_for(_window_words(index, *last)[0])
        self.map.set_values(
            values,
            worked.limits[which],
            grey=worked.grey(which),
            border=borders(worked),
        )
        if len(reads.rows) == len(reads.columns) == 1:
            self.map.set_window((), ())
            self.map.set_mark((reads.rows[0], reads.columns[0]))
        else:
            self.map.set_mark(None)
            self.map.set_window(reads.rows, reads.columns, milliseconds)
        return _window_words(index, reads.rows, reads.columns)

    def _show_vector(self, worked: Worked, values: np.ndarray, limit: float) -> str:
        cells = folded(values)
        self.map.set_values(cells, limit, count=len(values))
        self.map.set_window((), ())
        if isinstance(worked.account.picture, Weighted):
            self.map.set_mark(None)
            return tr("all {n:,} values of the input", n=len(values))
        columns = worked.account.reads.columns
        index = worked.place[0] if len(columns) > 1 else columns[0]
        self.map.set_mark(divmod(index, cells.shape[1]))
        return tr("value {index} of {n:,}", index=index, n=len(values))


class OutputView(Captioned):
    """The map or vector that a value is in, with the value marked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.map = PixelMap()
        super().__init__(self.map, parent)

    def show_worked(self, worked: Worked) -> None:
        """Show where the value is."""
        place, output = worked.place, worked.output
        if output.ndim == 3:
            self.map.set_values(output[place[0]], worked.limit)
            self.map.set_mark((place[1], place[2]))
            wordings = _window_words(place[0], (place[1],), (place[2],))
        else:
            cells = folded(output)
            self.map.set_values(cells, worked.limit, count=len(output))
            self.map.set_mark(divmod(place[0], cells.shape[1]))
            wordings = (tr("value {index} of {n:,}", index=place[0], n=len(output)),)
        self.caption.choose(*wordings)
        self.map.setAccessibleName(tr("Output"))
        value = significant(worked.computed)
        self.map.setAccessibleDescription(tr("{place}: {value}", place=wordings[0], value=value))


def _window_words(channel: int, rows: Sequence[int], columns: Sequence[int]) -> tuple[str, ...]:
    """Where a window is, and the same in the fewest words."""
    if not rows or not columns:
        return (tr("map {index}", index=channel),)
    down, across = _span(rows), _span(columns)
    least = tr("map {index}", index=channel) + f": {down}, {across}"
    if len(rows) == len(columns) == 1:
        words = tr("map {map}, row {row}, column {column}", map=channel, row=down, column=across)
        return words, least
    words = tr("map {map}: rows {rows}, columns {columns}", map=channel, rows=down, columns=across)
    return words, least


def _span(places: Sequence[int]) -> str:
    first, last = str(min(places)), str(max(places))
    return (first if first == last else f"{first}–{last}").replace("-", "−")
