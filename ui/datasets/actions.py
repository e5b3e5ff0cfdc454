"""The menu of data sets, and the chip's: choose one that is here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup

from cnnviz.data.catalogue import DATA_SETS
from cnnviz.data.published import is_here
from ui.background import Background
from ui.i18n import language, text, tr

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.session import Session


class DataActions(QObject):
    """An action for every data set; which of them are on this machine is found out beside."""

    told = Signal(object)
    """Message: what has been done."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._background = Background(self)
        self._here = frozenset(name for name, known in DATA_SETS.items() if not known.package)
        self._group = QActionGroup(self)
        self._choices: dict[str, QAction] = {}
        for name in DATA_SETS:
            action = QAction(self._group)
            action.setCheckable(True)
            action.triggered.connect(lambda _=False, name=name: self.choose(name))
            self._choices[name] = action
        session.changed.connect(self.refresh)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def actions_menu(self) -> list[QAction]:
        """What belongs into the menu of data, in its order."""
        return list(self._choices.values())

    def look_around(self) -> None:
        """Find out which data sets are on this machine."""
        self._background.run(
            lambda: frozenset(name for name in DATA_SETS if is_here(name)),
            self._found,
            lambda error: None,
        )

    def close(self) -> None:
        """The program ends."""
        self._background.close()

    def choose(self, name: str) -> None:
        """Learn from this data set."""
        self._session.set_dataset(name)
        self.refresh()

    def retranslate(self) -> None:
        """Set all texts."""
        self.refresh()

    def refresh(self) -> None:
        """Mark the present one, and show which of them are here."""
        present = self._session.project.dataset
        for name, action in self._choices.items():
            known = DATA_SETS[name]
            here = name in self._here
            action.setText(text(known.title))
            action.setToolTip(text(known.about))
            action.setEnabled(here)
            action.setStatusTip("" if here else tr("Not on this machine"))
            action.setChecked(name == present)

    def _found(self, here: frozenset[str]) -> None:
        self._here = here
        self.refresh()
