"""The controls of training, how the run stands, and the settings that matter most."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QFontMetrics, QKeySequence
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz.message import Message
from cnnviz.recipes import QUICK_STEPS
from ui.able import allow
from ui.forms.training_words import FIELDS
from ui.i18n import language, text, tr
from ui.numerals import figure
from ui.stillness import Turns
from ui.theme import theme
from ui.training.data_panel import DataPanel
from ui.training.fitting_row import FittingRow
from ui.training.read_out import Captioned, ProgressLine, ReadOut
from ui.training.run_words import (
    duration,
    explanation,
    obstacle,
    starting,
    state_word,
    step_words,
)
from ui.training.settings import Setting
from ui.training.settings_panel import SettingsPanel
from ui.training.slow_actions import SlowActions, phase_word
from ui.widgets.buttons import Button, IconButton
from ui.widgets.fields import ChoiceField
from ui.widgets.menu_groups import in_groups

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from ui.engine_client import EngineClient
    from ui.session import Session
    from ui.session_state import Change

_RANKS = {
    "learning_rate": 6,
    "optimizer": 7,
    "schedule": 8,
    "batch_size": 9,
    "epochs": 11,
    "steps": 11,
    "momentum": 12,
    "weight_decay": 13,
    "nesterov": 14,
    "seed": 15,
}
"""The settings that the bar itself holds, and which of them goes first where the room is short:
the one with the highest rank."""
# Pixels at scale 1.
_WIDTHS = {"learning_rate": 76, "nesterov": 24}
_WIDTH = 62
_HEIGHT = 26
SETTLED = 5
"""Steps after which the time left can be told; the first one is far slower than the others."""


class TrainingBar(QWidget):
    """The controls of a run, how it stands, and as many of the settings as fit.

    All settings with their help are in the panel behind the last button.
    """

    told = Signal(object)
    """A Message about what was just done."""

    def __init__(
        self, session: Session, engine: EngineClient, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._engine = engine
        self._shown_standing: tuple[bool, bool, str] | None = None
        self._make_actions()
        self._row = FittingRow(self)
        self._add_buttons()
        self._add_read_outs()
        self._add_settings()
        self._line = ProgressLine(self)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._row)
        self._column.addWidget(self._line)
        session.changed.connect(self._follow)
        engine.ready.connect(self._refresh)
        engine.trouble.connect(self._refresh)
        engine.progress_changed.connect(self._follow_run)
        engine.curves_cleared.connect(self._refresh)
        engine.slow.changed.connect(self._follow_run)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def actions_menu(self) -> list[QAction]:
        """What belongs into the menu for training."""
        slow = [self._slow.action, self._slow.menuAction()]
        return in_groups(
            self,
            [self._train, self._step, *slow, self._to_epoch, self._quick, self._stop],
            [self._reset, self._renew],
            [self._range],
        )

    def retranslate(self) -> None:
        """Set all texts."""
        self.setAccessibleName(tr("Training"))
        self._line.setAccessibleName(tr("Progress of the training"))
        self._step.setText(tr("One step"))
        self._stop.setText(tr("Stop the run"))
        self._reset.setText(tr("Reset the weights"))
        self._to_epoch.setText(tr("To the end of the epoch"))
        self._quick.setText(tr("Quick start"))
        self._renew.setText(tr("New initial weights"))
        self._renew.setToolTip(tr("Those of the next seed; undo brings the old ones back"))
        self._range.setText(tr("Range test of the learning rate…"))
        self._more.set_tip(tr("All training settings"))
        self.prepare.setText(tr("Prepare the data…"))
        self._data.set_tip(
            tr("Prepare the data: which images, what is done with them, and what the network sees"),
            self.prepare.shortcut(),
        )
        epochs = f"{self._session.project.training.epochs:,}"
        self._epoch.set_caption(tr("Epoch"), f"{epochs} / {epochs}")
        self._batch.set_caption(tr("Batch"), "8,888")
        self._loss.set_caption(tr("Loss"), "0.0088")
        self._state.set_caption(tr("State"), tr("Finished"))
        self._left.set_caption(tr("Time left"), "88:88")
        self._speed.set_caption(tr("Images/s"), "88,888")
        self._memory.set_caption(tr("Memory"), "8,888 MB")
        for setting, captioned in self._fields:
            captioned.caption.setText(text(setting.field.title))
        self._keep_width()
        self._refresh()
        self._fit_fields()

    # ---- making

    def _make_actions(self) -> None:
        self._train = self._action("F5", self._toggle)
        self._step = self._action("F6", lambda: self._quickly(self._engine.step))
        self._stop = self._action("Shift+F5", lambda: self._quickly(self._engine.stop))
        self._reset = self._action("F7", self._engine.reset)
        self._to_epoch = self._action("Shift+F6", lambda: self._quickly(self._engine.finish_epoch))
        self._renew = self._action("Shift+F7", self._engine.renew)
        self._quick = self._action("F9", self._quick_start)
        self.prepare = self._action("Shift+F9", self._open_data)
        self._range = self._action("Ctrl+F9", self._test_range)
        self._slow = SlowActions(self._engine.slow, self)
        self.addAction(self._slow.action)

    def _test_range(self) -> None:
        from ui.training.range_dialog import RangeDialog

        dialog = self.window().findChild(RangeDialog)
        if dialog is None:
            dialog = RangeDialog(self._session, self._engine, self.window())
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def _action(self, keys: str, do: Callable[[], None]) -> QAction:
        action = QAction(self)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(do)
        self.addAction(action)
        return action

    def _add_buttons(self) -> None:
        self._train_button = Button(icon="play", primary=True)
        self._icons = [(IconButton(name), action) for name, action in (
            ("step", self._step), ("slow", self._slow.action), ("stop", self._stop),
            ("reset", self._reset), ("bolt", self._quick),
        )]  # fmt: skip
        ranks = {self._quick: 4, self._slow.action: 6}
        self._train_button.clicked.connect(self._train.trigger)
        self.setFocusProxy(self._train_button)
        self._row.add(self._train_button)
        for button, action in self._icons:
            button.clicked.connect(action.trigger)
            # Some are only a convenience; they are in the menu, too.
            self._row.add(button, rank=ranks.get(action, 0))

    def _add_read_outs(self) -> None:
        self._epoch, self._batch, self._loss = ReadOut(), ReadOut(), ReadOut()
        self._state, self._left = ReadOut(), ReadOut()
        self._speed, self._memory = ReadOut(), ReadOut()
        self._row.add(self._epoch, rank=2, gap=12)
        self._row.add(self._batch, rank=5, gap=9)
        self._row.add(self._loss, rank=3, gap=9)
        self._row.add(self._state, rank=1, gap=9)
        self._row.add(self._left, rank=10, gap=9)
        self._row.add(self._speed, rank=12, gap=9)
        self._row.add(self._memory, rank=16, gap=9)

    def _add_settings(self) -> None:
        self._fields: list[tuple[Setting, Captioned]] = []
        for name in _RANKS:
            field = next(field for field in FIELDS if field.name == name)
            setting = Setting(field, self._session, self._engine, self._row)
            captioned = Captioned(setting.editor)
            captioned.caption.setBuddy(setting.editor)
            self._fields.append((setting, captioned))
            self._row.add(captioned, rank=_RANKS[field.name], gap=9)
        self._data = IconButton("prepare")
        self._data.clicked.connect(self.prepare.trigger)
        self._row.add(self._data, gap=9)
        self._more = IconButton("settings")
        self._more.clicked.connect(self._open_panel)
        self._opening = Turns(self)
        self._row.add(self._more, gap=2)

    # ---- following

    def _follow(self, change: Change) -> None:
        if (
            change.new.project.training != change.old.project.training
            or change.new.project.seed != change.old.project.seed
        ):
            for setting, _ in self._fields:
                setting.refresh()
        self._refresh()

    def _follow_run(self) -> None:
        """While a run goes on as before, only its numbers change, thirty times a second."""
        if self._standing() == self._shown_standing:
            self._refresh_read_outs()
        else:
            self._refresh()

    def _standing(self) -> tuple[bool, bool, str]:
        """What the controls depend on, of the run."""
        engine = self._engine
        running = engine.training or engine.slow.active
        return running, engine.paused, engine.progress.state if engine.progress else ""

    def _refresh(self) -> None:
        self._shown_standing = self._standing()
        self._refresh_controls()
        self._refresh_read_outs()
        for setting, captioned in self._fields:
            setting.describe()
            self._row.set_wanted(captioned, setting.counts)

    def _refresh_controls(self) -> None:
        slow = self._engine.slow.active
        running = self._engine.training or slow
        paused = self._engine.paused
        reason = obstacle(self._session, self._engine)
        told = text(reason) if reason is not None else ""
        words = tr("Pause") if running else tr("Resume") if paused else tr("Train")
        self._train.setText(words)
        self._train_button.setText(words)
        self._train_button.set_icon("pause" if running else "play")
        allow(self._train, None if running else reason)
        _set_enabled(self._train_button, self._train.isEnabled())
        self._train_button.setAccessibleName(words)
        keys = self._train.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        self._train_button.setToolTip(told or tr("{action} ({keys})", action=words, keys=keys))
        self._train_button.setAccessibleDescription(told)
        goes_on = Message("The run goes on: pause it first") if running and not slow else None
        allow(self._step, reason or goes_on)
        allow(self._slow.action, None if slow else reason)
        allow(self._to_epoch, reason)
        allow(self._quick, starting(self._engine))
        allow(self._range, reason)
        none = Message("Nothing is being trained")
        allow(self._stop, None if running or paused else none)
        for button, action in self._icons:
            _set_enabled(button, action.isEnabled())
            button.set_tip(action.text(), action.shortcut(), action.statusTip())

    def _refresh_read_outs(self) -> None:
        progress, lit = self._engine.progress, self._engine.slow.lit
        epochs = self._session.project.training.epochs
        if progress is None:
            self._epoch.show_value(tr("– / {epochs:,}", epochs=epochs))
            for read_out in (self._batch, self._loss, self._left, self._speed, self._memory):
                read_out.show_value("–")
            word = phase_word(lit.phase) if lit else self._waiting_word()
            reason = obstacle(self._session, self._engine)
            self._state.show_value(word, text(reason) if reason is not None else "")
            self._line.show_run(None)
        else:
            self._epoch.show_value(f"{progress.epoch:,} / {progress.epochs:,}")
            self._batch.show_value(
                f"{progress.batch:,}",
                tr(
                    "Of {batches:,} in each epoch; step {step:,} of {steps:,}",
                    batches=progress.batches,
                    step=progress.step,
                    steps=progress.steps,
                ),
            )
            loss = "–" if progress.loss is None else figure(progress.loss)
            self._loss.show_value(loss, step_words(progress))
            rate = progress.images_per_second
            speed = "" if rate is None else tr("{rate:,} images a second", rate=round(rate))
            failed = progress.state == "failed"
            self._state.show_value(
                phase_word(lit.phase) if lit else state_word(progress.state),
                explanation(self._engine) or speed,
                "danger" if failed else "number",
            )
            going = progress.state in ("running", "paused") and progress.step >= SETTLED
            left = progress.seconds_left if going else None
            self._left.show_value("–" if left is None else duration(left), speed)
            self._speed.show_value("–" if rate is None else f"{round(rate):,}")
            self._memory.show_value(
                f"{progress.memory >> 20:,} MB" if progress.memory else "–",
                tr("What the engine holds on its device, the data set included"),
            )
            part = progress.step / progress.steps if progress.steps else 0.0
            self._line.show_run(part, progress.state)

    def _waiting_word(self) -> str:
        if self._session.report.problem is not None:
            return tr("Waiting")
        return tr("Starting…") if self._engine.device is None else tr("Ready")

    def _quick_start(self) -> None:
        self._engine.quick_start()
        self.told.emit(
            Message(
                "Quick start: another network and settings, with which it reads 99 % of the test "
                "digits after {steps} steps. Undo brings yours back.",
                steps=QUICK_STEPS,
            )
        )

    def _quickly(self, do: Callable[[], None]) -> None:
        """Not in slow motion any more."""
        self._engine.slow.end()
        do()

    def _toggle(self) -> None:
        if self._engine.slow.active:
            self._engine.slow.end()
        elif self._engine.training:
            self._engine.pause()
        else:
            self._engine.train()

    def _open_panel(self) -> None:
        self._opening.begin(self._opened_panel())

    def _opened_panel(self) -> Generator[None]:
        """Made in some turns, the first time, and shown in another: both take their time."""
        yield from self._panel.make()
        self._panel.pop_up(self._more)

    def _open_data(self) -> None:
        self._data_panel.pop_up(self._data)

    @cached_property
    def _data_panel(self) -> DataPanel:
        return DataPanel(self._session, self._engine, self)

    @cached_property
    def _panel(self) -> SettingsPanel:
        """Made when it is first opened, so that the window is there sooner."""
        return SettingsPanel(self._session, self._engine, self)

    def _keep_width(self) -> None:
        """The button says one of three words, and the row must not move when it says another."""
        metrics = QFontMetrics(theme.font())
        words = (tr("Train"), tr("Pause"), tr("Resume"))
        widest = max(metrics.horizontalAdvance(word) for word in words)
        self._train_button.setMinimumWidth(widest + theme.px(16 + 4 + 2 * 11) + 2)

    def _fit_fields(self) -> None:
        """A choice is as wide as the longest in the present language: none is cut off."""
        metrics = QFontMetrics(theme.font())
        for setting, _ in self._fields:
            editor, width = setting.editor, theme.px(_WIDTHS.get(setting.name, _WIDTH))
            if isinstance(editor, ChoiceField):
                width = editor.width_in(metrics)
            editor.setFixedSize(width, theme.px(_HEIGHT))

    def _restyle(self) -> None:
        px = theme.px
        self._column.setContentsMargins(0, px(5), 0, 0)  # as high as the line of progress below
        self._column.setSpacing(px(2))
        self._fit_fields()
        for read_out in self._row.findChildren(ReadOut):
            read_out.content.setFixedHeight(px(_HEIGHT))
        self._keep_width()


def _set_enabled(button: QWidget, enabled: bool) -> None:
    """Qt hands the focus of a button that is switched off to the next one, such as reset."""
    if button.hasFocus() and not enabled:
        button.clearFocus()
    button.setEnabled(enabled)
