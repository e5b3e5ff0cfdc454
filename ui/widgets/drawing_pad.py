"""The sheet to draw on, by mouse, pen, finger or keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPointingDevice
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.i18n import language, tr
from ui.theme import theme
from ui.widgets.arrow_keys import ARROW_STEPS
from ui.widgets.ink import SIDE, Ink, Point, Sheet, curve
from ui.widgets.pixels import pixels_of, qimage

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent, QTabletEvent

_BRUSH = 1 / 12
"""Width of the brush as a part of the side: after the preparation, a stroke as MNIST has it."""
_KEY_STEP = 7.0
_ERASER = 2.0  # times as wide as the pen
_REST_MS = 900
"""A brush that rests so long is no longer shown: it would look like a part of the drawing."""


class DrawingPad(QWidget):
    """White ink on black, square. Drawing over a shown picture starts on an empty sheet.

    By keyboard: the arrow keys move a cross-hair (with Shift finely), Space held down is the pen.
    """

    changed = Signal()
    """The sheet is another than before, by a person's doing: a piece of stroke, clear or undo."""
    stroke_started = Signal()
    stroke_finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ink = Ink()
        self._shown_image = False
        self._eraser = False
        self._erasing = False  # what the stroke that is being made does
        self._hint = ""
        self._last: Point | None = None  # where the pen is, while it is down
        self._middle: Point = (0.0, 0.0)  # how far the curve has been drawn
        self._radius = 1.0
        self._cross: Point = (SIDE / 2, SIDE / 2)
        self._pointer: Point | None = None
        self._by_keyboard = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._hide_brush)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self.retranslate()

    # ---- for the owner

    def image(self) -> Sheet:
        """A copy of the sheet, (280, 280), 0 black to 255 white, or (280, 280, 3) in colour."""
        return self._ink.sheet.copy()

    def set_image(self, pixels: Sheet) -> None:
        """Show a picture (height, width) or (height, width, 3), 0 to 255, enlarged; emits
        nothing."""
        scaled = qimage(pixels).scaled(
            SIDE,
            SIDE,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        rows = pixels_of(scaled, pixels.ndim == 3)
        self._ink.remember()
        sheet = np.zeros((SIDE, SIDE, *pixels.shape[2:]), np.uint8)
        height, width = rows.shape[:2]
        top, left = (SIDE - height) // 2, (SIDE - width) // 2
        sheet[top : top + height, left : left + width] = rows
        self._ink.sheet = sheet
        self._shown_image = True
        self._last = None
        self.update()

    def clear(self) -> None:
        """Begin anew; can be undone."""
        if self._ink.is_empty():
            return
        self._ink.remember()
        self._ink.blank()
        self._shown_image = False
        self._touched()

    def forget(self) -> None:
        """An empty sheet, and nothing to take back; emits nothing."""
        self._ink = Ink()
        self._shown_image = False
        self._last = None
        self.update()

    def undo(self) -> None:
        """Take the last stroke, picture or clearing back."""
        if self._ink.undo():
            self._last = None
            self._shown_image = False
            self._touched()

    def can_undo(self) -> bool:
        """Whether there is something to take back."""
        return self._ink.can_undo()

    def is_empty(self) -> bool:
        """Whether nothing is on the sheet."""
        return self._ink.is_empty()

    def set_eraser(self, on: bool) -> None:
        """Rub out instead of drawing."""
        self._eraser = on
        self.update()

    def eraser(self) -> bool:
        """Whether the pen rubs out."""
        return self._eraser

    def set_hint(self, text: str) -> None:
        """A faint sentence on the empty sheet."""
        self._hint = text
        self.update()

    def retranslate(self) -> None:
        """Say in the present language what this is."""
        self.setAccessibleName(tr("Drawing pad"))
        self.setAccessibleDescription(
            tr("Arrow keys move the pen, hold Space to draw, Shift moves finely")
        )

    # ---- the pen

    def _pen_down(self, point: Point, pressure: float = 0.5, *, erase: bool | None = None) -> None:
        self._ink.remember()
        if self._shown_image and not (self._eraser if erase is None else erase):
            self._ink.blank()
        self._shown_image = False
        self._erasing = self._eraser if erase is None else erase
        self._last = self._middle = point
        self.stroke_started.emit()
        self._set_pressure(pressure)
        self._ink.segment(point, point, self._radius, erase=self._erasing)
        self._touched()

    def _pen_move(self, point: Point, pressure: float = 0.5) -> None:
        if self._last is None or point == self._last:
            return
        self._set_pressure(pressure)
        # A smooth curve through the middles between events, each event a control point.
        middle = ((self._last[0] + point[0]) / 2, (self._last[1] + point[1]) / 2)
        place = self._middle
        for end in curve(self._middle, self._last, middle):
            self._ink.segment(place, end, self._radius, erase=self._erasing)
            place = end
        self._last, self._middle = point, middle
        self._touched()

    def _pen_up(self) -> None:
        if self._last is None:
            return
        if self._middle != self._last:
            self._ink.segment(self._middle, self._last, self._radius, erase=self._erasing)
            self._touched()
        self._last = None
        self.stroke_finished.emit()

    def _set_pressure(self, pressure: float) -> None:
        """Mice have a pressure of one half; a pen makes the stroke up to 40 % thinner or wider."""
        self._radius = self._base_radius(self._erasing) * (0.6 + 0.8 * pressure)

    def _base_radius(self, erasing: bool) -> float:
        return _BRUSH * SIDE / 2 * (_ERASER if erasing else 1)

    def _touched(self) -> None:
        self.update()
        self.changed.emit()

    # ---- geometry: the sheet is the largest square in the middle

    def sizeHint(self) -> QSize:
        return QSize(theme.px(190), theme.px(190))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(120), theme.px(120))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return width

    def _square(self) -> QRectF:
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def _to_sheet(self, position: QPointF) -> Point:
        square = self._square()
        factor = SIDE / max(1.0, square.width())
        return (position.x() - square.left()) * factor, (position.y() - square.top()) * factor

    def _to_widget(self, point: Point) -> QPointF:
        square = self._square()
        factor = square.width() / SIDE
        return QPointF(square.left() + point[0] * factor, square.top() + point[1] * factor)

    # ---- events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._by_keyboard = False
        if event.button() == Qt.MouseButton.LeftButton:
            self._pen_down(self._to_sheet(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = self._to_sheet(event.position())
        self._rest.start()
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._pen_move(self._pointer)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pen_up()
            self._hide_brush()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hide_brush()

    def _hide_brush(self) -> None:
        """Show the brush no longer, until it is moved."""
        self._pointer = None
        self.update()

    def tabletEvent(self, event: QTabletEvent) -> None:
        self._pointer = self._to_sheet(event.position())
        if event.type() == QEvent.Type.TabletPress:
            rubber = event.pointerType() == QPointingDevice.PointerType.Eraser
            self._pen_down(self._pointer, event.pressure(), erase=rubber or None)
        elif event.type() == QEvent.Type.TabletRelease:
            self._pen_up()
            self._pointer = None
        elif self._last is not None:
            self._pen_move(self._pointer, event.pressure())
        event.accept()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        self._by_keyboard = True
        if key in ARROW_STEPS:
            down, right = ARROW_STEPS[key]
            fine = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            step = 1.0 if fine else _KEY_STEP
            x, y = self._cross[0] + step * right, self._cross[1] + step * down
            self._cross = (min(max(x, 0.0), float(SIDE)), min(max(y, 0.0), float(SIDE)))
            self._pen_move(self._cross)
            self.update()
        elif key == Qt.Key.Key_Space:
            if not event.isAutoRepeat() and self._last is None:
                self._pen_down(self._cross)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._pen_up()
        else:
            super().keyReleaseEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._by_keyboard = event.reason() in {
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        }
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._pen_up()
        super().focusOutEvent(event)

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        square = self._square()
        outline = QPainterPath()
        outline.addRoundedRect(square, theme.px(7), theme.px(7))
        painter.setClipPath(outline)
        painter.drawImage(square, qimage(self._ink.sheet))
        if self._hint and self._ink.is_empty() and not self._by_keyboard:
            painter.setPen(QColor(148, 163, 184))
            painter.setFont(theme.font("body"))
            room = square.adjusted(theme.px(16), theme.px(16), -theme.px(16), -theme.px(16))
            painter.drawText(
                room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._hint
            )
        if self._pointer is not None and self._last is None:
            self._paint_brush(painter)
        keyboard = self.hasFocus() and self._by_keyboard
        if keyboard:
            self._paint_cross(painter)
        painter.setClipping(False)
        if not keyboard and not theme.dark:
            return
        colors = theme.colors  # on a black window nobody would see where the black sheet ends
        color, width = (colors.accent, 2) if keyboard else (colors.border, theme.line())
        painter.setPen(QPen(QColor(color), width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inside = square.adjusted(width / 2, width / 2, -width / 2, -width / 2)
        painter.drawRoundedRect(inside, theme.px(7), theme.px(7))

    def _paint_brush(self, painter: QPainter) -> None:
        assert self._pointer is not None
        radius = self._base_radius(self._eraser) * self._square().width() / SIDE
        painter.setPen(QPen(QColor(148, 163, 184, 150), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(self._to_widget(self._pointer), radius, radius)

    def _paint_cross(self, painter: QPainter) -> None:
        centre, arm = self._to_widget(self._cross), theme.px(9)
        for color, width in ((QColor(0, 0, 0, 160), 3.0), (QColor(96, 165, 250), 1.5)):
            painter.setPen(QPen(color, width))
            painter.drawLine(centre - QPointF(arm, 0), centre + QPointF(arm, 0))
            painter.drawLine(centre - QPointF(0, arm), centre + QPointF(0, arm))

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()
