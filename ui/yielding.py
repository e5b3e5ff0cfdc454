"""What gives way to the network in a window that is small for its type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cnnviz.message import Message
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QMainWindow

    from ui.canvas.canvas import Canvas
    from ui.hints import Hints
    from ui.outputs.output_column import OutputColumn

LOW, LOWEST = 520, 430
"""Pixels of the window's height at scale 1, below which everything does with less, and below which
the detail of a layer is a drawer that is opened when it is wanted."""

CLOSED = Message(
    "The detail panel has made room for the large type. Enter or a double click on a layer opens "
    "it, and F4."
)


class Yielding(QObject):
    """Tells the views how large the window is for its type, and closes the drawer; where that is
    wanted all the same, the layers panel and the hints are away as long as it is open."""

    told = Signal(object)
    """Message: what has been closed, and how it opens."""
    opened = Signal()
    """It has been opened again, so that nobody needs to be told any more."""

    def __init__(
        self,
        window: QMainWindow,
        drawer: QAction,
        palette: QAction,
        canvas: Canvas,
        hints: Hints,
        outputs: OutputColumn,
    ) -> None:
        super().__init__(window)
        self._window, self._drawer, self._palette = window, drawer, palette
        self._canvas, self._hints, self._outputs = canvas, hints, outputs
        self._lowest: bool | None = None
        self._closed = False
        self._crowded = False
        self._palette_closed = False
        drawer.toggled.connect(self._share_out)
        theme.changed.connect(self.follow)

    def follow(self) -> None:
        """The window, or its type, is of another size."""
        if not self._window.isVisible():
            return
        low = self._window.height() < theme.px(LOW)
        self._outputs.fit(self._window.width())
        self._canvas.do_with_less(low)
        self._hints.do_with_less(low)
        before, self._lowest = self._lowest, self._window.height() < theme.px(LOWEST)
        if self._lowest and not before and self._drawer.isChecked():
            self._closed = True
            self._drawer.setChecked(False)
            if before is not None:
                self.told.emit(CLOSED)
        elif before and not self._lowest and self._closed:
            self._closed = False
            self._drawer.setChecked(True)
            self.opened.emit()
        self._share_out()

    def give_back(self) -> None:
        """Open what is away only for lack of room: somebody is about to remember what is open."""
        if self._crowded and self._palette_closed:
            self._palette.setChecked(True)

    def share_out_anew(self) -> None:
        """Somebody else has opened and closed the panels."""
        self._crowded = False
        self._share_out()

    def _share_out(self) -> None:
        before = self._crowded
        self._crowded = bool(self._lowest) and self._drawer.isChecked()
        if self._crowded and not before:
            self._palette_closed = self._palette.isChecked()
            self._palette.setChecked(False)
            self.opened.emit()
        elif before and not self._crowded and self._palette_closed:
            self._palette.setChecked(True)
        self._hints.give_way(self._crowded)
