"""How a card looks: its measures and its painting, without what it remembers."""

from __future__ import annotations

from functools import cache, lru_cache
from math import asin, degrees
from typing import TYPE_CHECKING, Literal, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from cnnviz.layers import Maps
from ui.canvas.layout import LOWEST, SPACING, Grid, map_grid, strip_grid, vector_grid
from ui.icons import pixmap, ratio_for
from ui.theme import theme

if TYPE_CHECKING:
    from cnnviz.layers import Shape
    from ui.canvas.content import Content

Selected = Literal["", "also", "current"]
"""Whether something belongs to the selection, and whether it is what the other views show."""

# All lengths are at scale 1.
HEAD = 33.0
"""From the upper edge to the feature maps."""
STACK = 7.0
"""How far the cards that a folded block seems to lie on stick out below it."""
FRAME = 4.0
"""How far outside the card the frame of the selection runs."""
_LINE = 16.0
_FOOT = 9.0
_LOW_HEAD, _LOW_FOOT = 27.0, 5.0
"""The same on a low card."""
_PADDING = 9.0
_NARROWEST = 74.0
_RADIUS = 7.0
_EDGE = 3.5
_ICON = 14.0
_CHEVRON = 10.0
_BESIDE = 6.0
"""Between a value and its label."""
_LEGIBLE, _SMALLEST = 13.0, 10.0
"""Cells of these heights take labels of the usual type, and of the small one."""

CHROME = HEAD + 6 + 2 * _LINE + _FOOT
"""Height of a card without its feature maps."""


class Face(NamedTuple):
    """The measures of a card, in scene units."""

    width: float
    height: float
    detail_at: float
    """Where the muted text behind the name begins."""
    grid: Grid | None
    grid_at: tuple[float, float]
    """Where the grid begins."""
    words_at: float
    """Where the lines below the name begin: beside the grid on a low card, else below it."""
    more: str
    labels: tuple[str, ...]


def measure(
    content: Content, room: float, labels: tuple[str, ...] = (), *, single: bool = False
) -> Face:
    """How large a card is whose feature maps may be `room` high.

    Where that is too low, a few maps stand beside the texts. `labels` stand before the values of
    a vector that is shown in one column. single: show one map only, as the input does.
    """
    px = theme.scale
    low = room < LOWEST * px
    grid = _grid(content, 2 * _LINE * px if low else room, single=single, low=low)
    detail_at = (_PADDING + _ICON + 5) * px + _bold_width(content.name, px) + 6 * px
    head = detail_at + _plain_width(content.detail, px) + (_PADDING - 6) * px
    if content.detail:
        head += 6 * px
    if content.frozen or content.off:
        head += (_ICON + 6) * px
    if content.folded:
        head += (_CHEVRON + 6) * px
    hidden = 0 if single or grid is None else _count(content.shape) - grid.shown
    more = f"+{hidden:,}" if hidden > 0 and not low else ""
    result = _bold_width(content.result, px)
    if more:
        result += 10 * px + _plain_width(more, px)
    words = max(result, _plain_width(content.note, px))
    if low:
        words_at = _PADDING * px + (grid.width + 8 * px if grid else 0.0)
        width = max(_NARROWEST * px, head, words_at + words + _PADDING * px)
        at = (_PADDING * px, _LOW_HEAD * px)
        height = (_LOW_HEAD + 2 * _LINE + _LOW_FOOT) * px
        return Face(round(width), round(height), detail_at, grid, at, words_at, more, ())
    beside = 0.0
    if labels and grid is not None and _labelled(grid):
        beside = max(_plain_width(label, px) for label in labels) + _BESIDE * px
    inside = max(beside + grid.width if grid else 0.0, words)
    width = max(_NARROWEST * px, head, inside + 2 * _PADDING * px)
    lines = 2 if content.note else 1
    height = (HEAD + lines * _LINE + _FOOT) * px
    if grid is not None:
        height += grid.height + 6 * px
    # The cells stay in the middle, as on the cards before, unless the labels need the room.
    middle = (width - grid.width) / 2 if grid else 0.0
    left = max(middle, _PADDING * px + beside) if beside else middle
    return Face(
        round(width), round(height), detail_at, grid, (left, HEAD * px), _PADDING * px, more,
        labels if beside else (),
    )  # fmt: skip


def title_width(title: str) -> float:
    """How wide the words on the frame of a block are, with their icon."""
    return _bold_width(title, theme.scale) + 36 * theme.scale


def _grid(content: Content, room: float, *, single: bool, low: bool) -> Grid | None:
    shape, unit = content.shape, theme.scale
    if shape is None:
        return None
    if not isinstance(shape, Maps):
        return vector_grid(shape.length, room, unit)
    channels = 1 if single else shape.channels
    grid = strip_grid if low else map_grid
    return grid(channels, shape.height, shape.width, room, unit)


def _count(shape: Shape | None) -> int:
    if shape is None:
        return 0
    return shape.channels if isinstance(shape, Maps) else shape.length


def paint_arrow(painter: QPainter, height: float) -> None:
    """The arrow that leads to a card of that height, left of it."""
    px = theme.scale
    y, tip, tail, barb = height / 2, -6 * px, (5 - SPACING) * px, 4 * px
    painter.setPen(_pen(theme.colors.arrow, 1.4 * px))
    painter.drawLine(QPointF(tail, y), QPointF(tip, y))
    painter.drawPolyline(
        [QPointF(tip - barb, y - barb), QPointF(tip, y), QPointF(tip - barb, y + barb)]
    )


def paint_body(
    painter: QPainter, face: Face, content: Content, hover: float, selected: Selected
) -> None:
    """The surface with its coloured upper edge, the shadow, and the frames."""
    colors, px = theme.colors, theme.scale
    body = QRectF(0, 0, face.width, face.height)
    radius, edge = _RADIUS * px, _EDGE * px
    if selected:
        out = FRAME * px
        painter.setPen(_pen(colors.accent, (2 if selected == "current" else 1) * px))
        painter.setBrush(QColor(colors.canvas))
        below = out + (STACK * px if content.folded else 0)
        painter.drawRoundedRect(body.adjusted(-out, -out, out, below), radius + out, radius + out)
    if content.folded:
        painter.setPen(_pen(_ink(content), px))
        painter.setBrush(QColor(colors.surface))
        for step in (2, 1):
            painter.drawRoundedRect(body.translated(0, 3.5 * step * px), radius, radius)
    if content.off:
        _paint_hollow(painter, body, radius, hover)
        return
    painter.setPen(Qt.PenStyle.NoPen)
    shadow = QColor(colors.border)
    shadow.setAlphaF(0.35 + 0.4 * hover)
    painter.setBrush(shadow)
    painter.drawRoundedRect(body.translated(0, (1.2 + 0.8 * hover) * px), radius, radius)
    problem = content.status == "problem"
    line = colors.danger if problem else _between(colors.border_soft, colors.arrow, hover)
    painter.setPen(_pen(line, (2 if problem else 1) * px))
    painter.setBrush(QColor(colors.surface))
    painter.drawRoundedRect(body, radius, radius)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colors.families[content.family]))
    inset = px if problem else 0.0
    painter.drawPath(_upper_end(body.adjusted(inset, inset, -inset, 0), radius, edge - inset))


def _paint_hollow(painter: QPainter, body: QRectF, radius: float, hover: float) -> None:
    """Of what is disabled: a dashed outline, without a colour and without a shadow."""
    colors = theme.colors
    pen = _pen(_between(colors.border, colors.arrow, hover), 1.4 * theme.scale)
    pen.setDashPattern([4, 3])
    painter.setPen(pen)
    painter.setBrush(QColor(colors.canvas))
    painter.drawRoundedRect(body, radius, radius)


def paint_head(painter: QPainter, face: Face, content: Content) -> None:
    """Icon, name and main numbers."""
    colors, px = theme.colors, theme.scale
    bold, plain = _fonts(px)
    line = QRectF(0, 9 * px, face.width, 18 * px)
    size = round(_ICON * px)
    sharp = ratio_for(painter)
    ink = _ink(content)
    drawn = pixmap(content.icon, size, ink, sharp)
    top = round(line.center().y() - size / 2)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawPixmap(QPointF(_PADDING * px, top), drawn)
    mark = None
    if content.off:
        mark = pixmap("disabled", size, colors.text_muted, sharp)
    elif content.frozen:
        mark = pixmap("frozen", size, colors.accent_ink, sharp)
    if mark is not None:
        beside = _CHEVRON + 6 if content.folded else 0
        painter.drawPixmap(QPointF(face.width - (_PADDING + _ICON + beside) * px, top), mark)
    if content.folded:
        size = round(_CHEVRON * px)
        painter.save()
        painter.translate(face.width - (_PADDING + _CHEVRON / 2) * px, line.center().y())
        painter.rotate(-90)
        opens = pixmap("chevron", size, ink, sharp)
        painter.drawPixmap(QPointF(-size / 2, -size / 2), opens)
        painter.restore()
    line.setLeft((_PADDING + _ICON + 5) * px)
    painter.setFont(bold)
    painter.setPen(QColor(colors.text_muted if content.off else colors.text))
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, content.name)
    if content.detail:
        line.setLeft(face.detail_at)
        painter.setFont(plain)
        painter.setPen(QColor(colors.text_muted))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, content.detail)


def paint_labels(painter: QPainter, face: Face) -> None:
    """What the values of a vector are for, each before its cell."""
    grid = face.grid
    if grid is None or not face.labels:
        return
    px = theme.scale
    painter.setFont(_fonts(px)[1] if grid.cell_height >= _LEGIBLE * px else theme.font("caption"))
    painter.setPen(QColor(theme.colors.text_muted))
    flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
    left, top = face.grid_at
    for cell, label in zip(grid.cells(), face.labels, strict=False):
        place = QRectF(0, top + cell.top, left - _BESIDE * px, cell.height)
        painter.drawText(place, flags, label)


def _ink(content: Content) -> str:
    """The colour of its kind, which what is disabled does not have."""
    return theme.colors.text_muted if content.off else theme.colors.families[content.family]


def _labelled(grid: Grid) -> bool:
    """Whether the values are in one column and large enough for words beside them."""
    return grid.vector and grid.columns == 1 and grid.cell_height >= _SMALLEST * theme.scale


def paint_foot(painter: QPainter, face: Face, content: Content) -> None:
    """Output shape, how many maps are not shown, parameters."""
    colors, px = theme.colors, theme.scale
    bold, plain = _fonts(px)
    low = face.grid_at[1] < HEAD * px
    lines = 2 if content.note or low else 1
    top = face.height - (_LOW_FOOT if low else _FOOT) * px - lines * _LINE * px
    line = QRectF(face.words_at, top, face.width - face.words_at - _PADDING * px, _LINE * px)
    inks = {
        "live": colors.text,
        "waiting": colors.text_muted,
        "off": colors.text_muted,
        "problem": colors.danger_ink,
    }
    painter.setFont(bold)
    painter.setPen(QColor(inks[content.status]))
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, content.result)
    painter.setFont(plain)
    painter.setPen(QColor(colors.text_muted))
    if face.more:
        painter.drawText(
            line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, face.more
        )
    if content.note:
        below = line.translated(0, _LINE * px)
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, content.note)


def rounded_path(box: QRectF) -> QPainterPath:
    """The outline of a card."""
    path = QPainterPath()
    path.addRoundedRect(box, _RADIUS * theme.scale, _RADIUS * theme.scale)
    return path


def _upper_end(body: QRectF, radius: float, height: float) -> QPainterPath:
    """The upper end of a rounded rectangle, lower than its corners are. (It could be clipped out of
    the whole, but drawings in files know no clipping.)"""
    corner = degrees(asin((radius - height) / radius))
    left = QRectF(body.left(), body.top(), 2 * radius, 2 * radius)
    path = QPainterPath()
    path.arcMoveTo(left, 180 - corner)
    path.arcTo(left, 180 - corner, corner - 90)
    right = left.translated(body.width() - 2 * radius, 0)
    path.arcTo(right, 90, corner - 90)
    path.closeSubpath()
    return path


@lru_cache(4096)
def _bold_width(words: str, scale: float) -> float:
    """How wide words are; remembered, for hundreds of layers say the same few."""
    return _metrics(scale)[0].horizontalAdvance(words)


@lru_cache(4096)
def _plain_width(words: str, scale: float) -> float:
    """The same in plain type."""
    return _metrics(scale)[1].horizontalAdvance(words)


@cache
def _metrics(scale: float) -> tuple[QFontMetricsF, QFontMetricsF]:
    """Of the bold and the plain type of cards; made once a scale, for a card needs them often."""
    return QFontMetricsF(theme.font("heading")), QFontMetricsF(theme.font("body"))


@cache
def _fonts(scale: float) -> tuple[QFont, QFont]:
    """Bold and plain; made once a scale."""
    return theme.font("heading"), theme.font("body")


def _pen(color: str | QColor, width: float) -> QPen:
    pen = QPen(QColor(color), theme.line(width))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _between(first: str, second: str, along: float) -> QColor:
    """A colour between two, 0 for the first and 1 for the second."""
    a, b = QColor(first), QColor(second)
    return QColor(
        *(
            round(x + (y - x) * along)
            for x, y in zip(a.getRgb()[:3], b.getRgb()[:3], strict=True)  # type: ignore[index]
        )
    )
