"""First steps: three hints in a line of their own, which go away by doing what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from ui import settings
from ui.i18n import language, tr
from ui.theme import theme
from ui.widgets.buttons import Button, IconButton
from ui.widgets.flow_layout import FlowLayout
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent, QShowEvent

    from cnnviz.engine.protocol import Progress
    from cnnviz.network import Network
    from ui.engine_client import EngineClient
    from ui.session import Session
    from ui.session_state import Change

STEPS = {"draw": "pen", "change": "settings", "train": "play"}
"""What there is to do, with its icon."""


class Hints(QFrame):
    """What was done once is never asked for again, unless a person wants to see it again."""

    wanted = Signal(str)
    """A hint was pressed: bring the keyboard to where it can be followed."""

    def __init__(self, session: Session, engine: EngineClient) -> None:
        super().__init__()
        self._done = settings.steps_done()
        self._low = False
        self._given_way = False
        self.setProperty("banner", "info")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.action = QAction(self)
        self.action.setCheckable(True)
        self.action.triggered.connect(self._switch)
        self._heading = Label("", "heading")
        self._buttons = {step: Button(icon=name, quiet=True) for step, name in STEPS.items()}
        self._flowing = QWidget()
        self._flow = FlowLayout(self._flowing)
        self._flow.addWidget(self._heading)
        for step, button in self._buttons.items():
            button.clicked.connect(lambda _=False, step=step: self.wanted.emit(step))
            self._flow.addWidget(button)
        self._close = IconButton("close", quiet=True)
        self._close.clicked.connect(lambda: self._switch(False))
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._flowing, 1)
        self._row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignVCenter)
        session.changed.connect(self._follow)
        engine.progress_changed.connect(self._follow_run)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()
        self._show_left()

    def done(self, step: str) -> None:
        """That has been done: it need not be said any more."""
        if step not in self._done:
            self._done.append(step)
            settings.set_steps_done(self._done)
            self._show_left()

    def left(self) -> list[str]:
        """What has not been done yet."""
        return [step for step in STEPS if step not in self._done]

    def do_with_less(self, low: bool) -> None:
        """Take one row only, with as many hints as fit: in a window that is low for its type."""
        if low != self._low:
            self._low = low
            self._show_left()

    def give_way(self, given: bool) -> None:
        """Be away as long as something else needs the room, or come back."""
        if given != self._given_way:
            self._given_way = given
            self._show_left()

    def retranslate(self) -> None:
        """Set all texts."""
        self.action.setText(tr("First steps"))
        self._heading.setText(tr("First steps"))
        self.setAccessibleName(tr("First steps"))
        words = {
            "draw": tr("Draw a digit"),
            "change": tr("Select a layer and change a number"),
            "train": tr("Press Train"),
        }
        for step, button in self._buttons.items():
            button.setText(words[step])
            button.setToolTip(tr("Go there; it disappears when it is done"))
        self._close.set_tip(tr("Hide the first steps; the Help menu brings them back"))
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(400), self.heightForWidth(self.width()))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        margins = self._row.contentsMargins()
        inside = self._flow.heightForWidth(self._room(width))
        return inside + margins.top() + margins.bottom()

    def _room(self, width: int) -> int:
        """What the close button leaves for the hints."""
        margins, beside = self._row.contentsMargins(), self._close.sizeHint().width()
        return max(width - margins.left() - margins.right() - beside - self._row.spacing(), 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._restyle()  # buttons have their size only now

    # --- inside -------------------------------------------------------------------------------

    def _follow(self, change: Change) -> None:
        old, new = change.old.project.network, change.new.project.network
        if change.edit and old is not new and _a_number_changed(old, new):
            self.done("change")

    def _follow_run(self, progress: Progress) -> None:
        if progress.state == "running":
            self.done("train")

    def _switch(self, on: bool) -> None:
        """Off, or all of them once more."""
        settings.set_hints(on)
        if on:
            self._done = []
            settings.set_steps_done(self._done)
        self._show_left()

    def _show_left(self) -> None:
        left = self.left()
        had = any(button.hasFocus() for button in (*self._buttons.values(), self._close))
        self._fit()
        wanted = settings.hints() and bool(left)
        self.action.setChecked(wanted)
        shown = wanted and not self._given_way
        if had and not shown:
            self.wanted.emit("")  # else Qt hands the keyboard to whatever comes next
        self.setVisible(shown)
        self._flow.invalidate()
        self.updateGeometry()

    def _fit(self) -> None:
        """Show what is left to do, in a low window as much of it as fits into one row."""
        left = [self._buttons[step] for step in self.left()]
        self._heading.show()
        for button in self._buttons.values():
            button.setVisible(button in left)
        row = self._buttons["draw"].sizeHint().height()
        for less in (self._heading, *reversed(left[1:])) if self._low else ():
            self._flow.invalidate()
            if self._flow.heightForWidth(self._room(self.width())) <= row:
                break
            less.hide()
        self._flow.invalidate()
        self.updateGeometry()

    def _restyle(self) -> None:
        self._row.setContentsMargins(theme.px(14), theme.px(2), theme.px(8), theme.px(2))
        self._flow.setSpacing(theme.px(6))
        self._heading.setMinimumHeight(self._buttons["draw"].sizeHint().height())
        self._fit()


def _a_number_changed(old: Network, new: Network) -> bool:
    """Whether the same layers are there, and one of them is another now."""
    before = {layer.uid: layer for _, layer in old.walk()}
    after = {layer.uid: layer for _, layer in new.walk()}
    return before.keys() == after.keys() and before != after
