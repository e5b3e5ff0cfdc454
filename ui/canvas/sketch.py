"""The network from far away: blocks of colour, and a little nearer the shapes on them.

Painted at once and not as items, so that hundreds of layers are drawn in a few milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from cnnviz.layers import Maps
from ui.canvas.block_frame import lines, paint_outline
from ui.canvas.layout import SPACING, Box
from ui.i18n import language
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ui.canvas.card_face import Selected
    from ui.canvas.content import Content
    from ui.canvas.lanes import Arrangement, Frame
    from ui.canvas.roster import Looks

FAR = 0.45
"""Below this zoom the network is a sketch."""
FARTHEST = 0.2
"""Below this one there are no shapes, and nothing but colour."""
SIZES = 10, 9, 8
"""Pixels of the shapes, at 100 %: the largest that fits on its card."""


def paint(
    painter: QPainter,
    area: Box,
    arrangement: Arrangement,
    looks: Looks,
    selected: Callable[[str], Selected],
) -> None:
    """Everything that meets `area`; the painter is in scene units."""
    zoom = painter.worldTransform().m11()
    colors = theme.colors
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, zoom >= FARTHEST)
    frames = [arrangement.frames[uid] for uid in arrangement.frames_near(area)]
    for uid, frame in zip(arrangement.frames_near(area), frames, strict=True):
        painter.save()
        content = looks.contents.get(uid)
        off = content is not None and content.off
        paint_outline(painter, QRectF(*frame.box), selected(uid), off=off)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colors.arrow), 0))
        painter.drawPath(lines(frame, theme.scale, area.top, area.bottom))
        painter.restore()
    near = arrangement.cards_near(area)
    shown = [(uid, arrangement.boxes[uid]) for uid in near if uid in looks.contents]
    _arrows(painter, frames, [box for _, box in shown])
    painter.setPen(Qt.PenStyle.NoPen)
    for uid, box in shown:
        content = looks.contents[uid]
        if zoom >= FARTHEST:
            _paint_card(painter, box, content, zoom, selected(uid))
        else:
            _paint_color(painter, box, content, zoom, selected(uid))


def _arrows(painter: QPainter, frames: list[Frame], boxes: list[Box]) -> None:
    """Lines instead of arrows, all at once."""
    painter.setPen(QPen(QColor(theme.colors.arrow), 0))
    reach = SPACING * theme.scale
    every = [*boxes, *(frame.box for frame in frames)]
    painter.drawLines(
        [
            QLineF(box.left - reach, box.top + box.height / 2, box.left, box.top + box.height / 2)
            for box in every
        ]
    )


def _paint_color(
    painter: QPainter, box: Box, content: Content, zoom: float, selected: Selected
) -> None:
    colors = theme.colors
    color = QColor(
        colors.danger if content.status == "problem" else colors.families[content.family]
    )
    if content.status == "waiting":
        color.setAlphaF(0.4)
    elif content.off:
        color = QColor(colors.border)
    rect = QRectF(*box)
    if selected:
        out = 3 / zoom
        painter.fillRect(rect.adjusted(-out, -out, out, out), QColor(colors.accent))
    painter.fillRect(rect, color)


def _paint_card(
    painter: QPainter, box: Box, content: Content, zoom: float, selected: Selected
) -> None:
    colors = theme.colors
    rect = QRectF(*box)
    problem = content.status == "problem"
    line = colors.accent if selected else colors.danger if problem else colors.border
    pen = QPen(QColor(line), (2.5 if selected or problem else 1) / zoom)
    if content.off:
        pen.setDashPattern([4, 3])
    painter.setPen(pen)
    painter.setBrush(QColor(colors.canvas if content.off else colors.surface))
    painter.drawRoundedRect(rect, 2.5 / zoom, 2.5 / zoom)
    if not content.off:
        # Its line says that it is selected; a problem is seen all the same.
        color = QColor(colors.danger if problem else colors.families[content.family])
        painter.fillRect(QRectF(box.left, box.top, box.width, 4 / zoom), color)
        color.setAlphaF(0.10)
        painter.fillRect(rect, color)
    muted = colors.text_muted if content.off else colors.text
    painter.setPen(QColor(colors.danger_ink if problem else muted))
    ways = ((words, font) for words in _ways(content) for font in _fonts(zoom))
    words, font = next((way for way in ways if _fits(*way, box)), ("", None))
    if font is None:
        return
    painter.setFont(font)
    painter.drawText(rect.translated(0, 2 / zoom), Qt.AlignmentFlag.AlignCenter, words)


def _fonts(zoom: float) -> Iterator[QFont]:
    """From the one that all shapes have to the smallest that can be read, for narrow cards."""
    for size in SIZES:
        font = theme.font("caption")
        font.setPixelSize(max(1, round(theme.px(size) / zoom)))
        yield font


def _fits(words: str, font: QFont, box: Box) -> bool:
    metrics, lines = QFontMetricsF(font), words.split("\n")
    wide = max(map(metrics.horizontalAdvance, lines))
    return wide <= box.width and metrics.height() * len(lines) <= box.height


def _ways(content: Content) -> Iterator[str]:
    """28×28×16 with its channels on a line of their own, since cards are narrow from here; the
    narrowest have a line for each number."""
    shape = content.shape
    if not isinstance(shape, Maps):
        yield content.result
        return
    height, width, channels = (f"{n:,}" for n in (shape.height, shape.width, shape.channels))
    if language.channels_first:
        yield f"{channels}×\n{height}×{width}"
        yield f"{channels}×\n{height}×\n{width}"
    else:
        yield f"{height}×{width}\n×{channels}"
        yield f"{height}\n×{width}\n×{channels}"
