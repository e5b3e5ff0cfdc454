"""The look of a `MapGrid`: tiles, frames and captions, fast enough for hundreds of live maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPen, QPixmap

from ui.colors import quantise, quantise_grey
from ui.i18n import language, tr
from ui.icons import pixmap
from ui.theme import theme
from ui.widgets.grid_layout import TileLayout, lay_out

if TYPE_CHECKING:
    from ui.colors import Floats

Captions = Literal["maps", "filters", "units", "positions"]
"""An index under each tile; or a group a filter (or a dense layer's unit, or a position of a layer
that has filters of its own at each), a column an input."""


def row_caption(captions: Captions, row: int) -> str:
    """What stands before a group of kernels."""
    if captions == "units":
        return tr("unit {index}", index=row)
    if captions == "positions":
        return tr("position {index}", index=row)
    return tr("filter {index}", index=row)


class Names(NamedTuple):
    """The numbers of maps, filters or units in the order in which they are shown (empty: as they
    stand), which of the numbers are muted, and which frozen; and whether tiles show them: what is
    no map of several has none."""

    order: tuple[int, ...] = ()
    muted: tuple[int, ...] = ()
    frozen: tuple[int, ...] = ()
    shown: bool = True

    def number(self, place: int) -> int:
        """What stands at a place."""
        return self.order[place] if place < len(self.order) else place

    def mark(self, place: int) -> str:
        """What is added to a number that is muted or frozen."""
        number = self.number(place)
        return (" ∅" if number in self.muted else "") + (" ❄" if number in self.frozen else "")


_KERNEL = 12
"""Maps with fewer values a side are shown as kernels are: no larger than one can take in."""


def arranged(
    maps: tuple[int, int, int], channels: int | None, captions: Captions, area: tuple[int, int]
) -> TileLayout:
    """Where so many maps (n, height, width) lie with their captions, in an area (width, height).

    channels: of kernels with several, which stand together.
    """
    count, height, width = maps
    metrics = QFontMetrics(theme.font("caption"))
    kernel = max(height, width) < _KERNEL
    sides = (theme.px(18 if kernel else 48), theme.px(128 if kernel else 240))
    header, gap = (0, 0), theme.px(8)
    caption = metrics.height() + theme.px(2)
    if channels:
        widest = metrics.horizontalAdvance(row_caption(captions, count // channels))
        header, caption, gap = (widest + theme.px(14), caption), 0, theme.px(4)
    return lay_out(
        count,
        (height, width),
        area,
        gap=gap,
        caption=caption,
        sides=sides,
        group=channels,
        header=header,
    )


_SHEET_ROWS = 30_000
"""Qt counts the source rows of a scaled picture in 16 bits."""
_SHEET_VALUES = 100_000


class MapPainter:
    """Draws maps; only those that are seen are given colours, for there may be millions of values.

    They are coloured in sheets of some maps below each other, one pixel a value.
    """

    def __init__(self) -> None:
        self._maps: Floats = np.empty((0, 1, 1), np.float32)
        self._limits: Floats | float | None = None
        self._sheets: dict[int, QImage] = {}
        self._per_sheet = 1
        self._background: tuple[object, QPixmap] | None = None
        self._names = Names()

    def set_names(self, names: Names) -> None:
        """What maps, filters or units are called, where that is not their place."""
        self._names = names

    @property
    def names(self) -> Names:
        """What they are called."""
        return self._names

    def set_maps(self, maps: Floats, limits: Floats | float | None) -> None:
        """The maps (n, height, width) to draw from now on.

        limits: the value of the strongest colour, one for all or one for each map; None for values
        between 0 and 1 that are drawn in grey.
        """
        _, height, width = maps.shape
        self._maps, self._limits = maps, limits
        self._per_sheet = max(1, min(_SHEET_ROWS // height, _SHEET_VALUES // (height * width)))
        self._sheets = {}

    def _sheet(self, number: int) -> QImage:
        if number not in self._sheets:
            part = slice(number * self._per_sheet, (number + 1) * self._per_sheet)
            maps, limits = self._maps[part], self._limits
            if limits is None:
                indices, lut = quantise_grey(maps), theme.luts.grey
            else:
                limit = limits if isinstance(limits, float) else limits[part]
                indices, lut = quantise(maps, limit), theme.luts.signed
            indices = np.ascontiguousarray(indices)
            count, height, width = indices.shape
            image = QImage(
                indices.data, width, count * height, width, QImage.Format.Format_Indexed8
            )
            image.setColorTable(lut.tolist())
            self._sheets[number] = image.convertToFormat(QImage.Format.Format_RGB32)
        return self._sheets[number]

    def paint(
        self, painter: QPainter, layout: TileLayout, view: QRect, dirty: QRect, captions: Captions
    ) -> None:
        """Draw what of the layout lies in `dirty`, a part of the `view` that is scrolled to."""
        painter.drawPixmap(view.topLeft(), self._background_for(painter, layout, view, captions))
        height, width = layout.map_size
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, layout.zoom < 1)
        for tile in layout.tiles_in(dirty.left(), dirty.top(), dirty.right(), dirty.bottom()):
            sheet, place = divmod(tile, self._per_sheet)
            painter.drawImage(
                QRect(*layout.origin(tile), layout.width, layout.height),
                self._sheet(sheet),
                QRect(0, place * height, width, height),
            )

    def _background_for(
        self, target: QPainter, layout: TileLayout, view: QRect, captions: Captions
    ) -> QPixmap:
        """Frames and captions: drawn once, since hundreds of texts take longer than all maps."""
        ratio = target.device().devicePixelRatioF()
        key = (
            layout,
            view.getRect(),
            captions,
            self._names,
            ratio,
            theme.colors.text,
            language.code,
        )
        if self._background is None or self._background[0] != key:
            pixmap = QPixmap(view.size() * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(theme.colors.surface)
            painter = QPainter(pixmap)
            painter.translate(-view.topLeft())
            painter.setPen(theme.colors.border_soft)
            tiles = list(layout.tiles_in(view.left(), view.top(), view.right(), view.bottom()))
            painter.drawRects([_frame(layout, tile) for tile in tiles])
            painter.setFont(theme.font("caption"))
            painter.setPen(theme.colors.text_muted)
            if captions != "maps":
                _paint_axes(painter, layout, tiles, captions, self._names)
            elif self._names.shown:
                _paint_indices(painter, layout, tiles, self._names)
            painter.end()
            self._background = (key, pixmap)
        return self._background[1]


def paint_cursor(painter: QPainter, layout: TileLayout, tile: int, cell: QRect) -> None:
    """Frame a tile and, dark around light so that it shows on every colour, one value in it."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(theme.colors.accent)
    painter.drawRect(_frame(layout, tile))
    outer = cell.adjusted(-1, -1, 0, 0)
    painter.setPen(QPen(QColor(theme.colors.text), 1))
    painter.drawRect(outer)
    painter.setPen(QPen(QColor(theme.colors.surface), 1))
    painter.drawRect(outer.adjusted(-1, -1, 1, 1))


def paint_lens(painter: QPainter, place: QRect) -> None:
    """A small button over a map that shows it large."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(theme.colors.border))
    painter.setBrush(QColor(theme.colors.surface))
    painter.drawRoundedRect(place, theme.px(4), theme.px(4))
    edge = theme.px(2)
    inner = place.adjusted(edge, edge, -edge, -edge)
    drawn = pixmap("search", inner.width(), ratio=painter.device().devicePixelRatioF())
    painter.drawPixmap(inner, drawn)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_spots(painter: QPainter, layout: TileLayout, dirty: QRect, spot: tuple[int, int]) -> None:
    """Frame the same value of every map, red and white around it."""
    row, column = spot
    height, width = layout.map_size
    if row >= height or column >= width:
        return
    side = max(layout.zoom, theme.px(4))
    inside_x, inside_y = (column + 0.5) * layout.zoom, (row + 0.5) * layout.zoom
    frames = []
    for tile in layout.tiles_in(dirty.left(), dirty.top(), dirty.right(), dirty.bottom()):
        left, top = layout.origin(tile)
        frames.append(QRectF(left + inside_x - side / 2, top + inside_y - side / 2, side, side))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, thickness in (("white", 3), (theme.colors.danger, 1)):
        painter.setPen(QPen(QColor(color), thickness))
        painter.drawRects(frames)


def _frame(layout: TileLayout, tile: int) -> QRect:
    return QRect(*layout.origin(tile), layout.width, layout.height).adjusted(-1, -1, 0, 0)


def _paint_indices(painter: QPainter, layout: TileLayout, tiles: list[int], names: Names) -> None:
    flags = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextDontClip
    height = QFontMetrics(painter.font()).height()
    for tile in tiles:
        left, top = layout.origin(tile)
        place = QRect(left, top + layout.height + theme.px(2), layout.width, height)
        painter.drawText(place, flags, f"{names.number(tile)}{names.mark(tile)}")


def _paint_axes(
    painter: QPainter, layout: TileLayout, tiles: list[int], captions: Captions, names: Names
) -> None:
    metrics = QFontMetrics(painter.font())
    sides = Qt.AlignmentFlag
    for group in sorted({tile // layout.group for tile in tiles}):
        left, top = layout.origin(group * layout.group)
        place = QRect(left - layout.left, top, layout.left - theme.px(8), layout.height)
        caption = row_caption(captions, names.number(group)) + names.mark(group)
        painter.drawText(place, sides.AlignRight | sides.AlignVCenter, caption)
    flags = sides.AlignHCenter | sides.AlignBottom | Qt.TextFlag.TextDontClip
    for column in sorted({tile % layout.columns for tile in tiles}):
        left, _ = layout.origin(column)
        caption = tr("input {index}", index=column % layout.group)
        if metrics.horizontalAdvance(caption) > layout.width:
            caption = str(column % layout.group)
        painter.drawText(QRect(left, 0, layout.width, layout.top - theme.px(2)), flags, caption)
