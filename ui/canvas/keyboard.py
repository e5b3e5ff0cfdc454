"""The keys that move the selection on the canvas."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from cnnviz.network import INPUT_UID, Place
from ui.canvas import navigation
from ui.canvas.navigation import Spot

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QKeyEvent

    from cnnviz.network import Network
    from ui.canvas.canvas import Canvas
    from ui.session import Session


class Keyboard(QObject):
    """Left and right along the arrows, up and down between lanes, also empty ones, Escape out of a
    block; with Shift they extend the selection. Enter asks for the settings, Shift+F10 for the
    menu."""

    def __init__(self, canvas: Canvas, session: Session) -> None:
        super().__init__(canvas)
        self._canvas, self._session = canvas, session
        self._steps: dict[Qt.Key, Callable[[Spot], Spot]] = {
            Qt.Key.Key_Left: lambda uid: navigation.before(self._network, uid, canvas.folded),
            Qt.Key.Key_Right: lambda uid: navigation.after(self._network, uid, canvas.folded),
            Qt.Key.Key_Up: lambda uid: navigation.beside(self._network, uid, -1, self._middle),
            Qt.Key.Key_Down: lambda uid: navigation.beside(self._network, uid, +1, self._middle),
            Qt.Key.Key_Escape: lambda uid: navigation.out(self._network, uid),
            Qt.Key.Key_Home: lambda uid: INPUT_UID,
            Qt.Key.Key_End: lambda uid: navigation.last(self._network),
        }

    def press(self, event: QKeyEvent) -> bool:
        """A key went down; returns whether it means something here."""
        step = self._steps.get(Qt.Key(event.key()))
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if step is not None and not held:
            self._go_to(step(self._spot))
        elif step is not None and held == Qt.KeyboardModifier.ShiftModifier:
            self._extend(step(self._spot))
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._canvas.settings_requested.emit()
        elif _opens_menu(event):
            self._canvas.open_menu()
        else:
            return False
        return True

    def _go_to(self, spot: Spot) -> None:
        if isinstance(spot, Place):
            self._session.select_branch(spot.block, spot.branch)
        else:
            self._session.select(spot)

    def _extend(self, uid: Spot) -> None:
        """Take one more layer into the selection, or give the last one back."""
        session = self._session
        if isinstance(uid, Place) or INPUT_UID in {uid, session.selection}:
            return
        rest = set(session.selected)
        if uid in rest:
            rest.discard(session.selection)
        session.select(uid, *rest)

    @property
    def _network(self) -> Network:
        return self._session.network

    @property
    def _spot(self) -> Spot:
        return self._session.empty_branch or self._session.selection

    def _middle(self, spot: Spot) -> float:
        arrangement = self._canvas.arrangement
        if isinstance(spot, Place):
            return arrangement.slot(spot)[0]
        return arrangement.boxes[spot].middle


def _opens_menu(event: QKeyEvent) -> bool:
    """Shift+F10, which Qt knows on Windows only; the menu key it knows everywhere."""
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    shifted = held == Qt.KeyboardModifier.ShiftModifier
    return sys.platform != "win32" and event.key() == Qt.Key.Key_F10 and shifted
