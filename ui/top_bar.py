"""The bar across the top: files and steps, training, data and device, language and look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.i18n import language, tr
from ui.inputs.dataset_chip import DatasetChip
from ui.problems.counter import ProblemCounter
from ui.theme import theme
from ui.training.device_chip import DeviceChip
from ui.widgets.buttons import IconButton

if TYPE_CHECKING:
    from PySide6.QtGui import QAction, QResizeEvent

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
        words = self._action.text().replace("&", "")
        self.set_tip(words, self._action.shortcut(), self._action.statusTip())


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
        given = (("new", menus.new), ("open", menus.open), ("save", menus.save))
        files = [ActionButton(name, action) for name, action in given]
        for button in files:
            self._row.addWidget(button)
        self._row.addSpacing(theme.px(8))
        for name, action in (("undo", menus.undo), ("redo", menus.redo)):
            self._row.addWidget(ActionButton(name, action))
        self._row.addWidget(training, 1)
        self.problems = ProblemCounter(session)
        self._row.addWidget(self.problems)
        self._row.addWidget(DatasetChip(session, [*datasets.actions_menu(), training.prepare]))
        self.device = DeviceChip(engine)
        self._row.addWidget(self.device)
        self._language = IconButton("language")
        self._language.clicked.connect(menus.next_language)
        self._row.addWidget(self._language)
        self._look = IconButton("moon")
        self._look.clicked.connect(menus.toggle_theme)
        self._row.addWidget(self._look)
        full_screen = ActionButton("fullscreen", menus.full_screen)
        self._row.addWidget(full_screen)
        self._giving_way = (full_screen, self._language, self._look, *files)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()

    def retranslate(self) -> None:
        """Say what the buttons do in the present language."""
        self._language.set_tip(tr("Change the language"))
        always = tr("On a projector it is always light") if theme.projector else ""
        self._look.set_tip(tr("Light theme") if theme.dark else tr("Dark theme"), reason=always)
        self._look.setEnabled(not always)

    def _restyle(self) -> None:
        self._row.setContentsMargins(theme.px(10), theme.px(5), theme.px(10), theme.px(5))
        self._row.setSpacing(theme.px(5))
        self._look.set_icon("sun" if theme.dark else "moon")
        self.retranslate()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        # Of all that can give way nothing is reckoned: the window may be narrower than the row.
        return QSize(0, super().minimumSizeHint().height())

    def _fit(self) -> None:
        """Leave out what stands in the menus, too, where there is no room for all of it."""
        space = max(0, self._row.spacing())
        rooms = [button.sizeHint().width() + space for button in self._giving_way]
        shown = [not button.isHidden() for button in self._giving_way]
        least = self._row.minimumSize().width()
        least += sum(room for room, here in zip(rooms, shown, strict=True) if not here)
        for button, room, here in zip(self._giving_way, rooms, shown, strict=True):
            fits = least <= self.width()
            if fits != here:
                button.setVisible(fits)
            if not fits:
                least -= room
