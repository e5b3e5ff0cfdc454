"""What the network can be compared with: an earlier step, a known network, or a file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu

from cnnviz.analysis import Report, analyze
from cnnviz.data.datasets import data_set
from cnnviz.message import Message, UserError
from cnnviz.network import Network
from cnnviz.presets import PRESETS, preset
from ui.able import allow, tell_reasons
from ui.i18n import language, text, tr
from ui.known_networks import KnownNetworks
from ui.widgets.buttons import Button

if TYPE_CHECKING:
    from pathlib import Path

    from cnnviz.files import Opened
    from cnnviz.history import State
    from ui.documents import Documents
    from ui.session import Session

BEGINNING = "lenet-5"
"""What a network without a history is compared with at first."""


class Side(Struct, frozen=True):
    """The other side of a comparison."""

    title: Message
    report: Report
    same_origin: bool = False
    """Whether it is an earlier state of the present project, so that layers have the same uids."""


def side_of_step(label: Message, state: State) -> Side:
    """The network before a step; `label` names that step."""
    classes = len(data_set(state.project.dataset).classes)
    title = Message("Before: {step}", step=label)
    return Side(title, analyze(state.project.network, classes), same_origin=True)


def side_of_preset(name: str) -> Side:
    """A known network; it belongs to no data set, and may end as it likes. Raises UserError."""
    return Side(PRESETS[name].title, analyze(preset(name)))


def side_of_file(path: Path, opened: Opened) -> Side:
    """The network in a file."""
    return Side(Message("{file}", file=path.name), analyze(opened.project.network))


class SideButton(Button):
    """Says what the other side is, and opens the menu of what it can be."""

    chosen = Signal(object)
    """Side."""
    refused = Signal(object)
    """Message: why a network could not be read."""

    def __init__(self, session: Session, documents: Documents) -> None:
        super().__init__()
        self._session, self._documents = session, documents
        menu = QMenu(self)
        self._steps = QMenu(menu)
        self._presets = KnownNetworks(self._choose_preset, menu)
        self._steps.setToolTipsVisible(True)
        menu.addMenu(self._steps)
        menu.addMenu(self._presets)
        self._file = menu.addAction("")
        self._file.triggered.connect(self._choose_file)
        self._steps.aboutToShow.connect(self._fill_steps)
        menu.aboutToShow.connect(self._allow)
        tell_reasons(menu)
        self.setMenu(menu)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def first(self) -> Side:
        """What to begin with: the network before the last step, or a classic one."""
        steps = self._session.steps
        if steps:
            return side_of_step(*steps[-1])
        return side_of_preset(BEGINNING)

    def show_side(self, side: Side) -> None:
        """Name the present one."""
        self.setText(text(side.title))

    def retranslate(self) -> None:
        """Set all texts."""
        self.setAccessibleName(tr("Compare with"))
        self._steps.setTitle(tr("Earlier step"))
        self._presets.setTitle(tr("Known network"))
        self._file.setText(tr("Network in a file…"))

    def _allow(self) -> None:
        none = Message("Nothing has been changed yet")
        allow(self._steps.menuAction(), None if self._session.steps else none)

    def _fill_steps(self) -> None:
        """The newest step first."""
        self._steps.clear()
        for label, state in reversed(self._session.steps):
            action = self._steps.addAction(tr("Before: {step}", step=label))
            action.triggered.connect(partial(self._choose_step, label, state))

    def _choose_step(self, label: Message, state: State, _checked: bool = False) -> None:
        self.chosen.emit(side_of_step(label, state))

    def _choose_preset(self, name: str) -> None:
        try:
            side = side_of_preset(name)
        except UserError as error:
            self.refused.emit(error.message)
            return
        self.chosen.emit(side)

    def _choose_file(self) -> None:
        self._documents.look_into(lambda path, opened: self.chosen.emit(side_of_file(path, opened)))


def empty() -> Side:
    """Nothing, for a window that has not been looked at."""
    return Side(Message("{file}", file=""), analyze(Network()))
