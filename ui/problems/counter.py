"""A small counter of problems in the window's top; it opens their list, and is not there else."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QPushButton

from cnnviz.message import Message
from ui.able import allow
from ui.i18n import language, tr
from ui.icons import icon
from ui.problems.problem_list import ProblemList
from ui.theme import theme

if TYPE_CHECKING:
    from ui.session import Session


class ProblemCounter(QPushButton):
    """How many problems there are; hidden where there are none."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setObjectName("problems")
        self.action = ProblemAction(session, self)
        self.action.triggered.connect(self._open)
        self.clicked.connect(self.action.trigger)
        session.changed.connect(self.retranslate)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    @cached_property
    def list(self) -> ProblemList:
        """Made when it is first opened."""
        return ProblemList(self._session, self)

    def retranslate(self) -> None:
        """Count anew, in the present language."""
        count = len(self._session.report.problems)
        self.setVisible(count > 0)
        self.setText(f"{count:,}")
        words = tr("1 problem") if count == 1 else tr("{n:,} problems", n=count)
        self.setAccessibleName(words)
        keys = self.action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        self.setToolTip(tr("{action} ({keys})", action=words, keys=keys))

    def _open(self) -> None:
        self.list.pop_up(self)

    def _restyle(self) -> None:
        self.setIcon(icon("warning", theme.colors.danger_ink))
        self.setIconSize(QSize(theme.px(16), theme.px(16)))


class ProblemAction(QAction):
    """Opens the list, from the menu too."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self.setShortcut(QKeySequence("F8"))
        session.changed.connect(self.retranslate)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        """Say what it does, or why it cannot."""
        any_there = bool(self._session.report.problems)
        self.setText(tr("List of problems"))
        allow(self, None if any_there else Message("The network has no problem"))
