"""Points in a plane, each of a class: nearer ones are more alike."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.i18n import tr
from ui.theme import theme
from ui.widgets.arrow_keys import ARROW_STEPS
from ui.widgets.stamped import stamp_dots
from ui.widgets.when_asked import say_when_asked, words_changed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import (
        QFocusEvent,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QResizeEvent,
        QWheelEvent,
    )

_GOLDEN = 0.381966
"""Of a turn of the colour wheel, from one class to the next: neighbours are never alike."""
_RADIUS, _REACH = 2.4, 14
"""Of a point, and from how far it is chosen; in pixels at scale 1."""
_MANY = 2500
"""Points; more than these are smaller."""
_MARGIN = 18
_FAINT = 0.13
"""How much of a point is seen whose class is not the one that is looked at."""
_AMONG = 12
"""Of so many points around the present image most are of the class that it is said to be among."""
_CLOSEST, _FARTHEST = 40.0, 1.0
_WHEEL = 1.0015
"""How much nearer one comes with a unit of the wheel."""


class Scatter(QWidget):
    """The wheel zooms to the pointer, dragging moves, a double click shows all again; a click or
    the arrow keys choose a point. Classes are told by their names as well as by colours."""

    chosen = Signal(int)
    """A person has chosen the point of this index."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points = np.zeros((0, 2), np.float32)
        self._labels = np.zeros(0, np.int64)
        self._names: tuple[str, ...] = ()
        self._here: tuple[float, float] | None = None
        self._only: int | None = None
        self._mark: int | None = None
        self._zoom, self._centre = 1.0, QPointF(0.5, 0.5)
        self._grip: QPointF | None = None
        self._dragged = False
        self._picture: QPixmap | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        say_when_asked()
        theme.changed.connect(self._renew)

    # --- what is shown ------------------------------------------------------------------------

    def set_points(self, points: np.ndarray, labels: Sequence[int], names: Sequence[str]) -> None:
        """points: (count, 2). labels: a class for each; names: of the classes.

        The same ones once more cost nothing: a stroke of the pen moves only the ring."""
        given = np.asarray(labels, np.int64)
        same = np.array_equal(points, self._points) and np.array_equal(given, self._labels)
        if same and tuple(names) == self._names:
            return
        self._points, self._labels = np.ascontiguousarray(points, np.float32), given
        self._names = tuple(names)
        words_changed(self)
        if self._mark is not None and self._mark >= len(self._points):
            self._mark = None
        self._renew()

    def set_here(self, place: Sequence[float]) -> None:
        """Where the present image is; empty where it is not among them."""
        self._here = (float(place[0]), float(place[1])) if len(place) == 2 else None
        words_changed(self)
        self.update()

    def set_only(self, label: int | None) -> None:
        """Look at one class, the others faint; None for all."""
        if label != self._only:
            self._only = label
            self._renew()

    def set_mark(self, index: int | None) -> None:
        """Mark the point that is chosen."""
        self._mark = index
        self.update()

    @property
    def mark(self) -> int | None:
        """The point that is chosen."""
        return self._mark

    def in_words(self) -> str:
        """Which class the present image lies among."""
        if self._here is None or not len(self._points):
            return ""
        squares = ((self._points - self._here) ** 2).sum(1)
        near = np.argsort(squares, kind="stable")[:_AMONG]
        name = self._names[int(np.bincount(self._labels[near]).argmax())]
        return tr("The present image lies among images of class {name}", name=name)

    def show_all(self) -> None:
        """See all points again."""
        self._zoom, self._centre = 1.0, QPointF(0.5, 0.5)
        self._renew()

    def place(self, index: int) -> QPointF:
        """Where a point is on the widget."""
        return self._on_screen(self._points[index : index + 1])[0]

    def color(self, label: int) -> QColor:
        """Of a class."""
        lightness = 0.68 if theme.dark else 0.42
        return QColor.fromHslF((label * _GOLDEN + 0.6) % 1.0, 0.75, lightness)

    # --- geometry -----------------------------------------------------------------------------

    def _frame(self) -> QRectF:
        """What all points span, a little more for one alone."""
        if not len(self._points):
            return QRectF(0, 0, 1, 1)
        low, high = self._points.min(0), self._points.max(0)
        size = np.maximum(high - low, 1e-9)
        return QRectF(float(low[0]), float(low[1]), float(size[0]), float(size[1]))

    def _scaled(self, points: np.ndarray) -> np.ndarray:
        """(count, 2) in pixels of the widget."""
        frame, margin = self._frame(), theme.px(_MARGIN)
        room = np.array([max(1, self.width() - 2 * margin), max(1, self.height() - 2 * margin)])
        shares = (points - [frame.x(), frame.y()]) / [frame.width(), frame.height()]
        shares[:, 1] = 1 - shares[:, 1]  # up is up
        centre = np.array([self._centre.x(), self._centre.y()])
        moved: np.ndarray = ((shares - centre) * self._zoom + 0.5) * room + margin
        return moved

    def _on_screen(self, points: np.ndarray) -> list[QPointF]:
        return [QPointF(x, y) for x, y in self._scaled(points.astype(np.float64)).tolist()]

    def _near(self, at: QPointF) -> int | None:
        """The point nearest to a place of the widget, within reach."""
        if not len(self._points):
            return None
        places = self._scaled(self._points.astype(np.float64))
        squares = ((places - [at.x(), at.y()]) ** 2).sum(1)
        if self._only is not None:
            squares[self._labels != self._only] = np.inf
        index = int(squares.argmin())
        return index if squares[index] <= theme.px(_REACH) ** 2 else None

    # --- painting -----------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(theme.px(360), theme.px(200))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(160), theme.px(90))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._picture is None or self._picture.deviceIndependentSize() != self.size():
            self._picture = self._drawn()
        painter.drawPixmap(0, 0, self._picture)
        self._draw_marks(painter)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.colors.accent), theme.line()))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def draw(self, painter: QPainter) -> None:
        """Draw it as it is now somewhere else, in its own size."""
        self._draw_points(painter)
        self._draw_marks(painter)

    def _draw_marks(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        ink = QColor(theme.colors.text)
        if self._mark is not None:
            painter.setPen(QPen(ink, theme.line(2)))
            painter.drawEllipse(self.place(self._mark), theme.px(6), theme.px(6))
        if self._here is not None:
            (at,) = self._on_screen(np.array([self._here]))
            at = self._within(at)
            ground = QColor(theme.colors.surface)
            for width, color in ((theme.line(6), ground), (theme.line(3), theme.colors.accent)):
                painter.setPen(QPen(QColor(color), width))
                painter.drawEllipse(at, theme.px(9), theme.px(9))

    def _within(self, at: QPointF) -> QPointF:
        """What lies beyond the edge is shown at the edge."""
        margin = theme.px(_MARGIN) / 2
        return QPointF(
            min(max(at.x(), margin), self.width() - margin),
            min(max(at.y(), margin), self.height() - margin),
        )

    def _drawn(self) -> QPixmap:
        picture = QPixmap(self.size() * self.devicePixelRatioF())
        picture.fill(QColor(theme.colors.surface))
        places = self._scaled(self._points.astype(np.float64))
        painter = QPainter(picture)
        if self._only is None:
            self._stamp_points(painter, places, self._labels >= 0)
        else:
            faint = QPixmap(picture.size())
            faint.fill(Qt.GlobalColor.transparent)
            behind = QPainter(faint)
            self._stamp_points(behind, places, self._labels != self._only)
            behind.end()
            painter.setOpacity(_FAINT)
            painter.drawPixmap(0, 0, faint)
            painter.setOpacity(1)
            self._stamp_points(painter, places, self._labels == self._only)
        painter.end()
        picture.setDevicePixelRatio(self.devicePixelRatioF())
        painter.begin(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_names(painter, places)
        painter.end()
        return picture

    def _stamp_points(self, painter: QPainter, places: np.ndarray, chosen: np.ndarray) -> None:
        """painter: of the pixels as they are."""
        ratio, labels = self.devicePixelRatioF(), self._labels[chosen]
        colors = {label: self.color(label) for label in np.unique(labels).tolist()}
        size = QSize(painter.device().width(), painter.device().height())
        stamp_dots(painter, size, places[chosen] * ratio, labels, colors, self._radius() * ratio)

    def _radius(self) -> float:
        """Of a point; many are smaller, so that they cover each other less."""
        share = _MANY / max(_MANY, len(self._points))
        return _RADIUS * theme.scale * math.sqrt(math.sqrt(share))

    def _draw_points(self, painter: QPainter) -> None:
        """As shapes, for a file."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        radius = self._radius()
        places = self._scaled(self._points.astype(np.float64))
        for label in np.unique(self._labels).tolist():
            color = self.color(label)
            if self._only not in {None, label}:
                color.setAlphaF(_FAINT)
            painter.setBrush(color)
            path = QPainterPath()
            for x, y in places[self._labels == label].tolist():
                path.addEllipse(QPointF(x, y), radius, radius)
            path.setFillRule(Qt.FillRule.WindingFill)
            painter.drawPath(path)
        self._draw_names(painter, places)

    def _draw_names(self, painter: QPainter, places: np.ndarray) -> None:
        """Each class by its name, in the middle of its points."""
        font = theme.font("heading")
        metrics = QFontMetrics(font)
        halo = QPen(QColor(theme.colors.surface), theme.px(4))
        halo.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        for label in np.unique(self._labels).tolist():
            if self._only not in {None, label} or label >= len(self._names):
                continue
            x, y = np.sort(places[self._labels == label], 0)[(self._labels == label).sum() // 2]
            name = self._names[label]
            path = QPainterPath()
            left = float(x) - metrics.horizontalAdvance(name) / 2
            path.addText(QPointF(left, float(y) + metrics.capHeight() / 2), font, name)
            painter.strokePath(path, halo)
            painter.fillPath(path, QColor(theme.colors.text))

    def _renew(self) -> None:
        self._picture = None
        self.update()

    # --- a person -----------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(_WHEEL ** event.angleDelta().y(), event.position())
        event.accept()

    def zoom(self, factor: float, around: QPointF | None = None) -> None:
        """Come nearer to a place of the widget, which stays where it is; None for its middle."""
        margin = theme.px(_MARGIN)
        width = max(1, self.width() - 2 * margin)
        height = max(1, self.height() - 2 * margin)
        at = around or QPointF(self.width() / 2, self.height() / 2)
        off = QPointF((at.x() - margin) / width - 0.5, (at.y() - margin) / height - 0.5)
        before = self._zoom
        self._zoom = min(max(before * factor, _FARTHEST), _CLOSEST)
        self._centre += off / before - off / self._zoom
        if self._zoom == _FARTHEST:
            self._centre = QPointF(0.5, 0.5)
        self._renew()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grip, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None and event.buttons() & Qt.MouseButton.LeftButton:
            moved = event.position() - self._grip
            if self._dragged or moved.manhattanLength() > theme.px(4):
                self._dragged = True
                self._grip = event.position()
                margin = theme.px(_MARGIN)
                self._centre -= QPointF(
                    moved.x() / max(1, self.width() - 2 * margin) / self._zoom,
                    moved.y() / max(1, self.height() - 2 * margin) / self._zoom,
                )
                self._renew()
            return
        index = self._near(event.position())
        label = None if index is None else int(self._labels[index])
        name = self._names[label] if label is not None and label < len(self._names) else ""
        QToolTip.showText(event.globalPosition().toPoint(), name, self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = None if self._dragged else self._near(event.position())
        self._grip = None
        if index is not None:
            self._choose(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._near(event.position()) is None:
            self.show_all()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in ARROW_STEPS and len(self._points):
            self._go(*ARROW_STEPS[Qt.Key(event.key())])
        elif event.key() in {Qt.Key.Key_Plus, Qt.Key.Key_Equal}:
            self.zoom(1.25)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoom(0.8)
        elif event.key() in {Qt.Key.Key_0, Qt.Key.Key_Home}:
            self.show_all()
        else:
            super().keyPressEvent(event)

    def _go(self, down: int, right: int) -> None:
        """To the nearest point on that side of the one that is chosen."""
        places = self._scaled(self._points.astype(np.float64))
        middle = np.array([self.width() / 2, self.height() / 2])
        at = middle if self._mark is None else places[self._mark]
        off = places - at
        ahead = off @ [right, down]
        aside = np.abs(off @ [down, right])
        cost = np.where(ahead > 0.5, ahead + 2 * aside, np.inf)
        if self._only is not None:
            cost[self._labels != self._only] = np.inf
        if self._mark is None:
            cost = (off**2).sum(1)
        index = int(cost.argmin())
        if np.isfinite(cost[index]):
            self._choose(index)

    def _choose(self, index: int) -> None:
        self.set_mark(index)
        self.chosen.emit(index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._renew()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
