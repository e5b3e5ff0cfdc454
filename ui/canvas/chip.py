"""A chip of the palette: a kind of layer to drag, double-click or press Enter on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QDrag, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QApplication, QSizePolicy

from ui.canvas.carried import encode
from ui.icons import pixmap
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent
    from PySide6.QtWidgets import QWidget

    from ui.canvas.entries import Entry

_HEIGHT = 26
_ICON = 14
_EDGE = 3
_PADDING = 8
_ARROW = 9
_SMALL_ICON = 13


class Chip(QAbstractButton):
    """White, with an edge in the colour of its family. `family` and `icon` are names.

    `clicked` comes from the keyboard and from assistive programs; the mouse drags, and inserts by a
    double click (`double_clicked`), so that a single click by mistake changes nothing.
    """

    double_clicked = Signal()

    def __init__(self, family: str, icon_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.family = family
        self._icon_name = icon_name
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.changed.connect(self._restyle)

    def sizeHint(self) -> QSize:
        text = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(
            theme.px(_EDGE + _PADDING + _ICON + 5 + _PADDING) + text,
            theme.px(_HEIGHT),
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        self._paint(QPainter(self))

    def _paint(self, painter: QPainter) -> None:
        colors, px = theme.colors, theme.px
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        radius = px(5)
        focused, hovered = self.hasFocus(), self.underMouse() and self.isEnabled()
        line = colors.accent if focused else colors.border if hovered else colors.border_soft
        painter.setPen(QPen(QColor(line), 1))
        painter.setBrush(QColor(colors.hover if hovered else colors.surface))
        painter.drawRoundedRect(box, radius, radius)
        family = colors.families[self.family]
        painter.save()
        painter.setClipRect(QRectF(0, 0, px(_EDGE), self.height()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(family))
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        painter.restore()
        self._paint_inside(painter)

    def _paint_inside(self, painter: QPainter) -> None:
        px = theme.px
        size, x = px(_ICON), px(_EDGE + _PADDING - 1)
        color = theme.colors.families[self.family]
        drawn = pixmap(self._icon_name, size, color, self.devicePixelRatioF())
        painter.drawPixmap(QPoint(x, (self.height() - size) // 2), drawn)
        painter.setPen(QColor(theme.colors.text))
        text = self.rect().adjusted(x + size + px(5), 0, 0, 0)
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, self.text())

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()


class LayerChip(Chip):
    """A chip that carries what its entry makes."""

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(entry.family, entry.icon, parent)
        self.entry = entry
        self._pressed: QPoint | None = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        moved = event.position().toPoint() - self._pressed
        if moved.manhattanLength() >= QApplication.startDragDistance():
            grip, self._pressed = self._pressed, None
            self._drag(grip)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None
        super().mouseReleaseEvent(event)

    def _drag(self, grip: QPoint) -> None:
        drag = QDrag(self)
        drag.setMimeData(encode(*self.entry.layers, block=self.entry.block))
        drag.setPixmap(self._picture())
        drag.setHotSpot(grip)
        drag.exec(Qt.DropAction.CopyAction)
        self.update()

    def _picture(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setOpacity(0.85)
        painter.setFont(self.font())
        self._paint(painter)
        painter.end()
        return picture


class MenuChip(Chip):
    """A chip that opens a menu, with the keyboard or a single click of the mouse.

    Narrow, as it stands behind the chips whose family it continues: an arrow and nothing else.
    Where there is room for none of these it shows the icon of the family: never colour alone.
    """

    def __init__(self, family: str, icon_name: str, parent: QWidget | None = None) -> None:
        super().__init__(family, icon_name, parent)
        self._alone = False

    @property
    def alone(self) -> bool:
        """Whether it stands for its family alone."""
        return self._alone

    def set_alone(self, alone: bool) -> None:
        """Stand for the family alone, or behind other chips of it."""
        if alone != self._alone:
            self._alone = alone
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(_EDGE + _ARROW + 8), theme.px(_HEIGHT))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.click()

    def _paint_inside(self, painter: QPainter) -> None:
        size = theme.px(_SMALL_ICON if self._alone else _ARROW)
        name, color = "chevron", theme.colors.label
        if self._alone:
            name, color = self._icon_name, theme.colors.families[self.family]
        drawn = pixmap(name, size, color, self.devicePixelRatioF())
        left = (self.width() + theme.px(_EDGE) - size) // 2
        painter.drawPixmap(QPoint(left, (self.height() - size) // 2), drawn)
