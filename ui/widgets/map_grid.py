"""All kernels or all feature maps of a layer, large, with the value under the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractScrollArea

from ui.colors import natural_limit, natural_limits
from ui.i18n import language, tr
from ui.theme import theme
from ui.widgets.arrow_keys import ARROW_STEPS
from ui.widgets.map_painter import MapPainter, arranged, paint_cursor, paint_lens, paint_spots
from ui.widgets.map_speech import Spoken
from ui.widgets.speech import announce
from ui.widgets.when_asked import say_when_asked, words_changed

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent
    from PySide6.QtWidgets import QWidget

    from ui.colors import Floats
    from ui.widgets.grid_layout import TileLayout
    from ui.widgets.map_painter import Captions, Names

Cell = tuple[int, int, int]
"""(map, row, column) of one value."""

_LENS = 18


class MapGrid(QAbstractScrollArea):
    """Maps as tiles with captions; a pointer or the arrow keys read single values.

    Arrow keys move by a value, with Ctrl by a map; Enter or Space clicks. For kernels the map's
    index is filter · channels + channel.
    """

    hovered = Signal(int, int, int, float)
    """Map, row, column and value under the pointer or under the keyboard's cursor."""
    left = Signal()
    clicked = Signal(int, int, int)
    opened = Signal(int)
    """A map that is to be shown large: its lens or its number was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._maps: Floats | None = None
        self._channels: int | None = None  # of kernels with several; None lays tiles out in a flow
        self._captions: Captions = "maps"
        self._grey = False
        self._given_limit: float | None = None
        self._per_map = False
        self._limits: Floats | float = 1.0
        self._painter = MapPainter()
        self._layout: TileLayout | None = None
        self._cell: Cell | None = None
        self._spot: tuple[int, int] | None = None
        self._opens = False
        self._by_keyboard = False
        self._read_out = ""
        say_when_asked()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.horizontalScrollBar().valueChanged.connect(self._forget_pointer)
        self.verticalScrollBar().valueChanged.connect(self._forget_pointer)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def set_maps(
        self, maps: Floats | None, limit: float | None = None, *, grey: bool = False
    ) -> None:
        """Show maps (n, height, width); None or no maps leaves it empty.

        `limit` is the value of the strongest colour, None takes the largest magnitude. `grey`
        shows values between 0 and 1 as grey, as the input alone is shown.
        """
        self._show(maps, None, "maps", limit, grey)

    def set_kernels(
        self, weights: Floats | None, limit: float | None = None, *, groups: Captions = "filters"
    ) -> None:
        """Show weights (filters, channels, height, width): a group a filter, a tile a channel.

        `groups` says what they are where they are no filters.
        """
        if weights is None or not weights.size:
            self._show(None, None, "maps", None, False)
            return
        filters, channels, height, width = weights.shape
        kernels = weights.reshape(filters * channels, height, width)
        if channels == 1:
            self._show(kernels, None, "maps", limit, False)
        else:
            self._show(kernels, channels, groups, limit, False)

    def set_names(self, names: Names) -> None:
        """What maps, filters or units are called, where that is not their place."""
        self._painter.set_names(names)
        words_changed(self)
        self.viewport().update()

    @property
    def names(self) -> Names:
        """What they are called."""
        return self._painter.names

    def set_range_mode(self, mode: Literal["layer", "map"]) -> None:
        """One range of colours for all maps, or for each map its own."""
        self._per_map = mode == "map"
        self._recolor()

    def set_opening(self, opens: bool) -> None:
        """Whether a map can be shown large: the one that is pointed at has a lens then."""
        self._opens = opens

    def set_spot(self, spot: tuple[int, int] | None) -> None:
        """Mark the value at (row, column) of every map."""
        if spot != self._spot:
            self._spot = spot
            self.viewport().update()

    @property
    def spot(self) -> tuple[int, int] | None:
        """The (row, column) that is marked in every map."""
        return self._spot

    def limit(self, tile: int | None = None) -> float:
        """The value of the strongest colour: of one map, or by default the largest of all."""
        if isinstance(self._limits, float):
            return self._limits
        return float(self._limits.max() if tile is None else self._limits[tile])

    @property
    def maps(self) -> Floats | None:
        """The maps (n, height, width) on show."""
        return self._maps

    @property
    def channels(self) -> int | None:
        """How many of them belong to a filter or unit; None where each is for itself."""
        return self._channels

    @property
    def limits(self) -> Floats | float | None:
        """The value of the strongest colour, of all or of each map; None where they are grey."""
        return None if self._grey else self._limits

    def cursor_cell(self) -> Cell | None:
        """The (map, row, column) that is pointed at."""
        return self._cell

    def retranslate(self) -> None:
        """Say in the present language what is shown."""
        self.setAccessibleName(tr("Maps"))
        self._relayout()
        words_changed(self)
        self.viewport().update()

    # ---- data -> pixels

    def _show(
        self,
        maps: Floats | None,
        channels: int | None,
        captions: Captions,
        limit: float | None,
        grey: bool,
    ) -> None:
        before = self._arrangement()
        self._maps = maps if maps is not None and maps.size else None
        self._channels, self._captions = channels, captions
        self._given_limit, self._grey = limit, grey
        self._recolor()
        if self._arrangement() != before:
            self._set_cell(None)
            self._relayout()
        words_changed(self)
        if self._cell is not None:
            self._tell(self._cell)  # the same place has a new value

    def _arrangement(self) -> object:
        """All that the places of the tiles depend on."""
        return None if self._maps is None else (self._maps.shape, self._channels, self._captions)

    def _recolor(self) -> None:
        maps = self._maps
        if maps is not None:
            if self._grey:
                self._limits = 1.0
            elif self._per_map:
                self._limits = natural_limits(maps)
            else:
                limit = self._given_limit
                self._limits = natural_limit(maps) if limit is None else float(limit)
            self._painter.set_maps(maps, None if self._grey else self._limits)
        self.viewport().update()

    def _restyle(self) -> None:
        self._relayout()
        self._recolor()

    # ---- layout

    def _relayout(self) -> None:
        maps = self._maps
        if maps is None:
            self._layout = None
            self.horizontalScrollBar().setRange(0, 0)
            self.verticalScrollBar().setRange(0, 0)
            return
        # The room without scroll bars decides, so that their coming cannot make them go.
        room = self.maximumViewportSize()
        area = room.width() - self.verticalScrollBar().sizeHint().width(), room.height()
        self._layout = arranged(maps.shape, self._channels, self._captions, area)
        total_width, total_height = self._layout.total()
        view = self.viewport().size()
        for bar, total, page, step in (
            (self.horizontalScrollBar(), total_width, view.width(), self._layout.pitch_x),
            (self.verticalScrollBar(), total_height, view.height(), self._layout.pitch_y),
        ):
            bar.setRange(0, max(0, total - page))
            bar.setPageStep(page)
            bar.setSingleStep(max(1, step // 2))

    def _offset(self) -> QPoint:
        return QPoint(self.horizontalScrollBar().value(), self.verticalScrollBar().value())

    def _cell_rect(self, cell: Cell) -> QRect:
        """Where a value is on the viewport."""
        assert self._layout is not None
        return QRect(*self._layout.box(cell)).translated(-self._offset())

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        if self._layout is None:
            painter.fillRect(event.rect(), theme.colors.surface)
            return
        offset = self._offset()
        painter.translate(-offset)
        view = QRect(offset, self.viewport().size())
        dirty = event.rect().translated(offset)
        self._painter.paint(painter, self._layout, view, dirty, self._captions)
        if self._spot is not None:
            paint_spots(painter, self._layout, dirty, self._spot)
        if self._cell is not None:
            place = self._cell_rect(self._cell).translated(offset)
            paint_cursor(painter, self._layout, self._cell[0], place)
            if self._opens:
                paint_lens(painter, self._lens(self._cell[0]).translated(offset))

    def _lens(self, tile: int) -> QRect:
        """Where the lens of a map is on the viewport: in its upper right corner."""
        assert self._layout is not None
        side = min(theme.px(_LENS), self._layout.width // 2, self._layout.height // 2)
        left, top = self._layout.origin(tile)
        corner = QPoint(left + self._layout.width - side, top) - self._offset()
        return QRect(corner, QSize(side, side))

    def _opener_at(self, point: QPoint) -> int | None:
        """The map whose lens, or whose number below it, is at a point."""
        layout = self._layout
        if not self._opens or layout is None or self._captions != "maps":
            return None
        if self._cell is not None and self._lens(self._cell[0]).contains(point):
            return self._cell[0]
        place = point + self._offset()
        caption = layout.pitch_y - layout.height - theme.px(8)
        found = layout.cell_at(place.x(), place.y() - caption)
        return found[0] if found is not None and self._cell_at(point) is None else None

    # ---- pointing

    def _set_cell(self, cell: Cell | None) -> None:
        before = self._cell
        if cell == before:
            return
        self._cell = cell
        margin = 4
        if self._layout is not None:
            for changed in (before, cell):
                if changed is not None and changed[0] < self._layout.count:
                    left, top = self._layout.origin(changed[0])
                    tile = QRect(left, top, self._layout.width, self._layout.height)
                    tile.translate(-self._offset())
                    self.viewport().update(tile.adjusted(-margin, -margin, margin, margin))
        words_changed(self)
        if cell is None:
            self.left.emit()
        else:
            self._tell(cell)

    def _tell(self, cell: Cell) -> None:
        assert self._maps is not None
        value = float(self._maps[cell])
        if self._by_keyboard and (words := self.in_words()) != self._read_out:
            self._read_out = words
            announce(self, words)
        self.hovered.emit(*cell, value)

    def in_words(self) -> str:
        """For screen readers: what is pointed at, or how many maps and between which values."""
        if self._maps is None:
            return ""
        spoken = Spoken(self._maps, self._channels, self._captions, self._painter.names.number)
        return spoken.summary() if self._cell is None else spoken.reading(self._cell)

    def _forget_pointer(self) -> None:
        if not self._by_keyboard:
            self._set_cell(None)

    def _cell_at(self, point: QPoint) -> Cell | None:
        if self._layout is None:
            return None
        place = point + self._offset()
        return self._layout.cell_at(place.x(), place.y())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._by_keyboard = False
        self._set_cell(self._cell_at(event.position().toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self._cell_at(event.position().toPoint())
        left = event.button() == Qt.MouseButton.LeftButton
        opener = self._opener_at(event.position().toPoint()) if left else None
        if opener is not None:
            self.opened.emit(opener)
        elif left and cell is not None:
            self._by_keyboard = False
            self._set_cell(cell)
            self.clicked.emit(*cell)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._forget_pointer()
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if self._layout is None:
            super().keyPressEvent(event)
        elif key in ARROW_STEPS:
            by_map = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self._move(*ARROW_STEPS[key], by_map)
        elif key == Qt.Key.Key_Z and self._opens and self._cell:
            self.opened.emit(self._cell[0])
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space} and self._cell:
            self.clicked.emit(*self._cell)
        else:
            super().keyPressEvent(event)

    def _move(self, down: int, right: int, by_map: bool) -> None:
        """Move the cursor over all tiles as if they were one sheet of values."""
        assert self._layout is not None
        self._by_keyboard = True
        cell: Cell | None = (0, 0, 0)
        if self._cell is not None:
            height, width = self._layout.map_size if by_map else (1, 1)
            cell = self._layout.step(self._cell, down * height, right * width)
        if cell is not None:
            self._set_cell(cell)
            self._scroll_to(cell[0])

    def _scroll_to(self, tile: int) -> None:
        assert self._layout is not None
        left, top = self._layout.origin(tile)
        margin = theme.px(20)
        for bar, start, length, page in (
            (self.horizontalScrollBar(), left, self._layout.width, self.viewport().width()),
            (self.verticalScrollBar(), top, self._layout.height, self.viewport().height()),
        ):
            if start - margin < bar.value():
                bar.setValue(start - margin)
            elif start + length + margin > bar.value() + page:
                bar.setValue(start + length + margin - page)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if self._by_keyboard:
            self._by_keyboard = False
            self._read_out = ""
            self._set_cell(None)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._relayout()
