"""What can be done with the selected card, as actions with keys, for the menus and the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from cnnviz.network import INPUT_UID
from ui.i18n import language, tr
from ui.icons import icon
from ui.theme import theme

if TYPE_CHECKING:
    from ui.canvas.row_view import RowView
    from ui.session import Session


class Commands(QObject):
    """The actions; their keys work while the canvas, to which they are added, has the focus."""

    def __init__(self, session: Session, canvas: RowView) -> None:
        super().__init__(canvas)
        self._session = session
        self.duplicate = QAction(self)
        self.delete = QAction(self)
        self.move_left = QAction(self)
        self.move_right = QAction(self)
        self.zoom_in = QAction(self)
        self.zoom_out = QAction(self)
        self.fit = QAction(self)
        self.duplicate.setShortcuts([QKeySequence("Ctrl+D")])
        self.delete.setShortcuts([QKeySequence(Qt.Key.Key_Delete), QKeySequence("Backspace")])
        self.move_left.setShortcuts([QKeySequence("Ctrl+Shift+Left"), QKeySequence("Alt+Left")])
        self.move_right.setShortcuts([QKeySequence("Ctrl+Shift+Right"), QKeySequence("Alt+Right")])
        self.duplicate.triggered.connect(lambda: session.duplicate(session.selection))
        self.delete.triggered.connect(lambda: session.delete(session.selection))
        self.move_left.triggered.connect(lambda: self._move(-1))
        self.move_right.triggered.connect(lambda: self._move(+1))
        self.zoom_in.setShortcuts([QKeySequence("Ctrl+="), QKeySequence("Ctrl++")])
        self.zoom_out.setShortcuts([QKeySequence("Ctrl+-")])
        self.fit.setShortcuts([QKeySequence("Ctrl+0")])
        self.zoom_in.triggered.connect(canvas.zoom_in)
        self.zoom_out.triggered.connect(canvas.zoom_out)
        self.fit.triggered.connect(canvas.fit)
        for action in (*self.all(), *self.view()):
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            canvas.addAction(action)
        for action in (self.duplicate, *self.view()):  # these keys mean nothing in a text field
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        session.changed.connect(self.refresh)
        session.selection_changed.connect(self.refresh)
        language.changed.connect(self.retranslate)
        theme.changed.connect(self.retranslate)
        self.retranslate()
        self.refresh()

    def all(self) -> list[QAction]:
        """In the order of a menu."""
        return [self.duplicate, self.delete, self.move_left, self.move_right]

    def view(self) -> list[QAction]:
        """What changes only how the canvas is seen."""
        return [self.zoom_in, self.zoom_out, self.fit]

    def retranslate(self) -> None:
        """Set all texts and icons."""
        self.duplicate.setText(tr("Duplicate"))
        self.delete.setText(tr("Delete"))
        self.move_left.setText(tr("Move left"))
        self.move_right.setText(tr("Move right"))
        self.zoom_in.setText(tr("Zoom in"))
        self.zoom_out.setText(tr("Zoom out"))
        self.fit.setText(tr("Fit network in view"))
        self.duplicate.setIcon(icon("duplicate"))
        self.delete.setIcon(icon("delete"))

    def refresh(self) -> None:
        """Allow what is possible with the selection."""
        session = self._session
        chosen = session.selection != INPUT_UID
        place = session.network.place(session.selection).index if chosen else 0
        self.duplicate.setEnabled(chosen)
        self.delete.setEnabled(chosen)
        self.move_left.setEnabled(chosen and place > 0)
        self.move_right.setEnabled(chosen and place + 1 < len(session.network.layers))

    def _move(self, step: int) -> None:
        session = self._session
        place = session.network.place(session.selection).index
        # `move` takes the position of what the card is to stand before.
        session.move(session.selection, place - 1 if step < 0 else place + 2)
