"""The frame of a block: a dashed outline with a title, and the lines to and from its lanes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsObject, QStyleOptionGraphicsItem

from ui.canvas import card_face
from ui.canvas.lanes import EMPTY_HEIGHT, EMPTY_WIDTH, FOLD, JOIN, TITLE, Frame, Lane
from ui.canvas.layout import SPACING, Box
from ui.icons import pixmap, ratio_for
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.canvas.card_face import Selected

_RADIUS = 9.0
_ICON = 14.0
_PADDING = 11.0
_CHEVRON = 10.0
_MANY = 60


class BlockFrame(QGraphicsObject):
    """Its position is the upper left corner of the frame. Cards are not its children, so that the
    frame need not be painted again when one of them is."""

    def __init__(self, uid: str) -> None:
        super().__init__()
        self.uid = uid
        self._title, self._off = "", False
        self._selected: Selected = ""
        self._chosen: int | None = None
        self._frame = Frame(Box(0, 0, 0, 0), ())
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def set_frame(self, frame: Frame, title: str, depth: int, *, off: bool) -> None:
        """Another size, other lanes, other words, or more blocks around it (`depth`); where it
        stands is set apart from that. off: whether the block is disabled."""
        self.setZValue(depth - 1000)
        left, top = frame.box.left, frame.box.top
        lanes = tuple(
            lane._replace(box=lane.box._replace(left=0, top=lane.box.top - top),
                          start=lane.start - left, end=lane.end - left)
            for lane in frame.lanes
        )  # fmt: skip
        here = Frame(frame.box._replace(left=0, top=0), lanes)
        if (here, title, off) != (self._frame, self._title, self._off):
            self.prepareGeometryChange()
            self._frame, self._title, self._off = here, title, off
            self.update()

    def set_selected(self, selected: Selected) -> None:
        """Draw its outline as that of the selection, or as usual."""
        if selected != self._selected:
            self._selected = selected
            self.update()

    def set_chosen(self, branch: int | None) -> None:
        """Show that the next layer goes into an empty branch, or into none of these."""
        if branch != self._chosen:
            self._chosen = branch
            self.update()

    def set_carried(self, carried: bool) -> None:
        """Stand back while a picture of the block follows the pointer."""
        self.setOpacity(0.35 if carried else 1.0)

    def boundingRect(self) -> QRectF:
        px, box = theme.scale, self._frame.box
        return QRectF(-SPACING * px, -2 * px, box.width + (SPACING + 2) * px, box.height + 4 * px)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        colors, px, box = theme.colors, theme.scale, self._frame.box
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card_face.paint_arrow(painter, box.height)
        paint_outline(painter, QRectF(*box), self._selected, off=self._off)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colors.arrow), 1.4 * px))
        seen = option.exposedRect if not option.exposedRect.isNull() else self.boundingRect()
        painter.drawPath(lines(self._frame, px, seen.top(), seen.bottom()))
        if self._chosen is not None and self._chosen < len(self._frame.lanes):
            _paint_chosen(painter, self._frame.lanes[self._chosen])
        pink = colors.text_muted if self._off else colors.families["branches"]
        line = QRectF(_PADDING * px, 5 * px, box.width, (TITLE - 6) * px)
        size = round(_ICON * px)
        sharp = ratio_for(painter)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        at = QPointF(line.left(), round(line.center().y() - size / 2))
        painter.drawPixmap(at, pixmap("branches", size, pink, sharp))
        painter.setPen(QColor(pink))
        painter.setFont(theme.font("heading"))
        line.setLeft(line.left() + size + 5 * px)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, self._title)
        size = round(_CHEVRON * px)
        at = QPointF(box.width - (FOLD + _CHEVRON) / 2 * px, line.center().y() - size / 2)
        painter.drawPixmap(at, pixmap("chevron", size, pink, sharp))


def _paint_chosen(painter: QPainter, lane: Lane) -> None:
    """The room for a layer in an empty lane, with a plus."""
    px, accent = theme.scale, QColor(theme.colors.accent)
    room = QRectF(lane.start, lane.box.top, EMPTY_WIDTH * px, EMPTY_HEIGHT * px)
    room.moveTop(lane.axis - room.height() / 2)
    painter.setPen(QPen(accent, theme.line(2 * px)))
    painter.setBrush(QColor(theme.colors.accent_soft))
    painter.drawRoundedRect(room, 5 * px, 5 * px)
    reach, middle = 5 * px, room.center()
    painter.drawLine(middle - QPointF(reach, 0), middle + QPointF(reach, 0))
    painter.drawLine(middle - QPointF(0, reach), middle + QPointF(0, reach))


def paint_outline(painter: QPainter, box: QRectF, selected: Selected, *, off: bool) -> None:
    """The dashed line around a block, which is soft as long as it is not selected."""
    colors, px = theme.colors, theme.scale
    pink = QColor(colors.arrow if off else colors.families["branches"])
    line, fill = QColor(pink), QColor(pink)
    line.setAlphaF(1.0 if theme.contrast else 0.75 if theme.dark else 0.55)
    fill.setAlphaF(0.035)
    pen = QPen(
        QColor(colors.accent) if selected else line, (2 if selected == "current" else 1.5) * px
    )
    pen.setDashPattern([4, 3])
    painter.setPen(pen)
    painter.setBrush(fill)
    painter.drawRoundedRect(box, _RADIUS * px, _RADIUS * px)


def lines(frame: Frame, unit: float, top: float, bottom: float) -> QPainterPath:
    """From where the input comes in to each lane, and from the lanes to where the merge is.

    Of very many lanes those above `top` or below `bottom` are left out, because drawing them takes
    its time, except for the outermost, beside which the others would run.
    """
    path = QPainterPath()
    left, right, axis = frame.box.left, frame.box.right, frame.axis
    many = len(frame.lanes) > _MANY
    for lane in frame.lanes:
        outermost = lane is frame.lanes[0] or lane is frame.lanes[-1]
        if many and not outermost and not (lane.box.top < bottom and lane.box.bottom > top):
            continue
        tail = lane.start + (5 - SPACING) * unit  # of the arrow that the first card draws
        turn = (left + tail) / 2
        path.moveTo(left, axis)
        path.cubicTo(turn, axis, turn, lane.axis, tail, lane.axis)
        if lane.start < lane.end:
            path.moveTo(lane.end + 3 * unit, lane.axis)
        join = max(right - JOIN * unit, lane.end + 3 * unit)
        path.lineTo(join, lane.axis)
        turn = (join + right) / 2
        path.cubicTo(turn, lane.axis, turn, axis, right, axis)
    return path
