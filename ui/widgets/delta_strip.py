"""Layers side by side, each with what comes back to it; one is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip

from ui.i18n import tr
from ui.numerals import significant
from ui.theme import theme
from ui.widgets.folding import folded
from ui.widgets.mosaic import mosaic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent
    from PySide6.QtWidgets import QWidget

WIDTH, GAP = 96, 22
MOST_MAPS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """A layer: its uid, what it is called, the family that gives it a colour, and its δ (maps,
    height, width) or (length,), None where it has none. limit: the largest magnitude of all."""

    uid: str
    title: str
    family: str
    values: np.ndarray | None
    limit: float


class DeltaStrip(QAbstractScrollArea):
    """Tiles from left to right, with arrows that lead back; arrow keys choose, Enter goes in."""

    chosen = Signal(str)
    """The uid of a tile that was clicked, or chosen with Enter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles: tuple[Tile, ...] = ()
        self._images: dict[int, QImage] = {}
        self._common: float | None = None
        self._current = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        theme.changed.connect(self._restyle)

    def set_tiles(self, tiles: Sequence[Tile], current: str, *, common: bool) -> None:
        """common: one range of colours for all of them."""
        moved = [tile.uid for tile in tiles] != [tile.uid for tile in self._tiles]
        self._tiles, self._images = tuple(tiles), {}
        limits = [tile.limit for tile in tiles if np.isfinite(tile.limit)]
        self._common = (max(limits, default=0.0) or 1.0) if common else None
        uids = [tile.uid for tile in tiles]
        if current in uids and (moved or uids.index(current) != self._current):
            self._current = uids.index(current)
            self._measure()
            self._reveal()
        self._current = min(self._current, max(len(tiles) - 1, 0))
        self._measure()
        self._describe()
        self.viewport().update()

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """What is shown."""
        return self._tiles

    def tile_rect(self, index: int) -> QRect:
        """Where a tile is on the viewport."""
        left = theme.px(4) + index * theme.px(WIDTH + GAP) - self.horizontalScrollBar().value()
        return QRect(left, 0, theme.px(WIDTH), self.viewport().height())

    def sizeHint(self) -> QSize:
        return QSize(theme.px(500), theme.px(150))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(200), theme.px(90))

    def _limit(self, tile: Tile) -> float:
        return self._common or tile.limit or 1.0

    def _measure(self) -> None:
        width = len(self._tiles) * theme.px(WIDTH + GAP) + theme.px(4)
        bar = self.horizontalScrollBar()
        bar.setRange(0, max(0, width - self.viewport().width()))
        bar.setPageStep(self.viewport().width())
        bar.setSingleStep(theme.px(WIDTH + GAP))

    def _reveal(self) -> None:
        place, bar = self.tile_rect(self._current), self.horizontalScrollBar()
        if place.left() < 0:
            bar.setValue(bar.value() + place.left() - theme.px(30))
        elif place.right() > self.viewport().width():
            bar.setValue(bar.value() + place.right() - self.viewport().width() + theme.px(30))

    def _restyle(self) -> None:
        self._images = {}
        self._measure()
        self.viewport().update()

    # --- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        for index in range(len(self._tiles)):
            place = self.tile_rect(index)
            if place.right() + theme.px(GAP) < 0 or place.left() > self.viewport().width():
                continue
            self._paint_tile(painter, index, place)
            if index + 1 < len(self._tiles):
                self._paint_arrow(painter, place)

    def _paint_tile(self, painter: QPainter, index: int, place: QRect) -> None:
        tile, colors = self._tiles[index], theme.colors
        line = QFontMetrics(theme.font("caption")).height() + 2
        chosen = index == self._current
        frame = place.adjusted(1, 1, -2, -2)
        painter.setPen(QPen(QColor(colors.accent if chosen else colors.border), 2 if chosen else 1))
        painter.setBrush(QColor(colors.surface))
        painter.drawRoundedRect(frame, theme.px(6), theme.px(6))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors.families.get(tile.family, colors.text_muted)))
        pad = theme.px(6)
        painter.drawRect(
            QRect(frame.left() + pad, frame.top(), frame.width() - 2 * pad, theme.px(3))
        )
        painter.setFont(theme.font("caption"))
        painter.setPen(QColor(colors.text))
        inner = frame.adjusted(theme.px(5), theme.px(5), -theme.px(5), -theme.px(3))
        title = painter.fontMetrics().elidedText(
            tile.title, Qt.TextElideMode.ElideRight, inner.width()
        )
        middle = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRect(inner.left(), inner.top(), inner.width(), line), middle, title)
        painter.setPen(QColor(colors.text_muted))
        bottom = QRect(inner.left(), inner.bottom() - line + 1, inner.width(), line)
        if tile.values is None:
            painter.drawText(inner.adjusted(0, line, 0, -line), middle, "—")
            return
        painter.drawText(bottom, middle, f"±{significant(self._limit(tile), 2, tiny=1e-3)}")
        room = inner.adjusted(0, line + 2, 0, -line - 2)
        image = self._images.get(index)
        if image is None:
            image = self._images[index] = self._picture(tile, room)
        if image.isNull() or room.height() < 4:
            return
        scale = min(room.width() / image.width(), room.height() / image.height())
        width, height = max(1, round(image.width() * scale)), max(1, round(image.height() * scale))
        target = QRect(0, 0, width, height)
        target.moveCenter(room.center())
        painter.drawImage(target, image)
        painter.setPen(QColor(colors.border_soft))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(target)

    def _picture(self, tile: Tile, room: QRect) -> QImage:
        assert tile.values is not None
        values = tile.values if tile.values.ndim == 3 else folded(tile.values)[None]
        maps = np.asarray(values[:MOST_MAPS], np.float32)
        wide = room.width() / max(room.height(), 1) * maps.shape[1] / max(maps.shape[2], 1)
        columns = max(1, round((len(maps) * wide) ** 0.5))
        return mosaic(maps, columns, self._limit(tile), gap=1 if len(maps) > 1 else 0)

    def _paint_arrow(self, painter: QPainter, place: QRect) -> None:
        """From the layer behind to this one."""
        y, left, right = place.center().y(), place.right() + 3, place.right() + theme.px(GAP) - 2
        painter.setPen(QPen(QColor(theme.colors.text_muted), 1))
        painter.drawLine(left, y, right, y)
        for dy in (-theme.px(3), theme.px(3)):
            painter.drawLine(left, y, left + theme.px(4), y + dy)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._images = {}
        self._measure()
        self._reveal()

    # --- choosing -----------------------------------------------------------------------------

    def _tile_at(self, x: int) -> int | None:
        for index in range(len(self._tiles)):
            place = self.tile_rect(index)
            if place.left() <= x <= place.right():
                return index
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._tile_at(event.position().toPoint().x())
        if index is None or event.button() != Qt.MouseButton.LeftButton:
            event.ignore()  # beside the tiles is the way back
            return
        self._current = index
        self.viewport().update()
        self.chosen.emit(self._tiles[index].uid)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(key)
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space} and self._tiles:
            self.chosen.emit(self._tiles[self._current].uid)
        elif step is not None and 0 <= self._current + step < len(self._tiles):
            self._current += step
            self._reveal()
            self._describe()
            self.viewport().update()
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self._tile_at(event.pos().x())
            QToolTip.showText(event.globalPos(), "" if index is None else self._words(index), self)
            return True
        return super().viewportEvent(event)

    def _words(self, index: int) -> str:
        tile = self._tiles[index]
        if tile.values is None:
            return tile.title
        limit = significant(tile.limit, 3, tiny=1e-3)
        return tr("{layer}: δ up to {limit}", layer=tile.title, limit=limit)

    def _describe(self) -> None:
        said = [self._words(index) for index in range(min(len(self._tiles), 60))]
        if self._tiles:
            said.insert(0, self._words(self._current))
        self.setAccessibleDescription("\n".join(said))
