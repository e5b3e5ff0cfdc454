"""The mouse on the canvas: what a press selects, what a drag takes along, and the rubber band."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QRubberBand

from cnnviz.network import INPUT_UID
from ui.canvas.dragging import Dragging
from ui.canvas.layout import Box
from ui.canvas.navigation import between

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QMouseEvent

    from ui.canvas.canvas import Canvas
    from ui.session import Session


class Pointer(QObject):
    """Clicks select (Ctrl: one more or less, Shift: up to there), drags move, or draw a band."""

    def __init__(self, canvas: Canvas, session: Session) -> None:
        super().__init__(canvas)
        self._canvas, self._session = canvas, session
        self._then: Callable[[], None] | None = None
        self._from: QPoint | None = None
        self._band = QRubberBand(QRubberBand.Shape.Rectangle, canvas.viewport())
        self._kept: tuple[str, ...] = ()
        self._range: tuple[str, tuple[str, ...]] = ("", ())
        """Where the last range began, and what was selected with it."""
        self.dragging = Dragging(canvas, session)

    def press(self, event: QMouseEvent) -> None:
        """The left button went down."""
        at, session = event.position().toPoint(), self._session
        uid = self._canvas.uid_at(at)
        held = event.modifiers()
        self._then = None
        point = self._canvas.mapToScene(at)
        folds = self._canvas.arrangement.fold_at(point.x(), point.y())
        if folds is not None:
            self._then = lambda: self._canvas.toggle_fold(folds)
            return
        if uid is None:
            self._from = at
            adds = held & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
            self._kept = session.selected if adds else ()
            place = self._canvas.arrangement.place_at(point.x(), point.y())
            if place.block and not session.network.chain(place.block, place.branch):
                # Unless it becomes a band.
                self._then = lambda: session.select_branch(place.block, place.branch)
            return
        if held & Qt.KeyboardModifier.ShiftModifier:
            self._extend(uid)
        elif held & Qt.KeyboardModifier.ControlModifier:
            self._then = lambda: self._toggle(uid)  # unless it becomes a drag that copies
        elif uid in session.selected:
            self._then = lambda: session.select(uid)  # unless it becomes a drag of all of them
        else:
            session.select(uid)
        if uid != INPUT_UID:
            self.dragging.press(uid, at)

    def move(self, event: QMouseEvent) -> bool:
        """It moved; returns whether that meant something."""
        at = event.position().toPoint()
        if self._from is not None:
            self._band.setGeometry(QRect(self._from, at).normalized())
            self._band.show()
            self._then = None
            self._select_within()
            return True
        if self.dragging.move(at):
            self._then = None
            return True
        return False

    def release(self) -> None:
        """The button went up."""
        self.dragging.release()
        then, self._then = self._then, None
        if then is not None:
            then()
        self._from = None
        self._band.hide()
        self._band.resize(QSize())

    def _extend(self, uid: str) -> None:
        """Select all from where the selection began, which further presses do not move."""
        session = self._session
        began, selected = self._range
        goes_on = session.selected == selected and session.network.has(began)
        start = began if goes_on else session.selection
        session.select(uid, *between(session.network, start, uid))
        self._range = start, session.selected

    def _toggle(self, uid: str) -> None:
        session = self._session
        if INPUT_UID in {uid, session.selection}:
            session.select(uid)
        elif uid not in session.selected:
            session.select(uid, *session.selected)
        else:
            rest = [other for other in session.selected if other != uid]
            if rest:
                session.select(rest[-1] if session.selection == uid else session.selection, *rest)

    def _select_within(self) -> None:
        area = self._canvas.mapToScene(self._band.geometry()).boundingRect()
        box = Box(area.left(), area.top(), area.width(), area.height())
        boxes = self._canvas.arrangement.boxes.items()
        found = [uid for uid, other in boxes if other.meets(box) and uid != INPUT_UID]
        chosen = (*self._kept, *found)
        if chosen:
            self._session.select(chosen[-1], *chosen)
