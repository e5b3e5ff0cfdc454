"""A chart of curves that grow while one looks, to be pointed at and zoomed into.

It paints itself: lines, some rules and a cross-hair need no plotting library, whose import alone
(0.25 to 0.5 s) would hold the window up at the moment when training starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHelpEvent, QPainter
from PySide6.QtWidgets import QAbstractScrollArea, QSizePolicy, QToolTip, QWidget

from ui.charts.content import Content, Series, Shown
from ui.charts.keyboard import obey
from ui.charts.painting import Painting
from ui.charts.sight import Sight
from ui.charts.smoothing import Smoothed
from ui.charts.speech import present, summary
from ui.charts.zooming import TURN, moved, stretched
from ui.i18n import language
from ui.theme import theme
from ui.widgets.when_asked import say_when_asked, words_changed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import (
        QFocusEvent,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QResizeEvent,
        QShowEvent,
        QWheelEvent,
    )

    from ui.charts.curve import Line


_REPAINT_MILLISECONDS = 100
"""How soon new points are seen. Drawn with each batch, two charts would take half a processor."""
_BY_KEY = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_LEAST_DRAG = 4
"""Pixels; less is a click."""


class Chart(QWidget):
    """Title, legend and lines; pointing at it reads the values of all lines at that step.

    Dragging or the wheel zoom into the steps, a double click shows all again; the keys do the same.
    Where the wheel would scroll what is around the chart, it zooms with Ctrl or after a click.
    Charts that have the same `sight` are zoomed and pointed at together.
    """

    looked = Signal()
    """A person has pointed at it, zoomed or hidden a series."""

    def __init__(
        self, title: str = "", sight: Sight | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._sight = sight or Sight(self)
        self._content = Content(title)
        self._series: tuple[Series, ...] = ()
        self._smoothed: dict[str, Smoothed] = {}
        self._painting: Painting | None = None
        self._corner: QWidget | None = None
        self._behind = False
        """Whether the lines have grown while it was hidden."""
        self._summed = False
        """Whether somebody has come to it by keyboard, and been told how the lines went."""
        self._dragged_from: float | None = None
        self._dragged_to: float | None = None
        self._repaint = self._timer(_REPAINT_MILLISECONDS, self._renew)
        self._smooth_on = self._timer(0, self._smooth)
        say_when_asked()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._sight.changed.connect(self._look)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def _timer(self, milliseconds: int, do: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(do)
        return timer

    # ---- what it shows

    @property
    def sight(self) -> Sight:
        """How it is looked at."""
        return self._sight

    @property
    def content(self) -> Content:
        """What it shows beside the lines."""
        return self._content

    @property
    def series(self) -> tuple[Series, ...]:
        """Its lines."""
        return self._series

    def set_content(self, content: Content) -> None:
        """Show another title and other marks."""
        if content != self._content:
            self._content = content
            self.retranslate()

    def set_series(self, series: Sequence[Series]) -> None:
        """Show these lines, in this order; say `grow` when they have become longer."""
        self._series = tuple(series)
        self._smoothed = {
            key: old for key, old in self._smoothed.items() if old.raw is self._raw(key)
        }
        self._catch_up()
        self.retranslate()

    def grow(self) -> None:
        """The lines have become longer."""
        self._painting = None
        if self.isHidden():
            self._behind = True
            return
        self._catch_up()
        if not self._summed:  # who listens is not to hear it said anew thirty times a second
            words_changed(self)
        if not self._repaint.isActive():
            self._repaint.start()

    def painting(self, size: QSizeF | None = None) -> Painting:
        """What is painted now, or would be in another room."""
        if self._behind:
            self._catch_up()
        room = QSizeF(self.size()) if size is None else size
        view = self._sight.view
        shown = tuple(self._shown(series) for series in self._series)
        if size is not None:
            return Painting(self._content, shown, view, room)
        corner = self._corner.width() + theme.px(4) if self._corner is not None else 0
        return Painting(self._content, shown, view, room, self.hasFocus(), corner)

    def set_corner(self, widget: QWidget) -> None:
        """Put something small into the upper right corner; the legend leaves it free."""
        self._corner = widget
        widget.setParent(self)
        self._place_corner()

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.setAccessibleName(self._content.title)
        words_changed(self)
        self._renew()

    # ---- inside

    def _raw(self, key: str) -> Line | None:
        return next((series.line for series in self._series if series.key == key), None)

    def _shown(self, series: Series) -> Shown:
        smoothed = self._smoothed.get(series.key)
        if smoothed is None:
            return Shown(series, series.line)
        return Shown(series, smoothed.line, series.line)

    def _catch_up(self) -> None:
        """Bring the means up to date, a few milliseconds' work at a time."""
        reach = self._sight.view.reach
        wanted = {series.key: series.line for series in self._series if series.smooth and reach}
        for key in [key for key in self._smoothed if key not in wanted]:
            del self._smoothed[key]
        for key, line in wanted.items():
            known = self._smoothed.get(key)
            if known is None or known.reach != reach:
                known = self._smoothed[key] = Smoothed(line, reach)
            if not known.catch_up():
                self._smooth_on.start()

    def _smooth(self) -> None:
        self._catch_up()
        words_changed(self)
        self._renew()

    def _renew(self) -> None:
        self._painting = None
        self.update()

    def _now(self) -> Painting:
        """What is painted now."""
        if self._painting is None or self._painting.size != QSizeF(self.size()):
            self._painting = self.painting()
        return self._painting

    def _look(self) -> None:
        self._smooth()
        self.looked.emit()

    def in_words(self) -> str:
        """For screen readers: what the curves have come to, or what they are at the cross-hair; and
        how they went, for who has come here by a key."""
        painting, step = self.painting(), self._sight.view.step
        return summary(painting) if self._summed and step is None else present(painting, step)

    # ---- painting

    def sizeHint(self) -> QSize:
        return QSize(theme.px(240), theme.px(140))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(140), theme.px(88))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._behind:
            self._behind = False
            self.grow()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_corner()

    def _place_corner(self) -> None:
        if self._corner is not None:
            self._corner.resize(self._corner.sizeHint())
            middle = theme.metrics("heading").height() // 2 + theme.px(1)
            top = middle - self._corner.height() // 2
            self._corner.move(self.width() - self._corner.width(), top)
        self._painting = None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painting = self._now()
        painting.paint(painter)
        if painting.axes is not None and self._dragged_to is not None:
            plot = painting.axes.plot
            ground = QColor(theme.colors.accent)
            ground.setAlpha(40)
            left, right = sorted((self._dragged_from or 0.0, self._dragged_to))
            painter.fillRect(QRectF(left, plot.top(), right - left, plot.height()), ground)

    def _restyle(self) -> None:
        self.updateGeometry()
        self._place_corner()
        self._renew()

    # ---- zooming

    def zoom(self, factor: float, around: float | None = None) -> None:
        """Show `factor` times as many steps, with one of them staying where it is."""
        painting = self._now()
        if painting.span is None:
            return
        whole = self._whole()
        middle = around if around is not None else self._middle(painting)
        self._sight.look(span=stretched(painting.span, whole, factor, middle))

    def show_all(self) -> None:
        """Show all steps."""
        self._sight.look(span=None)

    def _middle(self, painting: Painting) -> float:
        step = self._sight.view.step
        assert painting.span is not None
        left, right = painting.span
        return step if step is not None and left <= step <= right else (left + right) / 2

    def _whole(self) -> tuple[float, float]:
        """The first and the last step of all lines."""
        steps = [series.line.steps for series in self._series if series.line.last]
        return min(float(own[0]) for own in steps), max(float(own[-1]) for own in steps)

    # ---- events

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            painting = self._now()
            words = painting.marks_near(event.pos().x())
            if words:
                QToolTip.showText(event.globalPos(), "\n".join(words), self)
                return True
            if painting.axes is not None and painting.axes.plot.contains(event.pos()):
                return True  # the tool tip would cover what is being read
        return super().event(event)

    def _point(self, across: float) -> None:
        axes = self._now().axes
        if axes is not None:
            self._sight.look(
                step=axes.step_at(min(max(across, axes.plot.left()), axes.plot.right()))
            )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        entry = self._entry_at(event.position())
        if entry is not None:
            self._sight.toggle(entry)
        else:
            self._dragged_from = event.position().x()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(event.position().x())
        hand = Qt.CursorShape.PointingHandCursor
        self.setCursor(hand if self._entry_at(event.position()) else Qt.CursorShape.ArrowCursor)
        axes = self._now().axes
        if self._dragged_from is not None and axes is not None:
            across = min(max(event.position().x(), axes.plot.left()), axes.plot.right())
            if abs(across - self._dragged_from) >= _LEAST_DRAG:
                self._dragged_to = across
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        start, end, axes = self._dragged_from, self._dragged_to, self._now().axes
        self._drop_drag()
        if start is not None and end is not None and axes is not None:
            steps = sorted((axes.step_at(max(start, axes.plot.left())), axes.step_at(end)))
            self._sight.look(span=stretched((steps[0], steps[1]), self._whole(), 1.0, steps[0]))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._entry_at(event.position()) is not None:
            self.mousePressEvent(event)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._drop_drag()
            self.show_all()

    def wheelEvent(self, event: QWheelEvent) -> None:
        axes = self._now().axes
        turned = event.angleDelta()
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        meant = control or self.hasFocus() or not self._lies_in_what_scrolls()
        if axes is None or turned.isNull() or not meant:
            super().wheelEvent(event)
            return
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if shift or abs(turned.x()) > abs(turned.y()):
            self.pan(-(turned.x() or turned.y()) / 120 / 8)
        else:
            self.zoom(TURN ** (-turned.y() / 120), axes.step_at(event.position().x()))
        event.accept()

    def _lies_in_what_scrolls(self) -> bool:
        """Whether the wheel could move what the chart is on: then who turns it may mean that."""
        above = self.parentWidget()
        while above is not None:
            if isinstance(above, QAbstractScrollArea) and above.verticalScrollBar().maximum():
                return True
            above = above.parentWidget()
        return False

    def pan(self, share: float) -> None:
        """Show as many steps, by a share of them further on, where not all are shown."""
        painting = self._now()
        if painting.span is not None and self._sight.view.span is not None:
            self._sight.look(span=moved(painting.span, self._whole(), share))

    def _drop_drag(self) -> None:
        self._dragged_from = self._dragged_to = None
        self.update()

    def _entry_at(self, place: QPointF) -> str | None:
        return next((e.key for e in self._now().entries if e.rect.contains(place)), None)

    def leaveEvent(self, event: QEvent) -> None:
        self._sight.look(step=None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not obey(self, event):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in _BY_KEY and self._sight.view.step is None:
            self._summed = True
            words_changed(self)
        self._renew()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._summed = False
        self._renew()
