"""The whole of a long network in a strip below the canvas, and which part of it can be seen."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from ui.canvas.roster import Looks
from ui.i18n import language, tr
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QMouseEvent, QPaintEvent

    from ui.canvas.lanes import Arrangement
    from ui.canvas.layout import Box
    from ui.canvas.row_view import RowView

_HEIGHT = 34
_PADDING = 4
_MANY = 20
"""Cards. (How wide they are together says nothing: the strip makes them lower and so narrower, and
must not make itself come and go.)"""


@cache
def _color(name: str) -> QColor:
    """Hundreds of cards have a dozen colours. (`cache(QColor)` has PySide write out what all
    its classes can do, for the docstring.)"""
    return QColor(name)


class Overview(QWidget):
    """A press or a drag shows that part of the network."""

    def __init__(self, view: RowView) -> None:
        super().__init__(view)
        self._view = view
        self._arrangement: Arrangement | None = None
        self._looks = Looks({}, {}, {}, {})
        self._seen = (0.0, 1.0)
        self._end = 1.0
        self._picture: QPixmap | None = None
        self.hide()
        language.changed.connect(self.retranslate)
        theme.changed.connect(self._forget)
        self.retranslate()

    def retranslate(self) -> None:
        """Set all texts."""
        self.setAccessibleName(tr("Overview of the network"))
        self.setToolTip(tr("The whole network: press to go there"))

    def show_network(self, arrangement: Arrangement, looks: Looks, end: float) -> None:
        """Another network, or the same in other places; `end`: where the scene ends.

        Where it is long, the strip takes its room from the view.
        """
        self._arrangement, self._looks, self._end = arrangement, looks, max(end, 1.0)
        self._forget()
        self.show_part()
        hidden = len(arrangement.boxes) <= _MANY
        height = 0 if hidden else theme.px(_HEIGHT)
        if hidden != self.isHidden():
            self.setHidden(hidden)
        if height != self._view.viewportMargins().bottom():  # larger type has a higher strip
            self._view.setViewportMargins(0, 0, 0, height)
        self.find_room()  # an upright scroll bar may have come or gone

    def show_part(self) -> None:
        """The view has scrolled or zoomed: mark which part can be seen."""
        left = self._view.mapToScene(0, 0).x()
        self._seen = left, left + self._view.viewport().width() / self._view.zoom
        self.update()

    def find_room(self) -> None:
        """The view has another size: stand below it."""
        view = self._view.viewport().geometry()
        height = self._view.viewportMargins().bottom()
        self.setGeometry(view.left(), view.bottom() + 1, view.width(), height)

    # --- inside -------------------------------------------------------------------------------

    def _forget(self) -> None:
        self._picture = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        if self._picture is None or self._picture.size() != self.size() * ratio:
            self._picture = self._draw(ratio)
        painter.drawPixmap(0, 0, self._picture)
        left, right = (x * self._scale for x in self._seen)
        accent = QColor(theme.colors.accent)
        painter.setPen(QPen(accent, 1.5))
        accent.setAlphaF(0.12)
        painter.setBrush(accent)
        part = QRectF(left, 1, max(right - left, 4.0), self.height() - 2)
        painter.drawRoundedRect(part.intersected(QRectF(self.rect()).adjusted(1, 0, -1, 0)), 3, 3)

    @property
    def _scale(self) -> float:
        return self.width() / self._end

    def _draw(self, ratio: float) -> QPixmap:
        colors = theme.colors
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(colors.surface))
        painter = QPainter(picture)
        painter.fillRect(0, 0, self.width(), 1, QColor(colors.border_soft))
        if self._arrangement is not None:
            pink = QColor(colors.families["branches"])
            pink.setAlphaF(0.12)
            place = self._placing(self._arrangement.bounds)
            for frame in self._arrangement.frames.values():
                painter.fillRect(place(frame.box), pink)
            for uid, box in self._arrangement.boxes.items():
                content = self._looks.contents.get(uid)
                if content is not None:
                    problem = content.status == "problem"
                    color = colors.danger if problem else colors.families[content.family]
                    if content.off:
                        color = colors.border
                    painter.fillRect(place(box), _color(color))
        painter.end()
        return picture

    def _placing(self, bounds: Box) -> Callable[[Box], QRectF]:
        """Where a box of the scene is in the strip: stretched in height, and never invisible."""
        scale, padding = self._scale, theme.px(_PADDING)
        upright = (self.height() - 2 * padding) / bounds.height

        def place(box: Box) -> QRectF:
            left, top, width, height = box
            return QRectF(
                left * scale,
                padding + (top - bounds.top) * upright,
                max(width * scale, 1.0),
                max(height * upright, 1.0),
            )

        return place

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            middle = self._view.mapToScene(self._view.viewport().rect().center())
            self._view.centerOn(event.position().x() / self._scale, middle.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()
