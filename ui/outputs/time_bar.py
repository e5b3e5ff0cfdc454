"""The slider of the time machine: which step of a run is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QFontMetrics, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSlider, QVBoxLayout, QWidget

from cnnviz.message import Message
from ui.able import allow
from ui.i18n import language, text, tr
from ui.theme import theme
from ui.widgets.buttons import Button, IconButton
from ui.widgets.flow_layout import FlowLayout
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.engine_client import EngineClient


class TimeBar(QWidget):
    """Play, and a slider over the kept steps with the present at its right end.

    While an earlier step is looked at, it says which, and two buttons make it the present one or
    lead back. Before the first run there is nothing to be seen of it.
    """

    def __init__(self, engine: EngineClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine, self._time = engine, engine.time
        self._playing: bool | None = None
        self._words, self._where = Label(role="caption"), Label(role="caption")
        self._words.setWordWrap(True)
        self._play_button = IconButton("play")
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setPageStep(3)
        self._slider.valueChanged.connect(self._slid)
        self._buttons = QWidget()
        self._go_on_button, self._leave_button = Button(quiet=True), Button(quiet=True)
        self._make_actions()
        self._row = QHBoxLayout()
        self._row.addWidget(self._play_button)
        self._row.addWidget(self._slider, 1)
        self._row.addWidget(self._where)
        self._ways = FlowLayout(self._buttons)
        self._ways.addWidget(self._go_on_button)
        self._ways.addWidget(self._leave_button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._row)
        self._column.addWidget(self._words)
        self._column.addWidget(self._buttons)
        self._time.changed.connect(self.refresh)
        engine.progress_changed.connect(self._follow_run)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def actions_menu(self) -> QMenu:
        """All of it with its keys, for the menu of the window."""
        return self._menu

    def retranslate(self) -> None:
        """Set all texts."""
        self._menu.setTitle(tr("Time machine"))
        self._earlier.setText(tr("Earlier weights"))
        self._later.setText(tr("Later weights"))
        self._leave.setText(tr("Back to the present"))
        self._go_on.setText(tr("Go on from here"))
        self._leave_button.setText(tr("Back to the present"))
        self._go_on_button.setText(tr("Go on from here"))
        self._go_on_button.setToolTip(
            tr("Make these weights the present ones; undo brings the others back")
        )
        self._slider.setAccessibleName(tr("Time machine"))
        self._slider.setToolTip(
            tr("The network as it was during the run: kernels, maps, prediction and confusion")
        )
        self._playing = None
        self.refresh()

    def refresh(self) -> None:
        """Show which step is looked at, and what there is to choose from."""
        machine = self._time
        steps, step, visiting = machine.steps, machine.step, machine.step is not None
        self._slider.blockSignals(True)
        self._slider.setRange(0, len(steps))
        self._slider.setValue(len(steps) if step is None else steps.index(step))
        self._slider.blockSignals(False)
        self._slider.setEnabled(bool(steps))
        self._play_button.setEnabled(bool(steps))
        allow(self._play, machine.obstacle)
        first = Message("These are the earliest weights that are kept")
        is_first = step is not None and step == steps[0]
        allow(self._earlier, machine.obstacle or (first if is_first else None))
        present = Message("The present weights are shown already")
        for action in (self._later, self._leave, self._go_on):
            allow(action, None if visiting else present)
        self._buttons.setVisible(visiting)
        said = self._said()
        self._words.setText(said)
        self._where.setText(tr("now") if step is None else f"{step:,}")
        self._words.setVisible(visiting or not steps)
        self._slider.setAccessibleDescription(said)
        self.setVisible(self._engine.time.has_run)
        if self._playing != machine.playing:
            self._playing = machine.playing
            words = tr("Pause the film") if machine.playing else tr("Play as a film")
            self._play.setText(words)
            self._play_button.set_icon("pause" if machine.playing else "play")
        self._play_button.set_tip(self._play.text(), self._play.shortcut(), self._play.statusTip())

    # ---- inside

    def _said(self) -> str:
        machine, run = self._time, self._time.run
        if machine.obstacle is not None:
            return text(machine.obstacle)
        if machine.step is None or run is None:
            return tr("The present weights. Slide to see those of earlier steps.")
        title = run.title if isinstance(run.title, str) else text(run.title)
        if self._engine.training:
            return tr(
                "The weights after step {step:,} of {run}. The run goes on meanwhile.",
                step=machine.step,
                run=title,
            )
        return tr("The weights after step {step:,} of {run}.", step=machine.step, run=title)

    def _make_actions(self) -> None:
        self._menu = QMenu(self)
        machine = self._time
        self._earlier = self._action(machine.earlier, "Alt+PgUp")
        self._later = self._action(machine.later, "Alt+PgDown")
        self._play = self._action(machine.play, "Shift+F8")
        self._leave = self._action(machine.leave, "Alt+End")
        self._go_on = self._action(machine.go_on_from_here)
        self._play_button.clicked.connect(self._play.trigger)
        self._leave_button.clicked.connect(self._leave.trigger)
        self._go_on_button.clicked.connect(self._go_on.trigger)

    def _action(self, do: Callable[[], None], keys: str = "") -> QAction:
        action = QAction(self)
        action.triggered.connect(lambda _=False: do())
        if keys:
            action.setShortcut(QKeySequence(keys))
        self._menu.addAction(action)
        return action

    def _slid(self, place: int) -> None:
        steps = self._time.steps
        self._time.go_to(steps[place] if place < len(steps) else None)

    def _follow_run(self) -> None:
        if self._time.step is not None:
            self._words.setText(self._said())

    def _restyle(self) -> None:
        room = QFontMetrics(theme.font("caption")).horizontalAdvance("88,888")
        self._where.setMinimumWidth(room)  # or the slider would grow and shrink beside it
        for layout, gap in ((self._column, 6), (self._row, 8), (self._ways, 6)):
            layout.setSpacing(theme.px(gap))
