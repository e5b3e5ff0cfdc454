"""The bar across the top: files and steps, training, data and device, language and look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.i18n import language, tr
from ui.inputs.dataset_chip import DatasetChip
from ui.problems.counter import ProblemCounter
from ui.theme import theme
from ui.training.device_chip import DeviceChip
from ui.widgets.buttons import IconButton

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from ui.datasets.actions import DataActions
    from ui.engine_client import EngineClient
    from ui.menus import Menus
    from ui.session import Session
    from ui.training.training_bar import TrainingBar


class ActionButton(IconButton):
    """An icon for an action of the menus, with its text, keys and state."""

    def __init__(self, name: str, action: QAction) -> None:
        super().__init__(name)
        self._action = action
        self.clicked.connect(action.trigger)
        action.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Take over what the action says."""
        self.setEnabled(self._action.isEnabled())
        self.set_tip(self._action.text().replace("&", ""), self._action.shortcut())


class TopBar(QWidget):
    """One row; the training bar in its middle takes what the others leave."""

    def __init__(
        self,
        session: Session,
        engine: EngineClient,
        training: TrainingBar,
        menus: Menus,
        datasets: DataActions,
    ) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        for name, action in (("new", menus.new), ("open", menus.open), ("save", menus.save)):
            self._row.addWidget(ActionButton(name, action))
        self._row.addSpacing(theme.px(8))
        for name, action in (("undo", menus.undo), ("redo", menus.redo)):
            self._row.addWidget(ActionButton(name, action))
        self._row.addWidget(training, 1)
        self.problems = ProblemCounter(session)
        self._row.addWidget(self.problems)
        self._row.addWidget(DatasetChip(session, [*datasets.actions_menu(), training.prepare]))
        self._row.addWidget(DeviceChip(session, engine))
        self._language = IconButton("language")
        self._language.clicked.connect(menus.next_language)
        self._row.addWidget(self._language)
        self._look = IconButton("moon")
        self._look.clicked.connect(menus.toggle_theme)
        self._row.addWidget(self._look)
        self._row.addWidget(ActionButton("fullscreen", menus.full_screen))
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()

    def retranslate(self) -> None:
        """Say what the buttons do in the present language."""
        self._language.set_tip(tr("Change the language"))
        self._look.set_tip(tr("Light theme") if theme.dark else tr("Dark theme"))

    def _restyle(self) -> None:
        self._row.setContentsMargins(theme.px(10), theme.px(5), theme.px(10), theme.px(5))
        self._row.setSpacing(theme.px(5))
        self._look.set_icon("sun" if theme.dark else "moon")
        self.retranslate()
