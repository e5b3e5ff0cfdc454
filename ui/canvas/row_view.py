"""A view of a row of things: scrolls, zooms to the pointer, on a dotted background."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap, QTransform
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView

from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QWheelEvent
    from PySide6.QtWidgets import QWidget

SMALLEST_ZOOM, LARGEST_ZOOM = 0.01, 3.0
_LARGEST_FIT = 1.5
_MOST_WORDS = 0.75
"""Of the width of the view; what is wider is not fitted into it together with the row, which then
has the view for itself."""
_MOST_FITS = 3
_STEP = 1.2
_NOTCH = 120
"""What a wheel tells for one notch, in eighths of a degree."""
_DOTS = 20
"""Between two dots of the background."""
_NEAREST_DOTS = 9
"""On screen, in pixels: nearer ones would be a grey, so that every second one goes."""
_TILE = 160
"""At least so large is the piece that the background is tiled with."""


class RowView(QGraphicsView):
    """Wheel: sideways. Shift and wheel: up and down. Ctrl and wheel: zoom. Middle button: drag the
    paper."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zoom = 1.0
        self._panned_from: QPoint | None = None
        self._dots = QPixmap()
        self._tile_made_for: tuple[float, float, float, str] | None = None
        scene = QGraphicsScene(self)
        scene.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.setScene(scene)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        theme.changed.connect(self._repaint)

    def _repaint(self) -> None:
        self.viewport().update()

    @property
    def zoom(self) -> float:
        """Screen pixels a unit, 0.01 to 3."""
        return self._zoom

    def set_zoom(self, zoom: float, at: QPointF | None = None) -> None:
        """Zoom so that what is at `at` (pixels of the viewport; None: the middle) stays there."""
        zoom = min(max(zoom, SMALLEST_ZOOM), LARGEST_ZOOM)
        if zoom == self._zoom:
            return
        at = at or QPointF(self.viewport().rect().center())
        under = self.mapToScene(at.toPoint())
        self._zoom = zoom
        self.setTransform(QTransform.fromScale(zoom, zoom))
        self.zoom_changed()
        self.fit_bars()
        away = self.mapFromScene(under) - at.toPoint()
        for bar, distance in (
            (self.horizontalScrollBar(), away.x()),
            (self.verticalScrollBar(), away.y()),
        ):
            bar.setValue(bar.value() + distance)

    def free_height(self) -> int:
        """How high things can be that are to be seen whole, in pixels.

        The height of the lower scroll bar always counts as taken: were it counted only while that
        bar is there, lower things could make it vanish, and come back, and vanish.
        """
        bar = self.horizontalScrollBar().sizeHint().height()
        return self.height() - bar - self.viewportMargins().bottom()

    def free_width(self) -> int:
        """The same across, where the upright bar always counts."""
        return self.width() - self.verticalScrollBar().sizeHint().width()

    def fit_bars(self) -> None:
        """Have an upright scroll bar where the things are higher than the view."""
        higher = self.sceneRect().height() * self._zoom > self.free_height()
        self.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAlwaysOn
            if higher
            else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )

    def zoom_changed(self) -> None:
        """For a view that arranges its things by the zoom."""

    def zoom_in(self) -> None:
        """A step closer."""
        self.set_zoom(self._zoom * _STEP)

    def zoom_out(self) -> None:
        """A step away."""
        self.set_zoom(self._zoom / _STEP)

    def fit(self) -> None:
        """Show the whole row, as large as it can be, but not enlarged much."""
        for _ in range(_MOST_FITS):
            self._come_to_fit()
            if self.sceneRect().width() * self._zoom <= self.contentsRect().width() + 1:
                break
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().minimum())

    def _come_to_fit(self) -> None:
        """Near by, a problem in words may be beside or below its card, and takes another part of
        the width than from where the row is whole: one step from there may be too short."""
        before, area, view = self._zoom, self.sceneRect(), self.contentsRect()
        ratio = min(view.width() / area.width(), self.free_height() / area.height())
        self.set_zoom(min(ratio, _LARGEST_FIT))
        grown = self.sceneRect().width() - area.width()
        if grown > 1:  # something keeps its size whatever the zoom: a problem in words
            size = grown / (1 / self._zoom - 1 / before)
            words = size if size < _MOST_WORDS * view.width() else 0
            self.set_zoom((view.width() - words) / (area.width() - size / before))

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned, moved = event.angleDelta(), event.pixelDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_zoom(self._zoom * _STEP ** (turned.y() / _NOTCH), event.position())
        else:
            distance = moved if not moved.isNull() else turned
            upright = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            bar = self.verticalScrollBar() if upright else self.horizontalScrollBar()
            sideways = abs(distance.x()) > abs(distance.y())
            bar.setValue(bar.value() - (distance.x() if sideways else distance.y()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.MiddleButton:
            self._panned_from = event.position().toPoint()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
            event.accept()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._panned_from is None:
            super().mouseMoveEvent(event)
            return
        at = event.position().toPoint()
        moved, self._panned_from = at - self._panned_from, at
        for bar, distance in (
            (self.horizontalScrollBar(), moved.x()),
            (self.verticalScrollBar(), moved.y()),
        ):
            bar.setValue(bar.value() - distance)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.MiddleButton:
            self._panned_from = None
            self.viewport().unsetCursor()
        else:
            super().mouseReleaseEvent(event)

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        # In pixels of the screen, because a tile that is not scaled is painted much faster.
        area = self.mapFromScene(rect).boundingRect().adjusted(-1, -1, 1, 1)
        painter.save()
        painter.resetTransform()
        painter.drawTiledPixmap(area, self._tile(), area.topLeft() - self.mapFromScene(0, 0))
        painter.restore()
        self.draw_far(painter, rect)

    def draw_far(self, painter: QPainter, area: QRectF | QRect) -> None:
        """For a view that paints its things itself where they are small."""

    def _tile(self) -> QPixmap:
        """A piece of the background, made anew when what it depends on has changed."""
        made_for = (self._zoom, self.devicePixelRatioF(), theme.scale, theme.colors.canvas_dot)
        if made_for != self._tile_made_for:
            self._tile_made_for = made_for
            self._dots = self._draw_dots(self.devicePixelRatioF())
        return self._dots

    def _draw_dots(self, ratio: float) -> QPixmap:
        exact = theme.px(_DOTS) * self._zoom
        while exact < _NEAREST_DOTS:
            exact *= 2
        apart = round(exact)
        count = ceil(_TILE / apart)
        size = round(apart * count * ratio)
        tile = QPixmap(size, size)
        tile.setDevicePixelRatio(ratio)
        tile.fill(QColor(theme.colors.canvas))
        painter = QPainter(tile)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.colors.canvas_dot))
        radius = 1.1 * theme.scale * min(self._zoom, 1.5)
        for row in range(count):
            for column in range(count):
                middle = QPointF((column + 0.5) * apart, (row + 0.5) * apart)
                painter.drawEllipse(middle, radius, radius)
        painter.end()
        return tile
