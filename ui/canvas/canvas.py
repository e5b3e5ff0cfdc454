"""The canvas: the input and the layers as cards that hold the live feature maps, branches as lanes
in frames; with all that mouse, keyboard and menus do there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QHelpEvent
from PySide6.QtWidgets import QToolTip

from ui.canvas import sketch
from ui.canvas.card_row import CardRow
from ui.canvas.commands import Commands
from ui.canvas.context_menu import context_menu
from ui.canvas.keyboard import Keyboard
from ui.canvas.picture_export import PictureExport
from ui.canvas.pointer import Pointer
from ui.canvas.whereabouts import card_center, gap_center

if TYPE_CHECKING:
    from PySide6.QtGui import (
        QDragEnterEvent,
        QDragLeaveEvent,
        QDragMoveEvent,
        QDropEvent,
        QKeyEvent,
        QMouseEvent,
    )
    from PySide6.QtWidgets import QWidget

    from ui.engine_client import EngineClient
    from ui.session import Session


class Canvas(CardRow):
    """The row of cards as one works with it."""

    settings_requested = Signal()
    """Enter or a double click: the person wants to change the selected layer's settings."""
    told = Signal(object)
    """Message: what has been done."""
    refused = Signal(object)
    """Message: why something could not be done."""

    def __init__(
        self, session: Session, engine: EngineClient, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, engine, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self._commands = Commands(session, self)
        self._commands.refused.connect(self.refused)
        self._export = PictureExport(session, lambda: self._roster.folded, self._dress, self)
        self._export.told.connect(self.told)
        self._export.refused.connect(self.refused)
        self._pointer = Pointer(self, session)
        self._dragging = self._pointer.dragging
        self._keyboard = Keyboard(self, session)

    # --- for the main window ------------------------------------------------------------------

    def actions_menu(self) -> list[QAction]:
        """What can be done with the selected cards, for the Edit menu."""
        return self._commands.all()

    def view_actions(self) -> list[QAction]:
        """Zooming, for the View menu."""
        return self._commands.view()

    def file_actions(self) -> list[QAction]:
        """The canvas as a picture, for the menu of exports."""
        return [self._export.with_maps, self._export.without_maps]

    # --- mouse, keys and menu -----------------------------------------------------------------

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            uid = self.uid_at(event.pos())
            far = uid is not None and self.zoom < sketch.FAR
            words = self._roster.contents[uid].in_short if uid is not None and far else ""
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._pointer.press(event)
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._pointer.move(event):
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pointer.release()
        super().mouseReleaseEvent(event)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        uid = self.uid_at(at)
        point = self.mapToScene(at)
        on_card = uid is not None and self._arrangement.boxes[uid].holds(point.x(), point.y())
        if uid is not None and (self.is_folded(uid) or not on_card):
            self.toggle_fold(uid)
        elif uid is not None:
            self.settings_requested.emit()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._keyboard.press(event):
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        event.accept()
        if event.reason() != QContextMenuEvent.Reason.Mouse:
            self.open_menu()
            return
        uid, place = self.uid_at(event.pos()), None
        if uid is None:
            point = self.mapToScene(event.pos())
            place = self._arrangement.place_at(point.x(), point.y())
        elif uid not in self._session.selected:
            self._session.select(uid)
        context_menu(self, self._session, self._commands, place).popup(event.globalPos())

    def open_menu(self) -> None:
        """The menu of what the keyboard is at."""
        place, uid = self._session.empty_branch, self._roster.shown_in[self._session.selection]
        at = card_center(self, uid) if place is None else gap_center(self, place)
        context_menu(self, self._session, self._commands, place).popup(at)

    # --- drag and drop ------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._dragging.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._dragging.over(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._dragging.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        self._dragging.drop(event)
