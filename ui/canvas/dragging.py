"""Layers that are dragged onto the canvas or along it: where they land, and the scrolling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QApplication

from ui.canvas.carried import Carried, decode, encode
from ui.canvas.layout import changes_place, edge_speed, gap_index
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QDragMoveEvent, QDropEvent

    from ui.canvas.canvas import Canvas
    from ui.session import Session

_TICK_MS = 16
_FASTEST = 18
_EDGE = 48
_NEW_WIDTH, _NEW_HEIGHT = 96, 120
"""Of the gap for a layer of which nothing is known yet."""


class Dragging(QObject):
    """Starts drags of cards, and receives layers from the palette, the canvas or another window."""

    def __init__(self, canvas: Canvas, session: Session) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._session = session
        self._pressed: tuple[str, QPoint] | None = None
        self._uid = ""
        self._carried: Carried | None = None
        self._at = QPoint()
        self._speed = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._scroll)

    # --- starting -----------------------------------------------------------------------------

    def press(self, uid: str, at: QPoint) -> None:
        """The mouse went down on the card of a layer."""
        self._pressed = (uid, at)

    def release(self) -> None:
        """The mouse went up again."""
        self._pressed = None

    def move(self, at: QPoint) -> bool:
        """The mouse moved with its button down; returns whether a drag has begun and ended."""
        if self._pressed is None:
            return False
        uid, start = self._pressed
        if (at - start).manhattanLength() < QApplication.startDragDistance():
            return False
        self._pressed = None
        self._drag(uid, start)
        return True

    def _drag(self, uid: str, grip: QPoint) -> None:
        canvas = self._canvas
        card = canvas.card(uid)
        picture, hot_spot = canvas.picture_of(card, grip)
        drag = QDrag(canvas.viewport())
        drag.setMimeData(encode(self._session.network.layer(uid)))
        drag.setPixmap(picture)
        drag.setHotSpot(hot_spot)
        self._uid = uid
        card.set_carried(True)
        try:
            actions = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction
            drag.exec(actions, Qt.DropAction.MoveAction)
        finally:
            self._uid = ""
            card.set_carried(False)
            self.leave()

    # --- receiving ----------------------------------------------------------------------------

    def enter(self, event: QDragMoveEvent) -> None:
        """Something is dragged in."""
        self._carried = decode(event.mimeData())
        self.over(event)

    def over(self, event: QDragMoveEvent) -> None:
        """It moves: open the gap where it would land."""
        if self._carried is None:
            event.ignore()
            return
        self._accept(event)
        self._at = event.position().toPoint()
        width = self._canvas.viewport().width()
        self._speed = edge_speed(self._at.x(), width, theme.px(_EDGE), theme.px(_FASTEST))
        if self._speed and not self._timer.isActive():
            self._timer.start()
        self._open_gap(moves=event.dropAction() == Qt.DropAction.MoveAction)

    def leave(self) -> None:
        """It has left, or the drag was cancelled."""
        self._timer.stop()
        self._carried = None
        self._canvas.open_gap(None)

    def drop(self, event: QDropEvent) -> None:
        """It lands."""
        carried = self._carried or decode(event.mimeData())
        if carried is None:
            event.ignore()
            return
        index = self._index(event.position().toPoint())
        moves = self._accept(event)
        self.leave()
        if moves:
            self._session.move(self._uid, index)
        else:
            self._session.insert([carried.landed(self._session, index)], index)

    def _accept(self, event: QDropEvent) -> bool:
        """Take it as a move of one of our cards, or as a new layer; returns whether it moves."""
        own = bool(self._uid) and event.source() is self._canvas.viewport()
        moves = own and event.proposedAction() == Qt.DropAction.MoveAction
        event.setDropAction(Qt.DropAction.MoveAction if moves else Qt.DropAction.CopyAction)
        event.accept()
        return moves

    def _open_gap(self, *, moves: bool) -> None:
        index = self._index(self._at)
        if not self._uid:
            self._canvas.open_gap(index, theme.px(_NEW_WIDTH), theme.px(_NEW_HEIGHT))
            return
        if moves and not changes_place(self._session.network.place(self._uid).index, index):
            self._canvas.open_gap(None)
            return
        card = self._canvas.card(self._uid)
        self._canvas.open_gap(index, card.width, card.height)

    def _index(self, at: QPoint) -> int:
        return gap_index(self._canvas.mapToScene(at).x(), self._canvas.layer_boxes())

    def _scroll(self) -> None:
        bar = self._canvas.horizontalScrollBar()
        before = bar.value()
        bar.setValue(before + self._speed)
        if bar.value() == before:
            self._timer.stop()
