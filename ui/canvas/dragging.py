"""Layers that are dragged onto the canvas or along it: where they land, and the scrolling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QApplication

from cnnviz.rearrange import layers_of, outermost
from ui.canvas.carried import Carried, decode, encode
from ui.canvas.drag_picture import picture_of
from ui.canvas.layout import edge_speed
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QDragMoveEvent, QDropEvent

    from cnnviz.network import Place
    from ui.canvas.canvas import Canvas
    from ui.session import Session

_TICK_MS = 16
UNFOLDS_MS = 800
"""So long something is held over a folded block until that opens."""
_FASTEST = 18
_EDGE = 48
_NEW_WIDTH, _NEW_HEIGHT = 96, 74
"""Of the gap for a layer of which nothing is known yet."""
_WIDEST = 320
"""However much is dragged, the gap need not be wider."""


class Dragging(QObject):
    """Starts drags of cards, and receives layers from the palette, the canvas or another window."""

    def __init__(self, canvas: Canvas, session: Session) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._session = session
        self._pressed: tuple[str, QPoint] | None = None
        self._uids: tuple[str, ...] = ()
        self._lifted: frozenset[str] = frozenset()
        """These, and what is inside of them."""
        self._carried: Carried | None = None
        self._at = QPoint()
        self._speed = QPoint()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._scroll)
        self._over = ""
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(UNFOLDS_MS)
        self._patience.timeout.connect(self._unfold)

    # --- starting -----------------------------------------------------------------------------

    def press(self, uid: str, at: QPoint) -> None:
        """The mouse went down on a card, or on the title of a block."""
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
        """Drag a layer, with all that are selected where it is one of them."""
        canvas, network = self._canvas, self._session.network
        selected = self._session.selected
        self._uids = outermost(network, selected if uid in selected else (uid,))
        within = set().union(*(network.inside(one) for one in self._uids))
        drag = QDrag(canvas.viewport())
        drag.setMimeData(encode(*layers_of(network, self._uids)))
        picture, hot_spot = picture_of(canvas, uid, grip, len(self._uids))
        drag.setPixmap(picture)
        drag.setHotSpot(hot_spot)
        self._lifted = frozenset((*self._uids, *within))
        canvas.carry(self._lifted)
        try:
            actions = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction
            drag.exec(actions, Qt.DropAction.MoveAction)
        finally:
            self._uids, self._lifted = (), frozenset()
            canvas.carry(())
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
        self._at = event.position().toPoint()
        moves = self._accept(event)
        self._canvas.carry(self._lifted if moves else ())  # what is copied stays where it is
        view = self._canvas.viewport()
        edge, fastest = theme.px(_EDGE), theme.px(_FASTEST)
        self._speed = QPoint(
            edge_speed(self._at.x(), view.width(), edge, fastest),
            edge_speed(self._at.y(), view.height(), edge // 2, fastest),
        )
        if not self._speed.isNull() and not self._timer.isActive():
            self._timer.start()
        self._wait_over_block()
        self._open_gap(moves=moves)

    def leave(self) -> None:
        """It has left, or the drag was cancelled."""
        self._timer.stop()
        self._patience.stop()
        self._over = ""
        self._carried = None
        self._canvas.open_gap(None)

    def drop(self, event: QDropEvent) -> None:
        """It lands."""
        carried = self._carried or decode(event.mimeData())
        if carried is None:
            event.ignore()
            return
        place = self._place(event.position().toPoint())
        moves = self._accept(event)
        uids = self._uids
        self.leave()
        if moves:
            self._session.move(uids, place)
        else:
            self._session.insert(carried.landed(self._session, place), place, carried.name)

    def _accept(self, event: QDropEvent) -> bool:
        """Take it as a move of our cards, or as new layers; returns whether it moves."""
        own = bool(self._uids) and event.source() is self._canvas.viewport()
        moves = own and event.proposedAction() == Qt.DropAction.MoveAction
        event.setDropAction(Qt.DropAction.MoveAction if moves else Qt.DropAction.CopyAction)
        event.accept()
        return moves

    def _open_gap(self, *, moves: bool) -> None:
        place = self._place(self._at)
        if not self._uids:
            self._canvas.open_gap(place, theme.px(_NEW_WIDTH), theme.px(_NEW_HEIGHT))
            return
        network = self._session.network
        if moves and network.move(self._uids, place) == network:
            self._canvas.open_gap(None)
            return
        boxes = self._canvas.arrangement.boxes
        width = sum(boxes[uid].width for uid in self._uids if uid in boxes)
        height = max(boxes[uid].height for uid in self._uids if uid in boxes)
        if place.block:
            height = min(height, theme.px(_NEW_HEIGHT))
        self._canvas.open_gap(place, min(width, theme.px(_WIDEST)), height)

    def _wait_over_block(self) -> None:
        """Begin to wait where it has come over another folded block, or over none."""
        uid = self._canvas.uid_at(self._at) or ""
        over = uid if self._canvas.is_folded(uid) and uid not in self._uids else ""
        if over != self._over:
            self._over = over
            self._patience.stop()
            if over:
                self._patience.start()

    def _unfold(self) -> None:
        uid, self._over = self._over, ""
        self._canvas.toggle_fold(uid)

    def _place(self, at: QPoint) -> Place:
        point = self._canvas.mapToScene(at)
        return self._canvas.arrangement.place_at(point.x(), point.y())

    def _scroll(self) -> None:
        bars = self._canvas.horizontalScrollBar(), self._canvas.verticalScrollBar()
        before = [bar.value() for bar in bars]
        for bar, speed in zip(bars, (self._speed.x(), self._speed.y()), strict=True):
            bar.setValue(bar.value() + speed)
        if [bar.value() for bar in bars] == before:
            self._timer.stop()
